from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.ancova import ancova, slope_difference
from analysis.errors import LengthsDifferError, NoSpreadError, OutOfRangeError, TooFewError
from analysis.estimate import Estimate
from analysis.mean_difference import two_sample_t

ARGUMENTS = ("first", "second", "covariate_first", "covariate_second")


def arrays(seed: int) -> list[np.ndarray]:
    """Outcomes and covariates of 12 and 9 patients."""
    rng = np.random.default_rng(seed)
    return [
        rng.normal(-3, 2, 12),
        rng.normal(-5, 3, 9),
        rng.normal(38, 4, 12),
        rng.normal(36, 4, 9),
    ]


def limits(estimate: Estimate) -> list[float]:
    return [estimate.value, estimate.lower, estimate.upper]


@pytest.mark.parametrize("index", [0, 1, 2])
def test_random_sets_are_those_of_r(index: int, expected: Callable[[str], Any]) -> None:
    case = expected("r_efficacy")["ancova"][index]
    found = ancova(*(case[name] for name in ARGUMENTS), level=0.9)
    comparison = found.comparison
    wanted = [case[name] for name in ("difference", "standard_error", "t", "p")]
    got = [comparison.difference.value, comparison.standard_error, comparison.t, comparison.p]
    assert got == pytest.approx(wanted, rel=1e-9)
    assert limits(comparison.difference)[1:] == pytest.approx(case["limits_90"], rel=1e-9)
    assert limits(found.adjusted_first) == pytest.approx(case["adjusted_first_90"], rel=1e-9)
    assert limits(found.adjusted_second) == pytest.approx(case["adjusted_second_90"], rel=1e-9)
    assert [found.slope, found.residual_sd] == pytest.approx(
        [case["slope"], case["residual_sd"]], rel=1e-9
    )


@pytest.mark.parametrize("index", [0, 1, 2])
def test_difference_of_slopes_is_the_interaction_of_r(
    index: int, expected: Callable[[str], Any]
) -> None:
    case = expected("r_efficacy")["ancova"][index]
    found = slope_difference(*(case[name] for name in ARGUMENTS))
    got = [found.difference.value, found.standard_error, found.p]
    wanted = [case[name] for name in ("interaction", "interaction_se", "interaction_p")]
    assert got == pytest.approx(wanted, rel=1e-8)


def test_change_and_later_value_have_the_same_adjusted_difference() -> None:
    first, second, base_first, base_second = arrays(1)
    change = ancova(first, second, base_first, base_second)
    later = ancova(first + base_first, second + base_second, base_first, base_second)
    assert limits(later.comparison.difference) == pytest.approx(
        limits(change.comparison.difference)
    )


@given(st.integers(0, 2**32), st.floats(-1e4, 1e4), st.floats(0.01, 100))
def test_origin_and_unit_of_the_covariate_change_nothing(
    seed: int, by: float, scale: float
) -> None:
    first, second, x, z = arrays(seed)
    here = ancova(first, second, x, z).comparison
    there = ancova(first, second, by + scale * x, by + scale * z).comparison
    assert there.p == pytest.approx(here.p, rel=1e-5)
    assert limits(there.difference) == pytest.approx(limits(here.difference), rel=1e-5, abs=1e-6)


@given(st.integers(0, 2**32))
def test_exchanging_the_groups_changes_the_sign_only(seed: int) -> None:
    first, second, x, z = arrays(seed)
    there, back = ancova(first, second, x, z), ancova(second, first, z, x)
    assert back.comparison.difference.value == pytest.approx(-there.comparison.difference.value)
    assert back.comparison.p == pytest.approx(there.comparison.p)
    assert limits(back.adjusted_first) == pytest.approx(limits(there.adjusted_second))


def test_a_covariate_that_explains_nothing_leaves_the_difference_of_means() -> None:
    balanced = [1.0, -1.0, 1.0, -1.0]
    first, second = [2.0, 2.0, 4.0, 4.0], [1.0, 1.0, -1.0, -1.0]
    adjusted = ancova(first, second, balanced, balanced).comparison.difference
    assert adjusted.value == pytest.approx(two_sample_t(first, second).difference.value)


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (([1.0], [1.0, 2.0], [3.0], [3.0, 4.0]), TooFewError),
        (([1.0, 2.0], [1.0, 2.0, 4.0], [3.0, 4.0], [3.0, 4.0]), LengthsDifferError),
        (([1.0, 2.0], [1.0, 3.0], [3.0, 3.0], [4.0, 4.0]), NoSpreadError),
        (([1.0, 2.0, 3.0], [2.0, 3.0, 4.0], [1.0, 2.0, 3.0], [1.0, 2.0, 3.0]), NoSpreadError),
    ],
)
def test_what_cannot_be_adjusted_is_refused(arguments: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        ancova(*arguments)


def test_two_lines_need_five_patients() -> None:
    with pytest.raises(TooFewError):
        slope_difference([1, 2], [3, 5], [1, 2], [1, 2])


def test_a_line_needs_a_covariate_that_differs_in_either_group() -> None:
    with pytest.raises(NoSpreadError, match="within a group"):
        slope_difference([1, 2, 4], [3, 5, 6], [7, 7, 7], [1, 2, 3])


def test_a_level_in_percent_is_refused() -> None:
    with pytest.raises(OutOfRangeError):
        ancova(*arrays(1), level=95)


def test_a_covariate_whose_squares_are_no_numbers_is_refused() -> None:
    tiny = np.array([1.0, 2.0, 3.0]) * 1e-200
    with pytest.raises(NoSpreadError):
        ancova([1, 2, 4], [2, 3, 3], tiny, tiny)
