"""What the rows of each of a cohort's tables mean, and every rule they can break.

Each function reads one table into values per patient and notes its faults in the `Sheet`; rows
with faults are left out, so that one pass finds everything. How cells are read is in `sheet.py`.
"""

from collections import defaultdict
from typing import Final

from data.analytes import AnalyteTable
from data.cohort import ARMS, AdverseEvent, Patient, Survival
from data.errors import MeasurementError
from data.identifier import IDENTIFIER_RULE, is_identifier
from data.measurement import Measurement, read_measurement
from data.outcome import Visit
from data.panel import Panel
from data.tables.known_ids import MISSING_IDS, KnownIds, ids_alike, is_date_id
from data.tables.sheet import Sheet
from data.tables.table import Row
from data.units import conversion

ALSFRS_R_ITEMS: Final = tuple(f"item_{number}" for number in range(1, 13))
ALSFRS_R_MAX: Final = 48
ALSFRS_R_ITEM_MAX: Final = 4


_OWN_COLUMNS: Final = frozenset({"patient_id", "arm", "site", "responder"})


def read_participants(sheet: Sheet) -> dict[str, Patient]:
    """Patients by id, in the order of the table, without panels and visits."""
    patients: dict[str, Patient] = {}
    seen: set[str] = set()
    for row in sheet.table.rows:
        patient_id, arm = row["patient_id"], row["arm"].lower()
        responder = sheet.yes_no(row, "responder")
        if patient_id in seen:
            sheet.fault(row, "patient_id", "duplicate_patient", "one row per patient")
        seen.add(patient_id)
        _check_id(sheet, row)
        if arm not in ARMS:
            sheet.fault(row, "arm", "unknown_arm", f"arm must be {' or '.join(ARMS)}")
        if not sheet.has_fault(row, *_OWN_COLUMNS):
            patients[patient_id] = Patient(
                patient_id,
                "msc" if arm == "msc" else "control",
                responder=responder,
                site=row["site"] or None,
                covariates={n: cell for n, cell in row.cells.items() if n not in _OWN_COLUMNS},
            )
    alike = set(ids_alike(patients))
    for row in sheet.table.rows:
        if row["patient_id"] in alike:
            message = "another id differs only in zeros or case: did a spreadsheet change it?"
            sheet.fault(row, "patient_id", "ids_alike", message)
    if not sheet.table.rows:
        sheet.fault(None, None, "no_rows", "the participants' table has no patients")
    return patients


def _check_id(sheet: Sheet, row: Row) -> None:
    patient_id = row["patient_id"]
    if not is_identifier(patient_id):
        sheet.fault(row, "patient_id", "bad_id", IDENTIFIER_RULE)
    elif patient_id.lower() in MISSING_IDS:
        message = "this is what programs write for a missing id; give the patient another"
        sheet.fault(row, "patient_id", "missing_id", message)
    elif is_date_id(patient_id):
        message = "this is how a spreadsheet writes a date: format the ids as text"
        sheet.fault(row, "patient_id", "date_id", message)


def read_panels(
    sheet: Sheet, known: KnownIds | None, analytes: AnalyteTable
) -> dict[str, tuple[Panel, ...]]:
    """Panels by patient, in order of month."""
    if not sheet.table.rows:
        sheet.fault(None, "result", "no_rows", "the cytokines' table has no results")
    specimens: dict[tuple[str, float], dict[str, Measurement]] = defaultdict(dict)
    platforms: dict[tuple[str, str], str | None] = {}
    units: dict[str, str] = {}
    for row in sheet.table.rows:
        patient_id = sheet.patient(row, known)
        month = sheet.month(row)
        measurement = _measurement(sheet, row, analytes)
        if patient_id is None or month is None or measurement is None:
            continue
        unit = units.setdefault(measurement.analyte, row["unit"])
        if row["unit"] != unit and conversion(row["unit"], to=unit) != (1, 1):
            message = "one unit per analyte: another row gives this analyte in another unit"
            sheet.fault(row, "unit", "mixed_units", message)
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
    lloq, uloq = sheet.optional_number(row, "lloq"), sheet.optional_number(row, "uloq")
    cv_percent = sheet.optional_number(row, "cv_percent")
    if cv_percent is not None and cv_percent < 0:
        sheet.fault(row, "cv_percent", "negative_cv", "a coefficient of variation is 0 or more")
    if sheet.has_fault(row, "lloq", "uloq", "cv_percent"):
        return None
    try:
        return read_measurement(
            analytes,
            row["analyte"],
            row["result"],
            unit=row["unit"] or None,
            lloq=lloq,
            uloq=uloq,
            platform=sheet.text(row, "platform"),
            plate=sheet.text(row, "plate"),
            decimal_mark=sheet.mark,
        )
    except MeasurementError as error:
        for fault in error.faults:
            sheet.fault(row, fault.path.removeprefix("/"), fault.code, fault.message)
        return None


