"""Lines with bands over one axis, beside the diagonal of agreement where there is one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from charts.chart import Chart
from charts.look import BLUE, GREEN, GREY, HEIGHT, VERMILLION, WIDTH, rows, spec

_COLOURS: Final = (BLUE, VERMILLION, GREEN)
_DASHES: Final = ([1, 0], [6, 3], [2, 2])
Domain = tuple[float, float]


@dataclass(frozen=True, slots=True)
class DrawnLine:
    """One line, and the limits around it where it has any.

    Attributes
    ----------
    label
        What it is of; labels differ.
    x, y, lower, upper
        Of each point, from left to right; limits may be empty.
    """

    label: str
    x: Sequence[float]
    y: Sequence[float]
    lower: Sequence[float] = ()
    upper: Sequence[float] = ()


def curves_chart(
    lines: Sequence[DrawnLine],
    *,
    title: str,
    x: tuple[str | list[str], Domain],
    y: tuple[str | list[str], Domain],
    has_diagonal: bool = False,
) -> Chart:
    """Draw up to three lines; what leaves the axes is cut off.

    Parameters
    ----------
    lines
        At least one.
    title
        What is drawn, in a few words.
    x, y
        Title of each axis, with the unit and which way is better, and its ends.
    has_diagonal
        Whether stated and observed are the same thing, so that the diagonal means agreement.

    Examples
    --------
    >>> line = DrawnLine("model", [0.2, 0.6], [0.3, 0.5], [0.1, 0.4], [0.5, 0.6])
    >>> chart = curves_chart([line], title="Calibration", x=("stated", (0, 1)),
    ...                      y=("observed", (0, 1)), has_diagonal=True)
    >>> [len(layer["data"]["values"]) for layer in chart.spec["layer"]]
    [1, 2, 2]
    """
    across, up = _axis(*x), _axis(*y)
    named = _named([line.label for line in lines])
    diagonal = [{"from": 0, "to": 1}] if has_diagonal else []
    layers: list[dict[str, Any]] = [
        {
            "data": rows(diagonal),
            "mark": {"type": "rule", "color": GREY, "strokeDash": [4, 3]},
            "encoding": {
                "x": {"field": "from", **across},
                "x2": {"field": "to"},
                "y": {"field": "from", **up},
                "y2": {"field": "to"},
            },
        },
        {
            "data": rows([point for line in lines for point in _band(line)]),
            "mark": {"type": "area", "opacity": 0.18, "clip": True},
            "encoding": {
                "x": {"field": "x", **across},
                "y": {"field": "lower", **up},
                "y2": {"field": "upper"},
                "color": named,
            },
        },
        {
            "data": rows([point for line in lines for point in _points(line)]),
            "mark": {"type": "line", "strokeWidth": 2, "clip": True},
            "encoding": {
                "x": {"field": "x", **across},
                "y": {"field": "y", **up},
                "color": named,
                "strokeDash": {**named, "scale": {**named["scale"], "range": list(_DASHES)}},
            },
        },
    ]
    width = HEIGHT if has_diagonal else WIDTH
    return Chart("", title, spec({"title": title, "layer": layers}, width=width))


def _axis(title: str | list[str], domain: Domain) -> dict[str, Any]:
    return {
        "type": "quantitative",
        "title": title,
        "scale": {"domain": list(domain), "nice": False},
        "axis": {"tickCount": 5, "format": ".2~f"},
    }


def _named(labels: list[str]) -> dict[str, Any]:
    return {
        "field": "label",
        "type": "nominal",
        "scale": {"domain": labels, "range": list(_COLOURS[: len(labels)])},
        "legend": {"title": None, "columns": 1, "symbolType": "stroke", "symbolOpacity": 1},
    }


def _band(line: DrawnLine) -> list[dict[str, Any]]:
    if not line.lower:
        return []
    limits = zip(line.x, line.lower, line.upper, strict=True)
    return [{"label": line.label, "x": x, "lower": low, "upper": high} for x, low, high in limits]


def _points(line: DrawnLine) -> list[dict[str, Any]]:
    return [{"label": line.label, "x": x, "y": y} for x, y in zip(line.x, line.y, strict=True)]
