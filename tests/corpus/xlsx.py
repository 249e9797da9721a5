"""Workbooks for tests, written part by part, so that every oddity of real ones can be made.

A row is a list of cells: text, numbers, yes and no, None for no cell, or one of the classes
here. Nothing of the project is imported.
"""

import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from xml.sax.saxutils import escape, quoteattr

MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
LINKS: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"
HEAD: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula and the value that was kept beside it."""

    text: str
    value: str


@dataclass(frozen=True, slots=True)
class Failure:
    """A spreadsheet's error such as ``#DIV/0!``."""

    code: str


@dataclass(frozen=True, slots=True)
class Date:
    """A day by its serial number (1 is 1900-01-01), shown as a date."""

    serial: float


Value = str | float | bool | Formula | Failure | Date | None
Rows = Sequence[Sequence[Value]]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: its rows and how they are shown.

    Attributes
    ----------
    hidden_rows, hidden_columns
        Counted from 1.
    merged
        Ranges such as ``A1:B2``.
    prefix
        Of the XML namespace, ``x`` as some programs write it.
    references
        Whether cells say where they stand.
    """

    rows: Rows
    name: str = "table"
    state: str = "visible"
    kind: str = "worksheet"
    hidden_rows: Sequence[int] = ()
    hidden_columns: Sequence[int] = ()
    merged: Sequence[str] = ()
    prefix: str = ""
    references: bool = True
    shared: bool = False


def workbook(*sheets: Sheet, parts: Mapping[str, bytes | str] | None = None) -> bytes:
    """A workbook of these sheets; `parts` takes the place of what would be written."""
    texts: list[str] = []
    written: dict[str, bytes | str] = {
        f"xl/{sheet.kind}s/sheet{number}.xml": sheet_xml(sheet, texts)
        for number, sheet in enumerate(sheets, start=1)
    }
    written["[Content_Types].xml"] = content_types(sheets)
    written["_rels/.rels"] = relations([("officeDocument", "xl/workbook.xml")])
    written["xl/workbook.xml"] = workbook_xml(sheets)
    written["xl/_rels/workbook.xml.rels"] = relations(
        [(sheet.kind, f"{sheet.kind}s/sheet{n}.xml") for n, sheet in enumerate(sheets, start=1)]
        + [("styles", "styles.xml"), ("sharedStrings", "sharedStrings.xml")]
    )
    written["xl/styles.xml"] = STYLES
    written["xl/sharedStrings.xml"] = shared_strings(texts)
    return zipped(written | dict(parts or {}))


def zipped(parts: Mapping[str, bytes | str]) -> bytes:
    """A zip archive of these parts."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        for name, part in parts.items():
            file.writestr(name, part)
    return archive.getvalue()


def sheet_xml(sheet: Sheet, texts: list[str]) -> str:
    """A sheet's part; texts that are shared are added to `texts`."""
    x = f"{sheet.prefix}:" if sheet.prefix else ""
    named = f"xmlns:{sheet.prefix}" if sheet.prefix else "xmlns"
    if sheet.kind == "chartsheet":
        return f'{HEAD}<chartsheet xmlns="{MAIN}"><sheetViews/></chartsheet>'
    columns = "".join(
        f'<{x}col min="{n}" max="{n}" width="9" hidden="1"/>' for n in sheet.hidden_columns
    )
    rows = "".join(
        row_xml(sheet, number, row, x, texts) for number, row in enumerate(sheet.rows, start=1)
    )
    merged = "".join(f'<{x}mergeCell ref="{found}"/>' for found in sheet.merged)
    return (
        f'{HEAD}<{x}worksheet {named}="{MAIN}">'
        + (f"<{x}cols>{columns}</{x}cols>" if columns else "")
        + f"<{x}sheetData>{rows}</{x}sheetData>"
        + (f"<{x}mergeCells>{merged}</{x}mergeCells>" if merged else "")
        + f"</{x}worksheet>"
    )


def row_xml(sheet: Sheet, number: int, row: Sequence[Value], x: str, texts: list[str]) -> str:
    """One row."""
    place = f' r="{number}"' if sheet.references else ""
    hidden = ' hidden="1"' if number in sheet.hidden_rows else ""
    cells = "".join(
        cell_xml(value, f' r="{letters(column)}{number}"' if sheet.references else "", x)
        if not (sheet.shared and isinstance(value, str))
        else shared_xml(value, f' r="{letters(column)}{number}"', x, texts)
        for column, value in enumerate(row)
        if value is not None
    )
    return f"<{x}row{place}{hidden}>{cells}</{x}row>"


