import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.special import chdtri, ndtr

from analysis.bivariate_normal import log_bivariate_ndtr
from analysis.censored import censored_log_normal
from analysis.censored_pairs import CensoredPairs
from analysis.errors import (
    AllCensoredError,
    AnalysisError,
    LengthsDifferError,
    NoSpreadError,
    NotFiniteError,
    OutOfRangeError,
    TooFewError,
)
from analysis.paired import paired_t
from analysis.paired_censored import CensoredChange, censored_change

Table = Callable[[str], dict[str, Any]]
VALUE = st.integers(1, 200).map(lambda whole: whole / 16)
PAIRS = st.lists(st.tuples(VALUE, VALUE), min_size=7, max_size=12)


def of_limit(pairs: list[tuple[float, float]], limit: float) -> CensoredChange:
    """Fit what a laboratory with this limit would have written."""
    before, after = np.array(pairs).T
    return censored_change(
        np.maximum(before, limit),
        np.maximum(after, limit),
        before_below=before < limit,
        after_below=after < limit,
    )


def test_fit_and_interval_are_those_of_optim_on_mvtnorm(expected: Callable[[str], Any]) -> None:
    for case in expected("r_paired_censored")["pairs"]:
        side = {name: np.array(case[f"{name}_side"]) for name in ("before", "after")}
        found = censored_change(
            case["before"],
            case["after"],
            before_below=side["before"] == 1,
            after_below=side["after"] == 1,
            before_above=side["before"] == -1,
            after_above=side["after"] == -1,
        )
        change = found.change
        assert found.log_likelihood == pytest.approx(case["loglik"], abs=1e-8)
        limits = case["change"], case["lower"], case["upper"]
        assert (change.value, change.lower, change.upper) == pytest.approx(limits, abs=1e-6)
        assert found.p_likelihood_ratio == pytest.approx(case["p"], rel=1e-5)
        for name in ("mean_log_before", "sd_log_before", "sd_log_after", "correlation"):
            assert getattr(found, name) == pytest.approx(case[name], abs=2e-6)


@settings(max_examples=25)
@given(PAIRS)
def test_without_censoring_it_is_the_paired_t_test_with_chi_square(
    pairs: list[tuple[float, float]],
) -> None:
    before, after = np.array(pairs).T
    try:
        found, t_test = of_limit(pairs, 0.01), paired_t(np.log(before), np.log(after))
    except (NoSpreadError, TooFewError):
        assume(False)
    n = before.size
    half = math.sqrt(np.expm1(chdtri(1, 0.05) / n) * (n - 1)) * abs(t_test.change.value / t_test.t)
    assert found.change.value == pytest.approx(t_test.change.value, abs=1e-9)
    assert found.change.upper - found.change.value == pytest.approx(half, rel=1e-6, abs=1e-9)


@settings(max_examples=25)
@given(PAIRS)
def test_going_back_mirrors_the_change(pairs: list[tuple[float, float]]) -> None:
    try:
        there = of_limit(pairs, 1.0)
        back = of_limit([(after, before) for before, after in pairs], 1.0)
    except AnalysisError:
        assume(False)
    assert back.change.value == pytest.approx(-there.change.value, abs=1e-7)
    assert back.change.lower == pytest.approx(-there.change.upper, abs=1e-6)
    assert back.p_likelihood_ratio == pytest.approx(there.p_likelihood_ratio, abs=1e-7)


def test_unit_and_reciprocal_change_nothing_but_the_sign(table: Table) -> None:
    patients = table("csf33")
    before, after = patients["tnf_pre"], patients["tnf_post"]
    low, limit = {"before_below": before < 2, "after_below": after < 2}, 2.0
    here = censored_change(np.maximum(before, limit), np.maximum(after, limit), **low)
    there = censored_change(
        1e6 / np.maximum(before, limit),
        1e6 / np.maximum(after, limit),
        before_below=np.zeros(33),
        after_below=np.zeros(33),
        before_above=low["before_below"],
        after_above=low["after_below"],
    )
    assert there.change.value == pytest.approx(-here.change.value, abs=1e-9)
    assert there.change.lower == pytest.approx(-here.change.upper, abs=1e-9)


def test_censoring_one_time_only_leaves_the_other_times_margin_nearly_alone(table: Table) -> None:
    patients = table("csf33")
    before, after = patients["tnf_pre"], patients["tnf_post"]
    below = after < np.median(after)
    found = censored_change(
        before, np.where(below, np.median(after), after), before_below=0 * below, after_below=below
    )
    assert (found.n_censored_before, found.n_both_censored) == (0, 0)
    assert found.mean_log_before == pytest.approx(np.log(before).mean(), abs=1e-9)
    alone = censored_log_normal(np.where(below, np.median(after), after), below)
    together = found.mean_log_before + found.change.value
    assert together == pytest.approx(alone.mean_log, abs=0.2)


