from typing import Any

import numpy as np
import pytest

from analysis.cox import cox_regression
from analysis.errors import LengthsDifferError, OutOfRangeError, TooFewError, UnknownChoiceError
from analysis.proportional_hazards import proportional_hazards
from analysis.survival_times import SurvivalTimes, survival_times

RNG = np.random.default_rng(7)
GROUP = np.repeat([0.0, 1.0], 300)[:, None]


def crossing() -> SurvivalTimes:
    """A group whose hazard is first three times that of the other, then a third of it."""
    early, late = (
        RNG.exponential(1 / np.where(GROUP[:, 0] == 1, 3.0, 1.0)),
        RNG.exponential(1 / np.where(GROUP[:, 0] == 1, 1 / 3, 1.0)),
    )
    return survival_times(np.where(early < 0.4, early, 0.4 + late), np.ones(600))


def test_hazards_that_cross_are_found() -> None:
    followed = crossing()
    fit = cox_regression(followed, GROUP)
    found = proportional_hazards(followed, GROUP, fit)
    assert found.overall.p < 1e-6
    assert found.tests[0] == found.overall
    early = found.times < 0.4
    assert found.residuals[early].mean() > 0.5 > -0.5 > found.residuals[~early].mean()


def test_exchanging_the_groups_changes_no_test() -> None:
    followed = crossing()
    tests = [
        proportional_hazards(followed, group, cox_regression(followed, group)).overall.statistic
        for group in (GROUP, 1 - GROUP)
    ]
    assert tests[0] == pytest.approx(tests[1])


@pytest.mark.parametrize(
    ("times", "events", "transform", "error"),
    [
        ([1, 2, 3, 4], [0, 1, 0, 0], "km", TooFewError),
        ([2, 2, 3, 4], [1, 1, 0, 0], "km", TooFewError),
        ([0, 2, 3, 4], [1, 1, 1, 1], "log", OutOfRangeError),
        ([1, 2, 3, 4], [1, 1, 1, 1], "square", UnknownChoiceError),
    ],
)
def test_what_shows_no_trend_is_refused(
    times: Any, events: Any, transform: Any, error: type[Exception]
) -> None:
    followed, covariates = survival_times(times, events), np.array([[3.0], [2.0], [1.0], [5.0]])
    fit = cox_regression(followed, covariates)
    with pytest.raises(error):
        proportional_hazards(followed, covariates, fit, transform=transform)


def test_other_patients_than_those_of_the_fit_are_refused() -> None:
    followed, covariates = survival_times([1, 2, 3], [1, 1, 1]), np.array([[1.0], [0.0], [2.0]])
    fit = cox_regression(followed, covariates)
    with pytest.raises(LengthsDifferError):
        proportional_hazards(followed.of(np.array([True, True, False])), covariates[:2], fit)
