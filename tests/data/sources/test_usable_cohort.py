import csv
import io
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.analytes import study_analytes
from data.cohort import Cohort, Survival
from data.errors import CohortError
from data.sources.cohort_folder import check_cohort, read_cohort
from data.sources.usable_cohort import UsableCohort, read_what_can_be_used
from data.tables.table_faults import MOST_FAULTS

REFERENCE = Path(__file__).parents[3] / "data" / "reference"
Rows = list[list[str]]
Tables = dict[str, Rows]
Line = tuple[str, int]
"""A table and a row of it, the header being 0."""


def read_rows(folder: Path) -> Tables:
    return {
        path.stem: list(csv.reader(io.StringIO(path.read_text())))
        for path in sorted(folder.glob("*.csv"))
    }


TABLES = read_rows(REFERENCE)


def write(folder: Path, tables: Mapping[str, Rows]) -> Path:
    folder.mkdir(exist_ok=True)
    for stem, rows in tables.items():
        with (folder / f"{stem}.csv").open("w", newline="") as file:
            csv.writer(file).writerows(rows)
    (folder / "cohort.json").write_text((REFERENCE / "cohort.json").read_text())
    return folder


def usable(folder: Path) -> UsableCohort:
    return read_what_can_be_used(folder, study_analytes())


def without(tables: Tables, lines: set[Line]) -> Tables:
    """Tables from which lines were deleted by hand; with a participant's, all of theirs."""
    gone = {tables[stem][n][0] for stem, n in lines if stem == "participants"}
    return {
        stem: [
            row
            for n, row in enumerate(rows)
            if n == 0 or ((stem, n) not in lines and row[0] not in gone)
        ]
        for stem, rows in tables.items()
    }


def strict(folder: Path, tables: Tables) -> Cohort:
    return read_cohort(write(folder, tables))


BAD: dict[str, tuple[tuple[int, str], ...]] = {
    "participants": ((0, "x y"), (0, "1-Feb"), (1, "placebo"), (1, ""), (3, "=1+1")),
    "alsfrs_r": (
        *((0, "SIM-999"), (0, "sim-001"), (1, "1-Feb"), (1, "601"), (1, "")),
        *((2, "49"), (2, "x"), (2, "")),
    ),
    "cytokines": (
        *((0, "SIM-999"), (1, "x"), (2, "IL-6"), (3, "0"), (3, "1,234"), (3, "OOR <")),
        *((4, "pg/ML"), (4, ""), (6, "=1+1")),
    ),
    "survival": ((0, "SIM-999"), (1, "-1"), (1, "x"), (2, "maybe"), (2, "")),
    "adverse_events": ((1, ""), (1, "=1+1"), (2, "6"), (2, ""), (3, "?"), (4, "")),
}
"""Columns and cells that are a fault, whatever stands in the row besides."""

lines = st.sampled_from([(stem, n) for stem, rows in TABLES.items() for n in range(1, len(rows))])
repeatable = lines.filter(lambda line: line[0] != "adverse_events")


@st.composite
def spoilt(draw: st.DrawFn) -> tuple[Tables, set[Line]]:
    """The reference cohort with bad cells and repeated rows, and which lines that concerns."""
    bad = draw(st.sets(lines, min_size=1, max_size=6))
    twice = draw(st.sets(repeatable, max_size=4)) - bad
    tables = {stem: [list(row) for row in rows] for stem, rows in TABLES.items()}
    for stem, n in sorted(bad):
        column, cell = draw(st.sampled_from(BAD[stem]))
        tables[stem][n][column] = cell
    for stem, n in sorted(twice):
        tables[stem].append(list(TABLES[stem][n]))
    return tables, bad | twice


@settings(max_examples=60)
@given(spoilt())
def test_what_is_used_is_what_stays_when_bad_and_repeated_lines_are_deleted_by_hand(
    tmp_path_factory: pytest.TempPathFactory, made: tuple[Tables, set[Line]]
) -> None:
    tables, concerned = made
    folder = tmp_path_factory.mktemp("spoilt")
    found = usable(write(folder / "given", tables))
    assert found.cohort == strict(folder / "cleaned", without(TABLES, concerned))


@st.composite
def scribbled(draw: st.DrawFn) -> Tables:
    """The reference cohort with cells that may be right, wrong or somebody else's."""
    cells = st.sampled_from(
        ["", "NA", "0", "1", "-1", "4", "4.0", "999", "SIM-003", "sim-004", "msc", "control",
         "ng/mL", "msd", "MCP-1", "CCL2", "<0.7", "1,5", "=1+1", "@x", "yes"]
    )  # fmt: skip
    tables = {stem: [list(row) for row in rows] for stem, rows in TABLES.items()}
    for stem, n in draw(st.lists(lines, min_size=1, max_size=12)):
        row = tables[stem][n]
        if draw(st.booleans()):
            row[draw(st.integers(0, len(row) - 1))] = draw(cells)
        else:
            row[0] = tables[stem][draw(st.integers(1, len(tables[stem]) - 1))][0]
    return tables


