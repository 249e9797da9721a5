from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.errors import (
    LengthsDifferError,
    NotFiniteError,
    OutOfRangeError,
    ShapeError,
    TooFewError,
)
from analysis.survival_times import risk_table, survival_times

PATIENTS = st.lists(st.tuples(st.integers(0, 9), st.booleans(), st.integers(0, 2)), min_size=1)


def test_times_chained_by_rounding_are_the_earliest_of_them() -> None:
    times = 5 + np.array([0, 1e-9, 2e-9, 1e-3])
    assert survival_times(times, [1, 1, 0, 1]).times.tolist() == [5, 5, 5, 5.001]


def test_times_that_differ_by_more_than_rounding_are_kept() -> None:
    assert survival_times([0, 1e-6, 1], [1, 1, 1]).times.tolist() == [0, 1e-6, 1]


def test_everyone_at_time_0_is_accepted() -> None:
    followed = survival_times([0, 0], [1, 1])
    assert (followed.n_events, followed.largest) == (2, 0)


@given(PATIENTS)
def test_who_is_at_risk_is_who_is_followed_so_long(patients: list[tuple[int, bool, int]]) -> None:
    times, events, groups = (np.array(column) for column in zip(*patients, strict=True))
    table = risk_table(survival_times(times, events), groups, 3)
    for place, time in enumerate(table.times):
        for group in range(3):
            here = (groups == group) & (times == time)
            assert table.n_at_risk[group, place] == ((groups == group) & (times >= time)).sum()
            assert table.n_events[group, place] == (here & events).sum()
            assert table.n_censored[group, place] == (here & ~events).sum()


@pytest.mark.parametrize(
    ("times", "events", "error"),
    [
        ([], [], TooFewError),
        ([-1], [1], OutOfRangeError),
        ([1], [2], OutOfRangeError),
        ([1], ["yes"], OutOfRangeError),
        ([1, 2], [1], LengthsDifferError),
        ([np.nan], [1], NotFiniteError),
        ([[1]], [1], ShapeError),
        ([1], [[1]], ShapeError),
    ],
)
def test_what_is_no_follow_up_is_refused(times: Any, events: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        survival_times(times, events)
