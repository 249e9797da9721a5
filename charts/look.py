"""The one look of every chart: colours, type, sizes, and the envelope around each spec.

Colours are Okabe and Ito's, told apart by every common colour vision; what a colour says is said
by a shape or a dash, too. A spec is a plain Vega-Lite dictionary with its data inside.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

Spec = dict[str, Any]
"""A Vega-Lite specification, ready for JSON."""

SCHEMA: Final = "https://vega.github.io/schema/vega-lite/v6.json"

BLUE, VERMILLION, GREEN, PURPLE = "#0072B2", "#D55E00", "#009E73", "#CC79A7"
ORANGE, SKY, GREY, INK = "#E69F00", "#56B4E9", "#666666", "#1a1a1a"
GRID, PALE = "#e6e6e6", "#f2f2f2"

ARMS: Final = ("msc", "control")
ARM_COLOURS: Final = (BLUE, VERMILLION)
ARM_SHAPES: Final = ("circle", "triangle-up")
ARM_DASHES: Final = ((1, 0), (6, 3))
"""Of `ARMS`, in their order: colour, point and line."""

WIDTH, HEIGHT = 300, 230
"""Plot area [px] of a chart that still fits a phone with its axis."""

FONT: Final = "Liberation Sans, Arial, Helvetica, sans-serif"

_CONFIG: Final[Mapping[str, Any]] = {
    "font": FONT,
    "background": "white",
    "view": {"stroke": None},
    "axis": {
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "labelColor": INK,
        "titleColor": INK,
        "gridColor": GRID,
        "domainColor": GREY,
        "tickColor": GREY,
        "titlePadding": 6,
    },
    "legend": {
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "orient": "bottom",
        "symbolStrokeWidth": 2,
        "labelLimit": 260,
        "labelColor": INK,
        "titleColor": INK,
    },
    "title": {
        "fontSize": 13,
        "fontWeight": "bold",
        "anchor": "start",
        "color": INK,
        "offset": 8,
        "subtitleFontSize": 11,
        "subtitleColor": GREY,
        "subtitlePadding": 4,
    },
    "header": {"labelFontSize": 12, "titleFontSize": 12, "labelColor": INK, "titleColor": INK},
    "text": {"fontSize": 12, "color": INK},
}


def spec(
    body: Mapping[str, Any], *, width: int | None = WIDTH, height: int | None = HEIGHT
) -> Spec:
    """A whole specification in the shared look.

    Parameters
    ----------
    body
        What is drawn: ``mark`` and ``encoding``, ``layer``, ``vconcat`` ..., with ``data``.
    width, height
        Of the plot area [px]; None where the body's own views have theirs.

    Examples
    --------
    >>> spec({"mark": "point"})["width"]
    300
    """
    size = {"width": width, "height": height}
    return {
        "$schema": SCHEMA,
        "config": dict(_CONFIG),
        **{name: pixels for name, pixels in size.items() if pixels is not None},
        **body,
    }


def rows(values: list[dict[str, Any]]) -> dict[str, Any]:
    """Inline data: one dictionary per mark, numbers finite or None.

    Examples
    --------
    >>> rows([{"month": 0}])
    {'values': [{'month': 0}]}
    """
    return {"values": values}


def arm_channel(channel: str, arms: Iterable[str] = ARMS) -> dict[str, Any]:
    """How the field ``arm`` is drawn as ``color``, ``shape`` or ``strokeDash``.

    Parameters
    ----------
    arms
        Those that are drawn; the legend names no others.

    Examples
    --------
    >>> arm_channel("shape", ["msc"])["legend"]["values"]
    ['msc']
    """
    drawn = {
        "color": list(ARM_COLOURS),
        "shape": list(ARM_SHAPES),
        "strokeDash": [list(dash) for dash in ARM_DASHES],
    }
    present = set(arms)
    return {
        "field": "arm",
        "type": "nominal",
        "title": None,
        "scale": {"domain": list(ARMS), "range": drawn[channel]},
        "legend": {
            "labelExpr": "{msc: 'MSC', control: 'Control'}[datum.label]",
            "values": [arm for arm in ARMS if arm in present],
        },
    }
