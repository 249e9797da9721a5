"""Two quantities of each patient against each other, in groups, with a line for each group."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from charts.chart import Chart
from charts.look import GREY, rows, spec
from charts.paired_dots_chart import GROUP_COLOURS, GROUP_SHAPES

_SIDE: Final = 250
_DASHES: Final = ([1, 0], [6, 3])
_AIR: Final = 1.06
_PLAIN_SYMBOL: Final = {"symbolStrokeWidth": 0, "symbolSize": 65}

Ends = tuple[tuple[float, float], tuple[float, float]]
"""Two points (x, y) that a line joins."""


@dataclass(frozen=True, slots=True)
class Dot:
    """One patient; open where a value is only known to lie beyond a limit."""

    x: float
    y: float
    is_open: bool = False


@dataclass(frozen=True, slots=True)
class DotGroup:
    """Patients of one kind, and the line through them."""

    label: str
    dots: Sequence[Dot]
    line: Ends | None = None


def scatter_chart(
    groups: Sequence[DotGroup],
    *,
    title: str,
    x_title: str | Sequence[str],
    y_title: str | Sequence[str],
    reference: float | None = None,
    is_log: bool = False,
    key: str = "",
) -> Chart:
    """Draw one or two groups.

    Parameters
    ----------
    groups
        With at least one dot between them; labels differ.
    title
        What is drawn, in a few words.
    x_title, y_title
        Quantity, unit and direction; several lines as several strings.
    reference
        Where thin lines stand on both axes: what means no change.
    is_log
        Both axes for ratios: as far to the half as to the double.
    key
        As in `Chart`.

    Examples
    --------
    >>> group = DotGroup("good", [Dot(1.2, 0.9)], ((1.0, 1.0), (2.0, 0.8)))
    >>> chart = scatter_chart([group], title="Changes", x_title="x", y_title="y", reference=1)
    >>> [len(layer["data"]["values"]) for layer in chart.spec["layer"]]
    [1, 1, 2, 1, 0]
    """
    drawn = [(dot.x, dot.y) for group in groups for dot in group.dots]
    drawn += [point for group in groups for point in group.line or ()]
    drawn += [] if reference is None else [(reference, reference)]
    x = _axis(x_title, [point[0] for point in drawn], is_log=is_log)
    y = _axis(y_title, [point[1] for point in drawn], is_log=is_log)
    labels = [group.label for group in groups]
    dots = [
        {"label": group.label, "x": dot.x, "y": dot.y, "open": dot.is_open}
        for group in groups
        for dot in group.dots
    ]
    lines = [
        {"label": group.label, "x": point[0], "y": point[1]}
        for group in groups
        for point in group.line or ()
    ]
    colour, shape, dash = (
        {
            "field": "label",
            "type": "nominal",
            "scale": {"domain": labels, "range": list(range_[: len(labels)])},
            "legend": {"title": None, "columns": 1, **_PLAIN_SYMBOL},
        }
        for range_ in (GROUP_COLOURS, GROUP_SHAPES, _DASHES)
    )
    where = {"x": {"field": "x", **x}, "y": {"field": "y", **y}}
    layers: list[dict[str, Any]] = [
        *_references(reference, x, y),
        {
            "data": rows(lines),
            "mark": {"type": "line", "strokeWidth": 2},
            "encoding": {**where, "color": colour, "strokeDash": dash},
        },
        {
            "data": rows(dots),
            "mark": {"type": "point", "filled": True, "size": 65, "opacity": 0.9},
            "encoding": {**where, "color": colour, "shape": shape},
        },
        {
            "data": rows([dot for dot in dots if dot["open"]]),
            "mark": {"type": "point", "filled": True, "size": 24, "color": "white", "opacity": 1},
            "encoding": {**where, "shape": shape},
        },
    ]
    return Chart(key, title, spec({"title": title, "layer": layers}, width=_SIDE, height=_SIDE))


def _references(reference: float | None, x: dict[str, Any], y: dict[str, Any]) -> list[Any]:
    data = rows([] if reference is None else [{"at": reference}])
    mark = {"type": "rule", "color": GREY, "strokeDash": [2, 2]}
    return [
        {"data": data, "mark": mark, "encoding": {"x": {"field": "at", **x}}},
        {"data": data, "mark": mark, "encoding": {"y": {"field": "at", **y}}},
    ]


def _axis(title: str | Sequence[str], values: Sequence[float], *, is_log: bool) -> dict[str, Any]:
    low, high = min(values), max(values)
    air = 0.06 * (high - low) or 1.0
    domain = [low / _AIR, high * _AIR] if is_log else [low - air, high + air]
    return {
        "type": "quantitative",
        "title": title,
        "scale": {"domain": domain, "nice": False, **({"type": "log"} if is_log else {})},
        "axis": {
            "tickCount": 5,
            "labelOverlap": "greedy",
            **({"format": "~g"} if is_log else {}),
        },
    }
