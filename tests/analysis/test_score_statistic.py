import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar
from scipy.special import xlogy
from scipy.stats import binom

from analysis.contingency import TwoByTwo, chi_square
from analysis.score_statistic import least_events, score_statistic, tail_probability

DIFFERENCES = (-1.0, -0.93, -0.4, -0.001, 0.0, 0.25, 0.7, 1.0)


def all_scores(n_first: int, n_second: int, difference: float) -> np.ndarray:
    """Shape (n_first + 1, n_second + 1)."""
    x, y = np.meshgrid(np.arange(n_first + 1), np.arange(n_second + 1), indexing="ij")
    return score_statistic(x, n_first, y, n_second, difference)


@given(st.integers(0, 30), st.integers(0, 24))
def test_square_of_the_score_of_no_difference_is_chi_square(x: int, y: int) -> None:
    wanted = chi_square(TwoByTwo(x, 30, y, 24), corrected=False).statistic
    assert score_statistic([x], 30, [y], 24, 0.0)[0] ** 2 == pytest.approx(wanted, abs=1e-9)


@given(st.integers(0, 12), st.integers(0, 9), st.floats(-0.95, 0.95))
def test_spread_is_that_of_the_most_likely_proportions(x: int, y: int, difference: float) -> None:
    def unlikely(p: float) -> float:
        a = p + difference
        return -float(xlogy(x, a) + xlogy(12 - x, 1 - a) + xlogy(y, p) + xlogy(9 - y, 1 - p))

    bounds = max(0.0, -difference), min(1.0, 1.0 - difference)
    p = minimize_scalar(unlikely, bounds=bounds, method="bounded", options={"xatol": 1e-12}).x
    a = p + difference
    error = (a * (1 - a) / 12 + p * (1 - p) / 9) ** 0.5
    found = score_statistic([x], 12, [y], 9, difference)[0]
    if error > 1e-3:
        assert found == pytest.approx((x / 12 - y / 9 - difference) / error, rel=1e-3, abs=1e-6)


@pytest.mark.parametrize("sizes", [(7, 5), (6, 6), (1, 9), (33, 31)])
def test_more_events_of_the_first_group_are_never_less_extreme(sizes: tuple[int, int]) -> None:
    for difference in DIFFERENCES:
        scores = all_scores(*sizes, difference)
        for earlier, later in (
            (scores[:-1], scores[1:]),
            (scores[:, 1:], scores[:, :-1]),
        ):
            assert (later >= earlier - 1e-7).all()


def test_the_tail_found_by_halving_is_the_tail_of_all_tables() -> None:
    for x, y, difference in itertools.product(range(8), range(6), DIFFERENCES):
        scores = all_scores(7, 5, difference)
        least = least_events(TwoByTwo(x, 7, y, 5), difference)
        found = np.arange(8)[:, None] >= least[None, :]
        assert (found == (scores >= scores[x, y] - 1e-7)).all()


def test_probability_of_a_tail_is_the_sum_over_its_tables() -> None:
    table, first, second = TwoByTwo(5, 7, 1, 5), 0.6, 0.3
    least = least_events(table, 0.3)
    wanted = sum(
        binom.pmf(x, 7, first) * binom.pmf(y, 5, second)
        for x, y in itertools.product(range(8), range(6))
        if x >= least[y]
    )
    found = tail_probability(table, least, np.array([first]), np.array([second]))
    assert found[0] == pytest.approx(wanted, rel=1e-12)
