from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from analysis.errors import LengthsDifferError, TooFewError
from analysis.rate_given_lead_in import rate_as_others, rate_given_lead_in
from analysis.regression_to_mean import NormalSlopes
from analysis.slope_errors import slope_errors

ERRORS = slope_errors(range(-3, 5), 4)
assert ERRORS is not None


def test_the_rate_is_the_mean_chance_of_simulated_patients_with_that_lead_in() -> None:
    slopes, rng = NormalSlopes(-1.0, -0.8, 0.7, 0.5, 0.4), np.random.default_rng(1)
    true = slopes.draw(2_000_000, rng)
    noise = rng.multivariate_normal(
        [0, 0], 0.5 * np.array([[ERRORS.before, ERRORS.shared], [ERRORS.shared, ERRORS.after]]),
        2_000_000,
    )  # fmt: skip
    before, after = (true + noise).T
    near = np.abs(before + 1.5) < 0.02
    found = rate_given_lead_in(slopes, [-1.5], [-0.75], [ERRORS], 0.5)
    assert found.rate == pytest.approx((after[near] >= -0.75).mean(), abs=0.01)


def test_the_sum_of_unlike_chances_agrees_with_all_outcomes(
    expected: Callable[[str], Any],
) -> None:
    """Others whose residuals reach each patient's bar with the chances of the reference."""
    wanted = expected("r_robustness")["chances"]
    after = np.tile(np.linspace(-1, 1, 1000), 2)  # the same after for two lead-ins: no slope
    before = np.repeat([-1.0, -2.0], 1000)
    bars = np.quantile(np.linspace(-1, 1, 1000), 1 - np.array(wanted["chance"]), method="higher")
    found = rate_as_others(np.full(9, -1.0), bars, before, after, observed=4)
    assert found.rate == pytest.approx(np.mean(wanted["chance"]), abs=1e-3)
    assert found.as_high == pytest.approx(sum(wanted["counts"][4:]), abs=5e-3)
    assert 0 <= found.lower <= found.rate <= found.upper <= 1


def test_patients_who_go_on_as_others_follow_the_others_line() -> None:
    others_before = np.array([-3.0, -2.0, -1.0])
    found = rate_as_others([-2.0, -4.0], [-1.0, -1.9], others_before, others_before / 2)
    assert found.rate == 0.5  # on the line y = x / 2: reached by the first alone


def test_lead_ins_that_do_not_fit_are_refused() -> None:
    slopes = NormalSlopes(-1.0, -1.0, 0.5, 0.5, 1.0)
    with pytest.raises(TooFewError):
        rate_given_lead_in(slopes, [], [], [], 0.5)
    with pytest.raises(LengthsDifferError):
        rate_given_lead_in(slopes, [-1.0, -2.0], [0.0, 0.0], [ERRORS], 0.5)
    with pytest.raises(TooFewError):
        rate_as_others([-1.0], [0.0], [-1.0, -2.0], [0.0, 0.0])
