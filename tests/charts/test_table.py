import csv
import io
import math

from hypothesis import given
from hypothesis import strategies as st

from analysis.estimate import Estimate
from charts.table import NOTHING, Column, Table

ESTIMATE = Estimate(2.98, 1.4775, 4.4825, 0.95, "student", 32, 27)


def test_an_estimate_is_shown_with_its_interval() -> None:
    assert Column("d", "Difference", "estimate").shown(ESTIMATE) == "2.98 (1.48 to 4.48)"


def test_an_estimate_becomes_three_columns_of_csv_in_full() -> None:
    table = Table("t", "T", (Column("d", "D", "estimate"),), ({"d": ESTIMATE}, {"d": None}))
    assert table.csv().splitlines() == ["d,d_lower,d_upper", "2.98,1.4775,4.4825", ",,"]


def test_what_is_missing_is_shown_as_a_dash() -> None:
    column = Column("x", "X", "number")
    assert {column.shown(None), column.shown(math.nan)} == {NOTHING}


def test_a_rounded_nothing_has_no_minus() -> None:
    assert Column("x", "X", "number").shown(-0.001) == "0.00"


def test_a_small_p_is_never_shown_as_zero() -> None:
    assert Column("p", "p", "p").shown(1e-12) == "<0.001"


def test_an_infinite_limit_is_named() -> None:
    column = Column("x", "X", "number")
    assert (column.shown(math.inf), column.shown(-math.inf)) == ("infinite", "-infinite")


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_csv_keeps_every_digit(value: float) -> None:
    text = Table("t", "T", (Column("x", "X", "number"),), ({"x": value},)).csv()
    assert float(text.splitlines()[1]) == value


@given(st.sampled_from("=+-@\t\r"), st.text(max_size=5))
def test_no_text_of_a_csv_is_a_formula(first: str, rest: str) -> None:
    text = Table("t", "T", (Column("x", "X"),), ({"x": first + rest},)).csv()
    assert list(csv.reader(io.StringIO(text, newline="")))[1][0].startswith("'")


def test_numbers_of_any_size_are_shown_by_their_size() -> None:
    assert Column("x", "X", "scientific", 0).shown(4.2e-12) == "4e-12"
