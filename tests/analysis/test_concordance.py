import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.concordance import concordance
from analysis.errors import LengthsDifferError, NotFiniteError, TooFewError
from analysis.roc import auc
from analysis.survival_times import survival_times


@given(st.lists(st.integers(-3, 3), min_size=2, max_size=20), st.integers(1, 19))
def test_of_events_that_come_at_once_it_is_the_area_under_the_roc_curve(
    scores: list[int], n_cases: int
) -> None:
    is_case = np.arange(len(scores)) < min(n_cases, len(scores) - 1)
    times = np.where(is_case, 1, 2)
    found = concordance(survival_times(times, is_case), scores)
    assert found == pytest.approx(auc(scores, is_case, direction="higher_is_case"))


def test_an_event_when_another_is_censored_came_first() -> None:
    assert concordance(survival_times([2, 2], [1, 0]), [1, 0]) == 1


@pytest.mark.parametrize(
    ("events", "scores", "error"),
    [
        ([0, 0], [1, 2], TooFewError),
        ([1, 1], [1], LengthsDifferError),
        ([1, 1], [1, np.nan], NotFiniteError),
    ],
)
def test_what_cannot_be_ordered_is_refused(
    events: list[int], scores: list[float], error: type[Exception]
) -> None:
    with pytest.raises(error):
        concordance(survival_times([1, 2], events), scores)