def cell_xml(value: Value, place: str, x: str = "") -> str:
    """One cell."""
    if isinstance(value, Formula):
        body = f"<{x}f>{escape(value.text)}</{x}f><{x}v>{escape(value.value)}</{x}v>"
        return f'<{x}c{place} t="str">{body}</{x}c>'
    if isinstance(value, Failure):
        return f'<{x}c{place} t="e"><{x}v>{value.code}</{x}v></{x}c>'
    if isinstance(value, Date):
        return f'<{x}c{place} s="1"><{x}v>{value.serial!r}</{x}v></{x}c>'
    if isinstance(value, bool):
        return f'<{x}c{place} t="b"><{x}v>{int(value)}</{x}v></{x}c>'
    if isinstance(value, str):
        space = ' xml:space="preserve"'
        text = f"<{x}is><{x}t{space}>{escape(value)}</{x}t></{x}is>"
        return f'<{x}c{place} t="inlineStr">{text}</{x}c>'
    return f"<{x}c{place}><{x}v>{value!r}</{x}v></{x}c>"


def shared_xml(value: str, place: str, x: str, texts: list[str]) -> str:
    """A cell whose text stands in another part."""
    if value not in texts:
        texts.append(value)
    return f'<{x}c{place} t="s"><{x}v>{texts.index(value)}</{x}v></{x}c>'


def letters(column: int) -> str:
    """The name of a column (from 0)."""
    return (letters(column // 26 - 1) if column >= 26 else "") + chr(ord("A") + column % 26)


def workbook_xml(sheets: Sequence[Sheet]) -> str:
    """The list of sheets."""
    listed = "".join(
        f'<sheet name={quoteattr(s.name)} sheetId="{n}" state="{s.state}" r:id="rId{n}"/>'
        for n, s in enumerate(sheets, start=1)
    )
    return f'{HEAD}<workbook xmlns="{MAIN}" xmlns:r="{LINKS}"><sheets>{listed}</sheets></workbook>'


def relations(targets: Sequence[tuple[str, str]]) -> str:
    """Where the parts of a part are."""
    listed = "".join(
        f'<Relationship Id="rId{n}" Type="{LINKS}/{kind}" Target="{target}"/>'
        for n, (kind, target) in enumerate(targets, start=1)
    )
    return f'{HEAD}<Relationships xmlns="{PACKAGE}/relationships">{listed}</Relationships>'


def shared_strings(texts: Sequence[str], count: int | None = None) -> str:
    """The table of shared texts; `count` is what it claims to hold."""
    listed = "".join(f'<si><t xml:space="preserve">{escape(text)}</t></si>' for text in texts)
    count = len(texts) if count is None else count
    return f'{HEAD}<sst xmlns="{MAIN}" count="{count}" uniqueCount="{count}">{listed}</sst>'


def content_types(sheets: Sequence[Sheet]) -> str:
    """Which part is what."""
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    parts = [("xl/workbook.xml", "sheet.main"), ("xl/styles.xml", "styles")]
    parts += [("xl/sharedStrings.xml", "sharedStrings")]
    parts += [(f"xl/{s.kind}s/sheet{n}.xml", s.kind) for n, s in enumerate(sheets, start=1)]
    listed = "".join(
        f'<Override PartName="/{name}" ContentType="{kind}.{part}+xml"/>' for name, part in parts
    )
    rels = '<Default Extension="rels" ContentType='
    rels += '"application/vnd.openxmlformats-package.relationships+xml"/>'
    return f'{HEAD}<Types xmlns="{PACKAGE}/content-types">{rels}{listed}</Types>'


STYLES: Final = (
    f'{HEAD}<styleSheet xmlns="{MAIN}"><fonts count="1"><font/></fonts><fills count="1"><fill/>'
    '</fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>'
    '<cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="14" applyNumberFormat="1"/></cellXfs>'
    "</styleSheet>"
)
"""Two formats: 0 plain, 1 a date."""
