from dataclasses import replace

import numpy as np
import pytest

from data.simulation.alsfrs import MONTHS, simulate_alsfrs
from trial.simulation.contrasts import NULL_COURSES, Course


@pytest.mark.parametrize("course", NULL_COURSES)
def test_nothing_differs_between_arms_of_a_null_course(course: Course) -> None:
    is_msc = np.arange(400_000) % 2 == 0
    rng = np.random.default_rng(3)
    totals = simulate_alsfrs(is_msc, rng, course=NULL_COURSES[course])
    for arms in zip(totals[is_msc].T, totals[~is_msc].T, strict=True):
        seen = [arm[~np.isnan(arm)] for arm in arms]
        error = np.hypot(*(arm.std() / np.sqrt(arm.size) for arm in seen))
        assert abs(seen[0].mean() - seen[1].mean()) < 4 * error
        assert abs(seen[0].size - seen[1].size) < 4 * np.sqrt(100_000)


def skewness(course: Course) -> float:
    totals = simulate_alsfrs(
        np.ones(200_000, dtype=np.bool_),
        np.random.default_rng(4),
        course=NULL_COURSES[course],
    )
    change = totals[:, MONTHS.index(4.0)] - totals[:, MONTHS.index(0.0)]
    centred = change[~np.isnan(change)] - np.nanmean(change)
    return float((centred**3).mean() / (centred**2).mean() ** 1.5)


def test_changes_of_controls_are_far_more_skewed_than_those_of_treated_patients() -> None:
    assert skewness("both_control") == pytest.approx(-3.6, abs=0.4)
    assert skewness("both_msc") == pytest.approx(-0.8, abs=0.1)


def test_slopes_of_noisy_visits_differ_as_much_before_month_0_as_after_it() -> None:
    course = replace(NULL_COURSES["noisy_visits"], noise_sd=0.0)
    is_msc = np.ones(50_000, dtype=np.bool_)
    totals = simulate_alsfrs(is_msc, np.random.default_rng(5), course=course)
    start, injection, month_4 = (totals[:, MONTHS.index(month)] for month in (-3.0, 0.0, 4.0))
    assert np.std((injection - start) / 3) == pytest.approx(0.5, abs=0.05)
    assert np.nanstd((month_4 - injection) / 4) == pytest.approx(0.6, abs=0.05)
