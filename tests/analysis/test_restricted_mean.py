import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.errors import NoSpreadError, OutOfRangeError
from analysis.kaplan_meier import KaplanMeier, kaplan_meier
from analysis.restricted_mean import restricted_mean, restricted_mean_difference
from analysis.survival_errors import NoEventsBeforeError
from analysis.survival_times import survival_times

TIMES = st.lists(st.integers(0, 20), min_size=2, max_size=30)


def curve(times: list[int], events: list[int]) -> KaplanMeier:
    return kaplan_meier(survival_times(times, events))


@given(TIMES, st.integers(1, 20))
def test_without_censoring_it_is_the_mean_of_times_cut_at_tau(times: list[int], tau: int) -> None:
    cut = np.minimum(times, tau)
    found = restricted_mean(curve(times, [1] * len(times)), tau)
    assert found.mean.value == pytest.approx(cut.mean())
    assert found.standard_error == pytest.approx(cut.std() / np.sqrt(cut.size), abs=1e-12)


def test_exchanging_the_groups_changes_the_sign() -> None:
    first, second = curve([2, 4, 6, 8], [1, 0, 1, 0]), curve([1, 3, 5, 7], [1, 1, 0, 0])
    there = restricted_mean_difference(first, second, 6)
    back = restricted_mean_difference(second, first, 6)
    assert back.difference.lower == pytest.approx(-there.difference.upper)
    assert back.p == pytest.approx(there.p)


def test_limits_stay_within_0_and_tau() -> None:
    found = restricted_mean(curve([0, 9, 9, 9], [1, 0, 0, 0]), 9)
    assert 0 <= found.mean.lower < found.mean.value < found.mean.upper == 9


@pytest.mark.parametrize("tau", [0, -1, 8.5, np.inf, np.nan])
def test_tau_beyond_follow_up_is_refused(tau: float) -> None:
    with pytest.raises(OutOfRangeError):
        restricted_mean(curve([2, 8], [1, 0]), tau)


def test_once_everyone_is_dead_tau_may_be_later() -> None:
    assert restricted_mean(curve([2, 8], [1, 1]), 100).mean.value == 5


def test_a_group_without_events_before_tau_has_no_difference_to_test() -> None:
    late, early = curve([5, 6], [1, 1]), curve([2, 6], [1, 0])
    assert (restricted_mean(late, 5).n_events, restricted_mean(early, 5).n_events) == (0, 1)
    for one, other in ((late, early), (early, late), (late, late)):
        with pytest.raises(NoEventsBeforeError, match="None of the 2 patients of a group"):
            restricted_mean_difference(one, other, 5)


def test_means_without_any_variance_have_no_difference_to_test() -> None:
    at_once = curve([3, 3], [1, 1])
    with pytest.raises(NoSpreadError):
        restricted_mean_difference(at_once, at_once, 5)
