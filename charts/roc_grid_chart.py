"""Many ROC curves, each in a small plot of its own."""

from collections.abc import Sequence
from typing import Any, Final

from charts.chart import Chart
from charts.look import BLUE, GREY, rows, spec
from charts.roc_chart import DrawnRoc

_SIDE: Final = 150
_COLUMNS: Final = 2
_LETTERS: Final = 26


def roc_grid_chart(curves: Sequence[DrawnRoc], *, title: str, case: str) -> Chart:
    """Draw each curve beside the line of chance, two in a row.

    Parameters
    ----------
    curves
        At least one; labels differ.
    case
        What a positive call means; named on the axes.

    Examples
    --------
    >>> chart = roc_grid_chart([DrawnRoc("TNF: 0.75", [1, 0.5, 0], [0, 1, 1])], title="TNF",
    ...                        case="responder")
    >>> chart.spec["columns"], len(chart.spec["data"]["values"])
    (2, 5)
    """
    points = [
        {"label": curve.label, "line": "curve", "order": order, "x": 1 - specificity, "y": height}
        for curve in curves
        for order, (specificity, height) in enumerate(
            zip(curve.specificity, curve.sensitivity, strict=True)
        )
    ]
    chance = [
        {"label": curve.label, "line": "chance", "order": end, "x": end, "y": end}
        for curve in curves
        for end in (0, 1)
    ]
    one: dict[str, Any] = {
        "width": _SIDE,
        "height": _SIDE,
        "layer": [
            _line("chance", {"color": GREY, "strokeDash": [4, 3], "strokeWidth": 1}, case),
            _line("curve", {"color": BLUE, "strokeWidth": 2}, case),
        ],
    }
    facet = {
        "field": "label",
        "type": "nominal",
        "title": None,
        "sort": [curve.label for curve in curves],
        "header": {
            "labelLimit": _SIDE + 30,
            "labelFontSize": 10,
            "labelExpr": "split(datum.label, ': ')",
            "labelAnchor": "start",
        },
    }
    body = {"data": rows(chance + points), "facet": facet, "columns": _COLUMNS, "spec": one}
    return Chart("", title, spec(body, width=None, height=None))


def _line(which: str, mark: dict[str, Any], case: str) -> dict[str, Any]:
    return {
        "transform": [{"filter": f"datum.line === '{which}'"}],
        "mark": {"type": "line", "interpolate": "linear", **mark},
        "encoding": {
            "x": _axis("x", f"1 - specificity ({case})"),
            "y": _axis("y", f"sensitivity ({case})"),
            "order": {"field": "order", "type": "quantitative"},
        },
    }


def _axis(field: str, title: str) -> dict[str, Any]:
    return {
        "field": field,
        "type": "quantitative",
        "title": title,
        "scale": {"domain": [0, 1], "nice": False},
        "axis": {"values": [0, 0.5, 1], "format": ".2~f", "titleFontSize": 10},
    }
