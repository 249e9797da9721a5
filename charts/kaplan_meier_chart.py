"""Kaplan-Meier curves as steps with bands and censoring marks, and the number at risk below."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from analysis.checks import Vector
from analysis.kaplan_meier import KaplanMeier
from charts.chart import Chart
from charts.look import HEIGHT, WIDTH, Spec, rows, spec

_STEPS: Final = (0.5, 1.0, 2.0, 3.0, 6.0, 12.0, 24.0, 60.0, 120.0)
_MOST_TICKS: Final = 6
_ROW_HEIGHT: Final = 18


@dataclass(frozen=True, slots=True, eq=False)
class DrawnCurve:
    """One group's curve.

    Attributes
    ----------
    label
        Of the group; labels differ.
    curve
        Kaplan-Meier.
    lower, upper
        Limits at each of its times; NaN where there are none.
    colour, dash
        Of its line.
    """

    label: str
    curve: KaplanMeier
    lower: Vector
    upper: Vector
    colour: str
    dash: Sequence[int]


def kaplan_meier_chart(
    curves: Sequence[DrawnCurve], *, title: str, event: str, time: str, key: str = ""
) -> Chart:
    """Draw curves over one another.

    Parameters
    ----------
    curves
        At least one.
    title
        In a few words.
    event
        Title of the upright axis: what share is drawn, from 0 to 1.
    time
        Title of the level axis, with the unit.
    key
        As in `Chart`.

    Examples
    --------
    >>> import numpy as np
    >>> from analysis.kaplan_meier import curve_limits, kaplan_meier
    >>> from analysis.survival_times import survival_times
    >>> curve = kaplan_meier(survival_times([2, 4, 6], [1, 0, 1]))
    >>> drawn = DrawnCurve("All", curve, *curve_limits(curve), "#0072B2", (1, 0))
    >>> chart = kaplan_meier_chart([drawn], title="Survival", event="Alive", time="Month")
    >>> [len(part.get("layer", [0])) for part in chart.spec["vconcat"]]
    [3, 1]
    """
    ticks = _ticks(max(float(one.curve.times[-1]) for one in curves))
    scale = {"domain": [0, ticks[-1]], "nice": False}
    x = {"field": "time", "type": "quantitative", "scale": scale}
    shown = {"domain": [one.label for one in curves]}
    colour = {
        "field": "group",
        "type": "nominal",
        "title": None,
        "scale": {**shown, "range": [one.colour for one in curves]},
        "legend": {"orient": "top", "symbolType": "stroke", "symbolSize": 500, "symbolOpacity": 1},
    }
    dash = {**colour, "scale": {**shown, "range": [list(one.dash) for one in curves]}}
    plot = _plot(curves, {**x, "axis": {"title": time, "values": ticks}}, event, colour, dash)
    below = _at_risk(curves, ticks, x, colour, shown)
    body: Spec = {"vconcat": [plot, below], "spacing": 12}
    return Chart(key, title, spec(body, width=None, height=None))


def _plot(
    curves: Sequence[DrawnCurve],
    x: dict[str, Any],
    event: str,
    colour: dict[str, Any],
    dash: dict[str, Any],
) -> dict[str, Any]:
    y = {"type": "quantitative", "scale": {"domain": [0, 1]}, "title": event}
    stepped = {"interpolate": "step-after"}
    return {
        "width": WIDTH,
        "height": HEIGHT,
        "layer": [
            {
                "data": rows([row for one in curves for row in _band(one)]),
                "mark": {"type": "area", "opacity": 0.15, **stepped},
                "encoding": {
                    "x": x,
                    "y": {"field": "lower", **y},
                    "y2": {"field": "upper"},
                    "color": colour,
                },
            },
            {
                "data": rows([row for one in curves for row in _line(one)]),
                "mark": {"type": "line", "strokeWidth": 2, **stepped},
                "encoding": {
                    "x": x,
                    "y": {"field": "survival", **y},
                    "color": colour,
                    "strokeDash": dash,
                },
            },
            {
                "data": rows([row for one in curves for row in _censored(one)]),
                "mark": {"type": "tick", "orient": "vertical", "size": 9, "thickness": 1.2},
                "encoding": {
                    "x": x,
                    "y": {"field": "survival", **y},
                    "color": colour,
                },
            },
        ],
    }


def _at_risk(
    curves: Sequence[DrawnCurve],
    ticks: list[float],
    x: dict[str, Any],
    colour: dict[str, Any],
    shown: dict[str, Any],
) -> dict[str, Any]:
    counts = [
        {"group": one.label, "time": tick, "n": one.curve.at_risk(tick)}
        for one in curves
        for tick in ticks
    ]
    axis = {"domain": False, "ticks": False, "labelLimit": 120, "labelPadding": 12}
    return {
        "width": WIDTH,
        "height": _ROW_HEIGHT * len(curves),
        "title": {"text": "Number at risk", "fontSize": 12, "fontWeight": "normal", "offset": 4},
        "data": rows(counts),
        "mark": {"type": "text", "fontSize": 12},
        "encoding": {
            "x": {**x, "axis": None},
            "y": {"field": "group", "type": "nominal", "title": None, "scale": shown, "axis": axis},
            "text": {"field": "n", "type": "quantitative"},
            "color": colour,
        },
    }


def _line(one: DrawnCurve) -> list[dict[str, Any]]:
    start = {"group": one.label, "time": 0.0, "survival": 1.0}
    steps = zip(one.curve.times.tolist(), one.curve.survival.tolist(), strict=True)
    return [start, *({"group": one.label, "time": t, "survival": s} for t, s in steps)]


def _censored(one: DrawnCurve) -> list[dict[str, Any]]:
    chosen = one.curve.n_censored > 0
    marks = zip(one.curve.times[chosen].tolist(), one.curve.survival[chosen].tolist(), strict=True)
    return [{"group": one.label, "time": t, "survival": s} for t, s in marks]


def _band(one: DrawnCurve) -> list[dict[str, Any]]:
    """The band's steps; it begins where it has limits, and its last step is drawn to its end."""
    drawn, limits = [], None
    for time, lower, upper in zip(
        one.curve.times.tolist(), one.lower.tolist(), one.upper.tolist(), strict=True
    ):
        if not math.isnan(lower):
            limits = {"lower": lower, "upper": upper}
        elif limits is None:
            continue
        drawn.append({"group": one.label, "time": time, **limits})
        if math.isnan(lower):
            break
    return drawn


def _ticks(longest: float) -> list[float]:
    """Round times from 0 to the first at or beyond the longest follow-up."""
    fitting = (step for step in _STEPS if step * _MOST_TICKS >= longest)
    step = next(fitting, math.ceil(longest / _MOST_TICKS / 12) * 12.0)
    n_steps = max(1, math.ceil(longest / step))
    return [step * n for n in range(n_steps + 1)]
