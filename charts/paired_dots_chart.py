"""Values of the same patients at two times: dots joined within each, and quartiles beside."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from charts.chart import Chart
from charts.look import BLUE, GREEN, INK, PURPLE, WIDTH, Spec, rows, spec

GROUP_COLOURS: Final = (GREEN, PURPLE)
GROUP_SHAPES: Final = ("circle", "diamond")
"""Of two groups that are compared, in their order; also where each dot is a patient's change."""

Quartiles = tuple[float, float, float]

_APART: Final = 2.9  # from the first time of one group to that of the next; both times are 1 apart
_BESIDE: Final = 0.32  # of the quartiles from their dots
_AIR: Final = 1.12


@dataclass(frozen=True, slots=True)
class Pair:
    """One patient's two values; open where a value is only known to lie beyond what is drawn."""

    before: float
    after: float
    before_open: bool = False
    after_open: bool = False


@dataclass(frozen=True, slots=True)
class PairGroup:
    """Patients who are drawn side by side; quartiles are lower, median and upper, or None."""

    label: str
    pairs: Sequence[Pair]
    before: Quartiles | None = None
    after: Quartiles | None = None


def paired_dots_chart(
    groups: Sequence[PairGroup],
    *,
    title: str,
    axis: str,
    times: tuple[str, str] = ("before", "after"),
    is_log: bool = True,
    key: str = "",
) -> Chart:
    """Draw one group, or two beside each other.

    Parameters
    ----------
    groups
        One or two, with at least one pair between them.
    title
        What is drawn, in a few words.
    axis
        Quantity and unit.
    times
        Names of both times.
    is_log
        For concentrations: as far to the half as to the double.
    key
        As in `Chart`.

    Examples
    --------
    >>> group = PairGroup("all", [Pair(0.7, 0.9, before_open=True)], (0.7, 0.7, 0.7))
    >>> chart = paired_dots_chart([group], title="TNF", axis="TNF [pg/mL]")
    >>> [len(layer["data"]["values"]) for layer in chart.spec["layer"]]
    [1, 2, 1, 1, 0]
    """
    y: dict[str, Any] = {
        "type": "quantitative",
        "title": axis,
        "scale": {"domain": _domain(groups, is_log=is_log), "nice": False}
        | ({"type": "log"} if is_log else {}),
        "axis": {
            "tickCount": 5,
            "labelOverlap": "greedy",
            **({"format": "~g"} if is_log else {}),
        },
    }
    x = _x_axis(len(groups), times)
    layers = [
        _lines(groups, x, y),
        _dots(groups, x, y),
        *_quartiles(groups, x, y),
        _labels(groups, x),
    ]
    return Chart(key, title, spec({"title": title, "layer": layers}, width=WIDTH - 20))


def _x_axis(n_groups: int, times: tuple[str, str]) -> dict[str, Any]:
    places = [group * _APART + time for group in range(n_groups) for time in (0, 1)]
    later = " || ".join(f"datum.value == {place}" for place in places[1::2])
    return {
        "type": "quantitative",
        "scale": {"domain": [-0.6, places[-1] + 0.6], "nice": False},
        "axis": {
            "title": None,
            "grid": False,
            "values": places,
            "labelExpr": f"({later}) ? '{times[1]}' : '{times[0]}'",
            "labelOverlap": False,
        },
    }


def _lines(groups: Sequence[PairGroup], x: Spec, y: Spec) -> Spec:
    ends = [
        {"from": at * _APART, "to": at * _APART + 1, "before": pair.before, "after": pair.after}
        for at, group in enumerate(groups)
        for pair in group.pairs
    ]
    return {
        "data": rows(ends),
        "mark": {"type": "rule", "color": "#b3b3b3", "strokeWidth": 1},
        "encoding": {
            "x": {"field": "from", **x},
            "x2": {"field": "to"},
            "y": {"field": "before", **y},
            "y2": {"field": "after"},
        },
    }


def _dots(groups: Sequence[PairGroup], x: Spec, y: Spec) -> Spec:
    colours = GROUP_COLOURS if len(groups) > 1 else (BLUE,)
    dots = [
        {"group": group.label, "x": at * _APART + time, "value": value, "open": is_open,
         "colour": colours[at]}
        for at, group in enumerate(groups)
        for pair in group.pairs
        for time, value, is_open in (
            (0, pair.before, pair.before_open), (1, pair.after, pair.after_open)
        )
    ]  # fmt: skip
    shapes = {"domain": [group.label for group in groups], "range": list(GROUP_SHAPES)}
    return {
        "data": rows(dots),
        "mark": {"type": "point", "size": 40, "strokeWidth": 1.5, "opacity": 0.9},
        "encoding": {
            "x": {"field": "x", **x},
            "y": {"field": "value", **y},
            "shape": {"field": "group", "type": "nominal", "scale": shapes, "legend": None},
            "stroke": {"field": "colour", "type": "nominal", "scale": None},
            "fill": {
                "condition": {"test": "datum.open", "value": "white"},
                "field": "colour",
                "type": "nominal",
                "scale": None,
            },
        },
    }


def _quartiles(groups: Sequence[PairGroup], x: Spec, y: Spec) -> list[Spec]:
    """Median as a tick on a rule from the lower to the upper quartile."""
    found = [
        {"x": at * _APART + place, "lower": quartiles[0], "median": quartiles[1],
         "upper": quartiles[2]}
        for at, group in enumerate(groups)
        for place, quartiles in ((-_BESIDE, group.before), (1 + _BESIDE, group.after))
        if quartiles is not None
    ]  # fmt: skip
    where = {"field": "x", **x}
    return [
        {
            "data": rows(found),
            "mark": {"type": "rule", "color": INK, "strokeWidth": 2},
            "encoding": {
                "x": where,
                "y": {"field": "lower", **y},
                "y2": {"field": "upper"},
            },
        },
        {
            "data": rows(found),
            "mark": {
                "type": "tick",
                "color": INK,
                "thickness": 3,
                "size": 18,
                "orient": "horizontal",
                "opacity": 1,
            },
            "encoding": {"x": where, "y": {"field": "median", **y}},
        },
    ]


def _labels(groups: Sequence[PairGroup], x: Spec) -> Spec:
    """Names of the groups above them; one alone needs none."""
    names = [{"x": at * _APART + 0.5, "label": group.label} for at, group in enumerate(groups)]
    return {
        "data": rows(names if len(groups) > 1 else []),
        "mark": {"type": "text", "baseline": "bottom", "dy": -2},
        "encoding": {"x": {"field": "x", **x}, "y": {"value": 0}, "text": {"field": "label"}},
    }


def _domain(groups: Sequence[PairGroup], *, is_log: bool) -> list[float]:
    values = [
        value for group in groups for pair in group.pairs for value in (pair.before, pair.after)
    ]
    low, high = min(values), max(values)
    if is_log:
        return [low / _AIR, high * _AIR]
    air = (_AIR - 1) * (high - low) or 1.0
    return [low - air, high + air]
