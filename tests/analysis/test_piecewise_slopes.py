import numpy as np
import pytest

from analysis.errors import LengthsDifferError, NotFiniteError, UnknownChoiceError
from analysis.piecewise_slopes import FIXED_TERMS, fixed_columns, random_columns


def test_both_lines_meet_at_the_knot() -> None:
    coefficients = np.array([36.0, 1.2, -1, -1.1, -0.1, 0.5])
    before, at, after = fixed_columns([-1e-9, 0, 1e-9], [1, 1, 1]) @ coefficients
    assert (before, after) == pytest.approx((at, at))


def test_columns_are_in_the_order_of_their_terms() -> None:
    row = dict(zip(FIXED_TERMS, fixed_columns([4], [True])[0], strict=True))
    assert row == {
        "intercept": 1, "arm": 1, "lead_in": 0, "follow_up": 4, "arm:lead_in": 0,
        "arm:follow_up": 4,
    }  # fmt: skip


def test_one_slope_is_the_sum_of_two() -> None:
    month = np.arange(-3.0, 7.0)
    two, one = (random_columns(month, name) for name in ("two_slopes", "intercept_slope"))
    assert one[:, 1] == pytest.approx(two[:, 1] + two[:, 2])


def test_what_makes_no_columns_is_refused() -> None:
    with pytest.raises(LengthsDifferError):
        fixed_columns([1, 2], [True])
    with pytest.raises(NotFiniteError):
        fixed_columns([np.nan])
    with pytest.raises(UnknownChoiceError):
        random_columns([1], "three_slopes")  # type: ignore[arg-type]
