"""A cohort's folder of tidy tables: read, checked in one pass, and written.

`docs/data.md` is the dictionary of files and columns; what their rows mean is in
`cohort_tables.py`.
"""

import csv
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Final

from data.analytes import AnalyteTable, study_analytes
from data.cohort import Cohort, Patient, Provenance
from data.cohort_tables import (
    Sheet,
    read_adverse_events,
    read_panels,
    read_participants,
    read_survival,
    read_visits,
)
from data.errors import CohortError, CohortFault
from data.measurement import as_text
from data.table import SUFFIXES, find_table, read_table

PROVENANCE_FILE: Final = "cohort.json"
REQUIRED_COLUMNS: Final = {
    "participants": ("patient_id", "arm"),
    "cytokines": ("patient_id", "month", "analyte", "result"),
    "alsfrs_r": ("patient_id", "month"),
    "survival": ("patient_id", "months", "event"),
    "adverse_events": ("patient_id", "term", "grade", "serious", "related"),
}


def read_cohort(folder: Path, analytes: AnalyteTable | None = None) -> Cohort:
    """Read a cohort.

    Raises
    ------
    CohortError
        With every fault of every file.
    """
    cohort, faults = _read(folder, analytes or study_analytes())
    if faults:
        raise CohortError(faults)
    return cohort


def check_cohort(folder: Path, analytes: AnalyteTable | None = None) -> list[CohortFault]:
    """Every fault of a cohort's folder, by file and row; empty when it is good."""
    return _read(folder, analytes or study_analytes())[1]


def _read(folder: Path, analytes: AnalyteTable) -> tuple[Cohort, list[CohortFault]]:
    """What could be understood of a folder, and every fault in it."""
    faults: list[CohortFault] = []
    if not folder.is_dir():
        faults.append(CohortFault(folder.name, None, None, "no_folder", "no such folder"))
        return Cohort((), Provenance(simulated=False)), faults
    sheets = {stem: _sheet(folder, stem, faults) for stem in REQUIRED_COLUMNS}
    participants, cytokines = sheets["participants"], sheets["cytokines"]
    patients = read_participants(participants) if participants else {}
    # Where no participant could be read, nobody is called unknown.
    rows = participants.table.rows if participants else ()
    known = {row["patient_id"] for row in rows} or None
    panels = read_panels(cytokines, known, analytes) if cytokines else {}
    visits = read_visits(s, known) if (s := sheets["alsfrs_r"]) else {}
    survival = read_survival(s, known) if (s := sheets["survival"]) else {}
    events = read_adverse_events(s, known) if (s := sheets["adverse_events"]) else {}
    faults += _missing_tables(sheets, faults)
    whole = tuple(
        replace(
            patient,
            panels=panels.get(patient_id, ()),
            visits=visits.get(patient_id, ()),
            survival=survival.get(patient_id),
            adverse_events=events.get(patient_id, ()),
        )
        for patient_id, patient in patients.items()
    )
    provenance = _read_provenance(folder, faults)
    return Cohort(whole, provenance), sorted(faults, key=lambda f: (f.file, f.row or 0))


def _sheet(folder: Path, stem: str, faults: list[CohortFault]) -> Sheet | None:
    """The table called `stem` with the columns it needs; None where it cannot be used."""
    try:
        path = find_table(folder, stem)
        if path is None:
            return None
        table = read_table(path)
    except CohortError as error:
        faults.extend(error.faults)
        return None
    sheet = Sheet(table, faults)
    missing = [name for name in REQUIRED_COLUMNS[stem] if name not in table.columns]
    for name in missing:
        sheet.fault(None, name, "missing_column", f"the table needs a column {name}")
    return None if missing else sheet


def _missing_tables(
    sheets: dict[str, Sheet | None], faults: list[CohortFault]
) -> Iterator[CohortFault]:
    """Tables that a cohort cannot do without and that are not there at all."""
    broken = {fault.file.split(".")[0] for fault in faults}
    participants = sheets["participants"]
    states_outcome = participants is not None and "responder" in participants.table.columns
    needed = ["participants", "cytokines"] + ([] if states_outcome else ["alsfrs_r"])
    for stem in needed:
        if sheets[stem] is None and stem not in broken:
            message = "this table is needed (as .csv or .parquet)"
            if stem == "alsfrs_r":
                message += ", or a column responder among the participants"
            yield CohortFault(f"{stem}.csv", None, None, "missing_file", message)


