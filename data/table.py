"""One file of a cohort as text cells with row numbers: CSV or Parquet, nothing interpreted.

Everything is kept as the text that stands in the file, so that ``<3.2``, ``0001`` and ``NA``
arrive as they were written.
"""

import csv
import io
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from data.errors import CohortError, CohortFault

SUFFIXES: Final = (".csv", ".parquet")


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number as a spreadsheet counts it and its cells, stripped of outer spaces."""

    number: int
    cells: dict[str, str]

    def __getitem__(self, column: str) -> str:
        """The cell of a column; ``""`` where the table has no such column."""
        return self.cells.get(column, "")


@dataclass(frozen=True, slots=True)
class Table:
    """A file's column names and rows."""

    file: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]


def find_table(folder: Path, stem: str) -> Path | None:
    """The CSV or Parquet file called `stem` in a folder, or None.

    Raises
    ------
    CohortError
        When both stand there: which one counts cannot be guessed.
    """
    found = [folder / f"{stem}{suffix}" for suffix in SUFFIXES]
    found = [path for path in found if path.is_file()]
    if len(found) > 1:
        raise CohortError([_whole(found[0], "two_files", f"keep one of {stem}.csv and .parquet")])
    return found[0] if found else None


def read_table(path: Path) -> Table:
    """Read a CSV (UTF-8, comma) or Parquet file as text.

    Raises
    ------
    CohortError
        Not UTF-8, no header, a column named twice, rows with more or fewer cells than the
        header; every such row is listed.
    """
    header, records = _read_parquet(path) if path.suffix == ".parquet" else _read_csv(path)
    columns = tuple(name.strip() for name in header)
    if not any(columns):
        raise CohortError([_whole(path, "no_header", "the first row must name the columns")])
    if len(set(columns)) < len(columns):
        raise CohortError([_whole(path, "duplicate_column", "every column needs its own name")])
    rows, faults = [], []
    for number, record in records:
        if len(record) != len(columns):
            faults.append(
                CohortFault(path.name, number, None, "ragged_row", _ragged(record, columns))
            )
        else:
            cells = {name: cell.strip() for name, cell in zip(columns, record, strict=True)}
            rows.append(Row(number, cells))
    if faults:
        raise CohortError(faults)
    return Table(path.name, columns, tuple(rows))


def _ragged(record: list[str], columns: tuple[str, ...]) -> str:
    return f"the row has {len(record)} cells where the header has {len(columns)}"


def _read_csv(path: Path) -> tuple[list[str], Iterator[tuple[int, list[str]]]]:
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        fault = _whole(path, "not_utf8", "the file must be UTF-8 text; save it again as UTF-8")
        raise CohortError([fault]) from error
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        lines = [(reader.line_num, record) for record in reader]
    except csv.Error as error:
        fault = CohortFault(
            path.name, reader.line_num, None, "not_csv", "the row cannot be read as CSV"
        )
        raise CohortError([fault]) from error
    header = lines[0][1] if lines else []
    return header, ((number, record) for number, record in lines[1:] if any(record))


def _read_parquet(path: Path) -> tuple[list[str], Iterator[tuple[int, list[str]]]]:
    import pyarrow
    import pyarrow.parquet

    try:
        table = pyarrow.parquet.read_table(path)
    except (pyarrow.ArrowException, OSError) as error:
        fault = _whole(path, "not_parquet", "the file cannot be read as Parquet")
        raise CohortError([fault]) from error
    columns = [[_cell(value) for value in column.to_pylist()] for column in table.columns]
    records = (list(record) for record in zip(*columns, strict=True))
    return list(table.column_names), enumerate(records, start=2)


def _cell(value: Any) -> str:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    return str(value)


def _whole(path: Path, rule: str, message: str) -> CohortFault:
    return CohortFault(path.name, None, None, rule, message)
