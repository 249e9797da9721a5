"""The part of the page of cytokines about levels before and after treatment."""

from collections.abc import Iterator, Sequence
from typing import Final

from charts.chart import Chart, Figure
from charts.paired_dots_chart import Pair, PairGroup, Quartiles, paired_dots_chart
from charts.report import Block, Notice, Prose
from charts.roc_chart import DrawnBand, DrawnRoc, roc_chart
from trial.analyte_pairs import SECOND_INJECTION, AnalytePair
from trial.before_after import AnalyteChange, BeforeAfter, FollowUp
from trial.levels import LevelSummary
from trial.not_computed import NotComputed
from trial.pages.before_after_tables import (
    censoring_table,
    change_table,
    reasons,
    roc_table,
    tests_table,
)
from trial.pages.definition_words import ARM_NAMES
from trial.pre_post_roc import PrePostRoc

_FEW: Final = 10
"""Pairs below which a notice says that they are few (our choice)."""
_LEFT_OUT: Final = {
    "no_baseline": "no result at month 0 or before",
    "no_follow_up": "no result near that month",
    "two_platforms": "before and after on two platforms, or one not named",
}


def before_after_blocks(arm: BeforeAfter, level: str) -> Iterator[Block]:
    """Lay out one arm."""
    yield from _platforms(arm)
    for follow_up in arm.follow_ups:
        when = f"{ARM_NAMES[arm.arm]}, {month_words(follow_up.month)}"
        name = f"cytokines-{arm.arm}-month-{follow_up.month:g}"
        yield Prose(_drawn(follow_up, when))
        yield from _notices(follow_up)
        figure = _figure(follow_up, name, when, level)
        if figure is not None:
            yield figure
        yield change_table(follow_up, name, when, level)
        yield tests_table(follow_up, name, when, level)
        limits = censoring_table(follow_up, name, when, level)
        if limits is not None:
            yield limits
        if any(not isinstance(one.roc, NotComputed) for one in follow_up.analytes.values()):
            yield roc_table(follow_up, name, when, level)


def month_words(month: float) -> str:
    """A follow-up month as it stands in a title.

    Examples
    --------
    >>> month_words(1.0), month_words(4.0)
    ('second injection (month 1)', 'month 4')
    """
    is_second = month == SECOND_INJECTION.follow_up_month
    return f"second injection (month {month:g})" if is_second else f"month {month:g}"


def _platforms(arm: BeforeAfter) -> Iterator[Block]:
    for analyte, platforms in arm.platforms.items():
        if len(platforms) > 1:
            counts = ", ".join(f"{name or 'not named'}: {n}" for name, n in platforms.items())
            yield Notice(
                f"{analyte} was measured on several platforms in arm {arm.arm} ({counts} patients)."
                " Changes are within patients and platforms and stand; quartiles, ROC curves and"
                " comparisons of levels below mix platforms, whose levels can differ 2.5-fold."
            )


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
            f" {', '.join(plates)}. They are kept; a laboratory puts both on one plate."
        )
    few = [f"{one.analyte}: {one.n_pairs}" for one in changes if 0 < one.n_pairs < _FEW]
    if few:
        yield Notice(f"Fewer than {_FEW} pairs ({', '.join(few)}): intervals are wide and rough.")
    for one in changes:
        if one.censoring.matters is not False:
            yield Notice(f"{one.analyte}: {one.censoring.sentence}")
    grouped: dict[str, list[str]] = {}
    for what, reason in reasons(follow_up):
        grouped.setdefault(reason, []).append(what)
    for reason, found in grouped.items():
        yield Notice(f"Not computed: {'; '.join(found)}. {reason}")


def _figure(follow_up: FollowUp, name: str, when: str, level: str) -> Figure | None:
    drawn = [one for one in follow_up.analytes.values() if one.pairs]
    if not drawn:
        return None
    curves = (_roc_chart(one, one.roc) for one in drawn if not isinstance(one.roc, NotComputed))
    charts = (*map(_dots_chart, drawn), *curves)
    counts = ", ".join(
        f"{one.analyte} {one.n_pairs} (beyond a limit: {_beyond(one.before)} before,"
        f" {_beyond(one.after)} after)"
        for one in drawn
    )
    caption = (
        "Dots: each patient's level before and after, joined; open dots lie beyond the limit at"
        " which they are drawn. Bars: median and quartiles. ROC: the level tells after from before"
        f" in the same patients, with the {level} interval of the area clustered by patient, and a"
        " pointwise band from 2,000 resamples of patients. It is not a responder classifier."
        f" Pairs: {counts}."
    )
    table = change_table(follow_up, f"{name}-figure", when, level)
    return Figure(name, f"Figure 3A. Before and after, {when}", caption, charts, table)


def _dots_chart(one: AnalyteChange) -> Chart:
    return paired_dots_chart(
        [pair_group("all", one.pairs, one.before, one.after)],
        title=f"{one.analyte} (n = {one.n_pairs})",
        axis=f"{one.analyte} [{one.unit}]",
        is_log=not isinstance(one.log, NotComputed),
        key=file_key(one.analyte),
    )


def file_key(analyte: str) -> str:
    """An analyte's name as part of a file's.

    Examples
    --------
    >>> file_key("TGF-b1")
    'tgf-b1'
    """
    return "".join(letter if letter.isalnum() else "-" for letter in analyte.lower())


def _roc_chart(one: AnalyteChange, roc: PrePostRoc) -> Chart:
    auc, band = roc.auc, roc.band
    way = "lower" if roc.direction == "lower_is_case" else "higher"
    return roc_chart(
        [
            DrawnRoc(
                f"AUC {auc.value:.2f} ({auc.lower:.2f} to {auc.upper:.2f})",
                [point["specificity"] or 0.0 for point in roc.points],
                [point["sensitivity"] or 0.0 for point in roc.points],
            )
        ],
        title=f"{one.analyte}: {way} is called after",
        band=DrawnBand(band.specificity, band.lower, band.upper),
        case="after",
        key=f"{file_key(one.analyte)}-roc",
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
