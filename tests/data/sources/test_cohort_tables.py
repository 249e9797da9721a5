from collections.abc import Callable
from typing import Any

import pytest

from data.analytes import study_analytes
from data.cohort import AdverseEvent, Survival
from data.outcome import Visit
from data.sources.cohort_tables import (
    ALSFRS_R_ITEMS,
    doubtful_patients,
    read_adverse_events,
    read_participants,
    read_survival,
    read_visits,
)
from data.sources.cytokines_table import read_panels
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
    assert read_visits(made, KNOWN) == {}
    assert found(made) == [(3, "month", "duplicate_visit")]
    assert [one.row for one in made.only_contradicted()] == [2]


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
    assert read_survival(made, KNOWN) == {}
    assert found(made) == [(3, "patient_id", "duplicate_patient")]
    assert [one.row for one in made.only_contradicted()] == [2]


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
    assert read_adverse_events(made, KNOWN) == {}
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


def test_who_stands_twice_is_doubtful_and_others_are_not() -> None:
    made = sheet(patient(), patient("P-2"), patient(arm="control"), patient("P-3", age="=1"))
    assert list(read_participants(made)) == ["P-1", "P-2", "P-3"]
    assert doubtful_patients(made) == {"P-1", "P-3"}


def test_both_of_two_like_ids_are_doubtful() -> None:
    made = sheet(patient("0001"), patient("P-2"), patient("1"))
    read_participants(made)
    assert found(made) == [(4, "patient_id", "ids_alike")]
    assert doubtful_patients(made) == {"0001", "1"}


@pytest.mark.parametrize("column", ["term", "note"])
def test_a_formula_anywhere_leaves_an_adverse_event_out(column: str) -> None:
    made = sheet(event(**{column: "@SUM"}), event())
    assert len(read_adverse_events(made, KNOWN)["P-1"]) == 1
