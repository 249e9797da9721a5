"""The part of the page of cytokines about good and poor responders: levels and their changes."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from charts.chart import Chart, Figure
from charts.paired_dots_chart import paired_dots_chart
from charts.report import Block, Notice, Prose
from trial.before_after import AnalyteChange, BeforeAfter, FollowUp
from trial.good_versus_poor import GoodVersusPoor
from trial.groups_at_follow_up import GroupsAtFollowUp
from trial.not_computed import NotComputed
from trial.pages.before_after import month_words, pair_group
from trial.pages.before_after_tables import pairs_table
from trial.pages.co_change import co_change_blocks
from trial.pages.good_versus_poor_tables import comparison_table, responder_roc_table
from trial.pages.words import NOT_EVALUABLE, rule

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
            f"Follow-up panels of month {months}, and any other drawn after the horizon, are not"
            " compared by this outcome: it was known before they were drawn."
        )
    if min(groups.n_good, groups.n_poor) == 0:
        yield Notice("One of the two groups is empty, so they are not compared.")
        return
    if min(groups.n_good, groups.n_poor) < _FEW:
        yield Notice(
            f"{groups.n_good} against {groups.n_poor} patients: an area of .70 has an interval of"
            " about .19 to either side with 22 and 10 (Hanley and McNeil 1982, Radiology 143:29)."
            " What is not significant here is not shown to be absent; and what is significant in"
            " one group and not in the other does not show that the groups differ. Only their"
            " difference says that."
        )
    name = f"responders-{_short(groups)}"
    yield comparison_table(groups, name, who, level)
    yield responder_roc_table(groups, name, who, level)
    for follow_up in groups.follow_ups:
        figure = _figure(groups, follow_up, treated, name, who)
        if figure is not None:
            yield figure
        if isinstance(follow_up.co_change, NotComputed):
            yield Notice(follow_up.co_change.not_computed)
        else:
            yield from co_change_blocks(
                follow_up.co_change, f"{name}-co-change-{follow_up.month:g}", who, level
            )


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
    listed = "; ".join(
        f"{n} ({NOT_EVALUABLE[reason]})" for reason, n in groups.not_evaluable.items()
    )
    return f" Treated patients not evaluable, in neither group: {listed}."


def _figure(
    groups: GoodVersusPoor,
    follow_up: GroupsAtFollowUp,
    treated: BeforeAfter | NotComputed,
    name: str,
    who: str,
) -> Figure | None:
    if isinstance(treated, NotComputed):
        return None
    (found,) = (found for found in treated.follow_ups if found.month == follow_up.month)
    drawn = _until_horizon(found, groups)
    charts = tuple(
        chart for one in drawn.analytes.values() for chart in _dots(groups, follow_up, one)
    )
    if not charts:
        return None
    caption = (
        "Each evaluable treated patient's level before and after, joined; open dots lie beyond the"
        " limit at which they are drawn. Good responders: circles; poor: diamonds. Bars: median"
        " and quartiles of all of the group who were measured at the time. n of pairs stands in"
        " the charts; all patients behind the bars are in the table above."
    )
    title = f"Figure 3B. Good and poor responders by {who}, {month_words(follow_up.month)}"
    words = {i: "good" if is_good else "poor" for i, is_good in groups.responders.items()}
    return Figure(
        f"{name}-month-{follow_up.month:g}",
        title,
        caption,
        charts,
        pairs_table(drawn, f"{name}-month-{follow_up.month:g}-figure", title, words),
    )


def _until_horizon(found: FollowUp, groups: GoodVersusPoor) -> FollowUp:
    """Without pairs drawn after the outcome was known."""
    if groups.definition is None or groups.definition.horizon_months is None:
        return found
    latest = groups.definition.horizon_months
    analytes = {
        name: replace(one, pairs=tuple(pair for pair in one.pairs if pair.month_after <= latest))
        for name, one in found.analytes.items()
    }
    return replace(found, analytes=analytes)


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
            key=one.key,
        )
