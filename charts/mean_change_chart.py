"""Means by arm over time, each with its interval."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from charts.chart import Chart
from charts.look import ARM_DASHES, ARMS, GREY, arm_channel, rows, spec

_APART = 0.012  # of the time drawn: how far the arms stand beside each other


@dataclass(frozen=True, slots=True)
class MeanPoint:
    """The mean of one arm at one time; limits are None where it has no interval."""

    arm: str
    time: float
    mean: float
    lower: float | None
    upper: float | None


def mean_change_chart(
    points: Sequence[MeanPoint],
    *,
    title: str,
    x_title: str,
    y_title: str | Sequence[str],
    key: str = "",
) -> Chart:
    """Draw means over time, joined within arm, beside the line of no change.

    Parameters
    ----------
    points
        At least one; arms are those of `charts.look.ARMS`.
    title
        What is drawn, in a few words.
    x_title, y_title
        Quantity and unit; several lines as several strings.
    key
        As in `Chart`.

    Examples
    --------
    >>> points = [MeanPoint("msc", 0, 0.0, None, None), MeanPoint("msc", 4, -1.7, -2.6, -0.8)]
    >>> chart = mean_change_chart(points, title="Change", x_title="month", y_title="points")
    >>> [row["time"] for row in chart.spec["data"]["values"]]
    [0, 4]
    """
    times = sorted({point.time for point in points})
    x: dict[str, Any] = {
        "field": "shown_at",
        "type": "quantitative",
        "title": x_title,
        "scale": {"nice": False, "padding": 12},
        "axis": {"values": times, "labelOverlap": "greedy", "grid": False},
    }
    y: dict[str, Any] = {"type": "quantitative", "title": y_title, "scale": {"nice": True}}
    arms = {point.arm for point in points}
    color, shape = arm_channel("color", arms), arm_channel("shape", arms)
    mean = {**y, "field": "mean"}
    interval = {"y": {**y, "field": "lower"}, "y2": {"field": "upper"}}
    layers: list[dict[str, Any]] = [
        {
            "data": rows([{"none": 0}]),
            "mark": {"type": "rule", "color": GREY, "strokeDash": [2, 2]},
            "encoding": {"y": {**y, "field": "none"}},
        },
        {
            "mark": {"type": "rule", "strokeWidth": 1.5},
            "encoding": {"x": x, **interval, "color": color},
            "transform": [{"filter": "isValid(datum.lower)"}],
        },
        # One layer per arm: a dash that is encoded would be drawn around the legend's points.
        *(
            {
                "transform": [{"filter": f"datum.arm == '{name}'"}],
                "mark": {"type": "line", "strokeWidth": 2, "strokeDash": list(dash)},
                "encoding": {"x": x, "y": mean, "color": color},
            }
            for name, dash in zip(ARMS, ARM_DASHES, strict=True)
        ),
        {
            "mark": {"type": "point", "filled": True, "size": 70, "opacity": 1},
            "encoding": {"x": x, "y": mean, "color": color, "shape": shape},
        },
    ]
    apart = _APART * (times[-1] - times[0])
    data = rows([_drawn(point, apart) for point in points])
    return Chart(key, title, spec({"data": data, "layer": layers}))


def _drawn(point: MeanPoint, apart: float) -> dict[str, Any]:
    return {
        "arm": point.arm,
        "time": point.time,
        "shown_at": point.time + (apart if point.arm == "control" else -apart),
        "mean": point.mean,
        "lower": point.lower,
        "upper": point.upper,
    }
