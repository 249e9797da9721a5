"""Tables of laboratories as they come: read under their own names, every fault at once."""

import json
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet
import pytest

from data.cohort import Cohort
from data.errors import CohortFault, ConfigError
from data.sources.cohort_config import CohortConfig
from data.sources.declared_analytes import config_analytes
from data.sources.labelled_table import read_labelled_table

GOOD = """\
patient,il6_pg,tnf,best
R1,12.5,<0.7,complete
R2,8,1.1,none
R3,NA,,partial
"""


def read(
    folder: Path, text: str = GOOD, *, analytes: dict[str, Any] | None = None, **described: Any
) -> tuple[Cohort, list[CohortFault]]:
    """Read a table with the description that fits `GOOD`, changed where it is said."""
    table: dict[str, Any] = {"path": folder / "panel.csv", "id": "patient", "outcome": "best"}
    table |= {"positive": "complete", "negative": ["none", "partial"], "unit": "pg/mL"}
    table |= {"columns": {"IL-6": "il6_pg", "TNF": "tnf"}} | described
    if table["path"].suffix == ".csv":
        table["path"].write_text(text)
    config = CohortConfig.model_validate({"table": table, "analytes": analytes or {}})
    return read_labelled_table(config, config_analytes(config))


def test_a_wide_table_gives_patients_with_panels_and_outcomes(tmp_path: Path) -> None:
    cohort, faults = read(tmp_path)
    assert faults == []
    assert [(p.patient_id, p.responder) for p in cohort.patients] == [
        ("R1", True), ("R2", False), ("R3", False)
    ]  # fmt: skip
    il6, tnf = cohort.patients[0].panels[0].measurements
    assert (il6.value, il6.unit, tnf.comparator, tnf.limit) == (12.5, "pg/mL", "<", 0.7)
    assert (cohort.patients[0].arm, cohort.provenance.simulated) == ("msc", False)


def test_a_patient_without_any_result_has_no_panel(tmp_path: Path) -> None:
    assert [len(p.panels) for p in read(tmp_path)[0].patients] == [1, 1, 0]


def test_rows_without_ids_are_numbered_as_a_spreadsheet_does(tmp_path: Path) -> None:
    cohort, _ = read(tmp_path, id=None)
    assert [p.patient_id for p in cohort.patients] == ["row-2", "row-3", "row-4"]


@pytest.mark.parametrize("described", ["patient", None])
def test_columns_that_happen_to_have_names_of_ours_mean_nothing(
    tmp_path: Path, described: str | None
) -> None:
    header = "patient,il6_pg,tnf,best,patient_id,month,arm,unit,responder,outcome,baseline TNF"
    rows = [f"R{n},{n},1.{n},{best},=1+1,2024-01-01,left,kg,maybe,?,9999999"
            for n, best in enumerate(["complete", "none"], start=1)]  # fmt: skip
    cohort, faults = read(tmp_path, "\n".join([header, *rows]), id=described)
    assert faults == []
    assert [p.patient_id for p in cohort.patients] == (
        ["R1", "R2"] if described else ["row-2", "row-3"]
    )
    assert [p.arm for p in cohort.patients] == ["msc", "msc"]


def test_our_names_may_stand_for_what_the_table_means(tmp_path: Path) -> None:
    text = "month,arm,patient_id,responder\nR1,12,complete,1.5\nR2,8,none,2\n"
    columns = {"IL-6": "arm", "TNF": "responder"}
    cohort, faults = read(tmp_path, text, id="month", outcome="patient_id", columns=columns)
    assert faults == []
    assert cohort.patients[0].patient_id == "R1"
    assert cohort.patients[0].responder is True
    assert cohort.patients[0].panels[0].measurements[0].value == 12


def test_every_fault_is_found_at_once_under_the_files_own_names(tmp_path: Path) -> None:
    lines = ["R1,12,1,complete", "R1,abc,1,none", "=1+1,1,9999,none", "R5,-3,1,unheard of"]
    _, faults = read(tmp_path, "\n".join(["patient,il6_pg,tnf,best", *lines]))
    assert [(fault.row, fault.column, fault.rule) for fault in faults] == [
        (3, "il6_pg", "unreadable_result"),
        (3, "patient", "duplicate_patient"),
        (4, "patient", "formula_text"),
        (4, "tnf", "implausible_value"),
        (5, "il6_pg", "not_positive"),
        (5, "best", "unknown_outcome"),
    ]
    assert not [word for word in ("abc", "9999", "-3", "unheard") if word in str(faults)]


