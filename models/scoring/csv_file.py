"""CSV files of panels, some rows at a time, and predictions written the same way."""

import codecs
import csv
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from data.errors import Fault, TableError
from data.identifier import is_identifier
from data.tables.delimited import SEPARATORS
from models.scoring.answer_columns import COLUMNS, Label, flag_texts
from models.scoring.layout import Layout
from models.scoring.rows import AnsweredRows, Rows

ROWS: Final = 8192
"""Read together (our choice)."""
_UTF16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_RAGGED: Final = Fault("", "ragged_row", "the row has more or fewer cells than the header")


class CsvPanels:
    """An open CSV file: UTF-8 or, with its mark, UTF-16; comma, semicolon or tab.

    Raises
    ------
    TableError
        It has no header, or is not text, or no CSV: then or while it is read.
    """

    def __init__(self, path: Path) -> None:
        with path.open("rb") as file:
            encoding = "utf-16" if file.read(2) in _UTF16 else "utf-8-sig"
        self._file = path.open(encoding=encoding, newline="")
        try:
            self.separator = _separator(self._first_line())
            self._records = self._read()
            _, header = next(self._records, (1, []))
            self.columns = tuple(name.strip() for name in header)
        except BaseException:
            self.close()
            raise

    def rows(self, layout: Layout) -> Iterator[Rows]:
        """All rows but blank ones, `ROWS` at a time."""
        numbers: list[int] = []
        records: list[list[str]] = []
        faults: dict[int, Fault] = {}
        for number, cells in self._records:
            if not any(cells):
                continue
            if len(cells) != len(self.columns):
                faults[len(records)] = _RAGGED
                cells = [""] * len(self.columns)
            numbers.append(number)
            records.append(cells)
            if len(records) == ROWS:
                yield self._rows(layout, numbers, records, faults)
                numbers, records, faults = [], [], {}
        if records:
            yield self._rows(layout, numbers, records, faults)

    def _rows(
        self,
        layout: Layout,
        numbers: Sequence[int],
        records: Sequence[Sequence[str]],
        faults: dict[int, Fault],
    ) -> Rows:
        by_name = dict(zip(self.columns, zip(*records, strict=True), strict=True))
        patient_id = [cell.strip() for cell in by_name[layout.patient_id]]
        return Rows(
            numbers=numbers,
            patient_id=patient_id,
            known=np.fromiter(map(is_identifier, patient_id), np.bool_, len(patient_id)),
            results={key: by_name[name] for key, name in layout.results.items()},
            facts={meaning: _once(by_name[name]) for meaning, name in layout.facts.items()},
            faults=faults,
        )

    def _first_line(self) -> str:
        try:
            line = self._file.readline(1 << 20)
            self._file.seek(0)
        except UnicodeError:
            raise _not_text() from None
        return line

    def _read(self) -> Iterator[tuple[int, list[str]]]:
        reader = csv.reader(self._file, delimiter=self.separator, strict=True)
        number = 0
        try:
            for number, cells in enumerate(reader, start=1):
                yield number, cells
        except csv.Error:
            message = "cannot be read as CSV: an unbalanced quote, or a cell too long"
            raise TableError("not_csv", f"row {number + 1} {message}", number + 1) from None
        except UnicodeError:
            raise _not_text() from None

    def close(self) -> None:
        """Close the file."""
        self._file.close()


class CsvPredictions:
    """A file of predictions that is being written, with the separator of the panels'."""

    def __init__(self, path: Path, label: Label, *, separator: str) -> None:
        self._file = path.open("w", encoding="utf-8", newline="")
        self._writer = csv.writer(self._file, delimiter=separator, lineterminator="\n")
        self._writer.writerow(COLUMNS)
        self._label = label.bundle_id, "yes" if label.simulated else "no"

    def write(self, answered: AnsweredRows) -> None:
        """Add rows; numbers are written with all digits that they have."""
        place, texts = flag_texts(answered.flags)
        columns: list[list[Any]] = [
            answered.score.tolist(),
            answered.probability.tolist(),
            answered.lower.tolist(),
            answered.upper.tolist(),
            ["yes" if responder else "no" for responder in answered.responder.tolist()],
            [texts[number] for number in place.tolist()],
        ]
        ids = list(answered.rows.patient_id)
        for row in np.flatnonzero(answered.faulty).tolist():
            ids[row] = ids[row] if answered.rows.known[row] else ""
            for column in columns:
                column[row] = ""
        for patient_id, *cells in zip(ids, *columns, strict=True):
            self._writer.writerow((patient_id, *cells, *self._label))

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def _separator(line: str) -> str:
    """The separator that cuts the header into the most cells."""
    return max(SEPARATORS, key=line.count)


def _once(cells: Sequence[str]) -> Sequence[str]:
    """A single cell where all are the same."""
    return cells[:1] if cells.count(cells[0]) == len(cells) else cells


def _not_text() -> TableError:
    return TableError("not_text", "the file is not text in UTF-8 or UTF-16; save it again as UTF-8")
