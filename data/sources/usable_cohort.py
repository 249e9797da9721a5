"""What can be used of a cohort that may have faults; what is left out is listed.

`check` and `train` refuse such a cohort (`cohort_folder.py`); the report of a trial is made from
the rest of it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from data.analytes import AnalyteTable
from data.cohort import Cohort
from data.errors import CohortError, CohortFault
from data.sources.cohort_folder import read_patients
from data.sources.cohort_sheets import Sheets, by_place, open_cohort
from data.sources.cohort_tables import doubtful_patients
from data.sources.provenance_file import PROVENANCE_FILE
from data.tables.table import plain_name


@dataclass(frozen=True, slots=True)
class UsableCohort:
    """The part of a cohort in which nothing is wrong.

    Attributes
    ----------
    faults
        By file and row: every fault, and every row that another contradicts. None of these rows
        is in `cohort`; of a participant whose row is listed, nothing is.
    tables
        Names of the tables that are there and could be read.
    """

    cohort: Cohort
    faults: tuple[CohortFault, ...]
    tables: frozenset[str]


def read_what_can_be_used(folder: Path, analytes: AnalyteTable) -> UsableCohort:
    r"""Read a folder, or one tidy table, without the rows that have faults.

    Rows that stand for the same (two visits of a patient in one month, one result twice, a patient
    twice in survival) are left out together, because which of them is right is unknown; so are all
    results of a patient's analyte that was measured on two platforms, and participants of the same
    or like ids. Tables other than the participants' may be absent.

    Raises
    ------
    CohortError
        With every fault, the participants' first, when no participant can be used, or when
        `cohort.json` is there and does not say whether the cohort is simulated.

    Examples
    --------
    >>> import tempfile
    >>> from data.analytes import study_analytes
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     table = "patient_id,arm\nP-1,msc\nP-2,placebo\n"
    ...     _ = (Path(folder) / "participants.csv").write_text(table)
    ...     usable = read_what_can_be_used(Path(folder), study_analytes())
    >>> [patient.patient_id for patient in usable.cohort.patients], sorted(usable.tables)
    (['P-1'], ['participants'])
    >>> print(*usable.faults)
    participants.csv, row 3, column arm: arm must be msc or control
    """
    opened = open_cohort(folder)
    patients = read_patients(opened.sheets, analytes)
    listed = tuple(_listed(opened.sheets, opened.faults))
    participants = opened.sheets["participants"]
    doubtful = doubtful_patients(participants) if participants else frozenset()
    certain = tuple(patient for patient in patients if patient.patient_id not in doubtful)
    if not certain or any(fault.file.lower() == PROVENANCE_FILE for fault in listed):
        raise CohortError(sorted(listed, key=_is_elsewhere))
    tables = frozenset(name for name, sheet in opened.sheets.items() if sheet is not None)
    return UsableCohort(Cohort(certain, opened.provenance), listed, tables)


def _is_elsewhere(fault: CohortFault) -> bool:
    return not plain_name(fault.file).startswith("participants")


def _listed(sheets: Sheets, faults: Iterable[CohortFault]) -> Iterator[CohortFault]:
    """Faults and contradicted rows, each once; that a table is absent is no fault here."""
    contradicted = [one for sheet in sheets.values() if sheet for one in sheet.only_contradicted()]
    for fault in by_place([*faults, *dict.fromkeys(contradicted)]):
        if fault.rule != "missing_file" or fault.file == "participants.csv":
            yield fault
