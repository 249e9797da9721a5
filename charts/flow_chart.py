"""Boxes with text, one under another in columns, joined by arrows: who went how far."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from charts.chart import Chart
from charts.look import ARM_COLOURS, ARMS, GREY, INK, rows, spec

_WIDTH: Final = 336
_BETWEEN: Final = 12
_LINE: Final = 15
_PADDING: Final = 8
_ARROW: Final = 16


@dataclass(frozen=True, slots=True)
class FlowColumn:
    """One arm from top to bottom; a box is its lines of text, of about 24 letters each.

    Attributes
    ----------
    boxes
        Stages, each joined to the one above.
    apart
        A last box that is no stage: no arrow leads to it.
    """

    arm: str
    boxes: tuple[tuple[str, ...], ...]
    apart: tuple[str, ...]


def flow_chart(
    top: Sequence[str], columns: Sequence[FlowColumn], *, title: str, key: str = ""
) -> Chart:
    """Draw one box for all, and below it a column of boxes for each arm.

    Parameters
    ----------
    top
        Lines of the first box.
    columns
        One or two, all with as many boxes. Boxes that stand beside each other are equally high.
    title
        What is drawn, in a few words.
    key
        As in `Chart`.

    Examples
    --------
    >>> column = FlowColumn("msc", (("MSC: 33",), ("analysed: 32",)), ("evaluable: 30",))
    >>> chart = flow_chart(["randomised: 33"], [column], title="Flow")
    >>> [len(layer["data"]["values"]) for layer in chart.spec["layer"]]
    [4, 4, 2, 2]
    """
    boxes, arrows = _laid_out(top, columns)
    height = max(box["bottom"] for box in boxes)
    x = {"type": "quantitative", "axis": None, "scale": {"domain": [0, _WIDTH], "nice": False}}
    y = {
        "type": "quantitative",
        "axis": None,
        "scale": {"domain": [0, height], "nice": False, "reverse": True},
    }
    colour = {
        "field": "arm",
        "type": "nominal",
        "legend": None,
        "scale": {"domain": [*ARMS, ""], "range": [*ARM_COLOURS, GREY]},
    }
    place = {"x": {"field": "from_x", **x}, "y": {"field": "from_y", **y}}
    end = {"x": {"field": "to_x", **x}, "y": {"field": "to_y", **y}}
    layers: list[dict[str, Any]] = [
        {
            "data": rows(boxes),
            "mark": {"type": "rect", "fill": "white", "strokeWidth": 1.5, "cornerRadius": 3},
            "encoding": {
                "x": {"field": "left", **x},
                "x2": {"field": "right"},
                "y": {"field": "top", **y},
                "y2": {"field": "bottom"},
                "stroke": colour,
            },
        },
        {
            "data": rows(boxes),
            "mark": {
                "type": "text",
                "fontSize": 12,
                "lineHeight": _LINE,
                "lineBreak": "\n",
                "baseline": "line-top",
                "align": "center",
                "color": INK,
            },
            "encoding": {
                "x": {"field": "middle", **x},
                "y": {"field": "text_top", **y},
                "text": {"field": "text", "type": "nominal"},
            },
        },
        {
            "data": rows(arrows),
            "mark": {"type": "rule", "color": GREY, "strokeWidth": 1.5},
            "encoding": {**place, "x2": {"field": "to_x"}, "y2": {"field": "to_y"}},
        },
        {
            "data": rows(arrows),
            "mark": {
                "type": "point",
                "shape": "triangle-down",
                "filled": True,
                "color": GREY,
                "size": 50,
                "opacity": 1,
                "yOffset": -3,
            },
            "encoding": end,
        },
    ]
    return Chart(key, title, spec({"layer": layers}, width=_WIDTH, height=round(height)))


def _laid_out(
    top: Sequence[str], columns: Sequence[FlowColumn]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Every box and every line between boxes, in pixels."""
    first = _box("", top, (0, _WIDTH), 0, len(top))
    boxes, arrows = [first], []
    width = (_WIDTH - _BETWEEN * (len(columns) - 1)) / len(columns)
    sides = [(i * (width + _BETWEEN), i * (width + _BETWEEN) + width) for i in range(len(columns))]
    bottom = first["bottom"]
    stages = zip(*((*column.boxes, column.apart) for column in columns), strict=True)
    n_joined = len(columns[0].boxes)
    for stage, beside in enumerate(stages):
        lines = max(map(len, beside))
        row = [
            _box(column.arm, text, side, bottom + _ARROW, lines)
            for column, text, side in zip(columns, beside, sides, strict=True)
        ]
        if stage < n_joined:
            arrows += [_arrow(box["middle"], bottom, bottom + _ARROW) for box in row]
        boxes += row
        bottom = row[0]["bottom"]
    return boxes, arrows


def _box(
    arm: str, text: Sequence[str], side: tuple[float, float], top: float, n_lines: int
) -> dict[str, Any]:
    spare = (n_lines - len(text)) * _LINE / 2
    return {
        "arm": arm,
        "text": "\n".join(text),
        "left": side[0] + 1,
        "right": side[1] - 1,
        "middle": sum(side) / 2,
        "top": top,
        "bottom": top + n_lines * _LINE + 2 * _PADDING,
        "text_top": top + _PADDING + spare,
    }


def _arrow(x: float, top: float, bottom: float) -> dict[str, Any]:
    return {"from_x": x, "from_y": top, "to_x": x, "to_y": bottom}
