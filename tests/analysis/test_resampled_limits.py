from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import bootstrap

from analysis.errors import (
    NotFiniteError,
    OneSidedReplicatesError,
    OutOfRangeError,
    TooFewError,
)
from analysis.resampled_limits import bca_limits, jackknife_acceleration, percentile_limits

REPLICATES = st.lists(st.floats(-1e3, 1e3), min_size=2, max_size=50)


def jackknife(values: NDArray[np.float64]) -> list[float]:
    return [float(np.var(np.delete(values, i))) for i in range(values.size)]


@pytest.mark.parametrize("level", [0.5, 0.9, 0.99])
def test_bca_and_percentile_are_those_of_scipy(level: float) -> None:
    values = np.random.default_rng(5).lognormal(size=23)
    scipys = {
        method: bootstrap(
            (values,),
            np.var,
            confidence_level=level,
            n_resamples=499,
            method=method,
            vectorized=True,
            rng=np.random.default_rng(6),
        )
        for method in ("percentile", "BCa")
    }
    replicates = scipys["BCa"].bootstrap_distribution
    acceleration = jackknife_acceleration(jackknife(values))
    found = bca_limits(replicates, float(np.var(values)), acceleration=acceleration, level=level)
    assert found == pytest.approx(scipys["BCa"].confidence_interval, abs=1e-12)
    plain = percentile_limits(replicates, level=level)
    assert plain == pytest.approx(scipys["percentile"].confidence_interval, abs=1e-12)


def test_acceleration_of_two_samples_is_that_of_scipy() -> None:
    rng = np.random.default_rng(7)
    one, other = rng.exponential(size=12), rng.exponential(size=19)

    def difference(x: Any, y: Any, axis: int = -1) -> Any:
        return np.var(x, axis=axis) - np.var(y, axis=axis)

    scipys = bootstrap((one, other), difference, n_resamples=400, method="BCa", rng=rng)
    without_one = np.array(jackknife(one)) - np.var(other)
    without_other = np.var(one) - np.array(jackknife(other))
    acceleration = jackknife_acceleration(without_one, without_other)
    replicates, estimate = scipys.bootstrap_distribution, float(difference(one, other))
    found = bca_limits(replicates, estimate, acceleration=acceleration)
    assert found == pytest.approx(scipys.confidence_interval, abs=1e-12)


@given(REPLICATES, st.floats(0.01, 0.99))
def test_limits_are_ordered_and_among_the_replicates(values: list[float], level: float) -> None:
    lower, upper = percentile_limits(values, level=level)
    assert min(values) <= lower <= upper <= max(values)


@given(REPLICATES, st.floats(-0.5, 0.5), st.floats(0.01, 0.99))
def test_bca_limits_stay_among_the_replicates(
    values: list[float], acceleration: float, level: float
) -> None:
    middle = sorted(values)[len(values) // 2]
    if min(values) == middle == max(values) or min(values) < middle:
        lower, upper = bca_limits(values, middle, acceleration=acceleration, level=level)
        assert min(values) <= lower <= upper <= max(values)


def test_without_bias_and_acceleration_bca_is_the_percentile_interval() -> None:
    values = np.arange(-50.0, 51.0)
    assert bca_limits(values, 0.0, acceleration=0.0) == pytest.approx(percentile_limits(values))


def test_replicates_all_equal_to_the_estimate_give_no_width() -> None:
    assert bca_limits([0.5] * 9, 0.5, acceleration=0.0) == (0.5, 0.5)


@pytest.mark.parametrize(("acceleration", "end"), [(5.0, 1), (-5.0, 0)])
def test_beyond_its_pole_a_limit_is_the_last_replicate(acceleration: float, end: int) -> None:
    limits = bca_limits([1, 2, 3, 4, 5], 3.0, acceleration=acceleration, level=0.9)
    assert limits[end] == (1.0, 5.0)[end]


def test_leaving_out_somebody_who_changes_nothing_has_no_acceleration() -> None:
    assert jackknife_acceleration([0.7, 0.7, 0.7]) == 0.0
    assert jackknife_acceleration([0.3, 0.1 * 3, 0.3]) == 0.0


@pytest.mark.parametrize("scale", [1e-200, 1.0, 1e200])
def test_the_unit_does_not_change_the_acceleration(scale: float) -> None:
    values = np.array([1.0, 2.0, 6.0])
    by_hand = (2**3 + 1**3 - 3**3) / (6 * (2**2 + 1**2 + 3**2) ** 1.5)
    assert jackknife_acceleration(scale * values) == pytest.approx(by_hand)


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda: percentile_limits([]), TooFewError),
        (lambda: percentile_limits([0.1, np.nan]), NotFiniteError),
        (lambda: percentile_limits([0.1], level=95), OutOfRangeError),
        (lambda: bca_limits([], 0.0, acceleration=0.0), TooFewError),
        (lambda: bca_limits([1.0, 2.0], 0.0, acceleration=0.0), OneSidedReplicatesError),
        (lambda: bca_limits([1.0, 2.0], 1.5, acceleration=np.nan), NotFiniteError),
        (lambda: jackknife_acceleration(), TooFewError),
        (lambda: jackknife_acceleration([]), TooFewError),
    ],
)
def test_what_is_wrong_is_refused(call: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        call()