def test_missing_columns_are_all_named(tmp_path: Path) -> None:
    _, faults = read(tmp_path, GOOD.replace("il6_pg", "IL6_PG").replace("best", "worst"))
    assert [fault.column for fault in faults] == ["best", "il6_pg"]


def test_a_table_without_patients_is_one_fault(tmp_path: Path) -> None:
    assert [fault.rule for fault in read(tmp_path, GOOD.split("\n")[0])[1]] == ["no_rows"]


def test_semicolons_and_decimal_commas_give_the_same_values(tmp_path: Path) -> None:
    cohort, faults = read(tmp_path, GOOD.replace(",", ";").replace(".", ","))
    assert faults == []
    il6, tnf = cohort.patients[0].panels[0].measurements
    assert (il6.value, tnf.limit) == (12.5, 0.7)


def test_a_parquet_table_gives_the_same_outcomes_and_values(tmp_path: Path) -> None:
    path = tmp_path / "panel.parquet"
    table = {"patient": ["R1", "R2"], "il6_pg": [12.5, 8.0], "tnf": [None, 1.1]}
    pyarrow.parquet.write_table(pyarrow.table(table | {"best": [True, False]}), path)
    cohort, faults = read(tmp_path, path=path, positive="true", negative=None)
    assert faults == []
    assert [p.responder for p in cohort.patients] == [True, False]
    assert cohort.patients[0].panels[0].measurements[0].value == 12.5


def test_a_file_that_is_not_there_or_no_table_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"there is no table panel\.xlsx"):
        read(tmp_path, path=tmp_path / "panel.xlsx")
    (tmp_path / "panel.json").write_text(json.dumps([]))
    with pytest.raises(ConfigError, match=r"panel\.json: a table is one of \.csv"):
        read(tmp_path, path=tmp_path / "panel.json")


def test_a_file_that_cannot_be_read_is_a_fault_of_the_file(tmp_path: Path) -> None:
    (fault,) = read(tmp_path, GOOD + "R4,1,2\n")[1]
    assert (fault.row, fault.rule) == (5, "ragged_row")


TIDY = """\
patient,analyte,result,visit,best,weight
R1,il6,12.5,0,complete,70
R1,TNF,OOR <,0,complete,71
R1,il6,15,1,complete,70
R2,il6,8,-1,none,80
R2,CRP,99,0,none,80
"""
AS_TIDY: dict[str, Any] = {
    "layout": "tidy", "columns": {"IL-6": "il6", "TNF": "TNF"}, "names": {"month": "visit"}
}  # fmt: skip


def test_a_tidy_table_gives_panels_by_month_and_passes_over_other_analytes(
    tmp_path: Path,
) -> None:
    cohort, faults = read(tmp_path, TIDY, analytes={"TNF": {"lloq": 0.7}}, **AS_TIDY)
    assert faults == []
    assert [[panel.month for panel in p.panels] for p in cohort.patients] == [[0, 1], [-1]]
    assert [m.analyte for m in cohort.patients[0].panels[0].measurements] == ["IL-6", "TNF"]
    assert cohort.patients[0].panels[0].measurements[1].limit == 0.7


def test_an_outcome_that_differs_within_a_patient_is_a_fault(tmp_path: Path) -> None:
    text = TIDY.replace("1,complete", "1,none") + "R2,TNF,abc,0,none,80\n"
    _, faults = read(tmp_path, text, analytes={"TNF": {"lloq": 0.7}}, **AS_TIDY)
    assert [(fault.row, fault.column, fault.rule) for fault in faults] == [
        (4, "best", "differs_within_patient"), (7, "result", "unreadable_result")
    ]  # fmt: skip


def test_an_analyte_that_no_row_has_is_a_fault_with_its_name(tmp_path: Path) -> None:
    described = AS_TIDY | {"columns": {"IL-6": "IL6", "TNF": "tnf", "CRP": "CRP"}}
    (fault,) = read(tmp_path, TIDY, **described)[1]
    assert (fault.column, fault.rule) == ("analyte", "analyte_not_found")
    assert "IL6, tnf (" in fault.message


def test_a_column_of_a_tidy_table_that_is_named_for_another_purpose_is_not_ours(
    tmp_path: Path,
) -> None:
    text = TIDY.replace("patient,", "plate,", 1).replace("best", "unit")
    described = AS_TIDY | {"id": "plate", "outcome": "unit"}
    cohort, faults = read(tmp_path, text, analytes={"TNF": {"lloq": 0.7}}, **described)
    assert faults == []
    assert cohort.patients[0].panels[0].measurements[0].plate is None
