"""The tables of a cohort: which there are, the columns they need, and those nobody reads.

What their rows mean is in `cohort_tables.py`.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from data.cohort import Provenance
from data.errors import CohortError, CohortFault
from data.sources.cohort_tables import ALSFRS_R_ITEMS
from data.sources.provenance_file import read_provenance
from data.sources.single_table import (
    OF_MEASUREMENT,
    PATIENT_FACTS,
    SINGLE_TABLE_COLUMNS,
    split_table,
)
from data.tables.sheet import Sheet
from data.tables.table import SUFFIXES, Table, find_table, plain_name, read_table, with_known_names
from data.tables.unused_columns import unused_columns, unused_files

REQUIRED_COLUMNS: Final = {
    "participants": ("patient_id", "arm"),
    "cytokines": ("patient_id", "month", "analyte", "result", "unit"),
    "alsfrs_r": ("patient_id", "month"),
    "survival": ("patient_id", "months", "event"),
    "adverse_events": ("patient_id", "term", "grade", "serious", "related"),
}
FURTHER_COLUMNS: Final = {
    "participants": ("site", "responder"),
    "cytokines": tuple(sorted(OF_MEASUREMENT)),
    "alsfrs_r": ("total", *ALSFRS_R_ITEMS),
    "survival": (),
    "adverse_events": (),
}
"""Columns with a meaning besides; all names are read in any case, with spaces for underscores."""
ALIASES: Final = {"batch": "plate"}
_SINGLE_TABLE: Final = {*SINGLE_TABLE_COLUMNS, *PATIENT_FACTS, *OF_MEASUREMENT}

Sheets = dict[str, Sheet | None]
"""Each table by its name; None where it is not there or cannot be used."""


@dataclass(frozen=True, slots=True)
class OpenCohort:
    """A cohort's tables before anything is read from their rows.

    Attributes
    ----------
    faults
        Those found so far, in any order; reading the rows adds theirs.
    """

    sheets: Sheets
    provenance: Provenance
    faults: list[CohortFault]


def open_cohort(folder: Path, unused: list[CohortFault] | None = None) -> OpenCohort:
    """Open the tables of a folder, or the single table that holds a cohort.

    Warnings about columns and files that nobody reads are added to `unused`.
    """
    reading = CohortSheets([], unused if unused is not None else [])
    try:
        if folder.is_dir():
            sheets = reading.folder(folder)
        elif folder.suffix.lower() in SUFFIXES and folder.exists():
            sheets = reading.single_table(folder)
        else:
            message = f"give a cohort's folder, or one table as {', '.join(SUFFIXES)}"
            return _nothing(CohortFault(folder.name, None, None, "no_folder", message))
        beside = folder if folder.is_dir() else folder.parent
        provenance = read_provenance(beside, reading.faults)
    except OSError:
        message = "the folder cannot be read"
        return _nothing(CohortFault(folder.name, None, None, "not_readable", message))
    return OpenCohort(sheets, provenance, reading.faults)


def _nothing(fault: CohortFault) -> OpenCohort:
    return OpenCohort(dict.fromkeys(REQUIRED_COLUMNS), Provenance(simulated=False), [fault])


def by_place(faults: Iterable[CohortFault]) -> list[CohortFault]:
    """Faults by file and row; those of one row as they were found."""
    return sorted(faults, key=lambda fault: (fault.file, fault.row or 0))


@dataclass(frozen=True, slots=True)
class CohortSheets:
    """Opens a cohort's tables and notes what is wrong with them, and what is not read."""

    faults: list[CohortFault]
    unused: list[CohortFault]

    def folder(self, folder: Path) -> Sheets:
        """The tables of a folder; None for those that are not there or cannot be used."""
        sheets = {stem: self._stem(folder, stem) for stem in REQUIRED_COLUMNS}
        self.faults.extend(_missing_tables(sheets, self.faults))
        self.unused.extend(unused_files(folder, REQUIRED_COLUMNS))
        return sheets

    def single_table(self, path: Path) -> Sheets:
        """The tables of a cohort that stands in one."""
        sheets: Sheets = dict.fromkeys(REQUIRED_COLUMNS)
        cytokines = self._sheet(path, SINGLE_TABLE_COLUMNS, _SINGLE_TABLE)
        if cytokines is not None:
            self.unused.extend(unused_columns(cytokines.table, _SINGLE_TABLE, others_are_kept=True))
            table = split_table(cytokines)
            # What contradicts one another in a panel says nothing about the patient.
            contradicted = dict(cytokines.contradicted)
            participants = replace(cytokines, table=table, contradicted=contradicted)
            sheets |= {"participants": participants, "cytokines": cytokines}
        return sheets

    def _stem(self, folder: Path, stem: str) -> Sheet | None:
        """The table called `stem`; None where it is not there or cannot be used."""
        try:
            path = find_table(folder, stem)
        except CohortError as error:
            self.faults.extend(error.faults)
            return None
        if path is None:
            return None
        known = {*REQUIRED_COLUMNS[stem], *FURTHER_COLUMNS[stem]}
        sheet = self._sheet(path, REQUIRED_COLUMNS[stem], known)
        if sheet is not None:
            others_are_kept = stem == "participants"
            self.unused.extend(unused_columns(sheet.table, known, others_are_kept=others_are_kept))
        return sheet

    def _sheet(self, path: Path, needed: Sequence[str], known: Collection[str]) -> Sheet | None:
        """A file with the columns it needs; None where it cannot be used."""
        try:
            table = with_known_names(read_table(path), known, ALIASES)
        except CohortError as error:
            self.faults.extend(error.faults)
            return None
        missing = list(_missing_columns(table, needed, known))
        self.faults.extend(
            CohortFault(
                table.file, None, name, "missing_column", f"the table needs a column {name}"
            )
            for name in missing
        )
        return None if missing else Sheet(table, self.faults)


def _missing_columns(table: Table, needed: Sequence[str], known: Collection[str]) -> Iterator[str]:
    """Columns that a table cannot do without and has not."""
    yield from (name for name in needed if name not in table.columns)
    if "total" in known and not {"total", *ALSFRS_R_ITEMS} & {*table.columns}:
        yield "total"


def _missing_tables(sheets: Sheets, faults: list[CohortFault]) -> Iterator[CohortFault]:
    """Tables that a cohort cannot do without and that are not there at all."""
    broken = {plain_name(fault.file.split(".")[0]) for fault in faults}
    participants = sheets["participants"]
    states_outcome = participants is not None and "responder" in participants.table.columns
    needed = ["participants", "cytokines"] + ([] if states_outcome else ["alsfrs_r"])
    for stem in needed:
        if sheets[stem] is None and stem not in broken:
            message = f"this table is needed (as one of {', '.join(SUFFIXES)})"
            if stem == "alsfrs_r":
                message += ", or a column responder among the participants"
            yield CohortFault(f"{stem}.csv", None, None, "missing_file", message)
