"""Bars, one under another with their numbers, or side by side as a histogram."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

from charts.chart import Chart
from charts.look import BLUE, INK, SKY, VERMILLION, rows, spec

_ROW_HEIGHT: Final = 28
_PLOT_WIDTH: Final = 230
_MOST_TICKS: Final = 5
_NAMES: Final = {"ticks": False, "domain": False, "labelPadding": 8, "labelLimit": 200}


def bars_chart(
    bars: Sequence[tuple[str, float]],
    *,
    title: str,
    axis: str | list[str],
    line: float | None = None,
    shown: str = ",.0f",
    most: float | None = None,
) -> Chart:
    """Draw a bar for each label, in the order given, from top to bottom.

    Parameters
    ----------
    bars
        Labels, which differ, and lengths from 0.
    title
        What is drawn, in a few words.
    axis
        Quantity and unit, and what the line is.
    line
        A number that every bar is to be compared with.
    shown
        How lengths are written (D3 format).
    most
        End of the axis; where not given, the longest bar's and some air for its number.

    Examples
    --------
    >>> chart = bars_chart([("shrinkage", 410), ("optimism", 205)], title="Needed",
    ...                    axis="patients", line=97)
    >>> chart.spec["height"]
    56
    """
    end = most or 1.18 * max([length for _, length in bars] + [line or 0.0])
    x = {
        "type": "quantitative",
        "scale": {"domain": [0, end or 1], "nice": False},
        "axis": {"title": axis, "tickCount": 4, "format": shown},
    }
    y = {
        "field": "label",
        "type": "nominal",
        "title": None,
        "sort": [label for label, _ in bars],
        "axis": _NAMES,
    }
    data = rows([{"label": label, "length": length} for label, length in bars])
    layers: list[dict[str, Any]] = [
        {
            "data": data,
            "mark": {"type": "bar", "color": SKY, "height": 14},
            "encoding": {"x": {"field": "length", **x}, "y": y},
        },
        {
            "data": data,
            "mark": {"type": "text", "align": "left", "dx": 4, "color": INK},
            "encoding": {
                "x": {"field": "length", **x},
                "y": y,
                "text": {"field": "length", "type": "quantitative", "format": shown},
            },
        },
        {
            "data": rows([] if line is None else [{"line": line}]),
            "mark": {"type": "rule", "color": VERMILLION, "strokeWidth": 2},
            "encoding": {"x": {"field": "line", **x}},
        },
    ]
    height = _ROW_HEIGHT * len(bars)
    return Chart("", title, spec({"layer": layers}, width=_PLOT_WIDTH, height=height))


def histogram_chart(
    steps: Sequence[tuple[float, int]],
    step: float,
    *,
    title: str,
    axis: str | list[str],
    counted: str,
    lines: Mapping[str, float],
) -> Chart:
    """Draw how many numbers lie in each step, and upright lines at numbers of note.

    Parameters
    ----------
    steps
        Lower end and count of each step; ends differ.
    step
        Width of all of them.
    axis
        Quantity, unit, and which way is better.
    counted
        Title of the upright axis.
    lines
        At most two, by label; the first is drawn whole, the second dashed.

    Examples
    --------
    >>> chart = histogram_chart([(0.4, 3), (0.42, 5)], 0.02, title="Null", axis="AUC",
    ...                         counted="permutations", lines={"observed": 0.6})
    >>> chart.spec["layer"][0]["data"]["values"][0]
    {'from': 0.4, 'to': 0.42, 'n': 3}
    """
    tick = max(1, math.ceil(max(n for _, n in steps) / _MOST_TICKS))
    numbers = [end for lower, _ in steps for end in (lower, lower + step)] + list(lines.values())
    low, high = min(numbers) - step, max(numbers) + step
    x = {
        "type": "quantitative",
        "title": axis,
        "scale": {"domain": [low, high], "nice": False, "zero": False},
        "axis": {"tickCount": 6, "format": ".2f"},
    }
    labels = list(lines)
    scale = {"domain": labels, "range": [VERMILLION, INK][: len(labels)]}
    dashes = {"domain": labels, "range": [[1, 0], [4, 3]][: len(labels)]}
    name = {"field": "label", "type": "nominal"}
    legend = {"title": None, "columns": 1, "symbolType": "stroke", "labelLimit": 300}
    bars = [{"from": lower, "to": round(lower + step, 9), "n": n} for lower, n in steps]
    layers: list[dict[str, Any]] = [
        {
            "data": rows(bars),
            "mark": {"type": "rect", "fill": SKY, "stroke": BLUE, "strokeWidth": 0.5},
            "encoding": {
                "x": {"field": "from", **x},
                "x2": {"field": "to"},
                "y": {
                    "field": "n",
                    "type": "quantitative",
                    "title": counted,
                    "axis": {"values": [tick * i for i in range(_MOST_TICKS + 1)], "format": "d"},
                },
                "y2": {"datum": 0},
            },
        },
        {
            "data": rows([{"label": label, "at": at} for label, at in lines.items()]),
            "mark": {"type": "rule", "strokeWidth": 2},
            "encoding": {
                "x": {"field": "at", **x},
                "color": {**name, "scale": scale, "legend": legend},
                "strokeDash": {**name, "scale": dashes, "legend": legend},
            },
        },
    ]
    return Chart("", title, spec({"layer": layers}, height=170))
