"""Estimates with their intervals, one under another, beside the value that means no difference."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from analysis.estimate import Estimate
from charts.chart import Chart
from charts.look import BLUE, GREY, rows, spec

_ROW_HEIGHT: Final = 24
_PLOT_WIDTH: Final = 230
_NAMES: Final = {"ticks": False, "domain": False, "labelPadding": 8}
_QUARTERS: Final = [0, 0.25, 0.5, 0.75, 1]  # at fifths, 80% and 100% would nearly touch
_TICKS: Final = {"tickCount": 5, "labelOverlap": "greedy", "labelSeparation": 2}


@dataclass(frozen=True, slots=True)
class ForestRow:
    """One estimate.

    Attributes
    ----------
    label
        What it is of; about 24 letters are seen, the rest is cut.
    value, lower, upper
        On the scale of the axis; None for a number that there is not, and the label stands alone.
        A limit that is infinite, or beyond what is drawn, ends in an arrow.
    """

    label: str
    value: float | None
    lower: float | None
    upper: float | None

    @classmethod
    def of(cls, label: str, estimate: Estimate) -> "ForestRow":
        """A row for an estimate.

        Examples
        --------
        >>> ForestRow.of("Fever", Estimate(0.1, -0.2, 0.3, 0.95, "newcombe", 33, 31)).upper
        0.3
        """
        return cls(label, estimate.value, estimate.lower, estimate.upper)


def forest_chart(
    estimates: Sequence[ForestRow],
    *,
    title: str,
    axis: str | Sequence[str],
    reference: float,
    drawn: tuple[float, float] | None = None,
    is_log: bool = False,
    is_percent: bool = False,
    label_width: int = 150,
    key: str = "",
) -> Chart:
    """Draw estimates with their intervals in the order given, from top to bottom.

    Parameters
    ----------
    estimates
        At least one.
    title
        What is estimated, in a few words.
    axis
        The quantity, its unit and which way is which; several lines as several strings.
    reference
        Where the line of no difference stands: 0 for differences, 1 for ratios.
    drawn
        Ends of the axis; those of the finite numbers if not given.
    is_log
        For ratios: as far to the half as to the double.
    is_percent
        Proportions of -1 to 1 are labelled in percent.
    label_width
        Room for the labels [px].
    key
        As in `Chart`.

    Examples
    --------
    >>> rows = [ForestRow("Fever", 0.21, 0.03, 0.38), ForestRow("Rash", 0.03, -0.09, 0.15)]
    >>> chart = forest_chart(rows, title="Risk difference", axis="MSC less control", reference=0)
    >>> chart.spec["height"]
    48
    """
    low, high = drawn or _ends(estimates, reference, is_log=is_log)
    scale = {"domain": [low, high], "type": "log" if is_log else "linear", "nice": False}
    x: dict[str, Any] = {"type": "quantitative", "scale": scale, "axis": {**_TICKS, "title": axis}}
    if is_percent:
        x["axis"]["format"] = ".0%"
        if (low, high) == (0, 1):
            x["axis"]["values"] = _QUARTERS
    if is_log and len(numbers := _round_numbers(low, high)) > 2:
        x["axis"]["values"] = numbers
    labels = _told_apart([row.label for row in estimates])
    # With the domain written out, a row without numbers keeps its place.
    rows_in_order = {"domain": labels}
    names = {**_NAMES, "labelLimit": label_width}
    y = {"field": "label", "type": "nominal", "title": None, "scale": rows_in_order, "axis": names}
    layers: list[dict[str, Any]] = [
        {
            "data": rows([{"reference": reference}]),
            "mark": {"type": "rule", "color": GREY, "strokeDash": [4, 3]},
            "encoding": {"x": {"field": "reference", **x}},
        },
        {
            "mark": {"type": "rule", "color": BLUE, "strokeWidth": 2},
            "encoding": {"x": {"field": "from", **x}, "x2": {"field": "to"}, "y": y},
        },
        *(_arrow(side, x, y) for side in ("left", "right")),
        {
            "transform": [{"filter": "isValid(datum.value)"}],
            "mark": {"type": "point", "filled": True, "color": BLUE, "size": 60, "opacity": 1},
            "encoding": {"x": {"field": "value", **x}, "y": y},
        },
    ]
    marks = zip(labels, estimates, strict=True)
    data = rows([{"label": label, **_drawn(row, low, high)} for label, row in marks])
    body = {"data": data, "layer": layers}
    height = _ROW_HEIGHT * len(estimates)
    return Chart(key, title, spec(body, width=_PLOT_WIDTH, height=height))


def _arrow(side: str, x: dict[str, Any], y: dict[str, Any]) -> dict[str, Any]:
    """The end of an interval that goes on beyond what is drawn."""
    return {
        "transform": [{"filter": f"datum.beyond_{side}"}],
        "mark": {
            "type": "point",
            "shape": f"triangle-{side}",
            "filled": True,
            "color": BLUE,
            "opacity": 1,
        },
        "encoding": {"x": {"field": "from" if side == "left" else "to", **x}, "y": y},
    }


def _told_apart(labels: Sequence[str]) -> list[str]:
    """Labels that nobody sees the difference of, but no two the same: each is a row."""
    seen: Counter[str] = Counter()
    apart = []
    for label in labels:
        apart.append(label + " " * seen[label])
        seen[label] += 1
    return apart


def _drawn(row: ForestRow, low: float, high: float) -> dict[str, Any]:
    """One row's marks, cut at the ends of the axis; None where there is nothing to draw."""
    has_interval = row.lower is not None and row.upper is not None
    lower, upper = (row.lower, row.upper) if has_interval else (None, None)
    is_seen = row.value is not None and low <= row.value <= high
    return {
        "value": row.value if is_seen else None,
        "from": None if lower is None else min(max(lower, low), high),
        "to": None if upper is None else max(min(upper, high), low),
        "beyond_left": lower is not None and lower < low,
        "beyond_right": upper is not None and upper > high,
    }


def _ends(estimates: Sequence[ForestRow], reference: float, *, is_log: bool) -> tuple[float, float]:
    """Return ends of the axis that hold all finite numbers and the reference, with some air."""
    numbers = [
        number
        for row in estimates
        for number in (row.value, row.lower, row.upper)
        if number is not None and math.isfinite(number) and (number > 0 or not is_log)
    ]
    low, high = min([*numbers, reference]), max([*numbers, reference])
    if is_log:
        return low / 1.15, high * 1.15
    air = 0.04 * (high - low) or 1.0
    return low - air, high + air


def _round_numbers(low: float, high: float) -> list[float]:
    """Return 1, 2 and 5 times powers of ten, or of powers of ten alone where they are many."""
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    steps = (1, 2, 5) if len(powers) <= 4 else (1,)
    numbers = [step * 10.0**power for power in powers for step in steps]
    return [number for number in numbers if low <= number <= high]
