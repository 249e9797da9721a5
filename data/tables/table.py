"""One file of a cohort as text cells with row numbers: CSV, Parquet or XLSX, nothing interpreted.

Everything is kept as the text that stands in the file, so that ``<3.2``, ``0001`` and ``NA``
arrive as they were written.
"""

import re
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from data.errors import CohortError, CohortFault, TableError
from data.tables.binary_table import read_binary
from data.tables.delimited import Records, read_delimited
from data.tables.table_faults import table_faults

DELIMITED: Final = (".csv", ".tsv", ".txt")
SUFFIXES: Final = (*DELIMITED, ".parquet", ".xlsx")
_NOT_READ: Final = frozenset(
    {".xls", ".xlsm", ".xlsb", ".ods", ".json", ".zip", ".gz", ".pdf", ".sav", ".rds", ".docx"}
)
MAX_FILE_BYTES: Final = 64 << 20


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


def plain_name(name: str) -> str:
    """A name as it is compared: in lower case, with underscores for spaces and hyphens.

    Examples
    --------
    >>> plain_name(" Patient ID"), plain_name("cv-percent")
    ('patient_id', 'cv_percent')
    """
    return re.sub(r"[\s_-]+", "_", name.strip()).lower()


def find_table(folder: Path, stem: str) -> Path | None:
    """The file called `stem` in a folder (in any case), or None.

    Raises
    ------
    CohortError
        Several stand there, and which one counts cannot be guessed; or one that is not read.
    """
    here = [path for path in sorted(folder.iterdir()) if plain_name(path.stem) == stem]
    found = [path for path in here if path.suffix.lower() in SUFFIXES]
    if len(found) > 1:
        names = ", ".join(path.name for path in found)
        raise CohortError([_whole(found[0], "two_files", f"keep one of {names}")])
    unread = [path for path in here if path.suffix.lower() in _NOT_READ]
    if unread and not found:
        message = f"save it as one of {', '.join(SUFFIXES)}; this kind of file is not read"
        raise CohortError([_whole(unread[0], "format_not_read", message)])
    return found[0] if found else None


def read_table(path: Path) -> Table:
    """Read a file as text; rows without any text are left out, unnamed empty columns too.

    Raises
    ------
    CohortError
        Not readable as what its suffix says, larger than any cohort's table, no header, a
        column named twice or not at all, rows with more or fewer cells than the header; every
        such row is listed.
    """
    try:
        (first, names), *records = _stripped(_records(path)) or [(1, [])]
    except TableError as error:
        raise CohortError([_in_file(path, error)]) from None
    # One space for line breaks and other spaces in a heading.
    header = [re.sub(r"[^\S ]+", " ", name) for name in names]
    faults = table_faults((first, header), records)
    if faults:
        raise CohortError(_in_file(path, fault) for fault in faults)
    named = [index for index, name in enumerate(header) if name]
    columns = tuple(header[index] for index in named)
    rows = (
        Row(number, dict(zip(columns, (cells[index] for index in named), strict=True)))
        for number, cells in records
    )
    return Table(path.name, columns, tuple(rows))


def with_known_names(
    table: Table, known: Collection[str], aliases: Mapping[str, str] | None = None
) -> Table:
    """The table with columns such as ``Patient ID`` under the known name ``patient_id``.

    `aliases` gives known names to others, where the table has no column of the known name.

    Raises
    ------
    CohortError
        Two columns come to the same name.
    """
    plain = {column: plain_name(column) for column in table.columns}
    names = {column: name if name in known else column for column, name in plain.items()}
    for column, name in plain.items():
        alias = (aliases or {}).get(name, "")
        if alias in known and alias not in names.values():
            names[column] = alias
    counted = Counter(names.values())
    if len(counted) < len(names):
        message = "two columns have the same name but for case and spaces"
        (name, _) = counted.most_common(1)[0]
        raise CohortError([CohortFault(table.file, 1, name, "duplicate_column", message)])
    rows = (
        Row(row.number, {names[c]: cell for c, cell in row.cells.items()}) for row in table.rows
    )
    return Table(table.file, tuple(names.values()), tuple(rows))


def _records(path: Path) -> Records:
    """All rows of a file, whatever kind it is."""
    if not path.is_file():
        raise TableError("not_a_file", "a table is a file, no folder, pipe or broken link")
    try:
        with path.open("rb") as file:
            content = file.read(MAX_FILE_BYTES + 1)
    except OSError:
        raise TableError("not_readable", "the file cannot be read") from None
    if len(content) > MAX_FILE_BYTES:
        raise TableError("too_large", f"a table has at most {MAX_FILE_BYTES >> 20} MiB")
    suffix = path.suffix.lower()
    return read_delimited(content) if suffix in DELIMITED else read_binary(path, content)


def _stripped(records: Records) -> Records:
    """Without outer spaces, and without empty rows after the first."""
    kept = [(number, [cell.strip() for cell in cells]) for number, cells in records]
    return kept[:1] + [(number, cells) for number, cells in kept[1:] if any(cells)]


def _in_file(path: Path, error: TableError) -> CohortFault:
    return CohortFault(path.name, error.row, error.column, error.rule, error.message)


def _whole(path: Path, rule: str, message: str) -> CohortFault:
    return CohortFault(path.name, None, None, rule, message)
