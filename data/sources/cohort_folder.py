"""A cohort's folder of tidy tables: read, checked in one pass, and written.

`docs/data.md` is the dictionary of files and columns; what their rows mean is in
`cohort_tables.py`.
"""

import csv
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, replace
from pathlib import Path

from data.analytes import AnalyteTable, study_analytes
from data.cohort import Cohort, Patient
from data.errors import CohortError, CohortFault
from data.measurement import as_text
from data.number_text import beyond_doubt, decimal_mark
from data.sources.cohort_sheets import REQUIRED_COLUMNS, Sheets, by_place, open_cohort
from data.sources.cohort_tables import (
    read_adverse_events,
    read_participants,
    read_survival,
    read_visits,
)
from data.sources.cytokines_table import read_panels
from data.sources.provenance_file import PROVENANCE_FILE
from data.tables.known_ids import KnownIds
from data.tables.table import SUFFIXES


def read_cohort(folder: Path, analytes: AnalyteTable | None = None) -> Cohort:
    """Read a cohort from its folder, or from one tidy table (`single_table.py`).

    Raises
    ------
    CohortError
        With every fault of every file.
    """
    cohort, faults = read_folder(folder, analytes or study_analytes())
    if faults:
        raise CohortError(faults)
    return cohort


def check_cohort(folder: Path, analytes: AnalyteTable | None = None) -> list[CohortFault]:
    """Every fault of a cohort's folder, by file and row; empty when it is good."""
    return read_folder(folder, analytes or study_analytes())[1]


def read_folder(
    folder: Path, analytes: AnalyteTable, unused: list[CohortFault] | None = None
) -> tuple[Cohort, list[CohortFault]]:
    """What could be understood of a folder or a single table, and every fault in it.

    Patients in doubt are among those understood; `usable_cohort.py` does without them. Warnings
    about columns and files that nobody reads are added to `unused`.
    """
    opened = open_cohort(folder, unused)
    patients = read_patients(opened.sheets, analytes)
    return Cohort(patients, opened.provenance), by_place(opened.faults)


def read_patients(sheets: Sheets, analytes: AnalyteTable) -> tuple[Patient, ...]:
    """Each participant with what the other tables say of them; faults are noted in the sheets."""
    participants, cytokines = sheets["participants"], sheets["cytokines"]
    patients = read_participants(participants) if participants else {}
    # Where no participant could be read, nobody is called unknown.
    rows = participants.table.rows if participants else ()
    known = KnownIds(frozenset(row["patient_id"] for row in rows)) if rows else None
    panels = read_panels(cytokines, known, analytes) if cytokines else {}
    visits = read_visits(s, known) if (s := sheets["alsfrs_r"]) else {}
    survival = read_survival(s, known) if (s := sheets["survival"]) else {}
    events = read_adverse_events(s, known) if (s := sheets["adverse_events"]) else {}
    return tuple(
        replace(
            patient,
            panels=panels.get(patient_id, ()),
            visits=visits.get(patient_id, ()),
            survival=survival.get(patient_id),
            adverse_events=events.get(patient_id, ()),
        )
        for patient_id, patient in patients.items()
    )


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
    _write(folder, "cytokines", measurement, _readable(list(_measurement_rows(cohort))))
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


def _readable(rows: list[_Cells]) -> list[_Cells]:
    """With no doubtful number beside texts that were received with decimal commas."""
    if decimal_mark(str(row[name]) for row in rows for name in ("month", "result")) == "point":
        return rows
    doubtful = ("month", "result")
    return [row | {name: beyond_doubt(str(row[name])) for name in doubtful} for row in rows]


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
