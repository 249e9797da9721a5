from charts.days_chart import days_chart
from charts.render import svg


def ends(*days: str) -> list[tuple[int, int, int]]:
    """The days between which the axis runs."""
    chart = days_chart([(day, 5) for day in days], title="t", counted="predictions")
    domain = chart.spec["encoding"]["x"]["scale"]["domain"]
    return [(one["year"], one["month"], one["date"]) for one in domain]


def test_axis_of_one_day_has_thirty() -> None:
    assert ends("2026-01-30") == [(2026, 1, 1), (2026, 1, 31)]


def test_axis_holds_every_day() -> None:
    assert ends("2026-03-01", "2025-12-30") == [(2025, 12, 30), (2026, 3, 2)]


def test_days_are_those_of_utc_whatever_the_clock_of_who_looks() -> None:
    chart = days_chart([("2026-01-02", 7)], title="t", counted="predictions")
    assert chart.spec["encoding"]["x"]["timeUnit"] == "utcyearmonthdate"
    assert all(end["utc"] for end in chart.spec["encoding"]["x"]["scale"]["domain"])
    assert "day (UTC)" in svg(chart.spec)
