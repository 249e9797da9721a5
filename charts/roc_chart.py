"""ROC curves with their bands and the line of chance."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from charts.chart import Chart
from charts.look import BLUE, GREEN, GREY, PURPLE, VERMILLION, rows, spec

_SIDE: Final = 240
_COLOURS: Final = (BLUE, VERMILLION, GREEN, PURPLE)
_DASHES: Final = ([1, 0], [6, 3], [2, 2], [8, 3, 2, 3])


@dataclass(frozen=True, slots=True)
class DrawnRoc:
    """One curve.

    Attributes
    ----------
    label
        What it is of, with its area: ``TNF: 0.64 (0.55 to 0.72)``.
    specificity, sensitivity
        Of each point, from (1, 0) to (0, 1).
    """

    label: str
    specificity: Sequence[float]
    sensitivity: Sequence[float]


@dataclass(frozen=True, slots=True)
class DrawnBand:
    """Limits of sensitivity over specificity, of the first curve."""

    specificity: Sequence[float]
    lower: Sequence[float]
    upper: Sequence[float]


def roc_chart(
    curves: Sequence[DrawnRoc],
    *,
    title: str,
    band: DrawnBand | None = None,
    point: tuple[float, float] | None = None,
    case: str = "case",
    key: str = "",
) -> Chart:
    """Draw up to four ROC curves.

    Parameters
    ----------
    curves
        At least one; labels differ.
    title
        What is told from what, in a few words.
    band
        Around the first curve.
    point
        Specificity and sensitivity of an operating point.
    case
        What a positive call means; named on the axes.
    key
        As in `Chart`.

    Examples
    --------
    >>> chart = roc_chart([DrawnRoc("TNF: 0.75", [1, 0.5, 0], [0, 1, 1])], title="TNF")
    >>> chart.spec["width"] == chart.spec["height"]
    True
    """
    x, y = _axis(f"1 - specificity (others called {case})"), _axis(f"sensitivity ({case})")
    labels = [curve.label for curve in curves]
    kinds = len(curves)
    legend = {"title": None, "columns": 1, "symbolType": "stroke", "labelLimit": _SIDE + 40}
    name = {"field": "label", "type": "nominal", "sort": labels}
    points = [
        {"label": curve.label, "order": order, "x": 1 - specificity, "y": sensitivity}
        for curve in curves
        for order, (specificity, sensitivity) in enumerate(
            zip(curve.specificity, curve.sensitivity, strict=True)
        )
    ]
    layers: list[dict[str, Any]] = [
        {
            "data": rows(_drawn_band(band)),
            "mark": {"type": "area", "color": _COLOURS[0], "opacity": 0.18},
            "encoding": {
                "x": {"field": "x", **x},
                "y": {"field": "lower", **y},
                "y2": {"field": "upper"},
            },
        },
        {
            "data": rows([{"from": 0, "to": 1}]),
            "mark": {"type": "rule", "color": GREY, "strokeDash": [4, 3]},
            "encoding": {
                "x": {"field": "from", **x},
                "x2": {"field": "to"},
                "y": {"field": "from", **y},
                "y2": {"field": "to"},
            },
        },
        {
            "data": rows(points),
            "mark": {"type": "line", "strokeWidth": 2, "interpolate": "linear"},
            "encoding": {
                "x": {"field": "x", **x},
                "y": {"field": "y", **y},
                "order": {"field": "order", "type": "quantitative"},
                "color": {
                    **name,
                    "scale": {"domain": labels, "range": list(_COLOURS[:kinds])},
                    "legend": legend,
                },
                "strokeDash": {
                    **name,
                    "scale": {"domain": labels, "range": list(_DASHES[:kinds])},
                    "legend": legend,
                },
            },
        },
    ]
    if point is not None:
        layers.append(_point(point, x, y))
    return Chart(key, title, spec({"title": title, "layer": layers}, width=_SIDE, height=_SIDE))


def _point(point: tuple[float, float], x: dict[str, Any], y: dict[str, Any]) -> dict[str, Any]:
    specificity, sensitivity = point
    return {
        "data": rows([{"x": 1 - specificity, "y": sensitivity}]),
        "mark": {
            "type": "point",
            "shape": "diamond",
            "filled": True,
            "color": VERMILLION,
            "size": 110,
            "opacity": 1,
        },
        "encoding": {"x": {"field": "x", **x}, "y": {"field": "y", **y}},
    }


def _axis(title: str) -> dict[str, Any]:
    return {
        "type": "quantitative",
        "title": title,
        "scale": {"domain": [0, 1], "nice": False},
        "axis": {"values": [0, 0.25, 0.5, 0.75, 1], "format": ".2~f"},
    }


def _drawn_band(band: DrawnBand | None) -> list[dict[str, float]]:
    if band is None:
        return []
    limits = zip(band.specificity, band.lower, band.upper, strict=True)
    return [
        {"x": 1 - specificity, "lower": lower, "upper": upper}
        for specificity, lower, upper in limits
    ]
