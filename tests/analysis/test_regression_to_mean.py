from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from analysis.checks import Mask, Vector
from analysis.errors import OutOfRangeError, TooFewError
from analysis.regression_to_mean import (
    DrawnSlopes,
    NobodyEvaluableError,
    NormalSlopes,
    expected_rate,
)
from analysis.slope_errors import SlopeErrors, slope_errors
from analysis.true_slopes import DiscreteTruth


def half_as_steep(before: Vector, after: Vector) -> tuple[Mask, Mask]:
    """At least 50 % improvement; not evaluable without decline."""
    return before < 0, after >= before / 2


def errors(months: Any, n: int = 1) -> list[SlopeErrors]:
    found = slope_errors(months, 4)
    assert found is not None
    return [found] * n


@pytest.mark.parametrize("case", range(2))
def test_the_rate_is_the_bivariate_normal_probability(
    case: int, expected: Callable[[str], Any]
) -> None:
    reference = expected("r_robustness")
    wanted = reference["rates"][case]
    patients = [errors(one["months"])[0] for one in reference["errors"][:3]]
    found = expected_rate(
        NormalSlopes(*wanted["slopes"]),
        patients,
        wanted["error_variance"],
        half_as_steep,
        n_trials=200_000,
        rng=np.random.default_rng(1),
    )
    assert found.rate == pytest.approx(wanted["rate"], abs=4 * found.standard_error)
    assert found.standard_error < 0.001
    assert found.evaluable == pytest.approx(wanted["evaluable"], abs=0.003)


def test_the_standard_error_tells_how_far_simulations_lie_apart() -> None:
    slopes = NormalSlopes(-1.0, -1.0, 0.5, 0.5, 1.0)
    found = [
        expected_rate(
            slopes,
            errors(range(-3, 7), 12),
            0.5,
            half_as_steep,
            n_trials=200,
            rng=np.random.default_rng(seed),
        )
        for seed in range(300)
    ]
    apart = np.std([one.rate for one in found], ddof=1)
    assert np.mean([one.standard_error for one in found]) == pytest.approx(apart, rel=0.15)


def test_without_error_and_change_nobody_responds() -> None:
    truth = DiscreteTruth(np.array([-2.0, -1.0]), np.array([0.5, 0.5]), 10)
    found = expected_rate(
        DrawnSlopes(truth, 1.0),
        errors(range(-3, 7), 5),
        0.0,
        half_as_steep,
        n_trials=50,
        rng=np.random.default_rng(1),
        observed=0.2,
    )
    assert (found.rate, found.upper, found.as_high, found.evaluable) == (0, 0, 0, 1)


def test_more_error_makes_more_chance_responders() -> None:
    slopes = NormalSlopes(-1.0, -1.0, 0.3, 0.3, 1.0)
    rates = [
        expected_rate(
            slopes,
            errors(range(-3, 7), 10),
            variance,
            half_as_steep,
            n_trials=2000,
            rng=np.random.default_rng(1),
        ).rate
        for variance in (0.1, 0.5, 2.0)
    ]
    assert rates == sorted(rates)
    assert rates[0] < rates[2] - 0.2


def test_slopes_that_are_kept_by_a_share_correlate_by_it() -> None:
    truth = DiscreteTruth(np.linspace(-3, 0, 7), np.full(7, 1 / 7), 10)
    drawn = DrawnSlopes(truth, 0.3).draw(100_000, np.random.default_rng(1))
    assert np.corrcoef(drawn.T)[0, 1] == pytest.approx(0.3, abs=0.015)
    assert drawn.mean(axis=0) == pytest.approx([-1.5, -1.5], abs=0.02)


def test_what_no_simulation_can_have_is_refused() -> None:
    slopes = NormalSlopes(-1.0, -1.0, 0.3, 0.3, 1.0)
    rng = np.random.default_rng(1)
    with pytest.raises(TooFewError):
        expected_rate(slopes, [], 1.0, half_as_steep, n_trials=10, rng=rng)
    with pytest.raises(OutOfRangeError):
        expected_rate(slopes, errors([-1, 0, 1]), -1.0, half_as_steep, n_trials=10, rng=rng)
    with pytest.raises(OutOfRangeError):
        NormalSlopes(-1, -1, 1, 1, 1.1)
    rising = NormalSlopes(9, 9, 0, 0, 1)
    with pytest.raises(NobodyEvaluableError, match="evaluable"):
        expected_rate(rising, errors([-1, 0, 1]), 0.0, half_as_steep, n_trials=10, rng=rng)
