"""The part of the page of cytokines about good and poor responders: levels and their changes."""

from collections.abc import Iterator, Mapping
from typing import Final

from charts.chart import Chart, Figure
from charts.paired_dots_chart import paired_dots_chart
from charts.report import Block, Notice, Prose
from charts.table import Cell, Column, Table
from trial.before_after import AnalyteChange, BeforeAfter
from trial.co_change import CoChange
from trial.good_versus_poor import GoodVersusPoor, GroupsAtFollowUp
from trial.group_comparison import GroupComparison, ResponderRoc
from trial.holm import exact_or_normal
from trial.not_computed import NotComputed
from trial.pages.before_after import file_key, month_words, pair_group
from trial.pages.before_after_tables import median_quartiles
from trial.pages.co_change import co_change_blocks, co_change_chart
from trial.pages.definition_words import rule

Row = Mapping[str, Cell]

_REASONS: Final = {
    "too_few_lead_in_visits": "fewer than two visits at month 0 or before",
    "too_few_follow_up_visits": "fewer than two visits from month 0 up to the horizon",
    "lead_in_slope_not_negative": "lead-in slope of 0 or above",
    "outcome_not_stated": "no outcome stated",
}
_QUANTITIES: Final = {"baseline": "baseline", "follow_up": "follow-up", "change": "after / before"}
_FEW: Final = 20
"""Patients of a group below which a notice says what that does (our choice)."""


def good_versus_poor_blocks(
    groups: GoodVersusPoor, treated: BeforeAfter | NotComputed, level: str
) -> Iterator[Block]:
    """Lay out one horizon, or the stated outcome."""
    who = outcome_words(groups)
    yield Prose(
        f"Good responders by {who}: {groups.n_good}; poor responders: {groups.n_poor}."
        f"{_not_evaluable(groups)}"
    )
    if groups.months_after_horizon:
        months = ", ".join(f"{month:g}" for month in groups.months_after_horizon)
        yield Notice(
            f"Follow-up panels at month {months} are not compared by this outcome, which was known"
            " before they were drawn."
        )
    if min(groups.n_good, groups.n_poor) < _FEW:
        yield Notice(
            f"{groups.n_good} against {groups.n_poor} patients: an area of .70 has an interval of"
            " about .19 to either side with 22 and 10 (Hanley and McNeil 1982, Radiology 143:29)."
            " What is not significant here is not shown to be absent."
        )
    name = f"responders-{file_key(_short(groups))}"
    yield _comparison_table(groups, name, who, level)
    for follow_up in groups.follow_ups:
        if isinstance(follow_up.co_change, NotComputed):
            yield Notice(follow_up.co_change.not_computed)
        else:
            yield from co_change_blocks(
                follow_up.co_change, f"{name}-month-{follow_up.month:g}", who, level
            )
        figure = _figure(groups, follow_up, treated, name, who)
        if figure is not None:
            yield figure


def outcome_words(groups: GoodVersusPoor) -> str:
    """The outcome that made the groups, as it stands in a sentence."""
    if groups.definition is None:
        return "the outcome stated in the participants table"
    return rule(groups.definition)


def _short(groups: GoodVersusPoor) -> str:
    if groups.definition is None:
        return "stated"
    return f"month-{groups.definition.horizon_months:g}"


def _not_evaluable(groups: GoodVersusPoor) -> str:
    if not groups.not_evaluable:
        return " Every treated patient is evaluable."
    listed = "; ".join(f"{n} ({_REASONS[reason]})" for reason, n in groups.not_evaluable.items())
    return f" Treated patients not evaluable, in neither group: {listed}."


def _comparison_table(groups: GoodVersusPoor, name: str, who: str, level: str) -> Table:
    columns = (
        Column("analyte", "Analyte"),
        Column("quantity", "Quantity"),
        Column("n_good", "Good: n", "integer"),
        Column("good", "Median (quartiles)"),
        Column("n_poor", "Poor: n", "integer"),
        Column("poor", "Median (quartiles)"),
        Column("ratio", "Good / poor", "estimate"),
        Column("p", "p (Welch)", "p"),
        Column("p_holm", "Holm", "p"),
        Column("p_rank_sum", "p (rank sum)", "p"),
        Column("p_rank_sum_holm", "Holm", "p"),
        Column("auc", "AUC", "estimate"),
        Column("direction", "Called good if"),
        Column("likelihood", "Log ratio, likelihood", "estimate"),
    )
    rows = [_row(analyte, one, None, groups.p_holm, "") for analyte, one in groups.baseline.items()]
    for follow_up in groups.follow_ups:
        for found, what in ((follow_up.level, "level"), (follow_up.change, "change")):
            rows += [
                _row(analyte, one, follow_up.month, follow_up.p_holm, f"{what}_")
                for analyte, one in found.items()
            ]
    note = (
        f"Ratio of geometric means, good over poor, with Welch's {level} interval of logarithms"
        " (differences of means for an analyte that holds no concentrations); Wilcoxon's rank-sum"
        " test, exact up to 200 patients; limit/sqrt(2) for levels below a limit. Holm: over the"
        " analytes of one quantity. AUC: family responder_vs_nonresponder, one analyte alone with"
        " its direction fixed beforehand, logit-DeLong interval; below .5 means the other"
        " direction. Likelihood: log ratio with nothing filled in, where a level lies below its"
        " limit."
    )
    return Table(
        f"{name}-cytokines", f"Good and poor responders by {who}", columns, tuple(rows), note
    )


