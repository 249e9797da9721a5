"""The tables of two analytes' changes: correlations, the groups' difference, every patient."""

from collections.abc import Iterator, Mapping
from typing import Final

from analysis.correlation import Correlation
from analysis.estimate import Estimate
from analysis.rank_correlation import RankCorrelation
from charts.table import Cell, Column, Table
from trial.co_change import CoChange
from trial.co_change_on_scale import CoChangeOnScale, GroupCorrelation
from trial.not_computed import NotComputed
from trial.pages.before_after import month_words

Row = Mapping[str, Cell]

SCALES: Final = {"log": "log ratios", "raw": "differences, as the study"}


def correlation_table(
    found: CoChange, scales: list[CoChangeOnScale], name: str, who: str, level: str
) -> Table:
    """Correlations of each group and of both."""
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
        {"of": SCALES[one.scale], "group": group, **_group(part)}
        for one in scales
        for group, part in (("good", one.good), ("poor", one.poor), ("both", one.both))
    )
    title = f"Change of {found.x} with change of {found.y}, {month_words(found.month)}, by {who}"
    note = (
        f"Log ratios: logarithm of after over before. {level} intervals: Pearson by Fisher's z, R2"
        " from the ends of that interval, Spearman by Bonett and Wright 2000 (Psychometrika 65:23)."
        " p: t test of no correlation. Pearson's interval assumes that both changes are bivariate"
        " normal; differences of skewed levels are not. Below 0: one rises as the other falls. Not"
        " adjusted for several scales, months and definitions."
    )
    return Table(f"{name}-correlation", title, columns, rows, note)


def difference_table(
    found: CoChange, scales: list[CoChangeOnScale], name: str, who: str, level: str
) -> Table:
    """What tells the groups apart: difference of correlations and of slopes."""
    columns = (
        Column("of", "Of"),
        Column("what", "Good less poor"),
        Column("difference", "Difference", "estimate"),
        Column("statistic", "Statistic", "number"),
        Column("p", "p", "p"),
    )
    rows = tuple(row for one in scales for row in _difference_rows(one))
    title = f"Good less poor responders, {month_words(found.month)}, by {who}"
    note = (
        f"Correlations: Fisher's z test, interval of Zou 2007 (Psychol Methods 12:399), {level};"
        " both assume that changes are bivariate normal in each group."
        f" Slopes of change in {found.y} per change in {found.x}: interaction of a regression with"
        " one residual variance, t test."
    )
    return Table(f"{name}-difference", title, columns, rows, note)


def _difference_rows(one: CoChangeOnScale) -> Iterator[Row]:
    of = SCALES[one.scale]
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


def changes_table(found: CoChange, name: str, title: str) -> Table:
    """Every patient's changes."""
    columns = (
        Column("patient_id", "Patient"),
        Column("group", "Responder"),
        Column("log_x", f"Log ratio of {found.x}", "number", 3),
        Column("log_y", f"Log ratio of {found.y}", "number", 3),
        Column("difference_x", f"Difference of {found.x} [{found.units[0]}]", "number"),
        Column("difference_y", f"Difference of {found.y} [{found.units[1]}]", "number"),
        Column("is_censored", "Beyond a limit"),
    )
    rows = tuple(
        {
            "patient_id": one.patient_id,
            "group": "good" if one.is_good else "poor",
            "log_x": one.log_ratio[0] if one.log_ratio else None,
            "log_y": one.log_ratio[1] if one.log_ratio else None,
            "difference_x": one.difference[0],
            "difference_y": one.difference[1],
            "is_censored": one.is_censored,
        }
        for one in found.patients
    )
    return Table(name, title, columns, rows)
