import pytest

from data.analytes import study_analytes
from data.sources.cytokines_table import read_panels
from data.tables.known_ids import KnownIds
from data.tables.sheet import Sheet
from data.tables.table import Row, Table

KNOWN = KnownIds(frozenset({"P-1", "P-2"}))


def sheet(*rows: dict[str, str]) -> Sheet:
    columns = tuple(dict.fromkeys(name for row in rows for name in row))
    numbered = tuple(Row(number, row) for number, row in enumerate(rows, start=2))
    return Sheet(Table("t.csv", columns, numbered), [])


def found(made: Sheet) -> list[tuple[int | None, str | None, str]]:
    return [(fault.row, fault.column, fault.rule) for fault in made.faults]


def result(
    month: str = "0", analyte: str = "TNF", text: str = "1.5", **more: str
) -> dict[str, str]:
    row = {"patient_id": "P-1", "month": month, "analyte": analyte, "result": text}
    return row | {"unit": "pg/mL", "platform": "msd"} | more


def test_panels_are_put_together_by_month_in_order() -> None:
    made = sheet(result("0.85"), result("0"), result("0", "CCL2", "< 3,2", unit="ng/mL"))
    (before, after) = read_panels(made, KNOWN, study_analytes())["P-1"]
    assert (before.month, after.month) == (0, 0.85)
    assert [m.analyte for m in before.measurements] == ["TNF", "MCP-1"]
    assert before.measurements[1].limit == 3200
    assert found(made) == []


def test_lloq_and_uloq_of_a_row_censor_its_result() -> None:
    made = sheet(result(text="0.3", lloq="0.7"), result("1", text="OOR >", uloq="300", lloq=""))
    (before, after) = read_panels(made, KNOWN, study_analytes())["P-1"]
    assert (before.measurements[0].comparator, before.measurements[0].limit) == ("<", 0.7)
    assert (after.measurements[0].comparator, after.measurements[0].limit) == (">", 300)
    assert before.measurements[0].raw == "0.3"


@pytest.mark.parametrize(
    ("cells", "column", "rule"),
    [
        ({"unit": "pg/ML"}, "unit", "unit_not_accepted"),
        ({"unit": ""}, "unit", "unit_not_accepted"),
        ({"analyte": "IL-6"}, "analyte", "unknown_analyte"),
        ({"result": "1,234"}, "result", "ambiguous_number"),
        ({"result": "1350"}, "result", "implausible_value"),
        ({"result": "OOR <"}, "result", "limit_missing"),
        ({"lloq": "-1"}, "lloq", "limit_not_positive"),
        ({"lloq": "1,700"}, "lloq", "ambiguous_number"),
        ({"uloq": "x"}, "uloq", "not_a_number"),
        ({"cv_percent": "x"}, "cv_percent", "not_a_number"),
        ({"cv_percent": "-1"}, "cv_percent", "negative_cv"),
        ({"month": ""}, "month", "not_a_number"),
        ({"patient_id": "P-9"}, "patient_id", "unknown_patient"),
    ],
)
def test_faults_of_a_measurement_name_their_cell(
    cells: dict[str, str], column: str, rule: str
) -> None:
    made = sheet(result() | cells)
    assert read_panels(made, KNOWN, study_analytes()) == {}
    assert found(made) == [(2, column, rule)]


def test_several_faults_of_one_measurement_are_all_listed() -> None:
    made = sheet(result(month="x", text="?", unit="mmol/L", patient_id="P-9"))
    read_panels(made, KNOWN, study_analytes())
    columns = {column for _, column, _ in found(made)}
    assert columns == {"patient_id", "month", "result", "unit"}


def test_one_analyte_twice_in_a_specimen_is_a_fault_in_any_spelling() -> None:
    made = sheet(result(), result(analyte="tnf-alpha"))
    read_panels(made, KNOWN, study_analytes())
    assert found(made) == [(3, "analyte", "duplicate_measurement")]


def test_one_analyte_of_a_patient_on_two_platforms_is_a_fault() -> None:
    made = sheet(result(), result("1", platform="milliplex"), result("1", "CCL2", "500"))
    read_panels(made, KNOWN, study_analytes())
    assert found(made) == [(3, "platform", "two_platforms")]


def test_two_patients_may_be_on_two_platforms() -> None:
    made = sheet(result(), result(platform="milliplex", patient_id="P-2"))
    assert len(read_panels(made, KNOWN, study_analytes())) == 2
    assert found(made) == []


def test_cytokines_without_a_row_are_a_fault() -> None:
    sheet = Sheet(Table("cytokines.csv", ("patient_id", "month", "analyte", "result"), ()), [])
    assert read_panels(sheet, None, study_analytes()) == {}
    assert [fault.rule for fault in sheet.faults] == ["no_rows"]


@pytest.mark.parametrize("twice", [result(), result(text="9"), result(analyte="tnf-alpha")])
def test_of_a_result_that_stands_twice_none_is_used(twice: dict[str, str]) -> None:
    made = sheet(result(), result("1"), twice)
    (panel,) = read_panels(made, KNOWN, study_analytes())["P-1"]
    assert panel.month == 1
    assert [one.row for one in made.only_contradicted()] == [2]


def test_an_analyte_on_two_platforms_is_left_out_of_all_panels_of_the_patient() -> None:
    made = sheet(
        result(), result("0", "CCL2", "500"), result("1", platform="milliplex"), result("2"),
        result(patient_id="P-2"),
    )  # fmt: skip
    panels = read_panels(made, KNOWN, study_analytes())
    assert [m.analyte for panel in panels["P-1"] for m in panel.measurements] == ["MCP-1"]
    assert len(panels["P-2"]) == 1
    assert [one.row for one in made.only_contradicted()] == [2, 5]


def test_results_in_another_unit_than_the_first_are_left_out() -> None:
    made = sheet(result(), result("1", text="0.002", unit="ng/mL"), result("2", unit="ng/L"))
    panels = read_panels(made, KNOWN, study_analytes())["P-1"]
    assert [panel.month for panel in panels] == [0, 2]
    assert made.only_contradicted() == []


def test_a_formula_anywhere_in_a_row_leaves_the_row_out() -> None:
    made = sheet(result(note="=1+1"), result("1", note=""))
    (panel,) = read_panels(made, KNOWN, study_analytes())["P-1"]
    assert panel.month == 1
