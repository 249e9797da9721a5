import pytest

from data.outcome import Visit
from trial.visits import change_to, total_at


def test_the_nearest_visit_stands_for_a_month() -> None:
    assert total_at([Visit(3.6, 37), Visit(4.3, 36)], 4) == 36


def test_of_two_equally_near_visits_the_earlier_is_taken() -> None:
    assert total_at([Visit(4.4, 35), Visit(3.6, 37)], 4) == 37


def test_a_visit_too_far_away_stands_for_nothing() -> None:
    assert total_at([Visit(4.51, 35)], 4) is None


def test_baseline_is_never_after_the_first_injection() -> None:
    assert total_at([Visit(-0.4, 41), Visit(0.1, 40)], 0) == 41


def test_follow_up_is_never_before_the_first_injection() -> None:
    assert total_at([Visit(0, 41)], 0.5) is None


@pytest.mark.parametrize("visits", [[Visit(0, 40)], [Visit(4, 36)], []])
def test_a_change_needs_both_visits(visits) -> None:
    assert change_to(visits, 4) is None
