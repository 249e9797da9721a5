"""Quantiles of a sample beside those of the normal distribution."""

from collections.abc import Sequence
from typing import Any

from charts.chart import Chart
from charts.look import BLUE, GREY, rows, spec


def normal_quantiles_chart(
    normal: Sequence[float],
    observed: Sequence[float],
    *,
    title: str,
    x_title: str,
    y_title: str | Sequence[str],
    key: str = "",
) -> Chart:
    """Draw points that lie on the diagonal where the sample is normal.

    Parameters
    ----------
    normal, observed
        Quantiles at the same probabilities, ascending, in standard deviations.
    title
        What is drawn, in a few words.
    x_title, y_title
        Quantity and unit; several lines as several strings.
    key
        As in `Chart`.

    Examples
    --------
    >>> chart = normal_quantiles_chart([-1, 1], [-0.9, 1.1], title="Q", x_title="x", y_title="y")
    >>> chart.spec["layer"][1]["data"]["values"][0]
    {'normal': -1, 'observed': -0.9}
    """
    ends = [min(*normal, *observed), max(*normal, *observed)]
    air = 0.05 * (ends[1] - ends[0])
    scale = {"domain": [ends[0] - air, ends[1] + air], "nice": False}
    axis = {"tickCount": 6}
    x: dict[str, Any] = {"type": "quantitative", "scale": scale, "title": x_title, "axis": axis}
    y: dict[str, Any] = {"type": "quantitative", "scale": scale, "title": y_title, "axis": axis}
    pairs = zip(normal, observed, strict=True)
    layers: list[dict[str, Any]] = [
        {
            "data": rows([{"equal": end} for end in scale["domain"]]),  # type: ignore[attr-defined]
            "mark": {"type": "line", "color": GREY, "strokeDash": [4, 3]},
            "encoding": {"x": {**x, "field": "equal"}, "y": {**y, "field": "equal"}},
        },
        {
            "data": rows([{"normal": one, "observed": other} for one, other in pairs]),
            "mark": {"type": "point", "color": BLUE, "size": 30, "opacity": 1},
            "encoding": {"x": {**x, "field": "normal"}, "y": {**y, "field": "observed"}},
        },
    ]
    return Chart(key, title, spec({"layer": layers}))
