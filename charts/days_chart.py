"""Counts by day, as bars that stand on a line of time."""

from collections.abc import Sequence
from typing import Any, Final

from charts.chart import Chart
from charts.look import BLUE, SKY, rows, spec

_HEIGHT: Final = 130


def days_chart(days: Sequence[tuple[str, int]], *, title: str, counted: str) -> Chart:
    """Draw a bar for each day that has a count.

    Parameters
    ----------
    days
        Each day once (ISO, UTC), and its count.
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
    ends = {"timeUnit": "utcyearmonthdate", "field": "day", "type": "temporal"}
    encoding: dict[str, Any] = {
        "x": {
            **ends,
            "title": "day (UTC)",
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
