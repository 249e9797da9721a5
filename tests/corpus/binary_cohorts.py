"""Cohorts in workbooks and Parquet files, and bombs of all kinds; see `cohorts.py`."""

import importlib.util
import io
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow
import pyarrow.parquet


def _beside(name: str) -> Any:
    """A module beside this one; `tests` is no package."""
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


cohorts, xlsx = _beside("cohorts"), _beside("xlsx")
Case, MARKER = cohorts.Case, cohorts.MARKER
Edit = Callable[[Path], object]

ROWS: Final = [
    ["patient_id", "month", "analyte", "result", "unit", "responder"],
    ["0001", 0, "TNF", "<0.7", "pg/mL", True],
    ["0001", 1.0, "TNF", 1.25, "pg/mL", True],
    ["P-2", 0, "TGF-\u03b21", "OOR <", "pg/mL", False],
]
ROWS[3][3] = 61
"""A whole cohort in a single table."""


def with_cell(row: int, column: int, value: Any) -> list[list[Any]]:
    """The single table with another cell."""
    return [
        [value if (i, j) == (row, column) else cell for j, cell in enumerate(cells)]
        for i, cells in enumerate(ROWS)
    ]


def book(name: str, content: bytes, *rules: str, places: Sequence[Any] = ()) -> Any:
    """A case of a single table in a workbook."""
    full = tuple(("trial.xlsx", *place) for place in places)
    rules = rules or tuple(place[-1] for place in places)
    return Case("xlsx", name, cohorts.single(content, "trial.xlsx"), frozenset(rules), full)


def workbooks() -> Iterator[Any]:
    """Workbooks as they are, and what a table must not hold."""
    sheet, workbook = xlsx.Sheet, xlsx.workbook
    yield book("as it should be", workbook(sheet(ROWS)))
    yield book("shared texts", workbook(sheet(ROWS, shared=True)))
    yield book("prefixed XML", workbook(sheet(ROWS, prefix="x")))
    yield book("cells without references", workbook(sheet(ROWS, references=False)))
    yield book("ids as numbers", workbook(sheet(with_cell(3, 0, 2))))
    yield book("not reported as an error", workbook(sheet(with_cell(3, 3, xlsx.Failure("#N/A")))))
    yield book("blank edges", workbook(sheet([[*row, "", None] for row in ROWS] + [[""] * 9])))
    yield book("an unused part", workbook(sheet(ROWS), parts={"xl/drawings/d.xml": "<f>1</f>"}))
    moved = xlsx.relations([("worksheet", "other.xml"), ("styles", "styles.xml")])
    formula = xlsx.sheet_xml(sheet(with_cell(2, 3, xlsx.Formula("1+1", "2"))), [])
    hidden_place = {"xl/_rels/workbook.xml.rels": moved, "xl/other.xml": formula}
    cells = {
        "a formula": (xlsx.Formula(f"LEN({MARKER!r})", "1.25"), "formula"),
        "a division by 0": (xlsx.Failure("#DIV/0!"), "error_cell"),
        "text that computes": ("=1+1", "formula_text"),
        "an escape sequence": ("_x001B_[31m", "not_text"),
        "a date for a result": (xlsx.Date(45000), "unreadable_result"),
        "infinite": ("Infinity", "unreadable_result"),
    }
    for name, (value, rule) in cells.items():
        column = "D" if rule == "not_text" else "result"
        yield book(name, workbook(sheet(with_cell(2, 3, value))), places=[(3, column, rule)])
    yield book("a formula in a sheet elsewhere", workbook(sheet(ROWS), parts=hidden_place),
               places=[(3, "result", "formula")])  # fmt: skip
    yield book("a formula without references",
               workbook(sheet(with_cell(2, 3, xlsx.Formula("1", "1")), references=False)),
               places=[(3, "result", "formula")])  # fmt: skip
    yield book("a formula among prefixes",
               workbook(sheet(with_cell(2, 3, xlsx.Formula("1", "1")), prefix="s")),
               places=[(3, "result", "formula")])  # fmt: skip
    yield book("a date for a month", workbook(sheet(with_cell(2, 1, xlsx.Date(45000)))),
               places=[(3, "month", "date_not_month")])  # fmt: skip
    yield book("a date's number for a month", workbook(sheet(with_cell(2, 1, 45000))),
               places=[(3, "month", "month_range")])  # fmt: skip
    yield book("a hidden row", workbook(sheet(ROWS, hidden_rows=[3])),
               places=[(3, None, "hidden_cells")])  # fmt: skip
    yield book("a hidden column", workbook(sheet(ROWS, hidden_columns=[4])),
               places=[(None, "result", "hidden_cells")])  # fmt: skip
    yield book("merged cells", workbook(sheet(ROWS, merged=["A2:A3"])),
               places=[(2, "patient_id", "merged_cells")])  # fmt: skip
    for state in ("hidden", "veryHidden"):
        yield book(f"a {state} sheet", workbook(sheet(ROWS), sheet(ROWS, name="b", state=state)),
                   places=[(None, None, "hidden_sheet")])  # fmt: skip
    extra = [(None, None, "extra_sheets")]
    yield book("two sheets", workbook(sheet(ROWS), sheet([["notes"]], name="b")), places=extra)
    yield book("a chart", workbook(sheet(ROWS), sheet([], name="b", kind="chartsheet")),
               places=extra)  # fmt: skip
    yield book("an empty sheet", workbook(sheet([])), places=[(1, None, "no_header")])
    title = [[f"Study {MARKER}"], [], *ROWS]
    yield book("a title line", workbook(sheet(title)), places=[(1, None, "no_header")])
    yield book("a column twice", workbook(sheet(with_cell(0, 5, "unit"))),
               places=[(1, "unit", "duplicate_column")])  # fmt: skip


