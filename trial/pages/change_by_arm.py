"""The part of the page of cytokines that compares the arms' changes."""

from collections.abc import Iterator, Sequence
from typing import Final

from analysis.estimate import Estimate
from charts.chart import Figure
from charts.forest_chart import ForestRow, forest_chart
from charts.report import Block, Notice, Prose
from trial.change_by_arm import AnalyteByArm, ArmsAtFollowUp
from trial.not_computed import NotComputed
from trial.pages.before_after import month_words
from trial.pages.censored_groups import CensoredPart, censored_groups_table, unseen_notice
from trial.pages.change_by_arm_tables import change_by_arm_table, ratios_table

_GROUPS: Final = "MSC", "control"


def change_by_arm_blocks(
    follow_ups: Sequence[ArmsAtFollowUp], mixed: Sequence[str], level: str
) -> Iterator[Block]:
    """Lay out every follow-up; `mixed` are the analytes measured on several platforms."""
    yield Prose(
        "What treatment did: each analyte's change in MSC patients against its change in controls."
        " The disease's course, a second lumbar puncture and the assay's drift are in both, so that"
        " under randomisation what is left is the injections' (cells and vehicle alike, for there"
        " is no sham). Only patients with both levels are in it, which assumes that the others'"
        " would have changed alike."
    )
    if mixed:
        yield Notice(
            f"{', '.join(mixed)}: the arms together were measured on several platforms. Changes are"
            " within platforms, baselines are not: read Welch's t, not the analysis of covariance."
        )
    for follow_up in follow_ups:
        name = f"cytokines-by-arm-month-{follow_up.month:g}"
        when = month_words(follow_up.month)
        yield from _not_computed(follow_up, when)
        yield change_by_arm_table(follow_up, f"{name}-change", f"Change by arm, {when}", level)
        yield from _figure(follow_up, f"{name}-ratios", f"Change by arm, {when}", level)
        censored = [
            CensoredPart(one.analyte, when, one.ratio, one.censoring)
            for one in follow_up.analytes.values()
            if one.censoring is not None
        ]
        yield from unseen_notice(censored, _GROUPS)
        limits = censored_groups_table(
            censored, _GROUPS, name=f"{name}-limits", title=when, level=level
        )
        if limits is not None:
            yield limits


def _not_computed(follow_up: ArmsAtFollowUp, when: str) -> Iterator[Block]:
    for one in follow_up.analytes.values():
        for what, part in (("Welch's t", one.welch), ("analysis of covariance", one.ancova)):
            if isinstance(part, NotComputed):
                yield Notice(
                    f"Not computed: {one.analyte}, MSC against control, {when}, {what}."
                    f" {part.not_computed}"
                )


def _figure(follow_up: ArmsAtFollowUp, name: str, title: str, level: str) -> Iterator[Block]:
    drawn = [one for one in follow_up.analytes.values() if one.ratio is not None]
    if not drawn:
        return
    counts = ", ".join(
        f"{one.analyte} {one.n_pairs['msc']} and {one.n_pairs['control']}" for one in drawn
    )
    charts = tuple(
        forest_chart(
            [_forest_row(one.analyte, found) for one, found in zip(drawn, ratios, strict=True)],
            title=title,
            axis=[f"After / before, MSC / control: {words}", "(below 1: falls more with MSC)"],
            reference=1,
            drawn=_ends(drawn),
            is_log=True,
            key=key,
        )
        for key, words, ratios in (
            ("welch", "Welch's t", [one.ratio for one in drawn]),
            ("ancova", "ANCOVA", [one.ancova_ratio for one in drawn]),
        )
    )
    caption = (
        f"Ratio of the arms' geometric mean ratios with {level} intervals; dashed: no difference."
        f" Pairs of MSC and control: {counts}. Intervals are not adjusted for several analytes."
    )
    yield Figure(name, title, caption, charts, ratios_table(drawn, f"{name}-figure", title))


def _forest_row(label: str, found: Estimate | None) -> ForestRow:
    return ForestRow(label, None, None, None) if found is None else ForestRow.of(label, found)


def _ends(drawn: Sequence[AnalyteByArm]) -> tuple[float, float]:
    """Ends of an axis that both charts share: at least from the half to the double."""
    found = [ratio for one in drawn for ratio in (one.ratio, one.ancova_ratio) if ratio is not None]
    limits = [1.0, *(limit for ratio in found for limit in (ratio.lower, ratio.upper))]
    return min(0.45, min(limits) / 1.15), max(2.2, max(limits) * 1.15)
