from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from analysis.errors import LengthsDifferError, NotFiniteError, TooFewError
from analysis.slope_errors import error_variance, slope_errors


@pytest.mark.parametrize("case", range(4))
def test_error_variances_are_those_of_least_squares(
    case: int, expected: Callable[[str], Any]
) -> None:
    wanted = expected("r_robustness")["errors"][case]
    found = slope_errors(wanted["months"], 4)
    assert found is not None
    numbers = [found.before, found.after, found.shared]
    assert numbers == pytest.approx([wanted[k] for k in ("before", "after", "shared")], abs=1e-12)


def test_slopes_that_share_no_visit_have_independent_errors() -> None:
    found = slope_errors([-3, -1, 1, 4], 4)
    assert found is not None
    assert found.shared == 0


@pytest.mark.parametrize("months", [[], [0], [-1, 0], [0, 1], [-1, -1, 0.5, 1], [-1, 0, 5]])
def test_a_side_without_two_months_has_no_slope(months: list[float]) -> None:
    assert slope_errors(months, 4) is None


def test_the_error_of_a_visit_is_recovered() -> None:
    rng = np.random.default_rng(1)
    months = [np.arange(-3.0, 1.0)] * 3000
    totals = [40 + rng.normal(-1, 1) * m + rng.normal(0, 0.7, 4) for m in months]
    found = error_variance(months, totals)
    assert found.variance == pytest.approx(0.49, abs=0.03)
    assert (found.df, found.n_patients) == (6000, 3000)


def test_straight_courses_have_no_error() -> None:
    assert error_variance([[-2, -1, 0]], [[42, 41, 40]]).variance == pytest.approx(0, abs=1e-25)


def test_nobody_with_three_visits_tells_no_error() -> None:
    with pytest.raises(TooFewError):
        error_variance([[-1, 0], [0, 0, 0]], [[41, 40], [40, 41, 40]])


def test_visits_that_do_not_fit_are_refused() -> None:
    with pytest.raises(LengthsDifferError):
        error_variance([[-2, -1, 0]], [[41, 40]])
    with pytest.raises(NotFiniteError):
        slope_errors([-1, np.nan, 0], 4)


def test_months_whose_squares_are_no_numbers_are_one_month() -> None:
    months = [-2e-200, -1e-200, 0.0]
    assert slope_errors([*months, 1.0, 2.0], 4) is None
    with pytest.raises(TooFewError):
        error_variance([months], [[42, 40, 41]])
