from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy import stats

from analysis.errors import (
    LengthsDifferError,
    NotFiniteError,
    OutOfRangeError,
    RankDeficientError,
    ShapeError,
    TooFewError,
)
from analysis.multiple_imputation import impute, is_monotone


def course(rng: np.random.Generator, n: int = 60) -> tuple[np.ndarray, np.ndarray]:
    """Three visits that follow from a predictor and from each other."""
    x = rng.normal(0, 1, n)
    first = 2 + x + rng.normal(0, 1, n)
    second = first + 0.5 * x + rng.normal(0, 1, n)
    third = second - 1 + rng.normal(0, 1, n)
    return np.column_stack([first, second, third]), x[:, None]


def test_imputed_values_have_the_predictive_t_distribution(
    expected: Callable[[str], Any],
) -> None:
    wanted = expected("r_robustness")["predictive"]
    y = np.array([np.nan if value is None else value for value in wanted["y"]])
    predictors = np.column_stack([wanted["arm"], wanted["base"]])
    rng = np.random.default_rng(1)
    drawn = impute(y[:, None], predictors, n_imputations=20_000, rng=rng)[:, np.isnan(y), 0]
    for values, location, scale in zip(drawn.T, wanted["location"], wanted["scale"], strict=True):
        t = stats.t(wanted["df"], location, scale)
        assert stats.kstest(values, t.cdf).pvalue > 1e-4


def test_what_was_seen_is_never_changed() -> None:
    rng = np.random.default_rng(2)
    outcomes, predictors = course(rng)
    outcomes[rng.random(outcomes.shape) < 0.2] = np.nan
    seen = ~np.isnan(outcomes)
    completed = impute(outcomes, predictors, n_imputations=7, rng=rng)
    assert np.isfinite(completed).all()
    assert (completed[:, seen] == outcomes[seen]).all()


def test_the_same_seed_gives_the_same_imputations() -> None:
    outcomes, predictors = course(np.random.default_rng(3))
    outcomes[:9, 2] = np.nan
    first, again = (
        impute(outcomes, predictors, n_imputations=3, rng=np.random.default_rng(4))
        for _ in range(2)
    )
    assert (first == again).all()


def test_a_shift_of_a_visit_shifts_what_is_imputed_there() -> None:
    outcomes, predictors = course(np.random.default_rng(5))
    outcomes[:9, 2] = np.nan
    here = impute(outcomes, predictors, n_imputations=3, rng=np.random.default_rng(6))
    there = impute(
        outcomes + np.array([0, 0, 10]), predictors, n_imputations=3, rng=np.random.default_rng(6)
    )
    assert there[:, :9, 2] == pytest.approx(here[:, :9, 2] + 10)


def test_chained_equations_agree_with_the_monotone_pass() -> None:
    """With a gap in the middle filled by one who returns, the others' distribution stays."""
    outcomes, predictors = course(np.random.default_rng(7), 200)
    outcomes[:40, 1:] = np.nan
    monotone = impute(outcomes, predictors, n_imputations=2000, rng=np.random.default_rng(8))
    outcomes[50, 1] = np.nan
    chained = impute(outcomes, predictors, n_imputations=2000, rng=np.random.default_rng(9))
    for visit in (1, 2):
        one, other = monotone[:, :40, visit].mean(axis=1), chained[:, :40, visit].mean(axis=1)
        assert other.mean() == pytest.approx(one.mean(), abs=0.1 * one.std())
        assert other.std() == pytest.approx(one.std(), rel=0.1)


def test_values_missing_at_random_are_recovered_where_complete_cases_are_biased() -> None:
    rng = np.random.default_rng(10)
    outcomes, predictors = course(rng, 2000)
    truth = outcomes[:, 2].mean()
    outcomes[outcomes[:, 0] < 1.5, 1:] = np.nan  # who starts low is not seen again
    completed = impute(outcomes, predictors, n_imputations=20, rng=rng)[:, :, 2].mean()
    assert abs(np.nanmean(outcomes[:, 2]) - truth) > 0.5
    assert completed == pytest.approx(truth, abs=0.15)


def test_monotone_is_when_nobody_returns() -> None:
    assert is_monotone(np.array([[False, True, True], [False, False, False]]))
    assert not is_monotone(np.array([[False, True, False]]))


@pytest.mark.parametrize(
    ("outcomes", "predictors", "error"),
    [
        (np.zeros(3), np.zeros((3, 1)), ShapeError),
        (np.zeros((3, 1)), np.zeros((4, 1)), LengthsDifferError),
        (np.full((3, 1), np.inf), np.zeros((3, 1)), OutOfRangeError),
        (np.zeros((3, 1)), np.full((3, 1), np.nan), NotFiniteError),
        (np.array([[1.0], [2.0], [3.0], [np.nan]]), np.zeros((4, 1)), TooFewError),
        (np.r_[np.arange(9.0), np.nan][:, None], np.ones((10, 1)), RankDeficientError),
        (np.full((9, 1), np.nan), np.arange(9.0)[:, None], TooFewError),
    ],
)
def test_what_cannot_be_imputed_is_refused(
    outcomes: np.ndarray, predictors: np.ndarray, error: type[Exception]
) -> None:
    with pytest.raises(error):
        impute(outcomes, predictors, n_imputations=2, rng=np.random.default_rng(1))
