from collections.abc import Callable
from typing import Any

import pytest

from data.analytes import study_analytes
from data.cohort import AdverseEvent, Survival
from data.outcome import Visit
from data.sources.cohort_tables import (
    ALSFRS_R_ITEMS,
    read_adverse_events,
    read_panels,
    read_participants,
    read_survival,
    read_visits,
)
from data.tables.known_ids import KnownIds
from data.tables.sheet import Sheet
from data.tables.table import Row, Table

KNOWN = KnownIds(frozenset({"P-1", "P-2"}))
ITEMS = dict.fromkeys(ALSFRS_R_ITEMS, "4")


def sheet(*rows: dict[str, str]) -> Sheet:
    columns = tuple(dict.fromkeys(name for row in rows for name in row))
    numbered = tuple(Row(number, row) for number, row in enumerate(rows, start=2))
    return Sheet(Table("t.csv", columns, numbered), [])


def found(made: Sheet) -> list[tuple[int | None, str | None, str]]:
    return [(fault.row, fault.column, fault.rule) for fault in made.faults]


def patient(patient_id: str = "P-1", arm: str = "msc", **more: str) -> dict[str, str]:
    return {"patient_id": patient_id, "arm": arm, **more}


def result(month: str = "0", analyte: str = "TNF", text: str = "1.5", **more: str) -> Any:
    row = {"patient_id": "P-1", "month": month, "analyte": analyte, "result": text}
    return row | {"unit": "pg/mL", "platform": "msd"} | more


def visit(month: str = "0", **scores: str) -> dict[str, str]:
    return {"patient_id": "P-1", "month": month, **scores}


def event(**cells: str) -> dict[str, str]:
    usual = {"term": "Back pain", "grade": "1", "serious": "0", "related": "1"}
    return {"patient_id": "P-1", **usual, **cells}


def test_participants_keep_their_order_and_further_columns_as_text() -> None:
    made = sheet(patient("P-2", "Control", age="51", site=""), patient("P-1", age="0062", site="A"))
    patients = read_participants(made)
    assert list(patients) == ["P-2", "P-1"]
    assert patients["P-2"].arm == "control"
    assert patients["P-1"].covariates == {"age": "0062"}
    assert (patients["P-2"].site, patients["P-1"].site) == (None, "A")


def test_every_fault_of_one_participant_is_listed() -> None:
    made = sheet(patient("=1+1", "placebo", responder="maybe"))
    read_participants(made)
    assert {column for _, column, _ in found(made)} == {"patient_id", "arm", "responder"}


def test_a_faulty_first_row_of_a_patient_still_makes_the_second_a_duplicate() -> None:
    made = sheet(patient(arm="x"), patient())
    assert read_participants(made) == {}
    assert [rule for _, _, rule in found(made)] == ["unknown_arm", "duplicate_patient"]


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


def test_visits_come_in_order_of_month() -> None:
    made = sheet(visit("4", total="38"), visit("-3", total="44"), visit("0", total="0"))
    expected = (Visit(-3, 44), Visit(0, 0), Visit(4, 38))
    assert read_visits(made, KNOWN) == {"P-1": expected}


@pytest.mark.parametrize("total", ["", "48"])
def test_total_is_the_sum_of_the_12_items(total: str) -> None:
    made = sheet(visit(**ITEMS, total=total))
    assert read_visits(made, KNOWN)["P-1"] == (Visit(0, 48),)
    assert found(made) == []


@pytest.mark.parametrize(
    ("scores", "column", "rule"),
    [
        ({"total": "49"}, "total", "alsfrs_r_range"),
        ({"total": "-1"}, "total", "alsfrs_r_range"),
        ({"total": ""}, "total", "not_a_number"),
        ({}, "total", "not_a_number"),
        (ITEMS | {"total": "47"}, "total", "items_do_not_sum"),
        (ITEMS | {"total": "49"}, "total", "alsfrs_r_range"),
        (ITEMS | {"item_3": ""}, None, "items_missing"),
        (ITEMS | {"item_3": "", "total": "44"}, None, "items_missing"),
        ({"item_1": "4"}, None, "items_missing"),
        (ITEMS | {"item_3": "5"}, "item_3", "alsfrs_r_range"),
        (ITEMS | {"item_3": "x"}, "item_3", "not_a_number"),
    ],
)
def test_a_visit_without_a_sound_total_is_a_fault(
    scores: dict[str, str], column: str | None, rule: str
) -> None:
    made = sheet(visit(**scores))
    assert read_visits(made, KNOWN).get("P-1", ()) == ()
    assert found(made) == [(2, column, rule)]