def no_workbooks() -> Iterator[Any]:
    """Other things under the name of a workbook."""
    good = xlsx.workbook(xlsx.Sheet(ROWS))
    document = xlsx.zipped({"word/document.xml": "<document/>", "[Content_Types].xml": "<Types/>"})
    entity = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "' + "b" * 1000 + '">'
    entity += "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 100}">' for n in range(9))
    sheet = xlsx.sheet_xml(xlsx.Sheet(ROWS), [])
    doctype = entity + "]>" + sheet.removeprefix(xlsx.HEAD).replace("TNF", "&j;")
    utf16 = sheet.replace("UTF-8", "UTF-16").encode("utf-16")
    broken = {
        "empty": b"", "text": b"a,b\n1,2\n", "a PDF": b"%PDF-1.7\n" + b"x" * 999,
        "an empty archive": xlsx.zipped({}), "a document": document,
        "an old workbook or a password": bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 4096,
        "half of one": good[: len(good) // 2], "without its end": good[:-10],
        "entities": xlsx.workbook(xlsx.Sheet(ROWS), parts={"xl/worksheets/sheet1.xml": doctype}),
        "UTF-16": xlsx.workbook(xlsx.Sheet(ROWS), parts={"xl/worksheets/sheet1.xml": utf16}),
        "a row without end": xlsx.workbook(
            xlsx.Sheet(ROWS), parts={"xl/worksheets/sheet1.xml": sheet[:-20]}),
    }  # fmt: skip
    for name, content in broken.items():
        yield book(name, content, places=[(None, None, "not_xlsx")])


def lying(content: bytes, unpacked_size: int) -> bytes:
    """An archive whose directory says another size of every part."""
    changed, place = bytearray(content), 0
    while (place := changed.find(b"PK\x01\x02", place)) >= 0:
        changed[place + 24 : place + 28] = unpacked_size.to_bytes(4, "little")
        place += 4
    return bytes(changed)


def book_bombs() -> Iterator[Any]:
    """Small workbooks that ask for all memory or time."""
    good = xlsx.Sheet(ROWS)
    many = io.BytesIO()
    with zipfile.ZipFile(many, "w") as archive:
        for number in range(100_000):
            archive.writestr(zipfile.ZipInfo(f"{number}"), b"")
    zeros = xlsx.workbook(good, parts={"xl/media/zeros.xml": b"0" * (150 << 20)})
    cell = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    start, end = xlsx.sheet_xml(xlsx.Sheet([]), []).split("<sheetData>")
    far = f"{start}<sheetData>{cell}{end}"
    wide = "<row r='2'><c r='ALL2'><v>1</v></c></row><row r='200000'><c r='A200000'/></row>"
    long_text = xlsx.shared_strings([np.random.default_rng(1).bytes(500_000).hex()])
    cells = "".join(f"<row><c r='A{n}' t='s'><v>0</v></c></row>" for n in range(1, 100_001))
    refs = {"xl/worksheets/sheet1.xml": f"{start}<sheetData>{cells}{end}"}
    huge_count = xlsx.shared_strings(["a"], count=4_294_967_295)
    bombs = {
        "100,000 parts": (many.getvalue(), "not_xlsx"),
        "150 MB of zeros": (zeros, "too_large"),
        "sizes that are too small": (lying(xlsx.workbook(good), 1), "not_xlsx"),
        "sizes of 4 GB": (lying(xlsx.workbook(good), 2**32 - 2), "too_large"),
        "the last cell there is": (
            xlsx.workbook(good, parts={"xl/worksheets/sheet1.xml": far}), "too_large"),
        "two cells far apart": (
            xlsx.workbook(good, parts={
                "xl/worksheets/sheet1.xml": f"{start}<sheetData>{wide}{end}"}), "too_large"),
        "a claim of 4 billion texts": (
            xlsx.workbook(good, parts={"xl/sharedStrings.xml": huge_count}), "not_xlsx"),
        "a long text many times": (
            xlsx.workbook(good, parts=refs | {"xl/sharedStrings.xml": long_text}), "not_xlsx"),
    }  # fmt: skip
    for name, (content, rule) in bombs.items():
        yield Case("bombs", name, cohorts.single(content, "trial.xlsx"), frozenset({rule}))


def parquet_bytes(table: Any, **settings: Any) -> bytes:
    """A table as a Parquet file."""
    out = io.BytesIO()
    pyarrow.parquet.write_table(table, out, **settings)
    return out.getvalue()


def columns(**changed: Any) -> Any:
    """The single table as typed columns."""
    names, *rows = ROWS
    found = {name: [row[i] for row in rows] for i, name in enumerate(names)}
    found["result"] = [str(cell) for cell in found["result"]]
    return pyarrow.table(found | changed)


def file(name: str, content: bytes, *rules: str, kind: str = "parquet") -> Any:
    """A case of a single table in a Parquet file."""
    return Case(kind, name, cohorts.single(content, "trial.parquet"), frozenset(rules))


def parquet_files() -> Iterator[Any]:
    """Parquet files as they are, and what a table must not hold."""
    arrow, good = pyarrow.array, columns()
    typed: Mapping[str, Any] = {
        "as it should be": {},
        "whole months": {"month": arrow([0, 1, 0], pyarrow.int8())},
        "single precision": {"result": arrow([0.7, 1.25, 61], pyarrow.float32())},
        "half precision": {"result": arrow(np.array([0.5, 1.25, 61], np.float16))},
        "decimals": {"result": arrow([1, 2, 61], pyarrow.decimal128(9, 2))},
        "categories": {"analyte": arrow(["TNF", "TNF", "TGF-b1"]).dictionary_encode()},
        "large texts": {"unit": arrow(["pg/mL"] * 3, pyarrow.large_string())},
        "outcomes with a gap": {"responder": arrow([1.0, 1.0, None])},
        "a column without values": {"lloq": pyarrow.nulls(3)},
        "an index of pandas": {"__index_level_0__": [0, 1, 2]},
    }
    for name, changed in typed.items():
        yield file(name, parquet_bytes(columns(**changed)))
    refused: Mapping[str, tuple[Any, str]] = {
        "lists": (arrow([[1.0], [2.0], [3.0]]), "column_type"),
        "bytes": (arrow([b"1", b"2", b"3"]), "column_type"),
        "large bytes": (arrow([b"1", b"2", b"3"], pyarrow.large_binary()), "column_type"),
        "durations": (arrow([1, 2, 3], pyarrow.duration("s")), "column_type"),
        "dates": (arrow([1, 2, 3], pyarrow.date32()), "unreadable_result"),
        "infinite": (arrow([1.0, float("inf"), 61]), "unreadable_result"),
        "bytes that are no text": (
            pyarrow.BinaryArray.from_pandas([b"\xff"] * 3).view(pyarrow.string()), "not_parquet"),
    }  # fmt: skip
    for name, (changed, rule) in refused.items():
        yield file(name, parquet_bytes(columns(result=changed)), rule)
    yield file("an escape sequence", parquet_bytes(columns(analyte=["\x1b[31m"] * 3)), "not_text")
    yield file("a name that computes", parquet_bytes(columns(**{"=1+1": [1, 2, 3]})), "column_name")
    twice = good.append_column("unit", arrow(["pg/mL"] * 3))
    yield file("a column twice", parquet_bytes(twice), "duplicate_column")
    yield file("no rows", parquet_bytes(good.slice(0, 0)), "no_rows")
    whole = parquet_bytes(good)
    for part in (0, 4, 100, len(whole) // 2, len(whole) - 9, len(whole) - 1):
        yield file(f"its first {part} bytes", whole[:part], "not_parquet")
    yield file("a CSV", cohorts.SINGLE.encode(), "not_parquet")
    yield file("noise between its marks", b"PAR1" + b"\xff" * 99 + b"PAR1", "not_parquet")
    long = pyarrow.array(["x" * 100_000]).dictionary_encode()
    many = pyarrow.DictionaryArray.from_arrays([0] * 150_000, long.dictionary)
    yield file("a long text in 150,000 rows", parquet_bytes(pyarrow.table({"a": many, "b": many})),
               "too_large", kind="bombs")  # fmt: skip
    zeros = pyarrow.array([0] * 300_000)
    yield file("300,000 rows in Parquet", parquet_bytes(pyarrow.table({"a": zeros, "b": zeros})),
               "too_large", kind="bombs")  # fmt: skip
    broad = {f"c{n}": [1] for n in range(1001)}
    yield file("1001 columns", parquet_bytes(pyarrow.table(broad)), "too_large", kind="bombs")


def sparse(size: int) -> Edit:
    """A table of nothing, which takes no space on the disk."""

    def edit(folder: Path) -> None:
        with (folder / "alsfrs_r.csv").open("r+b") as file:
            file.truncate(size)

    return edit


def text_bombs() -> Iterator[Any]:
    """Text that is larger than any cohort's."""
    a, good = cohorts.A, cohorts.GOOD[cohorts.A]
    huge: Mapping[str, tuple[Edit, str]] = {
        "65 MiB": (sparse(65 << 20), "too_large"),
        "a terabyte": (sparse(1 << 40), "too_large"),
        "a line of 10 MB": (cohorts.put(a, good + "x" * 10_000_000), "not_csv"),
        "a header of 10 MB": (cohorts.put(a, "x" * 10_000_000), "not_csv"),
        "a quote of 10 MB": (cohorts.put(a, good + '"' + "x\n" * 5_000_000), "not_csv"),
        "100,000 columns": (cohorts.put(a, ",".join(f"c{n}" for n in range(100_000))), "too_large"),
        "300,000 rows": (cohorts.put(a, good + "P-1,0,4\n" * 300_000), "too_large"),
        "10 MB of quotes": (cohorts.put(a, good + '"' * 10_000_000), "not_csv"),
    }
    for name, (edit, rule) in huge.items():
        yield Case("bombs", name, cohorts.edited(edit), frozenset({rule}))
    computes = good + "=1,=1,=1\n" * 20_000
    yield Case("bombs", "60,000 faults", cohorts.edited(cohorts.put(a, computes)),
               frozenset({"formula_text", "more_faults"}))  # fmt: skip
    unknown = good + "".join(f"Q-{n},0,40\n" for n in range(20_000))
    yield Case("bombs", "20,000 unknown patients", cohorts.edited(cohorts.put(a, unknown)),
               frozenset({"unknown_patient", "more_faults"}))  # fmt: skip


def cases() -> Iterator[Any]:
    """All of them."""
    for kind in (workbooks, no_workbooks, book_bombs, parquet_files, text_bombs):
        yield from kind()
