"""Reads one Parquet file or workbook in a process of its own and prints its cells as JSON.

Run by `data/tables/binary_table.py`; imports nothing of ours. The libraries that read these formats
are native code: they abort where memory ends, and a few bytes can ask for all of it. Here that
ends this process only. Printed is ``{"rows": [[number, [cell, ...]], ...], "faults": [...]}``.
"""

import contextlib
import io
import json
import math
import os
import re
import resource
import sys
import zipfile
from typing import Any
from xml.parsers import expat

MEMORY = 3 << 29
SECONDS = 20
MAX_ENTRIES = 1000
MAX_UNPACKED = 128 << 20
MAX_RATIO = 200
"""Unpacked to packed size of one entry; text of a sheet packs some 10 to 50 times."""
RATIO_COUNTS_FROM = 1 << 20

# Of every table, whatever its kind.
MAX_ROWS = 200_000
MAX_COLUMNS = 1000
MAX_CELLS = 4_000_000
MAX_TEXT = 64 << 20

MAX_FAULTS = 1000
_OLE = bytes.fromhex("d0cf11e0")

Fault = dict[str, object]
Rows = list[list[str]]


def fault(rule: str, message: str, row: int | None = None, column: int | None = None) -> Fault:
    """One broken rule; `row` as a spreadsheet counts, `column` from 0."""
    return {"rule": rule, "message": message, "row": row, "column": column}


class RefusedError(Exception):
    """Nothing of the file can be used, for one reason."""

    def __init__(self, rule: str, message: str) -> None:
        super().__init__(message)
        self.fault = fault(rule, message)


def read_parquet(content: bytes) -> tuple[Rows, list[Fault]]:
    """The rows of a Parquet file, the names of its columns first, and columns of wrong types."""
    import pyarrow.parquet

    with pyarrow.parquet.ParquetFile(io.BytesIO(content)) as file:
        facts = file.metadata
        groups = range(facts.num_row_groups)
        check_size(facts.num_rows + 1, facts.num_columns)
        if sum(facts.row_group(group).total_byte_size for group in groups) > MAX_UNPACKED:
            raise RefusedError("too_large", "the file unpacks to more than any cohort's table")
        message = "the column must hold text, numbers, dates or yes and no"
        faults = [
            fault("column_type", message, column=index)
            for index, column in enumerate(file.schema_arrow)
            if not is_readable(column.type)
        ]
        rows: Rows = [list(file.schema_arrow.names)]
        length = 0
        if not faults:
            for batch in file.iter_batches(batch_size=1000, use_threads=False):
                columns = [texts(column) for column in batch.columns]
                rows.extend(map(list, zip(*columns, strict=True)))
                length += sum(len(cell) for column in columns for cell in column)
                check_length(length)
    return rows, faults


def is_readable(kind: Any) -> bool:
    """Whether values of an Arrow type have one text: no lists, no bytes."""
    from pyarrow import types

    if types.is_dictionary(kind):
        return is_readable(kind.value_type)
    known = (
        *(types.is_string, types.is_large_string, types.is_string_view, types.is_boolean),
        *(types.is_integer, types.is_floating, types.is_decimal, types.is_null),
        *(types.is_timestamp, types.is_date, types.is_time),
    )
    return any(is_kind(kind) for is_kind in known)


def texts(column: Any) -> list[str]:
    """The cells of an Arrow column as text."""
    from pyarrow import string, types

    if not (types.is_float32(column.type) or types.is_float16(column.type)):
        # NaN is how data frames write a missing number; in a sheet somebody put it there.
        return [text(None if value != value else value) for value in column.to_pylist()]
    # As short as it was, 0.7, and not as the nearest double shows it.
    written = column.cast(string()).to_pylist()
    return ["" if cell in (None, "nan") else cell.removesuffix(".0") for cell in written]


