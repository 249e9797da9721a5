"""Figure 3B: each good and each poor responder's levels before and after."""

from collections.abc import Iterator
from dataclasses import replace

from charts.chart import Chart, Figure
from charts.paired_dots_chart import paired_dots_chart
from trial.before_after import AnalyteChange, BeforeAfter, FollowUp
from trial.good_versus_poor import GoodVersusPoor
from trial.groups_at_follow_up import GroupsAtFollowUp
from trial.not_computed import NotComputed
from trial.pages.before_after import month_words, pair_group
from trial.pages.before_after_tables import pairs_table


def good_versus_poor_figure(
    groups: GoodVersusPoor,
    follow_up: GroupsAtFollowUp,
    treated: BeforeAfter | NotComputed,
    name: str,
    who: str,
) -> Figure | None:
    """Draw one follow-up; None where nobody has a pair."""
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
