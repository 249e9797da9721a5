import itertools
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy.stats import binom

from analysis.contingency import TwoByTwo, risk_difference
from analysis.errors import OutOfRangeError, TooManyError
from analysis.exact_risk_difference import exact_risk_difference, upper_tail_p

SIZES = (6, 5)


@pytest.fixture(scope="module")
def all_limits() -> np.ndarray:
    """Lower and upper limit of every table, shape (n_first + 1, n_second + 1, 2); level .9."""
    found = np.empty((SIZES[0] + 1, SIZES[1] + 1, 2))
    for x, y in itertools.product(range(SIZES[0] + 1), range(SIZES[1] + 1)):
        estimate = exact_risk_difference(TwoByTwo(x, SIZES[0], y, SIZES[1]), level=0.9)
        found[x, y] = estimate.lower, estimate.upper
    return found


def test_limits_are_those_of_a_brute_force_search_in_r(expected: Callable[[str], Any]) -> None:
    for case in expected("r_efficacy")["exact"]:
        found = exact_risk_difference(TwoByTwo(*case["counts"]), level=case["level"])
        assert found.lower == pytest.approx(case["lower"], abs=1e-6)
        assert found.upper == pytest.approx(case["upper"], abs=1e-6)


def test_one_patient_in_each_group_can_be_worked_out_by_hand() -> None:
    # Both events of the first group: p1 (1 - p2) is at most ((1 + d) / 2)^2 for a difference d.
    found = exact_risk_difference(TwoByTwo(1, 1, 0, 1))
    assert found.lower == pytest.approx(2 * 0.025**0.5 - 1, abs=1e-9)
    assert found.upper == 1


def test_coverage_is_at_least_the_level_for_all_proportions(all_limits: np.ndarray) -> None:
    grid = np.linspace(0, 1, 41)
    weights = [binom.pmf(np.arange(n + 1)[:, None], n, grid) for n in SIZES]
    for i, j in itertools.product(range(grid.size), repeat=2):
        truth = grid[i] - grid[j]
        below, above = all_limits[..., 0] > truth + 1e-9, all_limits[..., 1] < truth - 1e-9
        probability = np.outer(weights[0][:, i], weights[1][:, j])
        assert probability[below].sum() <= 0.05 + 1e-9
        assert probability[above].sum() <= 0.05 + 1e-9


def test_limits_rise_with_the_observed_difference(all_limits: np.ndarray) -> None:
    assert (np.diff(all_limits, axis=0) >= -1e-9).all()
    assert (np.diff(all_limits, axis=1) <= 1e-9).all()


def test_exchanging_the_groups_changes_the_sign_only() -> None:
    there = exact_risk_difference(TwoByTwo(9, 14, 3, 11))
    back = exact_risk_difference(TwoByTwo(3, 11, 9, 14))
    assert [back.value, back.lower, back.upper] == pytest.approx(
        [-there.value, -there.upper, -there.lower], abs=1e-9
    )


def test_exchanging_events_and_others_changes_the_sign_only() -> None:
    there = exact_risk_difference(TwoByTwo(9, 14, 3, 11))
    others = exact_risk_difference(TwoByTwo(5, 14, 8, 11))
    assert [others.lower, others.upper] == pytest.approx([-there.upper, -there.lower], abs=1e-9)


def test_p_at_the_limit_is_half_of_what_the_level_leaves() -> None:
    table = TwoByTwo(22, 32, 5, 27)
    lower = exact_risk_difference(table).lower
    assert upper_tail_p(table, lower - 1e-9) <= 0.025 < upper_tail_p(table, lower + 1e-9)


def test_large_groups_come_near_the_score_interval() -> None:
    table = TwoByTwo(180, 300, 140, 300)
    exact, newcombe = exact_risk_difference(table), risk_difference(table)
    assert exact.lower == pytest.approx(newcombe.lower, abs=0.01)
    assert exact.upper == pytest.approx(newcombe.upper, abs=0.01)


def test_a_trial_of_64_takes_less_than_half_a_second() -> None:
    table = TwoByTwo(12, 33, 3, 31)
    start = time.process_time()
    exact_risk_difference(table)
    assert time.process_time() - start < 0.5


@pytest.mark.parametrize(
    ("n", "level", "error"), [(501, 0.95, TooManyError), (5, 95, OutOfRangeError)]
)
def test_what_cannot_be_worked_through_is_refused(
    n: int, level: float, error: type[Exception]
) -> None:
    with pytest.raises(error):
        exact_risk_difference(TwoByTwo(1, n, 1, n), level=level)