@settings(max_examples=60)
@given(scribbled())
def test_all_that_is_left_out_is_listed_and_without_it_nothing_is_wrong(
    tmp_path_factory: pytest.TempPathFactory, tables: Tables
) -> None:
    folder = tmp_path_factory.mktemp("scribbled")
    found = usable(write(folder / "given", tables))
    listed = {(one.file.removesuffix(".csv"), one.row - 1) for one in found.faults if one.row}
    assert found.cohort == strict(folder / "cleaned", without(tables, listed))
    assert set(check_cohort(folder / "given")) <= set(found.faults)
    assert list(found.faults) == sorted(found.faults, key=lambda one: (one.file, one.row or 0))


def test_of_a_good_folder_everything_is_used() -> None:
    found = usable(REFERENCE)
    assert found.cohort == read_cohort(REFERENCE)
    assert (found.faults, found.tables) == ((), frozenset(TABLES))


@pytest.mark.parametrize("absent", sorted(set(TABLES) - {"participants"}))
def test_a_table_that_is_absent_is_no_fault(tmp_path: Path, absent: str) -> None:
    found = usable(write(tmp_path, {k: v for k, v in TABLES.items() if k != absent}))
    assert (found.faults, found.tables) == ((), frozenset(TABLES) - {absent})
    assert len(found.cohort.patients) == 64


@pytest.mark.parametrize("content", ["a,b\n1,2\n", "", "patient_id\n\0", "patient_id,month\n1\n"])
def test_a_table_that_cannot_be_read_is_listed_and_the_others_stand(
    tmp_path: Path, content: str
) -> None:
    (write(tmp_path, TABLES) / "cytokines.csv").write_text(content)
    found = usable(tmp_path)
    assert {one.file for one in found.faults} == {"cytokines.csv"}
    assert found.tables == frozenset(TABLES) - {"cytokines"}
    assert any(patient.visits for patient in found.cohort.patients)


def test_of_a_participant_who_stands_twice_nothing_is_used(tmp_path: Path) -> None:
    rows = TABLES["participants"]
    found = usable(write(tmp_path, TABLES | {"participants": [*rows, rows[3]]}))
    assert rows[3][0] not in {patient.patient_id for patient in found.cohort.patients}
    assert [(one.row, one.rule) for one in found.faults] == [
        (4, "duplicate_patient"), (66, "duplicate_patient"),
    ]  # fmt: skip


def test_of_two_participants_with_like_ids_none_is_used(tmp_path: Path) -> None:
    rows = [*TABLES["participants"], ["sim-003", *TABLES["participants"][3][1:]]]
    found = usable(write(tmp_path, TABLES | {"participants": rows}))
    assert len(found.cohort.patients) == 63
    assert [(one.row, one.rule) for one in found.faults] == [(4, "ids_alike"), (66, "ids_alike")]


def test_of_a_patient_who_is_twice_in_survival_neither_row_is_used(tmp_path: Path) -> None:
    rows = TABLES["survival"]
    found = usable(write(tmp_path, TABLES | {"survival": [*rows, [rows[1][0], "5", "maybe"]]}))
    assert found.cohort.patients[0].survival is None
    assert isinstance(found.cohort.patients[1].survival, Survival)
    assert {one.row for one in found.faults} == {2, 66}


def test_faults_that_are_no_longer_listed_leave_their_rows_out(tmp_path: Path) -> None:
    header, first, *_ = TABLES["participants"]
    bad = [[f"B-{n}", "placebo", *first[2:]] for n in range(MOST_FAULTS + 20)]
    found = usable(write(tmp_path, TABLES | {"participants": [header, *bad, first]}))
    assert [patient.patient_id for patient in found.cohort.patients] == [first[0]]
    assert sum(one.file == "participants.csv" for one in found.faults) == MOST_FAULTS + 1


@pytest.mark.parametrize("table", ["patient_id,arm\n", "patient_id,arm\nP-1,x\n", "a\n", None])
def test_without_a_participant_there_is_nothing_to_use(tmp_path: Path, table: str | None) -> None:
    write(tmp_path, {k: v for k, v in TABLES.items() if k != "participants"})
    if table is not None:
        (tmp_path / "participants.csv").write_text(table)
    with pytest.raises(CohortError, match=r"cohort: participants\.csv"):
        usable(tmp_path)


@pytest.mark.parametrize("name", ["nowhere", "cohort.json"])
def test_what_is_no_folder_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(CohortError, match="give a cohort's folder"):
        usable(write(tmp_path, TABLES) / name)


ONE = """patient_id,month,analyte,result,unit,responder,site
P-1,0,TNF,1.5,pg/mL,yes,A
P-1,1,TNF,1.2,pg/mL,yes,A
P-1,1,TNF,1.3,pg/mL,yes,A
P-2,0,TNF,0,pg/mL,no,B
P-2,1,TNF,2,pg/mL,no,B
P-3,0,TNF,2.5,pg/mL,no,B
P-3,1,TNF,2.5,pg/mL,no,A
"""


def test_a_single_table_loses_bad_results_and_patients_whose_facts_differ(tmp_path: Path) -> None:
    (tmp_path / "trial.csv").write_text(ONE)
    found = usable(tmp_path / "trial.csv")
    panels = {one.patient_id: [x.month for x in one.panels] for one in found.cohort.patients}
    assert panels == {"P-1": [0], "P-2": [1]}
    assert [one.row for one in found.faults] == [3, 4, 5, 7, 8]
    assert found.tables == {"participants", "cytokines"}