def read_visits(sheet: Sheet, known: KnownIds | None) -> dict[str, tuple[Visit, ...]]:
    """ALSFRS-R visits by patient, in order of month."""
    visits: dict[str, dict[float, Visit]] = defaultdict(dict)
    for row in sheet.table.rows:
        patient_id = sheet.patient(row, known)
        month = sheet.month(row)
        total = _total(sheet, row)
        if patient_id is None or month is None or total is None:
            continue
        if month in visits[patient_id]:
            sheet.fault(row, "month", "duplicate_visit", "one row per patient and month")
        visits[patient_id][month] = Visit(month, total)
    return {patient: tuple(v[month] for month in sorted(v)) for patient, v in visits.items()}


def _total(sheet: Sheet, row: Row) -> float | None:
    """The ALSFRS-R total of a visit, from `total`, from the 12 items, or from both agreeing."""
    items = [_item(sheet, row, i) for i in ALSFRS_R_ITEMS if not sheet.is_blank(row, i)]
    if not items:
        return _within(sheet, row, "total", ALSFRS_R_MAX)
    if len(items) < len(ALSFRS_R_ITEMS):
        sheet.fault(row, None, "items_missing", "give all 12 items of the ALSFRS-R, or the total")
        return None
    known = [item for item in items if item is not None]
    if len(known) < len(items):
        return None
    if not sheet.is_blank(row, "total"):
        total = _within(sheet, row, "total", ALSFRS_R_MAX)
        if total is None:
            return None
        if total != sum(known):
            message = "total must be the sum of the 12 items"
            sheet.fault(row, "total", "items_do_not_sum", message)
            return None
    return sum(known)


def _item(sheet: Sheet, row: Row, column: str) -> float | None:
    value = _within(sheet, row, column, ALSFRS_R_ITEM_MAX)
    if value is not None and value != int(value):
        sheet.fault(row, column, "not_whole", f"{column} must be 0, 1, 2, 3 or 4")
        return None
    return value


def _within(sheet: Sheet, row: Row, column: str, highest: int) -> float | None:
    value = sheet.number(row, column)
    if value is not None and not 0 <= value <= highest:
        sheet.fault(row, column, "alsfrs_r_range", f"{column} must lie within 0 to {highest}")
        return None
    return value


def read_survival(sheet: Sheet, known: KnownIds | None) -> dict[str, Survival]:
    """Survival by patient."""
    survival: dict[str, Survival] = {}
    for row in sheet.table.rows:
        patient_id = sheet.patient(row, known)
        months, event = sheet.month(row, "months"), _stated(sheet, row, "event")
        if months is not None and months < 0:
            sheet.fault(row, "months", "negative_months", "months must be 0 or more")
        elif patient_id in survival:
            sheet.fault(row, "patient_id", "duplicate_patient", "one row per patient")
        elif patient_id is not None and months is not None and event is not None:
            survival[patient_id] = Survival(months, event)
    return survival


def read_adverse_events(
    sheet: Sheet, known: KnownIds | None
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
    if sheet.is_blank(row, column):
        sheet.fault(row, column, "not_yes_or_no", f"{column} must be yes, no, 1 or 0")
    return sheet.yes_no(row, column)
