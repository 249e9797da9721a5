"""The part of the page of cytokines about how the changes of two analytes go together."""

import math
from collections.abc import Iterator, Mapping
from typing import Final

from charts.chart import Chart, Figure
from charts.report import Block, Notice
from charts.scatter_chart import Dot, DotGroup, scatter_chart
from charts.table import Column
from trial.co_change import CoChange, PatientChanges
from trial.co_change_influence import Quantity
from trial.co_change_on_scale import CoChangeOnScale, Ends
from trial.not_computed import NotComputed
from trial.pages.before_after import month_words
from trial.pages.co_change_tables import (
    SCALES,
    changes_table,
    correlation_table,
    difference_table,
)

_P: Final = Column("p", "p", "p")
_QUANTITIES: Final[Mapping[Quantity, str]] = {
    "good": "correlation in good responders",
    "poor": "correlation in poor responders",
    "correlation_difference": "difference of correlations",
    "slope_difference": "difference of slopes",
}


def co_change_blocks(found: CoChange, name: str, who: str, level: str) -> Iterator[Block]:
    """Lay out the correlations at one follow-up."""
    if not found.patients:
        yield Notice(
            f"No patient with an evaluable outcome has both {found.x} and {found.y} before and near"
            f" month {found.month:g}, drawn by the horizon."
        )
        return
    scales = [one for one in (found.log, found.raw) if isinstance(one, CoChangeOnScale)]
    yield _figure(found, scales, name, who)
    yield correlation_table(found, scales, name, who, level)
    yield difference_table(found, scales, name, who, level)
    reasons = {
        part.not_computed: None
        for one in scales
        for part in (one.difference, one.interaction)
        if isinstance(part, NotComputed)
    }
    for reason in reasons:
        yield Notice(
            f"Good less poor responders (x: change of {found.x}, y: change of {found.y}): not"
            f" computed. {reason}"
        )
    for one in scales:
        if one.decisive:
            yield Notice(_decisive(one))
    if found.n_censored:
        yield Notice(
            f"{found.n_censored} of {len(found.patients)} patients have a level beyond its limit;"
            " limit/sqrt(2) stands for it, which can weaken or feign a correlation."
        )


def _decisive(one: CoChangeOnScale) -> str:
    """What of one scale hangs on a single patient."""
    found = "; ".join(
        f"{_QUANTITIES[each.quantity]} {each.value:.2f} (p {_P.shown(each.p)}), without"
        f" {each.patient_ids[0]} {each.value_without:.2f} (p {_P.shown(each.p_without)})"
        + (f", as {len(each.patient_ids) - 1} more would" if len(each.patient_ids) > 1 else "")
        for each in one.decisive
    )
    return (
        f"{SCALES[one.scale].capitalize()}: one patient decides whether a result is significant, or"
        f" the sign of a difference; each was left out in turn. {found[0].upper()}{found[1:]}."
    )


def _figure(found: CoChange, scales: list[CoChangeOnScale], name: str, who: str) -> Figure:
    caption = (
        f"Change of {found.y} against change of {found.x}, with a least-squares line for each"
        " group: good responders as circles and a solid line, poor ones as diamonds and a dashed"
        " line. Open: one of the four levels lies beyond its limit. Dotted: no change. Ratios on"
        " logarithmic axes; differences as in the study, where a few patients with high levels"
        f" weigh most. n = {found.raw.good.n} good and {found.raw.poor.n} poor."
    )
    title = f"Figure 3B, continued. Change with change by {who}, {month_words(found.month)}"
    charts = tuple(_chart(found, one) for one in scales)
    return Figure(name, title, caption, charts, changes_table(found, f"{name}-figure", title))


def _chart(found: CoChange, on_scale: CoChangeOnScale) -> Chart:
    """Changes of every patient against each other, logarithms drawn as ratios."""
    is_log = on_scale.scale == "log"
    units = ("", "") if is_log else tuple(f" [{unit}]" for unit in found.units)
    what = "after / before" if is_log else "after less before"
    groups = [
        DotGroup(
            f"{word} responders (n = {part.n})",
            [
                Dot(*_point(one, is_log=is_log), one.is_censored)
                for one in found.patients
                if one.is_good is is_good
            ],
            _line(ends, is_log=is_log),
        )
        for word, is_good, part, ends in (
            ("good", True, on_scale.good, on_scale.good_line),
            ("poor", False, on_scale.poor, on_scale.poor_line),
        )
    ]
    return scatter_chart(
        groups,
        title="Ratios" if is_log else "Differences",
        x_title=f"{found.x}, {what}{units[0]}",
        y_title=f"{found.y}, {what}{units[1]}",
        reference=1.0 if is_log else 0.0,
        is_log=is_log,
        key="ratios" if is_log else "differences",
    )


def _point(one: PatientChanges, *, is_log: bool) -> tuple[float, float]:
    if not is_log or one.log_ratio is None:
        return one.difference
    return _ratios(one.log_ratio)


def _line(ends: Ends | None, *, is_log: bool) -> Ends | None:
    if ends is None or not is_log:
        return ends
    return _ratios(ends[0]), _ratios(ends[1])


def _ratios(logs: tuple[float, float]) -> tuple[float, float]:
    return math.exp(logs[0]), math.exp(logs[1])
