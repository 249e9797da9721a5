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
    """Read a CSV (UTF-8, comma) or Parquet file as text; rows without any text are left out.

    Raises
    ------
    CohortError
        Not readable, not UTF-8, no header, no commas, a column named twice, rows with more or
        fewer cells than the header; every such row is listed.
    """
    header, records = _read_parquet(path) if path.suffix == ".parquet" else _read_csv(path)
    columns = tuple(name.strip() for name in header)
    if not any(columns):
        raise CohortError([_whole(path, "no_header", "the first row must name the columns")])
    if len(set(columns)) < len(columns):
        raise CohortError([_whole(path, "duplicate_column", "every column needs its own name")])
    if len(columns) == 1 and any(separator in columns[0] for separator in ";\t|"):
        raise CohortError([_whole(path, "not_comma", "cells must be separated by commas")])
    rows, faults = [], []
    for number, record in records:
        if not any(cell.strip() for cell in record):
            continue
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
    lines: list[list[str]] = []
    try:
        lines.extend(csv.reader(io.StringIO(_text(path), newline=""), strict=True))
    except csv.Error as error:
        message = "the row cannot be read as CSV: an unbalanced quote, or a cell too long"
        fault = CohortFault(path.name, len(lines) + 1, None, "not_csv", message)
        raise CohortError([fault]) from error
    return lines[0] if lines else [], enumerate(lines[1:], start=2)


def _text(path: Path) -> str:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise CohortError([_whole(path, "not_readable", "the file cannot be read")]) from error
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:  # UTF-16 without its mark decodes as UTF-8 full of these
        message = "the file must be UTF-8 text; save it again as UTF-8"
        raise CohortError([_whole(path, "not_utf8", message)])
    return text


def _read_parquet(path: Path) -> tuple[list[str], Iterator[tuple[int, list[str]]]]:
    try:
        import pyarrow
        import pyarrow.parquet
    except ModuleNotFoundError as error:
        message = "reading Parquet needs pyarrow: pip install 'csf-responder[training]'"
        raise CohortError([_whole(path, "parquet_not_installed", message)]) from error
    try:
        with pyarrow.parquet.ParquetFile(path) as file:
            table = file.read()
        columns = [[_cell(value) for value in column.to_pylist()] for column in table.columns]
    except (pyarrow.ArrowException, OSError, ValueError, OverflowError) as error:
        fault = _whole(path, "not_parquet", "the file cannot be read as Parquet")
        raise CohortError([fault]) from error
    records = (list(record) for record in zip(*columns, strict=True))
    return list(table.column_names), enumerate(records, start=2)


def _cell(value: Any) -> str:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    return str(value)


def _whole(path: Path, rule: str, message: str) -> CohortFault:
    return CohortFault(path.name, None, None, rule, message)
