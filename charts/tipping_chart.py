"""A difference over two shifts: where its interval is above 0, includes it, or is below."""

from collections.abc import Sequence
from typing import Any, Final

from charts.chart import Chart
from charts.look import INK, ORANGE, PALE, SKY, rows, spec

ABOVE, INCLUDES, BELOW = "interval above 0", "interval includes 0", "interval below 0"
_COLOURS: Final = {ABOVE: SKY, INCLUDES: PALE, BELOW: ORANGE}
_CELL: Final = 29


def tipping_chart(
    shifts_x: Sequence[float],
    shifts_y: Sequence[float],
    difference: Sequence[Sequence[float]],
    lower: Sequence[Sequence[float]],
    upper: Sequence[Sequence[float]],
    *,
    title: str,
    x_title: str | Sequence[str],
    y_title: str | Sequence[str],
    key: str = "",
) -> Chart:
    """Draw a cell for each pair of shifts, with the difference in it.

    Parameters
    ----------
    shifts_x, shifts_y
        Ascending; at most 10 of each. A single one has no title.
    difference, lower, upper
        Row i, column j: shift i of y, shift j of x; the estimate and its limits.
    title
        What is drawn, in a few words.
    x_title, y_title
        What is shifted, and its unit; several lines as several strings.
    key
        As in `Chart`.

    Examples
    --------
    >>> chart = tipping_chart([0, 2], [0], [[2.9, 2.1]], [[1.0, -0.1]], [[4.8, 4.3]],
    ...                       title="Tipping point", x_title="control", y_title="MSC")
    >>> [cell["verdict"] for cell in chart.spec["data"]["values"]]
    ['interval above 0', 'interval includes 0']
    """
    cells = [
        {
            "x": f"{shift_x:g}",
            "y": f"{shift_y:g}",
            "difference": difference[i][j],
            "verdict": _verdict(lower[i][j], upper[i][j]),
        }
        for i, shift_y in enumerate(shifts_y)
        for j, shift_x in enumerate(shifts_x)
    ]
    x = _side("x", [f"{shift:g}" for shift in shifts_x], x_title)
    y = _side("y", [f"{shift:g}" for shift in reversed(shifts_y)], y_title)
    colour = {"domain": list(_COLOURS), "range": list(_COLOURS.values())}
    body: dict[str, Any] = {
        "title": title,
        "data": rows(cells),
        "encoding": {"x": x, "y": y},
        "layer": [
            {
                "mark": {"type": "rect", "stroke": "white"},
                "encoding": {
                    "color": {
                        "field": "verdict",
                        "type": "nominal",
                        "title": None,
                        "scale": colour,
                        "legend": {
                            "columns": 1,
                            "symbolStrokeColor": INK,
                            "symbolStrokeWidth": 0.5,
                        },
                    }
                },
            },
            {
                "mark": {"type": "text", "fontSize": 10},
                "encoding": {
                    "text": {"field": "difference", "type": "quantitative", "format": ".1f"},
                    # Paler where nothing is shown, for those who cannot tell the colours.
                    "opacity": {
                        "condition": {"test": f"datum.verdict === '{INCLUDES}'", "value": 0.75},
                        "value": 1,
                    },
                },
            },
        ],
    }
    return Chart(key, title, spec(body, width=_CELL * len(shifts_x), height=_CELL * len(shifts_y)))


def _side(field: str, domain: list[str], title: str | Sequence[str]) -> dict[str, Any]:
    return {
        "field": field,
        "type": "ordinal",
        # A single row or column is no axis, and its title would not fit beside it.
        "title": title if len(domain) > 1 else None,
        "scale": {"domain": domain},
        "axis": {"labelAngle": 0, "ticks": False, "domain": False},
    }


def _verdict(lower: float, upper: float) -> str:
    if lower > 0:
        return ABOVE
    return BELOW if upper < 0 else INCLUDES
