import pytest

from data.tables.known_ids import KnownIds
from data.tables.sheet import LARGEST_MONTH, Sheet
from data.tables.table import Row, Table
from data.tables.table_faults import MOST_FAULTS


def sheet(*rows: dict[str, str]) -> Sheet:
    columns = tuple(dict.fromkeys(name for row in rows for name in row))
    numbered = tuple(Row(number, row) for number, row in enumerate(rows, start=2))
    return Sheet(Table("t.csv", columns, numbered), [])


def found(made: Sheet) -> list[tuple[int | None, str | None, str]]:
    return [(fault.row, fault.column, fault.rule) for fault in made.faults]


@pytest.mark.parametrize(
    "text", ["4", "-3", "0.5", "1e1", "+2", "-0", "1,5", "\u22123", ".5", "+.5"]
)
def test_numbers_have_a_decimal_point_or_comma(text: str) -> None:
    made = sheet({"month": text})
    assert made.number(made.table.rows[0], "month") == float(
        text.replace(",", ".").replace("\u2212", "-")
    )
    assert found(made) == []


def test_minus_zero_is_zero() -> None:
    made = sheet({"month": "-0"})
    assert str(made.number(made.table.rows[0], "month")) == "0.0"


@pytest.mark.parametrize(
    "text", ["", "x", "1_0", "nan", "inf", "1e400", "0x1", "4 months", "+-2", "++2", "- 3"]
)
def test_what_is_no_finite_number_is_a_fault(text: str) -> None:
    made = sheet({"month": text})
    assert made.number(made.table.rows[0], "month") is None
    assert found(made) == [(2, "month", "not_a_number")]


def test_the_decimal_mark_is_read_off_numbers_and_not_off_ids() -> None:
    rows = [{"patient_id": "1.2", "site": "3.4", "result": "0,7"}, {"result": "1,234"}]
    made = sheet(*rows)
    assert made.mark == "comma"
    assert made.number(made.table.rows[1], "result") == 1.234


@pytest.mark.parametrize(
    ("texts", "answer"),
    [
        (["yes", "Yes", "1", "1.0", "TRUE", "true", "responder"], True),
        (["no", "NO", "0", "0.0", "False", "nonresponder", "Non-Responder"], False),
        (["", "NA", "n/a", "#N/A"], None),
    ],
)
def test_yes_and_no_in_the_words_of_tables(texts: list[str], answer: bool | None) -> None:
    made = sheet(*({"event": text} for text in texts))
    assert [made.yes_no(row, "event") for row in made.table.rows] == [answer] * len(texts)
    assert found(made) == []


@pytest.mark.parametrize("text", ["2", "maybe", "y", "-1", "nan"])
def test_neither_yes_nor_no_is_a_fault(text: str) -> None:
    made = sheet({"event": text})
    assert made.yes_no(made.table.rows[0], "event") is None
    assert found(made) == [(2, "event", "not_yes_or_no")]


@pytest.mark.parametrize("text", ["", "NA", "n/a", "***"])
def test_a_blank_cell_that_may_be_blank_is_no_fault(text: str) -> None:
    made = sheet({"lloq": text})
    (row,) = made.table.rows
    assert made.optional_number(row, "lloq") is made.text(row, "lloq") is None
    assert found(made) == []


@pytest.mark.parametrize(
    "text",
    ["2024-03-01", "1.3.24", "01/03/2024", "2024-03-01 00:00:00", "2024-03-01T00:00", "1-Mar",
     "Mar-24", "MAY 2024", "3. Mrz 24", "1. M\u00e4rz 2024", "Dec 1, 2024", "12 f\u00e9vr. 2024"],
)  # fmt: skip
def test_a_date_is_no_month(text: str) -> None:
    made = sheet({"month": text})
    assert made.month(made.table.rows[0]) is None
    assert found(made) == [(2, "month", "date_not_month")]


@pytest.mark.parametrize("text", ["V1", "Visit 1", "week 4", "baseline", "Day0", "M1"])
def test_a_visit_by_its_name_is_no_date_and_no_month(text: str) -> None:
    made = sheet({"month": text})
    assert made.month(made.table.rows[0]) is None
    assert found(made) == [(2, "month", "not_a_number")]


@pytest.mark.parametrize(("month", "good"), [(LARGEST_MONTH, True), (LARGEST_MONTH + 1, False)])
def test_months_end_before_a_dates_serial_number(month: int, good: bool) -> None:
    made = sheet({"month": str(month)}, {"month": str(-month)})
    assert [made.month(row) is not None for row in made.table.rows] == [good, good]
    assert {rule for _, _, rule in found(made)} == (set() if good else {"month_range"})


def test_a_cell_has_one_fault_and_text_that_computes_comes_first() -> None:
    made = sheet({"month": "=1+1", "site": "@x", "age": "-3"})
    made.number(made.table.rows[0], "month")
    assert found(made) == [(2, "month", "formula_text"), (2, "site", "formula_text")]
    assert made.has_fault(made.table.rows[0], "month", "age")
    assert not made.has_fault(made.table.rows[0], "age")


def test_of_very_many_faults_the_first_are_listed_and_one_says_so() -> None:
    made = sheet(*({"month": "=1"} for _ in range(MOST_FAULTS + 50)))
    assert len(made.faults) == MOST_FAULTS + 1
    assert found(made)[-1] == (None, None, "more_faults")


def test_rows_beyond_the_faults_that_are_listed_are_not_used_either() -> None:
    made = sheet(*({"month": "x"} for _ in range(MOST_FAULTS + 50)))
    for row in made.table.rows:
        made.number(row, "month")
    assert not any(map(made.is_usable, made.table.rows))
    assert len(made.faults) == MOST_FAULTS + 1


def test_of_two_rows_that_stand_for_the_same_one_is_a_fault_and_none_is_used() -> None:
    made = sheet({"month": "1"}, {"month": "2"}, {"month": "1"})
    first, other, last = made.table.rows
    made.repeated(last, first, "month", "duplicate_visit", "one row per month")
    assert found(made) == [(4, "month", "duplicate_visit")]
    assert [one.row for one in made.only_contradicted()] == [2]
    assert [made.is_usable(row) for row in (first, other, last)] == [False, True, False]


def test_of_very_many_contradicted_rows_the_first_are_listed_and_one_says_so() -> None:
    made = sheet(*({"month": "1"} for _ in range(MOST_FAULTS + 50)))
    for row in made.table.rows:
        made.contradict(row, "month", "duplicate_visit", "one row per month")
    assert len(made.only_contradicted()) == MOST_FAULTS + 1
    assert made.only_contradicted()[-1].rule == "more_faults"


def test_a_contradicted_row_with_a_fault_of_its_own_is_listed_once() -> None:
    made = sheet({"month": "x"})
    (row,) = made.table.rows
    made.number(row, "month")
    made.contradict(row, "month", "duplicate_visit", "one row per month")
    assert (len(made.faults), made.only_contradicted()) == (1, [])


def test_a_patient_must_be_a_participant() -> None:
    made = sheet({"patient_id": "P-1"}, {"patient_id": "1"}, {"patient_id": "P-9"})
    known = KnownIds(frozenset({"P-1", "0001"}))
    assert [made.patient(row, known) for row in made.table.rows] == ["P-1", None, None]
    assert found(made) == [(3, "patient_id", "id_changed"), (4, "patient_id", "unknown_patient")]
    assert made.patient(made.table.rows[2], None) == "P-9"
