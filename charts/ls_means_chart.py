"""Means of a model by arm over time, each with its standard error, and the knot of its lines."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from charts.chart import Chart
from charts.look import ARM_DASHES, ARMS, GREY, arm_channel, rows, spec

_APART: Final = 0.008  # of the time drawn: how far the arms stand beside each other


@dataclass(frozen=True, slots=True)
class LsMean:
    """The model's mean of one arm at one time, and its standard error."""

    arm: str
    time: float
    mean: float
    standard_error: float


def ls_means_chart(
    means: Sequence[LsMean],
    *,
    title: str,
    x_title: str,
    y_title: str | Sequence[str],
    knot: float,
    knot_label: str,
    key: str = "",
) -> Chart:
    """Draw means over time with one standard error on either side.

    Parameters
    ----------
    means
        At least one; arms are those of `charts.look.ARMS`.
    title
        What is drawn, in a few words.
    x_title, y_title
        Quantity, unit and direction; several lines as several strings.
    knot, knot_label
        Time at which the lines may bend, and what happens there.
    key
        As in `Chart`.

    Examples
    --------
    >>> means = [LsMean("msc", 0, 37.4, 0.7), LsMean("msc", 6, 34.2, 0.8)]
    >>> chart = ls_means_chart(
    ...     means, title="Means", x_title="month", y_title="points", knot=0, knot_label="injection"
    ... )
    >>> [row["upper"] for row in chart.spec["data"]["values"]]
    [38.1, 35.0]
    """
    times = sorted({mean.time for mean in means})
    x: dict[str, Any] = {
        "field": "shown_at",
        "type": "quantitative",
        "title": x_title,
        "scale": {"nice": False, "padding": 12},
        "axis": {"values": times, "labelOverlap": "greedy", "grid": False},
    }
    y: dict[str, Any] = {
        "type": "quantitative",
        "title": y_title,
        "scale": {"zero": False, "nice": True},
        "axis": {"tickCount": 6},
    }
    arms = {mean.arm for mean in means}
    color, shape = arm_channel("color", arms), arm_channel("shape", arms)
    error = {"y": {**y, "field": "lower"}, "y2": {"field": "upper"}}
    layers: list[dict[str, Any]] = [
        *_knot(x, knot, knot_label),
        {
            "mark": {"type": "rule", "strokeWidth": 1.5},
            "encoding": {"x": x, **error, "color": color},
        },
        # One layer per arm: a dash that is encoded would be drawn around the legend's points.
        *(
            {
                "transform": [{"filter": f"datum.arm == '{name}'"}],
                "mark": {"type": "line", "strokeWidth": 2, "strokeDash": list(dash)},
                "encoding": {"x": x, "y": {**y, "field": "mean"}, "color": color},
            }
            for name, dash in zip(ARMS, ARM_DASHES, strict=True)
        ),
        {
            "mark": {"type": "point", "filled": True, "size": 70, "opacity": 1},
            "encoding": {"x": x, "y": {**y, "field": "mean"}, "color": color, "shape": shape},
        },
    ]
    apart = _APART * (times[-1] - times[0])
    data = rows([_drawn(mean, apart) for mean in means])
    return Chart(key, title, spec({"data": data, "layer": layers}))


def _knot(x: dict[str, Any], knot: float, label: str) -> list[dict[str, Any]]:
    """A line across the plot with its name at the foot, where declining means leave room."""
    data = rows([{"shown_at": knot, "label": label}])
    text = {"type": "text", "align": "left", "baseline": "bottom", "dx": 5, "fontSize": 11}
    return [
        {
            "data": data,
            "mark": {"type": "rule", "color": GREY, "strokeDash": [2, 2]},
            "encoding": {"x": x},
        },
        {
            "data": data,
            "mark": {**text, "color": GREY},
            "encoding": {"x": x, "y": {"value": "height"}, "text": {"field": "label"}},
        },
    ]


def _drawn(mean: LsMean, apart: float) -> dict[str, Any]:
    return {
        "arm": mean.arm,
        "time": mean.time,
        "shown_at": mean.time + (apart if mean.arm == ARMS[1] else -apart),
        "mean": mean.mean,
        "lower": mean.mean - mean.standard_error,
        "upper": mean.mean + mean.standard_error,
    }
