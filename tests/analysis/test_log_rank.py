from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from analysis.cox import cox_regression
from analysis.errors import AnalysisError, LengthsDifferError, OutOfRangeError, TooFewError
from analysis.log_rank import log_rank
from analysis.survival_errors import NoComparisonError, NoEventsError
from analysis.survival_times import survival_times


@given(st.permutations(range(1, 13)), st.lists(st.booleans(), min_size=12, max_size=12))
def test_without_ties_it_is_the_score_test_of_the_cox_model(
    times: list[int], events: list[bool]
) -> None:
    followed, group = survival_times(times, events), np.arange(12) < 6
    try:
        score = cox_regression(followed, group[:, None]).score
    except AnalysisError:
        assume(False)
    assert log_rank(followed, group).chi_square == pytest.approx(score.statistic, rel=1e-9)


def test_observed_and_expected_add_up_to_the_events() -> None:
    test = log_rank(survival_times([1, 1, 2, 3, 3, 4], [1, 1, 0, 1, 1, 1]), list("aabbab"))
    assert sum(test.observed) == pytest.approx(5)
    assert sum(test.expected) == pytest.approx(5)


def test_a_third_group_that_left_before_the_first_event_changes_nothing() -> None:
    times, events, groups = [3, 4, 5, 6], [1, 1, 1, 0], list("abba")
    alone = log_rank(survival_times(times, events), groups)
    joined = log_rank(survival_times([*times, 1], [*events, 0]), [*groups, "c"])
    assert (joined.chi_square, joined.df) == (pytest.approx(alone.chi_square), alone.df)


@pytest.mark.parametrize(
    ("times", "events", "groups", "error"),
    [
        ([1, 2], [0, 0], ["a", "b"], NoEventsError),
        ([1, 2], [1, 1], ["a", "a"], TooFewError),
        ([1, 2, 3], [0, 1, 1], ["a", "b", "b"], NoComparisonError),
        ([1, 1, 1], [1, 1, 1], ["a", "b", "b"], NoComparisonError),
        ([1, 2], [1, 1], ["a"], LengthsDifferError),
    ],
)
def test_what_cannot_be_compared_is_refused(
    times: Any, events: Any, groups: Any, error: type[Exception]
) -> None:
    with pytest.raises(error):
        log_rank(survival_times(times, events), groups)


def test_a_negative_weight_is_refused() -> None:
    with pytest.raises(OutOfRangeError):
        log_rank(survival_times([1, 2], [1, 1]), ["a", "b"], rho=-1)
