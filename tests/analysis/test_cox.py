from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar

from analysis.cox import cox_regression
from analysis.errors import (
    AnalysisError,
    LengthsDifferError,
    NotFiniteError,
    OutOfRangeError,
    RankDeficientError,
    ShapeError,
    UnknownChoiceError,
)
from analysis.survival_errors import MonotoneLikelihoodError, NoComparisonError, NoEventsError
from analysis.survival_times import survival_times

RNG = np.random.default_rng(20261122)
TIMES, EVENTS = RNG.exponential(10, 80).round(1), RNG.random(80) < 0.7
COVARIATES = np.column_stack([RNG.normal(size=80), RNG.random(80) < 0.5])
PATIENTS = st.lists(
    st.tuples(st.integers(0, 6), st.booleans(), st.integers(-3, 3)), min_size=3, max_size=20
)


@given(PATIENTS)
def test_a_fit_is_the_maximum_and_a_refusal_means_there_is_none(
    patients: list[tuple[int, bool, int]],
) -> None:
    times, events, values = (np.array(column) for column in zip(*patients, strict=True))

    def loss(at: float) -> float:
        terms = [
            at * values[one] - np.log(np.exp(at * values[times >= times[one]]).sum())
            for one in np.flatnonzero(events)
        ]
        return -float(np.sum(terms))

    best = minimize_scalar(loss, bounds=(-60, 60), method="bounded", options={"xatol": 1e-10})
    try:
        fit = cox_regression(survival_times(times, events), values[:, None], ties="breslow")
    except MonotoneLikelihoodError:
        assert min(loss(-60), loss(60)) <= best.fun + 1e-9
    except AnalysisError:
        assume(False)
    else:
        assert -fit.log_likelihood <= best.fun + 1e-9
        assert fit.gradient < 1e-6


@pytest.mark.parametrize("unit", [1e-6, 30.4375, 1e6])
def test_the_unit_of_time_does_not_matter(unit: float) -> None:
    here = cox_regression(survival_times(TIMES, EVENTS), COVARIATES)
    there = cox_regression(survival_times(unit * (TIMES + 1), EVENTS), COVARIATES)
    assert there.coefficients == pytest.approx(here.coefficients, abs=1e-10)


@pytest.mark.parametrize("unit", [1e-9, 1e3, 1e9])
def test_unit_and_origin_of_a_covariate_do_not_matter(unit: float) -> None:
    followed = survival_times(TIMES, EVENTS)
    here = cox_regression(followed, COVARIATES)
    there = cox_regression(followed, unit * (COVARIATES + 50))
    assert there.coefficients * unit == pytest.approx(here.coefficients, abs=1e-9)
    assert there.standard_errors * unit == pytest.approx(here.standard_errors, abs=1e-9)


def test_exchanging_the_groups_inverts_the_hazard_ratio() -> None:
    followed, group = survival_times(TIMES, EVENTS), COVARIATES[:, 1:]
    here, there = cox_regression(followed, group), cox_regression(followed, 1 - group)
    assert there.hazard_ratios[0] == pytest.approx(1 / here.hazard_ratios[0])
    assert there.lower[0] == pytest.approx(1 / here.upper[0])


def test_without_ties_both_ways_to_handle_them_agree() -> None:
    followed = survival_times(np.arange(80) + TIMES / 1e4, EVENTS)
    efron, breslow = (cox_regression(followed, COVARIATES, ties=t) for t in ("efron", "breslow"))
    assert efron.coefficients.tolist() == breslow.coefficients.tolist()


def test_a_group_without_events_has_no_finite_hazard_ratio() -> None:
    followed = survival_times([1, 2, 3, 4, 5, 6], [1, 0, 1, 0, 1, 0])
    groups = np.array([1, 0, 1, 0, 1, 0])[:, None]
    with pytest.raises(MonotoneLikelihoodError, match=r"of arm has no finite") as caught:
        cox_regression(followed, groups, names=["arm"])
    assert caught.value.names == ("arm",)


def test_only_the_covariate_that_separates_is_named() -> None:
    group = COVARIATES[:, 1]
    followed = survival_times(TIMES, EVENTS & (group == 1))
    with pytest.raises(MonotoneLikelihoodError) as caught:
        cox_regression(followed, COVARIATES, names=["age", "arm"])
    assert caught.value.names == ("arm",)


def test_a_large_but_finite_coefficient_is_found() -> None:
    times = np.arange(1, 2001)
    group = times <= 1000
    group[[999, 1000]] = False, True
    fit = cox_regression(survival_times(times, np.ones(2000)), group[:, None])
    assert 5 < fit.coefficients[0] < 20
    assert fit.gradient < 1e-8


@pytest.mark.parametrize(
    ("times", "events", "covariates", "error"),
    [
        ([1, 2, 3], [0, 0, 0], [[0], [1], [0]], NoEventsError),
        ([1, 2, 3], [1, 1, 1], [[1], [1], [1]], RankDeficientError),
        ([1, 2, 3], [1, 1, 1], [[1, 2], [2, 4], [0, 0]], RankDeficientError),
        ([1, 2, 3], [0, 1, 1], [[1], [0], [0]], NoComparisonError),
        ([2, 2, 2], [1, 1, 1], [[1], [0], [0]], NoComparisonError),
        ([1], [1], [[1]], RankDeficientError),
        ([1, 2], [1, 1], [1, 0], ShapeError),
        ([1, 2], [1, 1], np.empty((2, 0)), ShapeError),
        ([1, 2], [1, 1], [[1]], LengthsDifferError),
        ([1, 2], [1, 1], [[1], [np.inf]], NotFiniteError),
        ([1, 2], [1, 1], [[1], [1e200]], OutOfRangeError),
    ],
)
def test_what_has_no_fit_is_refused(
    times: Any, events: Any, covariates: Any, error: type[Exception]
) -> None:
    with pytest.raises(error):
        cox_regression(survival_times(times, events), covariates)


@pytest.mark.parametrize(
    ("settings", "error"),
    [
        ({"ties": "exact"}, UnknownChoiceError),
        ({"level": 95}, OutOfRangeError),
        ({"names": ["a", "b"]}, LengthsDifferError),
    ],
)
def test_wrong_settings_are_refused(settings: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        cox_regression(survival_times([1, 2], [1, 1]), [[0], [1]], **settings)
