from data.cohort import Patient
from data.outcome import Visit
from trial.schedule import visit_months


def months(*seen: float) -> tuple[float, ...]:
    return visit_months([Patient("P-1", "msc", visits=tuple(Visit(m, 40) for m in seen))])


def test_visits_stand_at_the_nearest_whole_month() -> None:
    assert months(-2.9, 0, 0.92, 3.68, 6.1) == (-3, 0, 1, 4, 6)


def test_halfway_is_the_earlier_month() -> None:
    assert months(1.5, 2.5, -1.5) == (-2, 0, 1, 2)


def test_lead_in_and_follow_up_never_share_a_month() -> None:
    assert months(-0.4, 0.4) == (0, 1)


def test_reported_months_are_there_without_visits() -> None:
    assert visit_months([], reported=(4.0, 6.5)) == (0, 4, 6.5)
