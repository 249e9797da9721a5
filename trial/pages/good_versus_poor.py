"""The part of the page of cytokines about good and poor responders: levels and their changes."""

from collections.abc import Iterator
from typing import Final

from charts.report import Block, Notice, Prose
from trial.before_after import BeforeAfter
from trial.good_versus_poor import ANTICIPATED_AUC, GoodVersusPoor
from trial.not_computed import NotComputed
from trial.pages.before_after import month_words
from trial.pages.censored_groups import CensoredPart, censored_groups_table, unseen_notice
from trial.pages.co_change import co_change_blocks
from trial.pages.good_versus_poor_figure import good_versus_poor_figure
from trial.pages.good_versus_poor_tables import comparison_table, responder_roc_table
from trial.pages.words import NOT_EVALUABLE, rule

_FEW: Final = 20
"""Patients of a group below which a notice says what that does (our choice)."""
_GROUPS: Final = "good responders", "poor responders"


def good_versus_poor_blocks(
    groups: GoodVersusPoor, treated: BeforeAfter | NotComputed, level: str
) -> Iterator[Block]:
    """Lay out one horizon, or the stated outcome."""
    who = outcome_words(groups)
    yield Prose(
        f"Good responders by {who}: {groups.n_good}; poor responders: {groups.n_poor}."
        f"{_not_evaluable(groups)}{_deaths(groups)}"
    )
    if groups.n_good_died:
        yield Notice(
            f"{groups.n_good_died} of the {groups.n_good} good responders had died or had a"
            " tracheostomy by the horizon, which is no success of treatment; they are kept here, as"
            " the rule has it."
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
            f"{groups.n_good} against {groups.n_poor} patients: an area of {ANTICIPATED_AUC:.2f}"
            f" has an interval of about {groups.auc_half_width:.2f} to either side (Hanley and"
            " McNeil 1982, Radiology 143:29)."
            " What is not significant here is not shown to be absent; and what is significant in"
            " one group and not in the other does not show that the groups differ. Only their"
            " difference says that."
        )
    name = f"responders-{_short(groups)}"
    limits = _censored(groups)
    yield comparison_table(groups, name, who, level)
    yield responder_roc_table(groups, name, who, level)
    yield from unseen_notice(limits, _GROUPS)
    beyond = censored_groups_table(
        limits, _GROUPS, name=f"{name}-limits", title=f"by {who}", level=level
    )
    if beyond is not None:
        yield beyond
    for follow_up in groups.follow_ups:
        figure = good_versus_poor_figure(groups, follow_up, treated, name, who)
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


def _deaths(groups: GoodVersusPoor) -> str:
    """Who of both groups had died, by the table of survival."""
    if groups.definition is None:
        return ""
    if groups.n_good_died is None:
        return " Who of them had died by then is not known."
    return (
        f" By then {groups.n_good_died} good and {groups.n_poor_died} poor responders had died or"
        " had a tracheostomy: the rule judges by the visits until then."
    )


def _censored(groups: GoodVersusPoor) -> list[CensoredPart]:
    return [
        CensoredPart(analyte, month_words(follow_up.month), one.ratio, one.censoring)
        for follow_up in groups.follow_ups
        for analyte, one in follow_up.change.items()
        if one.censoring is not None
    ]
