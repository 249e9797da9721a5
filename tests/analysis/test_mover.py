from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.correlation import pearson
from analysis.correlation_difference import correlation_difference
from analysis.errors import OutOfRangeError
from analysis.estimate import Estimate
from analysis.mover import difference_of_estimates

Number = st.floats(-5, 5)
Width = st.floats(0, 3)


def estimate(value: float, below: float, above: float, n: int = 9) -> Estimate:
    return Estimate(value, value - below, value + above, 0.95, "profile_likelihood", n, n)


def test_with_correlations_it_is_zous_interval() -> None:
    rng = np.random.default_rng(1)
    found = [pearson(*rng.normal(size=(2, n))) for n in (19, 14)]
    of_r = [Estimate(one.r, one.lower, one.upper, 0.95, "fisher_z", one.n, one.n) for one in found]
    wanted = correlation_difference(found[0].r, 19, found[1].r, 14).difference
    assert difference_of_estimates(*of_r) == replace(wanted, method="mover")


@given(Number, Width, Number, Width)
def test_even_intervals_add_as_variances(
    a: float, width_a: float, b: float, width_b: float
) -> None:
    found = difference_of_estimates(estimate(a, width_a, width_a), estimate(b, width_b, width_b))
    both = np.hypot(width_a, width_b)
    assert [found.lower, found.upper] == pytest.approx([a - b - both, a - b + both], abs=1e-12)


@given(Number, Width, Width, Number, Width, Width)
def test_swapping_the_two_mirrors_the_interval(
    a: float, below_a: float, above_a: float, b: float, below_b: float, above_b: float
) -> None:
    one, other = estimate(a, below_a, above_a, 19), estimate(b, below_b, above_b, 14)
    found, swapped = difference_of_estimates(one, other), difference_of_estimates(other, one)
    assert (found.value, found.lower, found.upper) == pytest.approx(
        (-swapped.value, -swapped.upper, -swapped.lower), abs=1e-12
    )
    assert (found.n_cases, found.n_controls) == (19, 14)


def test_two_levels_are_refused() -> None:
    with pytest.raises(OutOfRangeError, match="level"):
        difference_of_estimates(estimate(0, 1, 1), replace(estimate(0, 1, 1), level=0.9))
