import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.errors import OutOfRangeError
from analysis.kaplan_meier import kaplan_meier
from analysis.median_survival import time_to_share
from analysis.survival_times import survival_times


@given(st.lists(st.integers(0, 20), min_size=1, max_size=30))
def test_without_censoring_the_median_is_that_of_the_times(times: list[int]) -> None:
    ordered = sorted(times)
    middle = ordered[(len(times) - 1) // 2], ordered[len(times) // 2]
    found = time_to_share(kaplan_meier(survival_times(times, [1] * len(times)))).time
    assert found == sum(middle) / 2


def test_a_median_that_is_not_reached_is_none() -> None:
    found = time_to_share(kaplan_meier(survival_times([1, 2, 3], [1, 0, 0])))
    assert (found.time, found.upper) == (None, None)


def test_a_plateau_without_an_end_begins_with_the_median() -> None:
    assert time_to_share(kaplan_meier(survival_times([1, 2, 3, 4], [1, 1, 0, 0]))).time == 2


@pytest.mark.parametrize("share", [0, 1, 50])
def test_a_share_in_percent_is_refused(share: float) -> None:
    with pytest.raises(OutOfRangeError):
        time_to_share(kaplan_meier(survival_times([1], [1])), share)