def _row(
    analyte: str,
    one: GroupComparison,
    month: float | None,
    p_holm: Mapping[str, Mapping[str, float]],
    prefix: str,
) -> Row:
    at = "" if month is None else f", {month_words(month)}"
    row: dict[str, Cell] = {
        "analyte": analyte,
        "quantity": f"{_QUANTITIES[one.quantity]}{at}",
        "n_good": one.good.n,
        "good": median_quartiles(one.good),
        "n_poor": one.poor.n,
        "poor": median_quartiles(one.poor),
    }
    if not isinstance(one.difference, NotComputed):
        row["ratio"] = one.ratio or one.difference.difference
        row |= {"p": one.difference.p, "p_holm": p_holm[f"{prefix}welch"][analyte]}
    if not isinstance(one.rank_sum, NotComputed):
        row["p_rank_sum"] = exact_or_normal(one.rank_sum)
        row["p_rank_sum_holm"] = p_holm[f"{prefix}rank_sum"][analyte]
    if isinstance(one.roc, ResponderRoc):
        row["auc"] = one.roc.auc
        row["direction"] = "lower" if one.roc.direction == "lower_is_case" else "higher"
    if one.likelihood is not None and not isinstance(one.likelihood, NotComputed):
        row["likelihood"] = one.likelihood.difference
    return row


def _figure(
    groups: GoodVersusPoor,
    follow_up: GroupsAtFollowUp,
    treated: BeforeAfter | NotComputed,
    name: str,
    who: str,
) -> Figure | None:
    if isinstance(treated, NotComputed):
        return None
    changes = [
        one
        for found in treated.follow_ups
        if found.month == follow_up.month
        for one in found.analytes.values()
    ]
    charts = [chart for one in changes for chart in _dots(groups, follow_up, one)]
    if isinstance(follow_up.co_change, CoChange):
        charts += co_change_chart(follow_up.co_change)
    if not charts:
        return None
    caption = (
        "Each evaluable treated patient's level before and after, joined; open dots lie beyond the"
        " limit at which they are drawn. Bars: median and quartiles of those of the group who were"
        " measured. Last: change of one analyte against change of the other as ratios on"
        " logarithmic axes, with a least-squares line for each group (good: circles and solid line;"
        " poor: diamonds and dashed line); open where any of the four levels lies beyond a limit."
        " Numbers of patients stand in the charts."
    )
    when = month_words(follow_up.month)
    title = f"Figure 3B. Good and poor responders by {who}, {when}"
    table = Table(
        f"{name}-month-{follow_up.month:g}-figure",
        title,
        (
            Column("analyte", "Analyte"),
            Column("group", "Group"),
            Column("n_before", "Before: n", "integer"),
            Column("before", "Median (quartiles)"),
            Column("n_after", "After: n", "integer"),
            Column("after", "Median (quartiles)"),
        ),
        tuple(row for one in changes for row in _figure_rows(groups, follow_up, one.analyte)),
    )
    return Figure(f"{name}-month-{follow_up.month:g}", title, caption, tuple(charts), table)


def _dots(
    groups: GoodVersusPoor, follow_up: GroupsAtFollowUp, one: AnalyteChange
) -> Iterator[Chart]:
    before, after = groups.baseline[one.analyte], follow_up.level[one.analyte]
    parts = (("good", True, before.good, after.good), ("poor", False, before.poor, after.poor))
    drawn = []
    for word, is_good, first, second in parts:
        pairs = [p for p in one.pairs if groups.responders.get(p.patient_id) is is_good]
        drawn.append(pair_group(f"{word} (n = {len(pairs)})", pairs, first, second))
    if any(group.pairs for group in drawn):
        yield paired_dots_chart(
            drawn,
            title=one.analyte,
            axis=f"{one.analyte} [{one.unit}]",
            is_log=not isinstance(one.log, NotComputed),
            key=file_key(one.analyte),
        )


def _figure_rows(
    groups: GoodVersusPoor, follow_up: GroupsAtFollowUp, analyte: str
) -> Iterator[Row]:
    before, after = groups.baseline[analyte], follow_up.level[analyte]
    parts = (("good", before.good, after.good), ("poor", before.poor, after.poor))
    for group, first, second in parts:
        yield {
            "analyte": analyte,
            "group": group,
            "n_before": first.n,
            "before": median_quartiles(first),
            "n_after": second.n,
            "after": median_quartiles(second),
        }
