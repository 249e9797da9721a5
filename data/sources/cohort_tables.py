"""What the rows of a cohort's tables mean, and every rule they can break.

The cytokines are in `cytokines_table.py`, how cells are read in `sheet.py`. Each function reads one
table into values per patient and notes its faults in the `Sheet`: one pass finds everything.
Rows with a fault, and rows that contradict one another, give no value.
"""

from collections import defaultdict
from collections.abc import Collection
from typing import Final

from data.cohort import ARMS, AdverseEvent, Patient, Survival
from data.identifier import IDENTIFIER_RULE, is_identifier
from data.outcome import Visit
from data.tables.known_ids import MISSING_IDS, KnownIds, bare_id, ids_alike, is_date_id
from data.tables.sheet import Sheet
from data.tables.table import Row

ALSFRS_R_ITEMS: Final = tuple(f"item_{number}" for number in range(1, 13))
ALSFRS_R_MAX: Final = 48
ALSFRS_R_ITEM_MAX: Final = 4


_OWN_COLUMNS: Final = frozenset({"patient_id", "arm", "site", "responder"})


def read_participants(sheet: Sheet) -> dict[str, Patient]:
    """Patients by id, in the order of the table, without panels and visits.

    Those in doubt are among them (`doubtful_patients`), so that they can be counted.
    """
    patients: dict[str, Patient] = {}
    first: dict[str, Row] = {}
    for row in sheet.table.rows:
        patient_id, arm = row["patient_id"], row["arm"].lower()
        responder = sheet.yes_no(row, "responder")
        if first.setdefault(patient_id, row) is not row:
            earlier = first[patient_id]
            sheet.repeated(row, earlier, "patient_id", "duplicate_patient", "one row per patient")
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
    _note_alike(sheet, patients)
    if not sheet.table.rows:
        sheet.fault(None, None, "no_rows", "the participants' table has no patients")
    return patients


def _note_alike(sheet: Sheet, patient_ids: Collection[str]) -> None:
    """Faults of ids that are like an earlier one; that one is left out, too."""
    alike = set(ids_alike(patient_ids))
    bare = {bare_id(patient_id) for patient_id in alike}
    message = "another id differs only in zeros or case: did a spreadsheet change it?"
    for row in sheet.table.rows:
        patient_id = row["patient_id"]
        if patient_id in alike:
            sheet.fault(row, "patient_id", "ids_alike", message)
        elif patient_id in patient_ids and bare_id(patient_id) in bare:
            sheet.contradict(row, "patient_id", "ids_alike", message)


def doubtful_patients(sheet: Sheet) -> frozenset[str]:
    """Participants of whom any row has a fault or is contradicted: nothing of them is certain.

    Where one table holds the whole cohort, faults of single results do not count.
    """
    return frozenset(
        row["patient_id"]
        for row in sheet.table.rows
        if row.number in sheet.contradicted or sheet.has_fault(row, *sheet.table.columns)
    )


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


def read_visits(sheet: Sheet, known: KnownIds | None) -> dict[str, tuple[Visit, ...]]:
    """ALSFRS-R visits by patient, in order of month."""
    found: dict[tuple[str, float], tuple[Row, Visit]] = {}
    for row in sheet.table.rows:
        patient_id = sheet.patient(row, known)
        month = sheet.month(row)
        total = _total(sheet, row)
        if patient_id is None or month is None or total is None:
            continue
        earlier, _ = found.setdefault((patient_id, month), (row, Visit(month, total)))
        if earlier is not row:
            message = "one row per patient and month"
            sheet.repeated(row, earlier, "month", "duplicate_visit", message)
    visits: dict[str, tuple[Visit, ...]] = defaultdict(tuple)
    for patient_id, month in sorted(found):
        row, visit = found[patient_id, month]
        if sheet.is_usable(row):
            visits[patient_id] += (visit,)
    return visits


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
    found: dict[str, tuple[Row, Survival]] = {}
    for row in sheet.table.rows:
        patient_id = sheet.patient(row, known)
        months, event = sheet.month(row, "months"), _stated(sheet, row, "event")
        if months is not None and months < 0:
            sheet.fault(row, "months", "negative_months", "months must be 0 or more")
        elif patient_id in found:
            earlier, _ = found[patient_id]
            sheet.repeated(row, earlier, "patient_id", "duplicate_patient", "one row per patient")
        elif patient_id is not None and months is not None and event is not None:
            found[patient_id] = row, Survival(months, event)
    return {patient: said for patient, (row, said) in found.items() if sheet.is_usable(row)}


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
        if patient_id is None or grade is None or serious is None or related is None:
            continue
        if sheet.is_usable(row):
            event = AdverseEvent(row["term"], int(grade), serious, related)
            events[patient_id] += (event,)
    return events


def _stated(sheet: Sheet, row: Row, column: str) -> bool | None:
    if sheet.is_blank(row, column):
        sheet.fault(row, column, "not_yes_or_no", f"{column} must be yes, no, 1 or 0")
    return sheet.yes_no(row, column)
