import csv
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pyarrow
import pyarrow.parquet
import pytest

from data.analytes import Analyte, AnalyteTable, study_analytes
from data.cohort import Cohort, Patient, Provenance, cohort_sha256
from data.errors import CohortError, CohortFault
from data.measurement import Measurement
from data.outcome import Visit, define_responder
from data.panel import Panel
from data.simulate import simulate_cohort
from data.sources.cohort_folder import check_cohort, read_cohort, read_folder, write_cohort
from data.sources.cohort_sheets import REQUIRED_COLUMNS

GOOD = {
    "participants.csv": """patient_id,arm,site,age
P-1,msc,A,51
P-2,control,B,62
""",
    "cytokines.csv": """patient_id,month,analyte,result,unit,lloq,uloq,platform,plate,cv_percent
P-1,0,TNF,<0.7,pg/mL,0.7,400,milliplex,p1,12
P-1,0,MCP-1,500.5,pg/mL,,,milliplex,p1,
P-1,0.8542094455852156,TNF,OOR <,pg/mL,0.7,400,milliplex,p1,
P-2,0,TGF-b1,*61,ng/L,19,,milliplex,p2,9.5
""",
    "alsfrs_r.csv": """patient_id,month,total
P-1,-3,43
P-1,0,40
P-1,4,39
P-2,0,38
""",
    "survival.csv": """patient_id,months,event
P-1,28.7,1
P-2,12,0
""",
    "adverse_events.csv": """patient_id,term,grade,serious,related
P-1,Back pain,1,no,yes
""",
    "cohort.json": '{"simulated": true, "description": "made up"}\n',
}
Edit = Callable[[Path], object]
Found = tuple[str, int | None, str | None, str]


@pytest.fixture
def good(tmp_path: Path) -> Path:
    folder = tmp_path / "cohort"
    folder.mkdir()
    for name, content in GOOD.items():
        (folder / name).write_text(content, encoding="utf-8")
    return folder


def found(folder: Path) -> list[Found]:
    return [(fault.file, fault.row, fault.column, fault.rule) for fault in check_cohort(folder)]


def change(file: str, old: str, new: str) -> Edit:
    def edit(folder: Path) -> None:
        content = (folder / file).read_text(encoding="utf-8")
        assert old in content
        (folder / file).write_text(content.replace(old, new, 1), encoding="utf-8")

    return edit


def put(file: str, content: str | bytes) -> Edit:
    written = content if isinstance(content, bytes) else content.encode()
    return lambda folder: (folder / file).write_bytes(written)


