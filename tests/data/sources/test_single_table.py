import pytest

from data.sources.single_table import split_table
from data.tables.sheet import Sheet
from data.tables.table import Row, Table


def sheet(*rows: dict[str, str]) -> Sheet:
    columns = tuple(dict.fromkeys(name for row in rows for name in row))
    numbered = tuple(Row(number, row) for number, row in enumerate(rows, start=2))
    return Sheet(Table("t.csv", columns, numbered), [])


def row(patient_id: str = "P-1", **cells: str) -> dict[str, str]:
    return {"patient_id": patient_id, "month": "0", "result": "1", "responder": "yes", **cells}


def test_each_patient_is_there_once_with_facts_and_covariates() -> None:
    made = sheet(row(age="51"), row(month="1", age="51"), row("P-2", age="62", responder="no"))
    table = split_table(made)
    assert [found.number for found in table.rows] == [2, 4]
    assert table.rows[1].cells == {
        "arm": "msc", "patient_id": "P-2", "responder": "no", "age": "62",
    }  # fmt: skip
    assert made.faults == []


@pytest.mark.parametrize("fact", ["responder", "site", "arm"])
def test_a_fact_that_differs_within_a_patient_is_a_fault(fact: str) -> None:
    made = sheet(row(**{fact: "a"}), row(**{fact: "b"}))
    split_table(made)
    (fault,) = made.faults
    assert (fault.row, fault.column, fault.rule) == (3, fact, "differs_within_patient")


def test_a_column_that_differs_within_a_patient_is_no_covariate() -> None:
    made = sheet(row(age="51", well="A1"), row(age="51", well="A2"))
    assert split_table(made).columns == ("arm", "patient_id", "responder", "age")
    assert made.faults == []


def test_a_stated_arm_is_kept() -> None:
    made = sheet(row(arm="control"), row("P-2", arm="msc"))
    assert [found["arm"] for found in split_table(made).rows] == ["control", "msc"]
