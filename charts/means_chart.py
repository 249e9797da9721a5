"""Means by arm over time, each with its interval or error."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from charts.chart import Chart
from charts.look import ARM_DASHES, ARMS, GREY, Spec, arm_channel, rows, spec

_APART: Final = 0.01  # of the time drawn: how far the arms stand beside each other
_THIN: Final = {"type": "rule", "color": GREY, "strokeDash": [2, 2]}


@dataclass(frozen=True, slots=True)
class MeanPoint:
    """The mean of one arm at one time; limits are None where nothing is drawn about it."""

    arm: str
    time: float
    mean: float
    lower: float | None = None
    upper: float | None = None

    @classmethod
    def with_error(cls, arm: str, time: float, mean: float, error: float) -> "MeanPoint":
        """A mean with one standard error on either side."""
        return cls(arm, time, mean, mean - error, mean + error)


def means_chart(
    points: Sequence[MeanPoint],
    *,
    title: str,
    x_title: str,
    y_title: str | Sequence[str],
    y_line: float | None = None,
    knot: tuple[float, str] | None = None,
    key: str = "",
) -> Chart:
    """Draw each arm's means over time, joined.

    Parameters
    ----------
    points
        At least one; arms are those of `charts.look.ARMS`.
    title
        What is drawn, in a few words.
    x_title, y_title
        Quantity, unit and direction; several lines as several strings.
    y_line
        Where a line lies across the plot, for example at no change.
    knot
        Time at which the lines may bend, and what happens there.
    key
        As in `Chart`.

    Examples
    --------
    >>> points = [MeanPoint("msc", 0, 0.0), MeanPoint("msc", 4, -1.7, -2.6, -0.8)]
    >>> chart = means_chart(points, title="Change", x_title="month", y_title="points")
    >>> [row["time"] for row in chart.spec["data"]["values"]]
    [0, 4]
    """
    times = sorted({point.time for point in points})
    arms = {point.arm for point in points}
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
    mean = {**y, "field": "mean"}
    color, shape = arm_channel("color", arms), arm_channel("shape", arms)
    layers = [
        *_marked(x, y, y_line, knot),
        {
            "mark": {"type": "rule", "strokeWidth": 1.5},
            "encoding": {
                "x": x,
                "y": {**y, "field": "lower"},
                "y2": {"field": "upper"},
                "color": color,
            },
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


def _marked(
    x: dict[str, Any], y: dict[str, Any], y_line: float | None, knot: tuple[float, str] | None
) -> Iterator[Spec]:
    """A line across the plot, and the knot with its name at the foot, where decline leaves room."""
    if y_line is not None:
        yield {
            "data": rows([{"mean": y_line}]),
            "mark": _THIN,
            "encoding": {"y": {**y, "field": "mean"}},
        }
    if knot is not None:
        data = rows([{"shown_at": knot[0], "label": knot[1]}])
        yield {"data": data, "mark": _THIN, "encoding": {"x": x}}
        text = {"type": "text", "align": "left", "baseline": "bottom", "dx": 5, "fontSize": 11}
        yield {
            "data": data,
            "mark": {**text, "color": GREY},
            "encoding": {"x": x, "y": {"value": "height"}, "text": {"field": "label"}},
        }


def _drawn(point: MeanPoint, apart: float) -> dict[str, Any]:
    return {
        "arm": point.arm,
        "time": point.time,
        "shown_at": point.time + (apart if point.arm == ARMS[1] else -apart),
        "mean": point.mean,
        "lower": point.lower,
        "upper": point.upper,
    }
