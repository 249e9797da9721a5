"""The share that reaches each threshold, by arm: what is left of a difference at a higher bar."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from charts.chart import Chart
from charts.look import GREY, arm_channel, rows, spec


@dataclass(frozen=True, slots=True)
class ShareCurve:
    """Shares (0 to 1) of one arm that reach each threshold."""

    arm: str
    thresholds: Sequence[float]
    shares: Sequence[float]


def share_chart(
    curves: Sequence[ShareCurve],
    *,
    title: str,
    x_title: str | Sequence[str],
    y_title: str,
    marked: Sequence[float] = (),
    key: str = "",
) -> Chart:
    """Draw the shares of each arm over the threshold.

    Parameters
    ----------
    curves
        At least one; arms are those of `charts.look.ARMS`.
    title
        What is drawn, in a few words.
    x_title, y_title
        Quantity and unit; several lines as several strings.
    marked
        Thresholds with a line of their own.
    key
        As in `Chart`.

    Examples
    --------
    >>> curve = ShareCurve("msc", [0, 50], [0.9, 0.6])
    >>> chart = share_chart([curve], title="Responders", x_title="percent", y_title="share")
    >>> [row["share"] for row in chart.spec["layer"][-1]["data"]["values"]]
    [0.9, 0.6]
    """
    x: dict[str, Any] = {
        "type": "quantitative",
        "title": x_title,
        "scale": {"nice": False},
        "axis": {"grid": False, "tickCount": 5, "labelOverlap": "greedy"},
    }
    y: dict[str, Any] = {
        "field": "share",
        "type": "quantitative",
        "title": y_title,
        "scale": {"domain": [0, 1]},
        "axis": {"format": ".0%", "tickCount": 5},
    }
    arms = {curve.arm for curve in curves}
    drawn = [
        {"arm": curve.arm, "threshold": threshold, "share": share}
        for curve in curves
        for threshold, share in zip(curve.thresholds, curve.shares, strict=True)
    ]
    layers: list[dict[str, Any]] = [
        {
            "data": rows([{"threshold": threshold} for threshold in marked]),
            "mark": {"type": "rule", "color": GREY, "strokeDash": [2, 2]},
            "encoding": {"x": {**x, "field": "threshold"}},
        },
        {
            "data": rows(drawn),
            "mark": {"type": "line", "strokeWidth": 2},
            "encoding": {
                "x": {**x, "field": "threshold"},
                "y": y,
                "color": arm_channel("color", arms),
                "strokeDash": arm_channel("strokeDash", arms),
            },
        },
    ]
    return Chart(key, title, spec({"title": title, "layer": layers}))
