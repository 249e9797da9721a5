"""The part of the page of cytokines about levels before and after treatment."""

from collections.abc import Iterator, Sequence
from typing import Final

from charts.chart import Chart, Figure
from charts.paired_dots_chart import Pair, PairGroup, Quartiles, paired_dots_chart
from charts.report import Block, Notice, Prose
from trial.analyte_pairs import SECOND_INJECTION, AnalytePair
from trial.before_after import AnalyteChange, BeforeAfter, FollowUp
from trial.levels import LevelSummary
from trial.not_computed import NotComputed
from trial.pages.before_after_roc import pre_post_roc_blocks
from trial.pages.before_after_tables import both_scales_table, change_table, pairs_table
from trial.pages.censoring_table import censoring_table
from trial.pages.words import ARM_NAMES

_FEW: Final = 10
"""Pairs below which a notice says that they are few (our choice)."""
_LEFT_OUT: Final = {
    "no_baseline": "no result at month 0 or before",
    "no_follow_up": "no result near that month",
    "two_platforms": "before and after on two platforms, or one not named",
}


def before_after_blocks(arm: BeforeAfter, level: str) -> Iterator[Block]:
    """Lay out one arm."""
    for follow_up in arm.follow_ups:
        when = f"{ARM_NAMES[arm.arm]}, {month_words(follow_up.month)}"
        name = f"cytokines-{arm.arm}-month-{follow_up.month:g}"
        yield Prose(_drawn(follow_up, when))
        yield from _notices(follow_up)
        figure = _figure(follow_up, name, when)
        if figure is not None:
            yield figure
        yield change_table(follow_up, name, when, level)
        yield both_scales_table(follow_up, name, when, level)
        limits = censoring_table(follow_up, name, when, level)
        if limits is not None:
            yield limits
        yield from pre_post_roc_blocks(follow_up, name, when, level)


def month_words(month: float) -> str:
    """A follow-up month as it stands in a title.

    Examples
    --------
    >>> month_words(1.0), month_words(4.0)
    ('second injection (month 1)', 'month 4')
    """
    is_second = month == SECOND_INJECTION.follow_up_month
    return f"second injection (month {month:g})" if is_second else f"month {month:g}"


def _drawn(follow_up: FollowUp, when: str) -> str:
    parts = []
    for one in follow_up.analytes.values():
        if one.months_after is None:
            parts.append(f"{one.analyte}: no pair")
            continue
        first, middle, last = one.months_after
        parts.append(
            f"{one.analyte}: {one.n_pairs} pairs, drawn at month {middle:g} ({first:g} to {last:g})"
        )
    return f"{when[0].upper()}{when[1:]}. {'; '.join(parts)}."


def _notices(follow_up: FollowUp) -> Iterator[Block]:
    changes = list(follow_up.analytes.values())
    left_out = [
        f"{one.analyte}: {n} ({_LEFT_OUT[reason]})"
        for one in changes
        for reason, n in one.left_out.items()
    ]
    if left_out:
        yield Notice(f"Patients without a pair, in no number below. {'; '.join(left_out)}.")
    plates = [f"{one.analyte}: {one.n_on_two_plates}" for one in changes if one.n_on_two_plates]
    if plates:
        yield Notice(
            "Pairs measured on two plates, where a difference between plates looks like a change:"
            f" {', '.join(plates)}. They are kept; to avoid it, both specimens of a patient go on"
            " one plate."
        )
    few = [f"{one.analyte}: {one.n_pairs}" for one in changes if 0 < one.n_pairs < _FEW]
    if few:
        yield Notice(f"Fewer than {_FEW} pairs ({', '.join(few)}): intervals are wide and rough.")
    for one in changes:
        if one.censoring.matters is not False:
            yield Notice(f"{one.analyte}: {one.censoring.sentence}")
    grouped: dict[str, list[str]] = {}
    for what, reason in _reasons(follow_up):
        grouped.setdefault(reason, []).append(what)
    for reason, found in grouped.items():
        yield Notice(f"Not computed: {'; '.join(found)}. {reason}")


def _figure(follow_up: FollowUp, name: str, when: str) -> Figure | None:
    drawn = [one for one in follow_up.analytes.values() if one.pairs]
    if not drawn:
        return None
    counts = ", ".join(
        f"{one.analyte} {one.n_pairs} (beyond a limit: {_beyond(one.before)} before,"
        f" {_beyond(one.after)} after)"
        for one in drawn
    )
    caption = (
        "Dots: each patient's level before and after, joined; open dots lie beyond the limit at"
        f" which they are drawn. Bars: median and quartiles. Pairs: {counts}."
    )
    title = f"Figure 3A. Before and after, {when}"
    charts = tuple(map(_dots_chart, drawn))
    return Figure(name, title, caption, charts, pairs_table(follow_up, f"{name}-figure", title))


def _dots_chart(one: AnalyteChange) -> Chart:
    return paired_dots_chart(
        [pair_group("all", one.pairs, one.before, one.after)],
        title=f"{one.analyte} (n = {one.n_pairs})",
        axis=f"{one.analyte} [{one.unit}]",
        is_log=not isinstance(one.log, NotComputed),
        key=one.key,
    )


def pair_group(
    label: str, pairs: Sequence[AnalytePair], before: LevelSummary, after: LevelSummary
) -> PairGroup:
    """One group's pairs as they are drawn, at the limit where they lie beyond one."""
    dots = [
        Pair(
            pair.before.value,
            pair.after.value,
            pair.before.bound != "none",
            pair.after.bound != "none",
        )
        for pair in pairs
    ]
    return PairGroup(label, dots, _drawn_quartiles(before), _drawn_quartiles(after))


def _drawn_quartiles(summary: LevelSummary) -> Quartiles | None:
    if summary.quartiles is None:
        return None
    lower, median, upper = (quartile.value for quartile in summary.quartiles)
    return lower, median, upper


def _beyond(summary: LevelSummary) -> int:
    return summary.n_below + summary.n_above


def _reasons(follow_up: FollowUp) -> Iterator[tuple[str, str]]:
    """What of each analyte could not be computed, and why."""
    for one in follow_up.analytes.values():
        parts: dict[str, object] = {
            "paired t test of logarithms": getattr(one.log, "t_test", one.log),
            "paired t test of levels": one.raw.t_test,
            "likelihood": one.likelihood,
            "ROC": one.roc,
        }
        for what, part in parts.items():
            if isinstance(part, NotComputed):
                yield f"{one.analyte}, {what}", part.not_computed
