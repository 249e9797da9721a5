"""A table being checked: cells read by rule, and everything that is wrong collected.

One fault per cell: the first that is found.
"""

import math
import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from data.errors import CohortFault
from data.measurement import MISSING_TEXTS
from data.number_text import DecimalMark, NumberTextError, decimal_mark, read_number
from data.tables.formula_text import FIRST_CHARACTERS, is_formula
from data.tables.known_ids import KnownIds
from data.tables.table import Row, Table
from data.tables.table_faults import MORE_FAULTS, MOST_FAULTS

# 1.0 and 0.0: how a Parquet column of 1, 0 and empty cells may arrive.
_YES: Final = frozenset({"1", "1.0", "yes", "true", "responder"})
_NO: Final = frozenset({"0", "0.0", "no", "false", "nonresponder", "non-responder"})

LARGEST_MONTH: Final = 600
"""Fifty years; a spreadsheet's serial number of a date is 20,000 and more."""

_TEXT_COLUMNS: Final = frozenset(
    {"patient_id", "arm", "site", "analyte", "unit", "platform", "plate", "term", "outcome"}
)
"""Columns that say nothing about the table's decimal mark: an id may be 1.2."""

_MONTH_NAME: Final = (
    "(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|m.r|mrz|mai|okt|dez|f.v|avr|jui|ao.|d.c)"
)
"""English, German and French, as spreadsheets write them; not the V of a visit."""
_DATE = re.compile(
    r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}([ T].*)?"
    rf"|(\d{{1,4}}[-/. ]{{0,2}})?{_MONTH_NAME}[a-z]{{0,6}}[-/., ]{{0,2}}(\d{{1,4}}.{{0,12}})?",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Sheet:
    """A table and the list that its faults go to.

    Attributes
    ----------
    contradicted
        Rows without a fault of their own that are not used either, because another row says
        otherwise, by number: what each could be listed as.
    """

    table: Table
    faults: list[CohortFault]
    contradicted: dict[int, CohortFault] = field(default_factory=dict)
    _seen: set[tuple[int | None, str | None]] = field(default_factory=set)
    _faulty_rows: set[int | None] = field(default_factory=set)

    def __post_init__(self) -> None:
        for row in self.table.rows:
            for column, cell in row.cells.items():
                if cell and cell[0] in FIRST_CHARACTERS and is_formula(cell):
                    message = "text that a spreadsheet would compute; write the value"
                    self.fault(row, column, "formula_text", message)

    def fault(self, row: Row | None, column: str | None, rule: str, message: str) -> None:
        """Note a fault of one cell, one row or (without both) the whole table."""
        number = row.number if row is not None else None
        all_are_listed = not self._is_full
        if column is not None and (number, column) in self._seen:
            return
        self._seen.add((number, column))
        self._faulty_rows.add(number)
        if self._is_full:
            rule, message, number, column = "more_faults", MORE_FAULTS, None, None
        if all_are_listed:
            self.faults.append(CohortFault(self.table.file, number, column, rule, message))

    @property
    def _is_full(self) -> bool:
        return len(self._seen) > MOST_FAULTS

    def contradict(self, row: Row, column: str, rule: str, message: str) -> None:
        """Leave out a row that another row contradicts: which of them is right is unknown."""
        found = CohortFault(self.table.file, row.number, column, rule, message)
        self.contradicted.setdefault(row.number, found)

    def repeated(self, row: Row, first: Row, column: str, rule: str, message: str) -> None:
        """Note a row that stands for the same as an earlier one; both are left out."""
        self.fault(row, column, rule, message)
        self.contradict(first, column, rule, f"{message}; this one clashes with a later row")

    def only_contradicted(self) -> list[CohortFault]:
        """The rows without a fault of their own that another row contradicts."""
        found = [f for n, f in self.contradicted.items() if n not in self._faulty_rows]
        more = CohortFault(self.table.file, None, None, "more_faults", MORE_FAULTS)
        return found if len(found) <= MOST_FAULTS else [*found[:MOST_FAULTS], more]

    def is_usable(self, row: Row) -> bool:
        """Whether a row has no fault in any cell and no other row contradicts it."""
        return row.number not in self._faulty_rows and row.number not in self.contradicted

    def has_fault(self, row: Row, *columns: str) -> bool:
        """Whether a fault of one of these cells is noted."""
        return any((row.number, column) in self._seen for column in columns)

    @cached_property
    def mark(self) -> DecimalMark:
        """Which decimal mark the table's numbers show."""
        columns = [name for name in self.table.columns if name not in _TEXT_COLUMNS]
        return decimal_mark(row[name] for row in self.table.rows for name in columns)

    def is_blank(self, row: Row, column: str) -> bool:
        """Whether a cell is empty or says that there is nothing, as R's ``NA`` does."""
        return row[column].lower() in MISSING_TEXTS

    def text(self, row: Row, column: str) -> str | None:
        """A cell's text; None where it is blank."""
        return None if self.is_blank(row, column) else row[column]

    def number(self, row: Row, column: str) -> float | None:
        """A finite number; None (and a fault) where there is none."""
        text = row[column]
        try:
            # Adding 0 turns -0 into 0.
            value = read_number(re.sub(r"^\+(?=[0-9.,])", "", text), self.mark) + 0
        except NumberTextError as error:
            value = math.nan
            if error.problem == "ambiguous":
                message = f"{column} may mean thousands or decimals; write one decimal mark"
                self.fault(row, column, "ambiguous_number", message)
        if math.isfinite(value):
            return value
        self.fault(row, column, "not_a_number", f"{column} must be a number such as 4 or 0.5")
        return None

    def optional_number(self, row: Row, column: str) -> float | None:
        """Like `number`, but a blank cell is None without a fault."""
        return None if self.is_blank(row, column) else self.number(row, column)

    def month(self, row: Row, column: str = "month") -> float | None:
        """Months from the first injection; None (and a fault) for dates and the impossible."""
        if _DATE.fullmatch(row[column]):
            message = f"{column} counts from the first injection: write 4, not a date"
            self.fault(row, column, "date_not_month", message)
            return None
        month = self.number(row, column)
        if month is not None and abs(month) > LARGEST_MONTH:
            message = f"{column} must lie within {-LARGEST_MONTH} to {LARGEST_MONTH}: is it a date?"
            self.fault(row, column, "month_range", message)
            return None
        return month

    def yes_no(self, row: Row, column: str) -> bool | None:
        """A yes or a no; None where blank, or (with a fault) where it is neither."""
        text = row[column].lower()
        if text not in _YES | _NO | MISSING_TEXTS:
            self.fault(row, column, "not_yes_or_no", f"{column} must be yes, no, 1 or 0")
        return True if text in _YES else False if text in _NO else None

    def patient(self, row: Row, known: KnownIds | None) -> str | None:
        """The row's patient, who must stand in the participants' table (None: unreadable)."""
        patient_id = row["patient_id"]
        if known is None or patient_id in known.ids:
            return patient_id
        rule, message = "unknown_patient", "this patient_id is not in the participants' table"
        if known.has_alike(patient_id):
            rule = "id_changed"
            message = "a participant's id differs only in zeros or case: changed by a spreadsheet?"
        self.fault(row, "patient_id", rule, message)
        return None
