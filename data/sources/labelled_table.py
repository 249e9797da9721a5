"""Any labelled table read as a cohort by its description alone; everybody is of arm ``msc``.

The table is first put under names of ours, so that no column of the file is mistaken for
another; faults carry the file's names again. How it is described is in `table_config.py`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final, get_args

from data.analytes import AnalyteTable
from data.cohort import Cohort, Patient, Provenance
from data.errors import CohortError, CohortFault, ConfigError
from data.sources.cohort_config import CohortConfig
from data.sources.cohort_tables import read_participants
from data.sources.labelled_panels import PanelReader, wide_column
from data.sources.outcome_words import COLUMN as OUTCOME
from data.sources.outcome_words import read_outcomes
from data.sources.single_table import split_table
from data.sources.table_config import TableConfig, TidyColumn
from data.tables.sheet import Sheet
from data.tables.table import SUFFIXES, Row, Table, read_table

_NEEDED_IN_TIDY: Final = ("analyte", "result")


def read_labelled_table(
    config: CohortConfig, analytes: AnalyteTable
) -> tuple[Cohort, list[CohortFault]]:
    """What could be understood of the table of a configuration, and every fault in it.

    Raises
    ------
    ConfigError
        The configuration has no table, or its file is not there or of no kind that is read.
    """
    described = _described(config)
    nobody = Cohort((), Provenance(described.simulated, "labelled table"))
    try:
        table = read_table(described.path)
    except CohortError as error:
        return nobody, list(error.faults)
    theirs = _their_names(table, described)
    missing = [column for column in theirs.values() if column not in table.columns]
    if missing:
        return nobody, [_missing(table, column) for column in missing]
    faults: list[CohortFault] = []
    sheet = Sheet(_under_our_names(table, theirs), faults)
    reader = PanelReader(sheet, config, described, analytes)
    tidy = described.layout == "tidy"
    once = split_table(sheet, facts=(OUTCOME,)) if tidy else sheet.table
    panels = reader.tidy() if tidy else reader.wide()
    patients = tuple(
        replace(patient, panels=panels.get(patient.patient_id, ()))
        for patient in _patients(sheet, once, described)
    )
    return replace(nobody, patients=patients), _under_their_names(faults, theirs)


def _described(config: CohortConfig) -> TableConfig:
    """The description of a table that is there."""
    described = config.table
    if described is None:
        raise ConfigError("give a cohort folder, or a configuration with [table]")
    if not described.path.is_file():
        raise ConfigError(f"there is no table {described.path.name}")
    if described.path.suffix.lower() not in SUFFIXES:
        raise ConfigError(f"{described.path.name}: a table is one of {', '.join(SUFFIXES)}")
    return described


def _their_names(table: Table, described: TableConfig) -> dict[str, str]:
    """The file's name of each column that is used, by ours."""
    theirs = {"patient_id": described.id} if described.id is not None else {}
    theirs |= {OUTCOME: described.outcome}
    if described.layout == "wide":
        later = described.follow_up_columns or {}
        theirs |= {wide_column("baseline", a): c for a, c in described.columns.items()}
        return theirs | {wide_column("follow_up", a): c for a, c in later.items()}
    taken = {described.id, described.outcome, *described.names.values()}
    for ours in get_args(TidyColumn):
        if ours in described.names:
            theirs[ours] = described.names[ours]
        elif ours in _NEEDED_IN_TIDY or (ours in table.columns and ours not in taken):
            theirs[ours] = ours
    return theirs


def _missing(table: Table, column: str) -> CohortFault:
    message = f"the table has no column {column} (compared as it is written)"
    return CohortFault(table.file, None, column, "missing_column", message)


def _under_our_names(table: Table, theirs: Mapping[str, str]) -> Table:
    """The columns that are used, under our names; rows are numbered where nobody has an id."""
    rows = []
    for row in table.rows:
        cells = {"patient_id": f"row-{row.number}"}
        cells |= {ours: row[column] for ours, column in theirs.items()}
        rows.append(Row(row.number, cells))
    return Table(table.file, tuple(theirs), tuple(rows))


def _patients(sheet: Sheet, once: Table, described: TableConfig) -> list[Patient]:
    """Patients with their outcomes, without panels; `once` has one row of each."""
    rows = tuple(
        Row(row.number, {"patient_id": row["patient_id"], "arm": "msc"}) for row in once.rows
    )
    patients = read_participants(replace(sheet, table=replace(once, rows=rows)))
    stated = read_outcomes(sheet, once.rows, described) if rows else {}
    responders = {row["patient_id"]: stated[row.number] for row in reversed(once.rows)}
    return [replace(p, responder=responders[p.patient_id]) for p in patients.values()]


def _under_their_names(
    faults: Sequence[CohortFault], theirs: Mapping[str, str]
) -> list[CohortFault]:
    """Faults as the file names its columns, by row."""
    named = (replace(f, column=theirs.get(f.column or "", f.column)) for f in faults)
    return sorted(named, key=lambda fault: fault.row or 0)