@given(st.lists(st.tuples(*[st.floats(-6, 6)] * 2), min_size=1), st.floats(-0.999, 0.999))
def test_quadrants_add_up_to_half_planes(limits: list[tuple[float, float]], r: float) -> None:
    first, second = np.array(limits).T
    below, above = log_bivariate_ndtr(first, second, r), log_bivariate_ndtr(first, -second, -r)
    assert np.exp(below) + np.exp(above) == pytest.approx(ndtr(first), rel=1e-11)


def test_small_probabilities_keep_their_digits() -> None:
    # By Plackett's identity the derivative by r is the density, so the ratio of both is known.
    h, step = np.array([-30.0]), 1e-6
    slope = (log_bivariate_ndtr(h, h, 0.5 + step) - log_bivariate_ndtr(h, h, 0.5 - step)) / step / 2
    log_density = -(h**2) / 1.5 - math.log(2 * math.pi * math.sqrt(0.75))
    assert slope == pytest.approx(np.exp(log_density - log_bivariate_ndtr(h, h, 0.5)), rel=1e-6)


@given(st.integers(0, 2**32 - 1))
def test_gradient_is_the_slope_of_the_likelihood(seed: int) -> None:
    rng = np.random.default_rng(seed)
    sides = rng.integers(-1, 2, size=(2, 9)).astype(float)
    pairs = CensoredPairs(*rng.normal(size=(2, 9)), *sides)
    at, step = rng.normal(0, 0.5, 5), 1e-5
    _, gradient = pairs.log_likelihood(at)
    for j, move in enumerate(step * np.eye(5)):
        rise = pairs.log_likelihood(at + move)[0] - pairs.log_likelihood(at - move)[0]
        assert gradient[j] == pytest.approx(rise / step / 2, rel=1e-5, abs=1e-5)


NONE = np.zeros(6)


@pytest.mark.parametrize(
    ("before", "after", "before_below", "after_below", "error"),
    [
        ([1, 2, 3, 5, 7, 9], [1] * 6, NONE, [1] * 6, AllCensoredError),
        ([1] * 6, [1, 2, 3, 5, 7, 9], [1] * 6, NONE, AllCensoredError),
        ([1, 2, 3, 5, 7, 9], [2, 1, 2, 4, 8, 8], [1, *NONE[1:]], [0, 1, *NONE[2:]], TooFewError),
        ([1, 2, 3, 5], [2, 1, 2, 4], NONE[:4], NONE[:4], TooFewError),
        ([1, 2, 4, 8, 16, 32], [2, 4, 8, 16, 32, 64], NONE, NONE, NoSpreadError),
        ([1, 2, 4, 8, 16, 32], [2] * 6, NONE, NONE, NoSpreadError),
        ([0, 2, 4, 8, 7, 9], [2, 3, 2, 2, 8, 8], NONE, NONE, OutOfRangeError),
        ([1, 2, 4, 8, 7, 9], [2, 3, 2, 2, 8, 8], [2, *NONE[1:]], NONE, OutOfRangeError),
        ([1, 2, 4, 8, 7, 9], [2, 3, 2, 2, 8, 8], [1, 0], NONE, LengthsDifferError),
        ([1, 2, 4, 8, 7], [2, 3, 2, 2, 8, 8], NONE, NONE, LengthsDifferError),
        ([1, 2, np.nan, 8, 7, 9], [2, 3, 2, 2, 8, 8], NONE, NONE, NotFiniteError),
    ],
)
def test_what_has_no_finite_fit_is_refused(
    before: Any, after: Any, before_below: Any, after_below: Any, error: type[Exception]
) -> None:
    with pytest.raises(error):
        censored_change(before, after, before_below=before_below, after_below=after_below)


def test_a_value_is_not_below_and_above() -> None:
    flags = [1, 0, 0, 0, 0, 0]
    with pytest.raises(OutOfRangeError, match="not both"):
        censored_change(
            [1, 2, 4, 8, 7, 9],
            [2, 3, 2, 2, 8, 8],
            before_below=flags,
            after_below=NONE,
            before_above=flags,
        )


@pytest.mark.parametrize(
    ("first", "second", "r", "error"),
    [([0.0], [0.0], 1.0, OutOfRangeError), ([0.0], [0.0, 1.0], 0.5, LengthsDifferError)],
)
def test_quadrants_that_there_are_not_are_refused(
    first: list[float], second: list[float], r: float, error: type[Exception]
) -> None:
    with pytest.raises(error):
        log_bivariate_ndtr(first, second, r)
