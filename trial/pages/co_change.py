"""The part of the page of cytokines about how the changes of two analytes go together."""

import math
from collections.abc import Iterator, Mapping
from typing import Final

from analysis.correlation import Correlation
from analysis.estimate import Estimate
from analysis.rank_correlation import RankCorrelation
from charts.chart import Chart
from charts.report import Block, Notice
from charts.scatter_chart import Dot, DotGroup, scatter_chart
from charts.table import Cell, Column, Table
from trial.co_change import CoChange, CoChangeOnScale, Ends, GroupCorrelation
from trial.not_computed import NotComputed
from trial.pages.before_after import month_words

Row = Mapping[str, Cell]

_SCALES: Final = {"log": "log ratios", "raw": "differences, as the study"}
_FEW: Final = 20


def co_change_blocks(found: CoChange, name: str, who: str, level: str) -> Iterator[Block]:
    """Lay out the correlations at one follow-up."""
    if not found.patients:
        yield Notice(
            f"No patient with an evaluable outcome has both {found.x} and {found.y} before and at"
            f" the {month_words(found.month)}."
        )
        return
    scales = [one for one in (found.log, found.raw) if isinstance(one, CoChangeOnScale)]
    yield _correlations(found, scales, name, who, level)
    yield _differences(found, scales, name, who, level)
    reasons = {
        part.not_computed: None
        for one in scales
        for part in (one.difference, one.interaction)
        if isinstance(part, NotComputed)
    }
    for reason in reasons:
        yield Notice(f"Good less poor responders: not computed. {reason}")
    raw = found.raw
    if min(raw.good.n, raw.poor.n) < _FEW:
        yield Notice(
            f"{raw.good.n} good and {raw.poor.n} poor responders: a correlation that is significant"
            " in good responders and not in poor ones does not show that the groups differ. Only"
            " the difference of the correlations, or of the slopes, says that."
        )
    if found.n_censored:
        yield Notice(
            f"{found.n_censored} of {len(found.patients)} patients have a level beyond its limit;"
            " limit/sqrt(2) stands for it, which can weaken or feign a correlation."
        )


def _correlations(
    found: CoChange, scales: list[CoChangeOnScale], name: str, who: str, level: str
) -> Table:
    columns = (
        Column("of", "Of"),
        Column("group", "Responders"),
        Column("n", "n", "integer"),
        Column("r", "Pearson's r", "estimate"),
        Column("p", "p", "p"),
        Column("r_squared", "R2", "estimate"),
        Column("rho", "Spearman's rho", "estimate"),
        Column("p_rho", "p", "p"),
    )
    rows = tuple(
        {"of": _SCALES[one.scale], "group": group, **_group(part)}
        for one in scales
        for group, part in (("good", one.good), ("poor", one.poor), ("both", one.both))
    )
    title = f"Change of {found.x} with change of {found.y}, {month_words(found.month)}, by {who}"
    note = (
        f"Log ratios: logarithm of after over before. {level} intervals: Pearson by Fisher's z, R2"
        " from the ends of that interval, Spearman by Bonett and Wright 2000 (Psychometrika 65:23)."
        " p: t test of no correlation. Below 0: one rises as the other falls. Not adjusted for"
        " several scales, months and definitions."
    )
    return Table(f"{name}-correlation", title, columns, rows, note)


def _differences(
    found: CoChange, scales: list[CoChangeOnScale], name: str, who: str, level: str
) -> Table:
    columns = (
        Column("of", "Of"),
        Column("what", "Good less poor"),
        Column("difference", "Difference", "estimate"),
        Column("statistic", "Statistic", "number"),
        Column("p", "p", "p"),
    )
    rows = tuple(row for one in scales for row in _difference_rows(one, len(found.patients)))
    title = f"Do good and poor responders differ in it? {month_words(found.month)}, by {who}"
    title = title[0].upper() + title[1:]
    note = (
        f"Correlations: Fisher's z test, interval of Zou 2007 (Psychol Methods 12:399), {level}."
        f" Slopes of change in {found.y} per change in {found.x}: interaction of a regression with"
        " one residual variance, t test."
    )
    return Table(f"{name}-difference", title, columns, rows, note)


def _difference_rows(one: CoChangeOnScale, n: int) -> Iterator[Row]:
    of = _SCALES[one.scale]
    if not isinstance(one.difference, NotComputed):
        yield {
            "of": of,
            "what": "correlation",
            "difference": one.difference.difference,
            "statistic": one.difference.z,
            "p": one.difference.p,
        }
    if not isinstance(one.interaction, NotComputed):
        slope = one.interaction.slope_difference
        sizes = one.interaction.n_in_group, one.interaction.n_others
        yield {
            "of": of,
            "what": "slope (interaction)",
            "difference": Estimate(
                slope.value, slope.lower, slope.upper, one.interaction.level, "t", *sizes
            ),
            "statistic": slope.t,
            "p": slope.p,
        }


def _group(part: GroupCorrelation) -> dict[str, Cell]:
    row: dict[str, Cell] = {"n": part.n, "r_squared": part.r_squared}
    if isinstance(part.pearson, Correlation):
        found = part.pearson
        sizes = found.n, found.n
        row["r"] = Estimate(found.r, found.lower, found.upper, found.level, found.method, *sizes)
        row["p"] = found.p
    if isinstance(part.spearman, RankCorrelation):
        ranks = part.spearman
        sizes = ranks.n, ranks.n
        row["rho"] = Estimate(
            ranks.rho, ranks.lower, ranks.upper, ranks.level, ranks.method, *sizes
        )
        row["p_rho"] = ranks.p_t
    return row


def co_change_chart(found: CoChange) -> Iterator[Chart]:
    """Changes of every patient against each other, as ratios where both have logarithms."""
    if not found.patients:
        return
    is_log = isinstance(found.log, CoChangeOnScale)
    shown = found.log if isinstance(found.log, CoChangeOnScale) else found.raw
    parts = (("good", True, shown.good_line), ("poor", False, shown.poor_line))
    drawn = []
    for word, is_good, line in parts:
        dots = [
            Dot(*_shown(one.log_ratio or one.difference, is_log=is_log), one.is_censored)
            for one in found.patients
            if one.is_good is is_good
        ]
        ends = _shown_line(line, is_log=is_log)
        drawn.append(DotGroup(f"{word} responders (n = {len(dots)})", dots, ends))
    what = "after / before" if is_log else "after less before"
    yield scatter_chart(
        drawn,
        title=f"{found.x} and {found.y}",
        x_title=f"{found.x}, {what}",
        y_title=f"{found.y}, {what}",
        reference=1.0 if is_log else 0.0,
        is_log=is_log,
        key="changes",
    )


def _shown(point: tuple[float, float], *, is_log: bool) -> tuple[float, float]:
    """A point as it is drawn: logarithms as ratios."""
    return (math.exp(point[0]), math.exp(point[1])) if is_log else point


def _shown_line(line: Ends | None, *, is_log: bool) -> Ends | None:
    if line is None:
        return None
    return _shown(line[0], is_log=is_log), _shown(line[1], is_log=is_log)