def as_parquet(folder: Path, stem: str) -> None:
    with (folder / f"{stem}.csv").open(newline="", encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    columns = {name: [row[name] or None for row in rows] for name in rows[0]}
    pyarrow.parquet.write_table(pyarrow.table(columns), folder / f"{stem}.parquet")


P, C, A, S, E = (f"{stem}.csv" for stem in REQUIRED_COLUMNS)


def test_a_good_folder_has_no_faults(good: Path) -> None:
    assert found(good) == []


@pytest.mark.parametrize("name", ["nowhere", "cohort.json"])
def test_what_is_no_folder_is_refused(good: Path, name: str) -> None:
    assert found(good / name) == [(name, None, None, "no_folder")]


MANY: list[tuple[Edit, Found]] = [
    (change(P, "control", "placebo"), (P, 3, "arm", "unknown_arm")),
    (change(C, "ng/L", "pg/ML"), (C, 5, "unit", "unit_not_accepted")),
    (change(C, "500.5", "0"), (C, 3, "result", "not_positive")),
    (change(A, ",40", ",49"), (A, 3, "total", "alsfrs_r_range")),
    (change(S, "P-2", "P-1"), (S, 3, "patient_id", "duplicate_patient")),
    (change(E, "pain,1", "pain,6"), (E, 2, "grade", "grade_range")),
    (put("cohort.json", "[]"), ("cohort.json", None, None, "not_provenance")),
]


def test_many_faults_in_many_files_are_found_in_one_pass(good: Path) -> None:
    for edit, _ in MANY:
        edit(good)
    assert sorted(found(good), key=str) == sorted((place for _, place in MANY), key=str)
    with pytest.raises(CohortError, match="7 faults in the cohort"):
        read_cohort(good)


def test_faults_come_by_file_and_row(good: Path) -> None:
    for edit, _ in reversed(MANY):
        edit(good)
    places = [(file, row or 0) for file, row, _, _ in found(good)]
    assert places == sorted(places)
    assert len(places) == len(MANY)


def test_participants_that_cannot_be_read_make_no_patient_unknown(good: Path) -> None:
    (good / P).write_bytes(b"\xff\x81")
    change(C, "ng/L", "pg/ML")(good)
    assert found(good) == [(C, 5, "unit", "unit_not_accepted"), (P, None, None, "not_text")]


@pytest.mark.parametrize("cell", ["+1", "-", "<script>", "\u202e", "'; DROP"])
def test_hostile_text_in_free_columns_is_only_text(good: Path, cell: str) -> None:
    change(P, ",A,51", f",{cell},{cell}")(good)
    patient = read_cohort(good).patients[0]
    assert (patient.site, patient.covariates["age"]) == (cell, cell)


def test_no_fault_repeats_what_stands_in_the_files(good: Path) -> None:
    for file, column in [(P, "msc"), (C, "pg/mL"), (C, "MCP-1"), (A, "43"), (S, "28.7"), (E, "1,")]:
        change(file, column, "canary," if column == "1," else "canary")(good)
    (good / "cohort.json").write_text('{"simulated": "canary"}')
    faults = check_cohort(good)
    assert {fault.file for fault in faults} >= set(GOOD) - {E}
    assert "canary" not in str(CohortError(faults)) + repr(faults)


def test_what_nobody_reads_is_named(good: Path) -> None:
    change(C, "lloq", "loq")(good)
    change(C, "OOR <", "1.0")(good)
    (good / "survivals.csv").write_text("a,b")
    unused: list[CohortFault] = []
    assert read_folder(good, study_analytes(), unused)[1] == []
    said = [(warning.file, warning.column, warning.message) for warning in unused]
    assert said == [
        (C, "loq", "this column is not read; is it lloq?"),
        ("survivals.csv", None, "this file is not read; is it survival?"),
    ]


def test_a_batch_is_a_plate_where_there_is_no_plate(good: Path) -> None:
    before = read_cohort(good)
    change(C, "plate", "Batch")(good)
    assert read_cohort(good) == before


def test_alsfrs_r_is_not_needed_where_the_participants_state_the_outcome(good: Path) -> None:
    put(P, "patient_id,arm,responder\nP-1,msc,yes\nP-2,control,no\n")(good)
    (good / A).unlink()
    patients = read_cohort(good).patients
    outcomes = [patient.outcome(define_responder()).responder for patient in patients]
    assert outcomes == [True, False]


@pytest.mark.parametrize("file", [S, E, "cohort.json"])
def test_tables_that_are_not_needed_may_be_missing(good: Path, file: str) -> None:
    (good / file).unlink()
    assert found(good) == []


def test_a_cohort_without_provenance_is_not_called_simulated(good: Path) -> None:
    (good / "cohort.json").unlink()
    assert read_cohort(good).provenance == Provenance(simulated=False)


def test_a_cohort_is_read_as_it_stands(good: Path) -> None:
    first, second = read_cohort(good).patients
    tnf, mcp1 = first.panels[0].measurements
    assert (tnf.comparator, tnf.limit, tnf.raw, tnf.plate) == ("<", 0.7, "<0.7", "p1")
    assert (mcp1.value, mcp1.raw) == (500.5, "500.5")
    assert first.panels[1].month == 0.8542094455852156
    assert first.visits == (Visit(-3, 43), Visit(0, 40), Visit(4, 39))
    assert second.panels[0].measurements[0].comparator == "extrapolated"
    assert second.adverse_events == ()


def test_analytes_that_were_declared_are_read(good: Path) -> None:
    il6 = Analyte("IL-6", "il6", "pg/mL", 0.1, 1000)
    (good / C).write_text("patient_id,month,analyte,result,unit\nP-1,0,il6,3.2,pg/mL\n")
    cohort = read_cohort(good, AnalyteTable([il6]))
    assert cohort.patients[0].panels[0].measurements[0].analyte == "IL-6"
    assert [fault.rule for fault in check_cohort(good)] == ["unknown_analyte"]


@pytest.mark.parametrize("scenario", ["published", "informative", "null"])
def test_a_simulated_cohort_reads_back_equal(tmp_path: Path, scenario: str) -> None:
    cohort = simulate_cohort(scenario, n=64, seed=7)  # type: ignore[arg-type]
    write_cohort(cohort, tmp_path / "new" / "folder")
    again = read_cohort(tmp_path / "new" / "folder")
    assert again == cohort
    assert cohort_sha256(again) == cohort_sha256(cohort)


def test_a_cohort_of_odd_texts_and_numbers_reads_back_equal(tmp_path: Path) -> None:
    measured = Measurement("TNF", 1.1, "extrapolated", None, "pg/mL", "* 1,1", 'm"x', "a,b\nc")
    patient = Patient(
        "P-1",
        "msc",
        (Panel(-1 / 3, (measured,)), Panel(26 / 30.4375, (measured,))),
        (Visit(-91 / 30.4375, 40.123456789), Visit(0, 39)),
        responder=True,
        site="+1",
        covariates={"onset, region": '"bulbar"', "\u03b2": ""},
    )
    cohort = Cohort((patient,), Provenance(False, "\u03b2 \u2028"))
    write_cohort(cohort, tmp_path)
    assert read_cohort(tmp_path) == cohort


def test_what_was_read_writes_and_reads_back_to_the_same_values(good: Path, tmp_path: Path) -> None:
    first = read_cohort(good)
    write_cohort(first, tmp_path / "second")
    second = read_cohort(tmp_path / "second")
    write_cohort(second, tmp_path / "third")
    assert read_cohort(tmp_path / "third") == second
    assert [_without_raw(p) for p in second.patients] == [_without_raw(p) for p in first.patients]


def _without_raw(patient: Patient) -> Patient:
    panels = tuple(
        replace(panel, measurements=tuple(replace(m, raw="") for m in panel.measurements))
        for panel in patient.panels
    )
    return replace(patient, panels=panels)


def test_parquet_says_the_same_as_csv(good: Path) -> None:
    before = read_cohort(good)
    for stem in REQUIRED_COLUMNS:
        as_parquet(good, stem)
        (good / f"{stem}.csv").unlink()
    assert read_cohort(good) == before
    assert cohort_sha256(read_cohort(good)) == cohort_sha256(before)


def test_parquet_with_types_says_the_same_as_csv(good: Path) -> None:
    put(P, "patient_id,arm,responder\nP-1,msc,1\nP-2,control,\n")(good)
    before = read_cohort(good)
    (good / P).unlink()
    (good / A).unlink()
    people = {"patient_id": ["P-1", "P-2"], "arm": ["msc", "control"], "responder": [1.0, None]}
    pyarrow.parquet.write_table(pyarrow.table(people), good / "participants.parquet")
    visits = {"patient_id": ["P-1"] * 3 + ["P-2"], "month": [-3, 0, 4, 0]}
    visits["total"] = [43.0, 40.0, 39.0, 38.0]  # type: ignore[list-item]
    pyarrow.parquet.write_table(pyarrow.table(visits), good / "alsfrs_r.parquet")
    assert read_cohort(good) == before


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        (P, "P-1,msc", "P-1,control"),
        (P, ",51", ",52"),
        (C, "<0.7", "<0.6"),
        (C, "p1", "p3"),
        (A, ",43", ",42"),
        (S, "28.7", "28.8"),
        (E, "no,yes", "no,no"),
        ("cohort.json", "true", "false"),
    ],
)
def test_sha256_changes_with_any_change_of_a_file(
    good: Path, file: str, old: str, new: str
) -> None:
    before = cohort_sha256(read_cohort(good))
    change(file, old, new)(good)
    assert cohort_sha256(read_cohort(good)) != before


