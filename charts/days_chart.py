"""Counts by day, as bars that stand on a line of time."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, Final

from charts.chart import Chart
from charts.look import BLUE, SKY, rows, spec

_HEIGHT: Final = 130
_FEWEST_DAYS: Final = 30
"""That the axis has, so that a single day is no wall."""


def days_chart(days: Sequence[tuple[str, int]], *, title: str, counted: str) -> Chart:
    """Draw a bar for each day that has a count.

    Parameters
    ----------
    days
        At least one, each once (ISO, UTC), and its count.
    title
        What is counted, in a few words.
    counted
        Title of the upright axis.

    Examples
    --------
    >>> chart = days_chart([("2026-01-02", 7)], title="Predictions", counted="predictions")
    >>> chart.spec["data"]["values"]
    [{'day': '2026-01-02', 'n': 7}]
    """
    seen = sorted(date.fromisoformat(day) for day, _ in days)
    end = seen[-1] + timedelta(days=1)
    begin = min(seen[0], end - timedelta(days=_FEWEST_DAYS))
    encoding: dict[str, Any] = {
        "x": {
            "timeUnit": "utcyearmonthdate",
            "field": "day",
            "type": "temporal",
            "title": "day (UTC)",
            "scale": {"domain": [_moment(begin), _moment(end)], "nice": False},
            "axis": {"format": "%d %b", "tickCount": 5, "labelOverlap": "greedy"},
        },
        "y": {
            "field": "n",
            "type": "quantitative",
            "title": counted,
            "axis": {"tickCount": 4, "format": "d", "tickMinStep": 1},
        },
    }
    body = {
        "data": rows([{"day": day, "n": n} for day, n in days]),
        "mark": {"type": "bar", "fill": SKY, "stroke": BLUE, "strokeWidth": 0.5},
        "encoding": encoding,
    }
    return Chart("", title, spec(body, height=_HEIGHT))


def _moment(day: date) -> dict[str, int | bool]:
    """When a day begins in UTC, as Vega-Lite writes it."""
    return {"year": day.year, "month": day.month, "date": day.day, "utc": True}
