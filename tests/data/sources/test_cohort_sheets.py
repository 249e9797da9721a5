from pathlib import Path

import pytest

from data.sources.cohort_sheets import REQUIRED_COLUMNS, CohortSheets, Sheets


def opened(folder: Path, **files: str) -> tuple[CohortSheets, Sheets]:
    for stem, text in files.items():
        (folder / f"{stem}.csv").write_text(text)
    reading = CohortSheets([], [])
    return reading, reading.folder(folder)


def test_tables_that_cannot_be_done_without_are_asked_for(tmp_path: Path) -> None:
    reading, sheets = opened(tmp_path)
    assert set(sheets.values()) == {None}
    files = [fault.file for fault in reading.faults if fault.rule == "missing_file"]
    assert files == ["participants.csv", "cytokines.csv", "alsfrs_r.csv"]


def test_stated_outcomes_make_alsfrs_r_dispensable(tmp_path: Path) -> None:
    reading, _ = opened(tmp_path, participants="patient_id,arm,Responder\nP-1,msc,yes\n")
    assert [fault.file for fault in reading.faults] == ["cytokines.csv"]


@pytest.mark.parametrize("stem", REQUIRED_COLUMNS)
def test_every_missing_column_is_named_and_the_table_not_used(tmp_path: Path, stem: str) -> None:
    reading, sheets = opened(tmp_path, **{stem: "a,b\n1,2\n"})
    missing = [fault.column for fault in reading.faults if fault.rule == "missing_column"]
    also = ["total"] if stem == "alsfrs_r" else []
    assert missing == [*REQUIRED_COLUMNS[stem], *also]
    assert sheets[stem] is None


def test_a_batch_among_the_participants_stays_a_covariate(tmp_path: Path) -> None:
    _, sheets = opened(tmp_path, participants="patient_id,arm,batch\nP-1,msc,7\n")
    participants = sheets["participants"]
    assert participants is not None
    assert participants.table.columns == ("patient_id", "arm", "batch")


def test_a_misspelt_column_of_a_single_table_is_named(tmp_path: Path) -> None:
    path = tmp_path / "trial.csv"
    path.write_text(
        "patient_id,month,analyte,result,unit,platfrom,age,responder\nP-1,0,TNF,1,pg/mL,msd,5,yes\n"
    )
    reading = CohortSheets([], [])
    reading.single_table(path)
    assert [(warning.column, warning.rule) for warning in reading.unused] == [
        ("platfrom", "unused_column")
    ]
