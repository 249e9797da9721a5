"""Each patient's slope before treatment beside the slope after it, with lines to judge it by."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from charts.chart import Chart
from charts.look import GREY, arm_channel, rows, spec

_SIDE: Final = 290
_ROOM: Final = 0.05  # of the range, beyond the outermost points


@dataclass(frozen=True, slots=True)
class SlopePoint:
    """One patient; slopes in the same unit."""

    arm: str
    before: float
    after: float


def slopes_chart(
    points: Sequence[SlopePoint],
    lines: Sequence[tuple[str, float, float]],
    *,
    title: str,
    x_title: str,
    y_title: str,
    key: str = "",
) -> Chart:
    """Draw one point per patient on axes of the same scale.

    Parameters
    ----------
    points
        At least one; arms are those of `charts.look.ARMS`.
    lines
        Label, intercept and slope of each line; it is drawn where the slope before is below 0.
    title
        What is drawn, in a few words; stands above the plot.
    x_title, y_title
        Quantity and unit.
    key
        As in `Chart`.

    Examples
    --------
    >>> points = [SlopePoint("msc", -1.0, -0.4), SlopePoint("control", -0.8, -0.9)]
    >>> chart = slopes_chart(points, [("no change", 0, 1)], title="Slopes", x_title="before",
    ...                      y_title="after")
    >>> len(chart.spec["layer"])
    3
    """
    slopes = [slope for point in points for slope in (point.before, point.after)]
    low, high = min(0.0, *slopes), max(0.0, *slopes)
    room = _ROOM * (high - low or 1.0)
    scale = {"domain": [low - room, high + room], "nice": False}
    x: dict[str, Any] = {"type": "quantitative", "scale": scale, "axis": {"tickCount": 6}}
    y: dict[str, Any] = {"type": "quantitative", "scale": scale, "axis": {"tickCount": 6}}
    arms = {point.arm for point in points}
    kind = {
        "field": "line",
        "type": "nominal",
        "title": None,
        "scale": {
            "domain": [label for label, _, _ in lines],
            "range": [[1, 0], [5, 3], [2, 2]][: len(lines)],
        },
    }
    layers: list[dict[str, Any]] = [
        {
            "data": rows([_line(line, low - room) for line in lines]),
            "mark": {"type": "rule", "color": GREY, "strokeWidth": 1.5, "clip": True},
            "encoding": {
                "x": {"field": "x", **x, "title": x_title},
                "x2": {"field": "x2"},
                "y": {"field": "y", **y, "title": y_title},
                "y2": {"field": "y2"},
                "strokeDash": kind,
            },
        },
        *(
            {
                "data": rows([{"arm": p.arm, "x": p.before, "y": p.after} for p in points]),
                "transform": [{"filter": f"datum.arm == '{name}'"}],
                "mark": {"type": "point", "filled": True, "size": 50, "opacity": 0.75},
                "encoding": {
                    "x": {"field": "x", **x},
                    "y": {"field": "y", **y},
                    "color": arm_channel("color", arms),
                    "shape": arm_channel("shape", arms),
                },
            }
            for name in dict.fromkeys(point.arm for point in points)
        ),
    ]
    body = {"title": title, "layer": layers}
    return Chart(key, title, spec(body, width=_SIDE, height=_SIDE))


def _line(line: tuple[str, float, float], start: float) -> dict[str, Any]:
    label, intercept, slope = line
    return {"line": label, "x": start, "y": intercept + slope * start, "x2": 0, "y2": intercept}
