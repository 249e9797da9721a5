"""Units, limits and months of a labelled table's panels."""

from pathlib import Path
from typing import Any

import pytest

from data.errors import CohortFault
from data.panel import Panel
from data.sources.cohort_config import CohortConfig
from data.sources.declared_analytes import config_analytes
from data.sources.labelled_table import read_labelled_table

Read = tuple[list[tuple[Panel, ...]], list[CohortFault]]


def read(folder: Path, *lines: str, **sections: Any) -> Read:
    """Panels of each patient and the faults; TNF and IL-6 in columns of these names."""
    path = folder / "panel.csv"
    path.write_text("\n".join(lines))
    described = {"path": path, "id": "id", "outcome": "y", "positive": "1", "negative": "0"}
    described |= {"columns": {"TNF": "TNF", "IL-6": "IL-6"}, "unit": "pg/mL"}
    sections["table"] = described | sections.get("table", {})
    config = CohortConfig.model_validate(sections)
    cohort, faults = read_labelled_table(config, config_analytes(config))
    return [patient.panels for patient in cohort.patients], faults


WIDE = ("id,TNF,IL-6,y", "a,0.0012,3,1", "b,0.002,4,0")


def test_a_column_in_another_unit_is_converted_exactly(tmp_path: Path) -> None:
    panels, faults = read(tmp_path, *WIDE, table={"units": {"TNF": "ng/mL"}})
    assert faults == []
    tnf, il6 = panels[0][0].measurements
    assert (tnf.value, tnf.unit, il6.value, il6.unit) == (1.2, "pg/mL", 3, "pg/mL")


def test_the_unit_of_an_analyte_may_differ_from_that_of_its_column(tmp_path: Path) -> None:
    panels, _ = read(tmp_path, *WIDE, analytes={"IL-6": {"unit": "ng/mL", "lower": 0.001}})
    assert panels[0][0].measurements[1].value == 0.003


def test_a_unit_mistaken_by_1000_is_a_fault_of_its_cell(tmp_path: Path) -> None:
    _, faults = read(tmp_path, *WIDE, table={"unit": "ng/mL"}, analytes={"IL-6": {"upper": 3500}})
    (fault,) = read(tmp_path, *WIDE, table={"unit": "ng/mL"},
                    analytes={"IL-6": {"unit": "pg/mL", "upper": 3500}})[1]  # fmt: skip
    assert faults == []
    assert (fault.row, fault.column, fault.rule) == (3, "IL-6", "implausible_value")


def test_a_declared_limit_counts_in_the_unit_that_results_are_written_in(tmp_path: Path) -> None:
    rows = ("id,TNF,IL-6,y", "a,OOR <,3,1", "b,0.0001,OOR >,0")
    limits = {"TNF": {"lloq": 0.0007}, "IL-6": {"uloq": 900}}
    panels, faults = read(tmp_path, *rows, table={"units": {"TNF": "ng/mL"}}, analytes=limits)
    assert faults == []
    below = [panel.measurements[0] for (panel,) in panels]
    assert [(m.comparator, m.limit) for m in below] == [("<", 0.7), ("<", 0.7)]
    assert panels[1][0].measurements[1].limit == 900


def test_out_of_range_without_a_limit_says_which_is_missing(tmp_path: Path) -> None:
    (fault,) = read(tmp_path, "id,TNF,IL-6,y", "a,OOR <,3,1", "b,1,2,0")[1]
    assert (fault.column, fault.rule) == ("TNF", "limit_missing")


def test_values_taken_as_they_are_may_be_anything_finite_but_censored(tmp_path: Path) -> None:
    rows = ("id,TNF,IL-6,y", "a,-1.5,0,1", "b,<2,1e300,0")
    panels, faults = read(tmp_path, *rows, table={"scale": "as_is", "unit": None})
    assert [m.value for m in panels[0][0].measurements] == [-1.5, 0]
    assert [(f.column, f.rule) for f in faults] == [
        ("TNF", "censored_as_is"), ("IL-6", "implausible_value")
    ]  # fmt: skip


def test_follow_up_columns_are_a_panel_at_the_tasks_month(tmp_path: Path) -> None:
    rows = ("id,TNF,IL-6,y,t1,i1", "a,1,3,1,2,NA", "b,1,4,0,,NA")
    later = {"follow_up_columns": {"TNF": "t1", "IL-6": "i1"}}
    panels, faults = read(tmp_path, *rows, table=later, task={"follow_up_month": 2})
    assert faults == []
    assert [[panel.month for panel in of_patient] for of_patient in panels] == [[0, 2], [0]]
    assert panels[0][1].measurements[1].flags == ("not_reported",)


TIDY = ("id,analyte,result,y", "a,TNF,OOR <,1", 'a,IL-6,"3,25",1', 'b,IL-6,"4,5",0')
AS_TIDY = {"layout": "tidy"}


def test_a_tidy_table_without_months_is_all_baseline(tmp_path: Path) -> None:
    limits = {"TNF": {"lloq": 0.125, "uloq": 1234.5}}
    panels, faults = read(tmp_path, *TIDY, table=AS_TIDY, analytes=limits)
    assert faults == []
    assert [[panel.month for panel in of_patient] for of_patient in panels] == [[0], [0]]
    assert panels[0][0].measurements[0].limit == 0.125


@pytest.mark.parametrize("lloq", [1.125, 1e-7, 2.5e-7, 3])
def test_a_declared_limit_reads_the_same_beside_decimal_commas(tmp_path: Path, lloq: float) -> None:
    limits = {"TNF": {"lloq": lloq, "lower": 1e-9}}
    panels, faults = read(tmp_path, *TIDY, table=AS_TIDY, analytes=limits)
    assert faults == []
    assert panels[0][0].measurements[0].limit == lloq


def test_a_blank_month_is_a_fault_and_never_a_baseline(tmp_path: Path) -> None:
    rows = ("id,analyte,result,y,month", "a,TNF,1,1,", "a,IL-6,3,1,0", "b,IL-6,4,0,0")
    (fault,) = read(tmp_path, *rows, table=AS_TIDY)[1]
    assert (fault.row, fault.column, fault.rule) == (2, "month", "not_a_number")


def test_a_tables_own_units_limits_and_platforms_count_where_it_has_them(tmp_path: Path) -> None:
    rows = ("id,analyte,result,y,unit,lloq,platform",
            "a,TNF,OOR <,1,ng/L,0.5,MSD", "a,IL-6,3,1,ng/mL,,", "b,TNF,OOR <,0,,,")  # fmt: skip
    table = AS_TIDY | {"platform": "luminex"}
    panels, faults = read(tmp_path, *rows, table=table, analytes={"TNF": {"lloq": 0.7}})
    assert faults == []
    found = [m for of_patient in panels for panel in of_patient for m in panel.measurements]
    assert [m.limit for m in found] == [0.5, None, 0.7]
    assert [m.platform for m in found] == ["msd", "luminex", "luminex"]
    assert found[1].value == 3000


def test_units_of_values_taken_as_they_are_say_nothing(tmp_path: Path) -> None:
    rows = ("id,analyte,result,y,unit", "a,IL-6,-3,1,z-score", "b,IL-6,0,0,z", "b,TNF,1,0,pg/mL")
    panels, faults = read(tmp_path, *rows, table=AS_TIDY, analytes={"IL-6": {"scale": "as_is"}})
    assert faults == []
    assert panels[0][0].measurements[0].value == -3