def read_xlsx(content: bytes) -> tuple[Rows, list[Fault]]:
    """The rows of a workbook's only sheet, from its first row on, and what cannot be used."""
    import python_calamine

    if content.startswith(_OLE):
        message = "this is an old workbook, or one with a password: save it as XLSX without"
        raise RefusedError("not_xlsx", message)
    parts = unpacked(content)
    faults = [found for part in parts.values() for found in sheet_faults(part)]
    workbook = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(repacked(parts)))
    sheets = workbook.sheets_metadata
    if any(sheet.visible != python_calamine.SheetVisibleEnum.Visible for sheet in sheets):
        raise RefusedError("hidden_sheet", "the workbook has a hidden sheet; keep one, visible")
    if len(sheets) > 1 or sheets[0].typ != python_calamine.SheetTypeEnum.WorkSheet:
        raise RefusedError("extra_sheets", "a workbook must have one sheet: the table")
    sheet = workbook.get_sheet_by_index(0)
    for (row, column), _ in sheet.merged_cell_ranges or ():
        faults.append(fault("merged_cells", "take merged cells apart", row + 1, column))
    rows: Rows = [[text(v) for v in row] for row in sheet.to_python(skip_empty_area=False)]
    check_length(sum(len(cell) for row in rows for cell in row))
    if len(faults) > MAX_FAULTS:
        more = f"only the first {MAX_FAULTS} faults are listed"
        faults = [*faults[:MAX_FAULTS], fault("more_faults", more)]
    return rows, faults


def unpacked(content: bytes) -> dict[str, bytes]:
    """The XML parts of a workbook, each unpacked within its limits."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        entries = archive.infolist()
        if len(entries) > MAX_ENTRIES or len({e.filename.lower() for e in entries}) < len(entries):
            raise RefusedError("not_xlsx", "the workbook has too many parts, or one twice")
        parts, total = {}, 0
        for entry in entries:
            total += entry.file_size
            packed_tightly = entry.file_size > MAX_RATIO * max(entry.compress_size, 1)
            if total > MAX_UNPACKED or (packed_tightly and entry.file_size > RATIO_COUNTS_FROM):
                raise RefusedError("too_large", "the workbook unpacks to more than any table")
            if entry.filename.lower().endswith((".xml", ".rels")):
                # Reads what was declared, and checks it, whatever the stream goes on to.
                parts[entry.filename] = archive.read(entry)
    # A NUL byte: UTF-16, in which the next words would be overlooked.
    if any(b"<!DOCTYPE" in part or b"\0" in part for part in parts.values()):
        raise RefusedError("not_xlsx", "the workbook declares its own XML entities or encoding")
    return parts


def repacked(parts: dict[str, bytes]) -> bytes:
    """An archive of exactly the parts that were checked."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as file:
        for name, part in parts.items():
            file.writestr(name, part)
    return archive.getvalue()


def sheet_faults(part: bytes) -> list[Fault]:
    """What a part shows otherwise than it stores, where it holds a sheet's cells."""
    walk = SheetWalk()
    # Whatever it declares: in another encoding the words looked for would be overlooked.
    parser = expat.ParserCreate("utf-8", namespace_separator="}")
    parser.buffer_text = True
    parser.StartElementHandler = walk.start
    parser.CharacterDataHandler = walk.text
    parser.EndElementHandler = walk.end
    parser.Parse(part, True)
    return walk.faults


