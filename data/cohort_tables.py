"""What the rows of each of a cohort's tables mean, and every rule they can break.

Each function reads one table into values per patient and notes its faults in the `Sheet`; rows
with faults are left out, so that one pass finds everything.
"""

import math
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from data.analytes import AnalyteTable
from data.cohort import ARMS, AdverseEvent, Patient, Survival
from data.errors import CohortFault, MeasurementError
from data.identifier import IDENTIFIER_RULE, is_identifier
from data.measurement import Measurement, read_measurement
from data.outcome import Visit
from data.panel import Panel
from data.table import Row, Table

ALSFRS_R_ITEMS: Final = tuple(f"item_{number}" for number in range(1, 13))
ALSFRS_R_MAX: Final = 48
ALSFRS_R_ITEM_MAX: Final = 4

# 1.0 and 0.0: how a Parquet column of 1, 0 and empty cells arrives.
_YES: Final = frozenset({"1", "1.0", "yes", "true", "responder"})
_NO: Final = frozenset({"0", "0.0", "no", "false", "nonresponder", "non-responder"})


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table being checked: reads cells by rule and collects what is wrong."""

    table: Table
    faults: list[CohortFault]

    def fault(self, row: Row | None, column: str | None, rule: str, message: str) -> None:
        """Note a fault of one cell, one row or (without both) the whole table."""
        number = row.number if row is not None else None
        self.faults.append(CohortFault(self.table.file, number, column, rule, message))

    def number(self, row: Row, column: str) -> float | None:
        """A finite number with a decimal point; None (and a fault) where there is none."""
        try:
            value = float(row[column])
        except ValueError:
            value = math.nan
        if math.isfinite(value) and "_" not in row[column]:
            return value
        self.fault(row, column, "not_a_number", f"{column} must be a number such as 4 or 0.5")
        return None

    def optional_number(self, row: Row, column: str) -> float | None:
        """Like `number`, but an empty cell is None without a fault."""
        return self.number(row, column) if row[column] else None

    def yes_no(self, row: Row, column: str) -> bool | None:
        """A yes or a no; None where empty, or (with a fault) where it is neither."""
        text = row[column].lower()
        if text and text not in _YES | _NO:
            self.fault(row, column, "not_yes_or_no", f"{column} must be yes, no, 1 or 0")
        return True if text in _YES else False if text in _NO else None

    def patient(self, row: Row, known: Collection[str] | None) -> str | None:
        """The row's patient, who must stand in the participants' table (None: unreadable)."""
        if known is None or row["patient_id"] in known:
            return row["patient_id"]
        message = "this patient_id is not in the participants' table"
        self.fault(row, "patient_id", "unknown_patient", message)
        return None


def read_participants(sheet: Sheet) -> dict[str, Patient]:
    """Patients by id, in the order of the table, without panels and visits."""
    own = ("patient_id", "arm", "site", "responder")
    patients: dict[str, Patient] = {}
    seen: set[str] = set()
    for row in sheet.table.rows:
        patient_id, arm = row["patient_id"], row["arm"].lower()
        n_faults = len(sheet.faults)
        responder = sheet.yes_no(row, "responder")
        if not is_identifier(patient_id):
            sheet.fault(row, "patient_id", "bad_id", IDENTIFIER_RULE)
        elif patient_id in seen:
            sheet.fault(row, "patient_id", "duplicate_patient", "one row per patient")
        if arm not in ARMS:
            sheet.fault(row, "arm", "unknown_arm", f"arm must be {' or '.join(ARMS)}")
        if len(sheet.faults) == n_faults:
            covariates = {name: cell for name, cell in row.cells.items() if name not in own}
            patients[patient_id] = Patient(
                patient_id,
                "msc" if arm == "msc" else "control",
                responder=responder,
                site=row["site"] or None,
                covariates=covariates,
            )
        seen.add(patient_id)
    if not sheet.table.rows:
        sheet.fault(None, None, "no_rows", "the participants' table has no patients")
    return patients


def read_panels(
    sheet: Sheet, known: Collection[str] | None, analytes: AnalyteTable
) -> dict[str, tuple[Panel, ...]]:
    """Panels by patient, in order of month."""
    specimens: dict[tuple[str, float], dict[str, Measurement]] = defaultdict(dict)
    platforms: dict[tuple[str, str], str | None] = {}
    for row in sheet.table.rows:
        patient_id = sheet.patient(row, known)
        month = sheet.number(row, "month")
        measurement = _measurement(sheet, row, analytes)
        if patient_id is None or month is None or measurement is None:
            continue
        panel = specimens[patient_id, month]
        if measurement.analyte in panel:
            message = "one row per patient, month and analyte"
            sheet.fault(row, "analyte", "duplicate_measurement", message)
        panel.setdefault(measurement.analyte, measurement)
        used = platforms.setdefault((patient_id, measurement.analyte), measurement.platform)
        if used != measurement.platform:
            message = "one platform per patient and analyte: levels differ between platforms"
            sheet.fault(row, "platform", "two_platforms", message)
    panels: dict[str, tuple[Panel, ...]] = defaultdict(tuple)
    for (patient_id, month), found in sorted(specimens.items()):
        panels[patient_id] += (Panel(month, tuple(found.values())),)
    return panels


def _measurement(sheet: Sheet, row: Row, analytes: AnalyteTable) -> Measurement | None:
    n_faults = len(sheet.faults)
    lloq, uloq = sheet.optional_number(row, "lloq"), sheet.optional_number(row, "uloq")
    sheet.optional_number(row, "cv_percent")
    if len(sheet.faults) > n_faults:
        return None
    try:
        return read_measurement(
            analytes,
            row["analyte"],
            row["result"],
            unit=row["unit"] or None,
            lloq=lloq,
            uloq=uloq,
            platform=row["platform"] or None,
            plate=row["plate"] or None,
        )
    except MeasurementError as error:
        for fault in error.faults:
            sheet.fault(row, fault.path.removeprefix("/"), fault.code, fault.message)
        return None


def read_visits(sheet: Sheet, known: Collection[str] | None) -> dict[str, tuple[Visit, ...]]:
    """ALSFRS-R visits by patient, in order of month."""
    visits: dict[str, dict[float, Visit]] = defaultdict(dict)
    for row in sheet.table.rows:
        patient_id = sheet.patient(row, known)
        month = sheet.number(row, "month")
        total = _total(sheet, row)
        if patient_id is None or month is None or total is None:
            continue
        if month in visits[patient_id]:
            sheet.fault(row, "month", "duplicate_visit", "one row per patient and month")
        visits[patient_id][month] = Visit(month, total)
    return {patient: tuple(v[month] for month in sorted(v)) for patient, v in visits.items()}


def _total(sheet: Sheet, row: Row) -> float | None:
    """The ALSFRS-R total of a visit, from `total`, from the 12 items, or from both agreeing."""
    items = [_within(sheet, row, item, ALSFRS_R_ITEM_MAX) for item in ALSFRS_R_ITEMS if row[item]]
    if not items:
        return _within(sheet, row, "total", ALSFRS_R_MAX)
    if len(items) < len(ALSFRS_R_ITEMS):
        sheet.fault(row, None, "items_missing", "give all 12 items of the ALSFRS-R, or the total")
        return None
    known = [item for item in items if item is not None]
    if len(known) < len(items):
        return None
    if row["total"]:
        total = _within(sheet, row, "total", ALSFRS_R_MAX)
        if total is None:
            return None
        if total != sum(known):
            message = "total must be the sum of the 12 items"
            sheet.fault(row, "total", "items_do_not_sum", message)
            return None
    return sum(known)


def _within(sheet: Sheet, row: Row, column: str, highest: int) -> float | None:
    value = sheet.number(row, column)
    if value is not None and not 0 <= value <= highest:
        sheet.fault(row, column, "alsfrs_r_range", f"{column} must lie within 0 to {highest}")
        return None
    return value


def read_survival(sheet: Sheet, known: Collection[str] | None) -> dict[str, Survival]:
    """Survival by patient."""
    survival: dict[str, Survival] = {}
    for row in sheet.table.rows:
        patient_id = sheet.patient(row, known)
        months, event = sheet.number(row, "months"), _stated(sheet, row, "event")
        if months is not None and months < 0:
            sheet.fault(row, "months", "negative_months", "months must be 0 or more")
        elif patient_id in survival:
            sheet.fault(row, "patient_id", "duplicate_patient", "one row per patient")
        elif patient_id is not None and months is not None and event is not None:
            survival[patient_id] = Survival(months, event)
    return survival


def read_adverse_events(
    sheet: Sheet, known: Collection[str] | None
) -> dict[str, tuple[AdverseEvent, ...]]:
    """Adverse events by patient, in the order of the table."""
    events: dict[str, tuple[AdverseEvent, ...]] = defaultdict(tuple)
    for row in sheet.table.rows:
        patient_id = sheet.patient(row, known)
        grade = sheet.number(row, "grade")
        serious, related = _stated(sheet, row, "serious"), _stated(sheet, row, "related")
        if not row["term"]:
            sheet.fault(row, "term", "no_term", "an adverse event needs its term")
        if grade is not None and grade not in (1, 2, 3, 4, 5):
            sheet.fault(row, "grade", "grade_range", "grade must be 1, 2, 3, 4 or 5 (CTCAE)")
        elif patient_id is None or grade is None or serious is None or related is None:
            continue
        else:
            event = AdverseEvent(row["term"], int(grade), serious, related)
            events[patient_id] += (event,)
    return events


def _stated(sheet: Sheet, row: Row, column: str) -> bool | None:
    if not row[column]:
        sheet.fault(row, column, "not_yes_or_no", f"{column} must be yes, no, 1 or 0")
    return sheet.yes_no(row, column)