def test_two_visits_in_one_month_are_a_fault() -> None:
    made = sheet(visit("0", total="40"), visit("0.0", total="41"))
    read_visits(made, KNOWN)
    assert found(made) == [(3, "month", "duplicate_visit")]


def test_survival_is_read() -> None:
    made = sheet({"patient_id": "P-1", "months": "28.7", "event": "1"})
    assert read_survival(made, KNOWN) == {"P-1": Survival(28.7, True)}


@pytest.mark.parametrize(
    ("months", "said", "column", "rule"),
    [
        ("-1", "1", "months", "negative_months"),
        ("x", "1", "months", "not_a_number"),
        ("3", "", "event", "not_yes_or_no"),
        ("3", "dead", "event", "not_yes_or_no"),
    ],
)
def test_survival_needs_months_and_an_event(months: str, said: str, column: str, rule: str) -> None:
    made = sheet({"patient_id": "P-1", "months": months, "event": said})
    assert read_survival(made, KNOWN) == {}
    assert found(made) == [(2, column, rule)]


def test_survival_twice_is_a_fault() -> None:
    row = {"patient_id": "P-1", "months": "28.7", "event": "1"}
    made = sheet(row, row)
    read_survival(made, KNOWN)
    assert found(made) == [(3, "patient_id", "duplicate_patient")]


def test_adverse_events_come_in_the_order_of_the_table() -> None:
    made = sheet(event(term="Fever", grade="2.0"), event(serious="yes"))
    assert read_adverse_events(made, KNOWN)["P-1"] == (
        AdverseEvent("Fever", 2, False, True),
        AdverseEvent("Back pain", 1, True, True),
    )


@pytest.mark.parametrize(
    ("cells", "column", "rule"),
    [
        ({"grade": "0"}, "grade", "grade_range"),
        ({"grade": "6"}, "grade", "grade_range"),
        ({"grade": "2.5"}, "grade", "grade_range"),
        ({"grade": ""}, "grade", "not_a_number"),
        ({"serious": ""}, "serious", "not_yes_or_no"),
        ({"related": "perhaps"}, "related", "not_yes_or_no"),
        ({"term": ""}, "term", "no_term"),
        ({"patient_id": ""}, "patient_id", "unknown_patient"),
    ],
)
def test_an_incomplete_adverse_event_is_a_fault(
    cells: dict[str, str], column: str, rule: str
) -> None:
    made = sheet(event() | cells)
    read_adverse_events(made, KNOWN)
    assert found(made) == [(2, column, rule)]


@pytest.mark.parametrize(
    ("read", "row"),
    [
        (lambda made: read_panels(made, None, study_analytes()), result(patient_id="P-9")),
        (lambda made: read_visits(made, None), visit(total="40") | {"patient_id": "P-9"}),
        (
            lambda made: read_survival(made, None),
            {"patient_id": "P-9", "months": "1", "event": "0"},
        ),
        (lambda made: read_adverse_events(made, None), event(patient_id="P-9")),
    ],
)
def test_no_patient_is_unknown_where_the_participants_could_not_be_read(
    read: Callable[[Sheet], dict[str, Any]], row: dict[str, str]
) -> None:
    made = sheet(row)
    assert list(read(made)) == ["P-9"]
    assert found(made) == []


def test_no_fault_repeats_what_stands_in_the_cell() -> None:
    canaries = {"patient_id": "canary=", "month": "canary", "arm": "canary", "total": "canary"}
    made = sheet(result() | canaries | {"result": "canary", "unit": "canary", "event": "canary"})
    read_participants(made)
    read_panels(made, KNOWN, study_analytes())
    read_visits(made, KNOWN)
    read_survival(made, KNOWN)
    read_adverse_events(made, KNOWN)
    assert len(made.faults) > 10
    assert not [fault for fault in made.faults if "canary" in str(fault)]


def test_cytokines_without_a_row_are_a_fault() -> None:
    sheet = Sheet(Table("cytokines.csv", ("patient_id", "month", "analyte", "result"), ()), [])
    assert read_panels(sheet, None, study_analytes()) == {}
    assert [fault.rule for fault in sheet.faults] == ["no_rows"]