@pytest.mark.parametrize("edit", ["order of columns", "quotes", "line ends", "spaces", "0 as 0.0"])
def test_sha256_does_not_change_with_how_a_table_is_written(good: Path, edit: str) -> None:
    before = cohort_sha256(read_cohort(good))
    written = {
        "order of columns": "total,month,patient_id\n43,-3,P-1\n40,0,P-1\n39,4,P-1\n38,0,P-2\n",
        "quotes": GOOD[A].replace("P-1", '"P-1"'),
        "line ends": GOOD[A].replace("\n", "\r\n"),
        "spaces": GOOD[A].replace(",", " , "),
        "0 as 0.0": GOOD[A].replace(",0,", ",0.0,"),
    }
    (good / A).write_bytes(written[edit].encode())
    assert cohort_sha256(read_cohort(good)) == before


@pytest.mark.parametrize("file", [P, "survival.parquet", "cohort.json"])
def test_nothing_is_overwritten_and_then_nothing_is_written(tmp_path: Path, file: str) -> None:
    (tmp_path / file).write_text("mine")
    with pytest.raises(CohortError, match="not overwritten") as caught:
        write_cohort(simulate_cohort("null", n=2, seed=1), tmp_path)
    assert [(fault.file, fault.rule) for fault in caught.value.faults] == [(file, "file_exists")]
    assert [path.name for path in tmp_path.iterdir()] == [file]
    assert (tmp_path / file).read_text() == "mine"


def test_a_cohort_is_not_written_into_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    for folder in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(CohortError, match="cannot be made"):
            write_cohort(simulate_cohort("null", n=2, seed=1), folder)


def test_provenance_is_written_as_json(tmp_path: Path) -> None:
    write_cohort(simulate_cohort("null", n=2, seed=1), tmp_path)
    assert json.loads((tmp_path / "cohort.json").read_text())["simulated"] is True


def test_a_cohort_read_with_decimal_commas_can_be_written_and_read(
    good: Path, tmp_path: Path
) -> None:
    put(C, GOOD[C].replace("500.5", '"11,234"').replace("<0.7", '"<0,7"').replace("0.7", '"0,7"')
        .replace("0.8542094455852156", "1").replace("9.5", "9"))(good)  # fmt: skip
    first = read_cohort(good)
    assert first.patients[0].panels[0].measurements[0].raw == "<0,7"
    write_cohort(first, tmp_path / "second")
    second = read_cohort(tmp_path / "second")
    assert [_without_raw(p) for p in second.patients] == [_without_raw(p) for p in first.patients]