class SheetWalk:
    """Goes through a sheet's XML: formulas, errors, hidden rows and columns, how far it reaches.

    A cell without a reference stands after the one before it.
    """

    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self.inside: str | None = None
        self.row = self.column = self.last_row = self.last_column = 0
        self.is_error = False
        self.value = ""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        tag = name.rpartition("}")[2]
        if tag in ("cols", "sheetData"):
            self.inside = tag
        if self.inside is None:
            return
        if tag == "row":
            self.go_to_row(attributes.get("r"))
        elif tag == "c":
            self.go_to_cell(attributes.get("r"))
            self.is_error = attributes.get("t") == "e"
        elif tag == "f":
            self.is_error = False
            self.note("formula", "the cell holds a formula; paste its value in its place")
        if tag in ("row", "col") and is_hidden(attributes):
            self.note_hidden(tag, attributes)
        self.value = ""

    def text(self, data: str) -> None:
        """Text of an element, in pieces."""
        if self.is_error:
            self.value += data

    def end(self, name: str) -> None:
        """An element ends; an error would read as blank, and only #N/A means that."""
        tag = name.rpartition("}")[2]
        if tag == self.inside:
            self.inside = None
        if self.is_error and tag == "v" and self.value != "#N/A":
            self.note("error_cell", "the cell holds a spreadsheet's error")

    def go_to_row(self, reference: str | None) -> None:
        """Row (from 1) of the attribute, or the next."""
        self.row, self.column = int(reference) if reference else self.row + 1, 0
        self.reach()

    def go_to_cell(self, reference: str | None) -> None:
        """Column (from 1) and row of a cell such as ``C7``, or the next column."""
        self.column += 1
        found = re.fullmatch(r"([A-Z]{1,3})([0-9]{1,7})", (reference or "").upper())
        if found:
            self.row, self.column = int(found[2]), 0
            for letter in found[1]:
                self.column = self.column * 26 + ord(letter) - ord("A") + 1
        self.reach()

    def reach(self) -> None:
        """Refuse a sheet that reaches further than any table."""
        self.last_row = max(self.last_row, self.row)
        self.last_column = max(self.last_column, self.column)
        check_size(self.last_row, self.last_column)

    def note(self, rule: str, message: str) -> None:
        """A fault of the cell that was reached."""
        if len(self.faults) <= MAX_FAULTS:
            self.faults.append(fault(rule, message, self.row, self.column - 1))

    def note_hidden(self, tag: str, attributes: dict[str, str]) -> None:
        """A row or a column that nobody sees."""
        column = int(attributes.get("min", "1")) - 1 if tag == "col" else None
        row = self.row if tag == "row" else None
        if len(self.faults) <= MAX_FAULTS:
            message = "show or delete hidden rows and columns"
            self.faults.append(fault("hidden_cells", message, row, column))


def is_hidden(attributes: dict[str, str]) -> bool:
    """Whether a row or column is hidden, or as low or narrow as nothing."""
    sizes = (attributes.get("ht"), attributes.get("width"))
    return attributes.get("hidden") in ("1", "true") or any(
        size is not None and float(size) == 0 for size in sizes
    )


def check_size(rows: int, columns: int) -> None:
    """Refuse a table that is larger than any cohort's."""
    if rows > MAX_ROWS or columns > MAX_COLUMNS or rows * columns > MAX_CELLS:
        raise RefusedError("too_large", "the table reaches further than any cohort's")


def check_length(length: int) -> None:
    """Refuse more text than a CSV may have."""
    if length > MAX_TEXT:
        raise RefusedError("too_large", "the table holds more text than any cohort's")


def text(value: object) -> str:
    """A cell as it would stand in a CSV."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, float) and math.isnan(value):
        return "NaN"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    return str(value)


def limit(kind: int, most: int) -> None:
    """Lower a limit of this process; macOS knows none of memory, there time alone remains."""
    _, hard = resource.getrlimit(kind)
    lowered = most if hard == resource.RLIM_INFINITY else min(most, hard)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(kind, (lowered, lowered))


def read(suffix: str, content: bytes) -> dict[str, object]:
    """The answer for one file; what else the libraries raise means that it cannot be read."""
    try:
        rows, faults = read_xlsx(content) if suffix == ".xlsx" else read_parquet(content)
        return {"rows": list(enumerate(rows, start=1)), "faults": faults}
    except RefusedError as error:
        return {"rows": [], "faults": [error.fault]}
    except ModuleNotFoundError as error:
        return {"missing": error.name}


if __name__ == "__main__":
    # Arrow's own allocators reserve more than they use, and would meet the limit at random.
    os.environ["ARROW_DEFAULT_MEMORY_POOL"] = "system"
    limit(resource.RLIMIT_AS, MEMORY)
    limit(resource.RLIMIT_CPU, SECONDS)
    # It writes no file, not even of its own end.
    limit(resource.RLIMIT_FSIZE, 0)
    limit(resource.RLIMIT_CORE, 0)
    json.dump(read(sys.argv[1], sys.stdin.buffer.read()), sys.stdout)
    sys.stdout.flush()
    # Arrow's threads, torn down with the interpreter, sometimes abort after the answer.
    os._exit(0)
