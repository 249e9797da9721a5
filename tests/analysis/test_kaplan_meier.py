from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.errors import OutOfRangeError, UnknownChoiceError
from analysis.kaplan_meier import INTERVALS, Interval, curve_limits, kaplan_meier, survival_at
from analysis.survival_times import survival_times

PATIENTS = st.lists(st.tuples(st.integers(0, 12), st.booleans()), min_size=1, max_size=30)


@given(st.lists(st.integers(0, 12), min_size=1), st.integers(0, 12))
def test_without_censoring_survival_is_the_share_still_alive(times: list[int], at: int) -> None:
    curve = kaplan_meier(survival_times(times, [1] * len(times)))
    wanted = sum(time > at for time in times) / len(times)
    assert survival_at(curve, at + 0.5).survival == pytest.approx(wanted, abs=1e-12)


@given(PATIENTS)
def test_limits_hold_the_curve_and_stay_within_0_and_1(patients: list[tuple[int, bool]]) -> None:
    curve = kaplan_meier(survival_times(*zip(*patients, strict=True)))
    assert (np.diff(curve.survival) <= 0).all()
    for interval in INTERVALS:
        lower, upper = curve_limits(curve, interval=interval)
        known = ~np.isnan(lower)
        assert ((curve.survival == 0) <= ~known).all()
        assert (lower[known] >= 0).all()
        assert (lower[known] <= curve.survival[known]).all()
        assert (curve.survival[known] <= upper[known]).all()
        assert (upper[known] <= 1).all()


def test_before_the_first_event_log_log_has_no_limits_and_the_others_no_width() -> None:
    curve = kaplan_meier(survival_times([3, 5], [1, 0]))
    found = {interval: survival_at(curve, 1, interval=interval) for interval in INTERVALS}
    limits = {interval: (one.lower, one.upper) for interval, one in found.items()}
    assert limits == {"log_log": (None, None), "log": (1.0, 1.0), "plain": (1.0, 1.0)}


@pytest.mark.parametrize("interval", INTERVALS)
def test_once_everyone_is_dead_survival_is_0_without_limits(interval: Interval) -> None:
    found = survival_at(kaplan_meier(survival_times([3, 3], [1, 1])), 7, interval=interval)
    assert (found.survival, found.n_at_risk) == (0, 0)
    assert (found.standard_error, found.lower, found.upper) == (None, None, None)


def test_a_death_at_time_0_lowers_survival_from_the_start() -> None:
    curve = kaplan_meier(survival_times([0, 1], [1, 0]))
    assert (survival_at(curve, 0).survival, survival_at(curve, 0).n_at_risk) == (0.5, 2)


def test_one_patient_without_the_event_is_alive() -> None:
    curve = kaplan_meier(survival_times([3], [0]))
    assert (curve.survival.tolist(), curve.standard_error.tolist()) == ([1.0], [0.0])


@pytest.mark.parametrize("time", [-1, 5.1, np.nan])
def test_a_time_nobody_was_followed_to_is_refused(time: float) -> None:
    with pytest.raises(OutOfRangeError):
        survival_at(kaplan_meier(survival_times([3, 5], [1, 0])), time)


@pytest.mark.parametrize(
    ("settings", "error"),
    [({"interval": "logit"}, UnknownChoiceError), ({"level": 95}, OutOfRangeError)],
)
def test_other_intervals_and_percent_are_refused(
    settings: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        curve_limits(kaplan_meier(survival_times([3, 5], [1, 0])), **settings)