def _read_provenance(folder: Path, faults: list[CohortFault]) -> Provenance:
    path = folder / PROVENANCE_FILE
    if not path.is_file():
        return Provenance(simulated=False)
    try:
        stated = json.loads(path.read_text(encoding="utf-8"))
        simulated, description = stated["simulated"], stated.get("description", "")
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        simulated = description = None
    if isinstance(simulated, bool) and isinstance(description, str):
        return Provenance(simulated, description)
    message = 'must be a JSON object like {"simulated": false, "description": "..."}'
    faults.append(CohortFault(PROVENANCE_FILE, None, None, "not_provenance", message))
    return Provenance(simulated=False)


def write_cohort(cohort: Cohort, folder: Path) -> None:
    """Write a cohort as CSV tables that read back as an equal cohort.

    Values stand in each analyte's own unit. Text that was received says the same only where it
    needs neither the unit nor the run's limits it came with; elsewhere (`OOR <`, ng/mL) it is
    not kept.

    Raises
    ------
    CohortError
        When one of the files is there already, as CSV or Parquet (nothing is written then), or
        the folder cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        message = "the folder cannot be made here"
        raise CohortError([CohortFault(folder.name, None, None, "no_folder", message)]) from error
    _refuse_to_overwrite(folder)
    covariates = sorted({name for p in cohort.patients for name in p.covariates})
    participants = ["patient_id", "arm", "site", *covariates]
    if any(patient.responder is not None for patient in cohort.patients):
        participants.append("responder")
    _write(folder, "participants", participants, map(_participant_row, cohort.patients))
    measurement = ["patient_id", "month", "analyte", "result", "unit", "platform", "plate"]
    _write(folder, "cytokines", measurement, _measurement_rows(cohort))
    _write(folder, "alsfrs_r", ["patient_id", "month", "total"], _visit_rows(cohort))
    _write(folder, "survival", ["patient_id", "months", "event"], _survival_rows(cohort))
    events = ["patient_id", "term", "grade", "serious", "related"]
    _write(folder, "adverse_events", events, _adverse_event_rows(cohort))
    with (folder / PROVENANCE_FILE).open("x", encoding="utf-8", newline="\n") as file:
        json.dump(asdict(cohort.provenance), file, indent=1)
        file.write("\n")


def _refuse_to_overwrite(folder: Path) -> None:
    names = [f"{stem}{suffix}" for stem in REQUIRED_COLUMNS for suffix in SUFFIXES]
    message = "this file is there already and is not overwritten"
    faults = [
        CohortFault(name, None, None, "file_exists", message)
        for name in (*names, PROVENANCE_FILE)
        if (folder / name).exists()
    ]
    if faults:
        raise CohortError(faults)


def _plain(number: float) -> str:
    """Without the ``.0`` of whole numbers; reads back to the same number."""
    return repr(float(number)).removesuffix(".0")


_Cells = dict[str, object]


def _write(folder: Path, stem: str, columns: list[str], rows: Iterable[_Cells]) -> None:
    with (folder / f"{stem}.csv").open("x", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n", restval="")
        writer.writeheader()
        writer.writerows(rows)


def _participant_row(patient: Patient) -> _Cells:
    row: _Cells = {"patient_id": patient.patient_id, "arm": patient.arm, "site": patient.site}
    if patient.responder is not None:
        row["responder"] = "yes" if patient.responder else "no"
    return row | dict(patient.covariates)


def _measurement_rows(cohort: Cohort) -> Iterator[_Cells]:
    for patient in cohort.patients:
        for panel in patient.panels:
            for measured in panel.measurements:
                yield {
                    "patient_id": patient.patient_id,
                    "month": _plain(panel.month),
                    "analyte": measured.analyte,
                    "result": as_text(measured),
                    "unit": measured.unit,
                    "platform": measured.platform,
                    "plate": measured.plate,
                }


def _visit_rows(cohort: Cohort) -> Iterator[_Cells]:
    for patient in cohort.patients:
        for visit in patient.visits:
            yield {
                "patient_id": patient.patient_id,
                "month": _plain(visit.month),
                "total": _plain(visit.total),
            }


def _survival_rows(cohort: Cohort) -> Iterator[_Cells]:
    for patient in cohort.patients:
        if patient.survival is not None:
            yield {
                "patient_id": patient.patient_id,
                "months": repr(patient.survival.months),
                "event": int(patient.survival.event),
            }


def _adverse_event_rows(cohort: Cohort) -> Iterator[_Cells]:
    for patient in cohort.patients:
        for event in patient.adverse_events:
            yield {
                "patient_id": patient.patient_id,
                "term": event.term,
                "grade": event.grade,
                "serious": int(event.serious),
                "related": int(event.related),
            }
