"""What the page of cytokines says of limits where two groups' changes are compared."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from analysis.estimate import Estimate
from charts.report import Block, Notice
from charts.table import Cell, Column, Table
from trial.censored_groups import CensoredGroups
from trial.not_computed import NotComputed

Groups = tuple[str, str]
"""What the first and the second group are called."""


@dataclass(frozen=True, slots=True)
class CensoredPart:
    """One analyte at one follow-up.

    Attributes
    ----------
    substituted
        The ratio of ratios that the page shows, with limit/sqrt(2).
    """

    analyte: str
    when: str
    substituted: Estimate | None
    found: CensoredGroups


def unseen_notice(parts: Sequence[CensoredPart], groups: Groups) -> Iterator[Block]:
    """Warn of analytes of which some pairs show no change, whatever it was."""
    told = [part for part in parts if part.found.first.n_unseen + part.found.second.n_unseen]
    if told:
        yield Notice(
            "Pairs with both levels beyond the limit count as no change, so that a difference of"
            " changes, by any measure, can come from the limit alone."
            f" {' '.join(_unseen(part, groups) for part in told)}"
        )


def _unseen(part: CensoredPart, groups: Groups) -> str:
    first, second = part.found.first, part.found.second
    return (
        f"{part.analyte}, {part.when}: {first.n_unseen} of {first.n} pairs of {groups[0]},"
        f" {second.n_unseen} of {second.n} of {groups[1]}; ratio {_shown(part.substituted)} so,"
        f" {_shown(part.found.likelihood)} by the likelihood,"
        f" {_shown(part.found.measured_baseline)} of pairs with a measured baseline."
        f"{_reasons(part.found)}"
    )


def censored_groups_table(
    parts: Sequence[CensoredPart], groups: Groups, *, name: str, title: str, level: str
) -> Table | None:
    """The ratio with numbers in the place of levels beyond a limit, and with fewer or none."""
    if not parts:
        return None
    columns = (
        Column("analyte", "Analyte"),
        Column("when", "Follow-up"),
        Column("first_censored", f"{groups[0]}: a level beyond"),
        Column("first_unseen", "both beyond"),
        Column("second_censored", f"{groups[1]}: a level beyond"),
        Column("second_unseen", "both beyond"),
        Column("substituted", "limit/sqrt(2)", "estimate"),
        Column("likelihood", "Likelihood", "estimate"),
        Column("measured", "Measured baseline", "estimate"),
    )
    note = (
        f"Ratios: after / before of {groups[0]} over that of {groups[1]}, {level} intervals."
        " limit/sqrt(2): Welch's t, as above. Likelihood: nothing filled in; each group's own"
        " bivariate log-normal fit (Lyles 2001, Biometrics 57:1238), the difference of their mean"
        " log changes with an interval from both profile-likelihood intervals (Zou and Donner"
        " 2008, Stat Med 27:1693), a little short in small groups. Measured baseline: Welch's t"
        " without pairs that begin beyond a limit; it picks patients by their baseline."
    )
    title = f"Levels beyond a limit: {groups[0]} against {groups[1]}, {title}"
    return Table(name, title, columns, tuple(map(_row, parts)), note)


def _row(part: CensoredPart) -> Mapping[str, Cell]:
    first, second = part.found.first, part.found.second
    return {
        "analyte": part.analyte,
        "when": part.when,
        "first_censored": f"{first.n_censored} of {first.n}",
        "first_unseen": f"{first.n_unseen} of {first.n}",
        "second_censored": f"{second.n_censored} of {second.n}",
        "second_unseen": f"{second.n_unseen} of {second.n}",
        "substituted": part.substituted,
        "likelihood": _cell(part.found.likelihood),
        "measured": _cell(part.found.measured_baseline),
    }


def _cell(found: Estimate | NotComputed) -> Cell:
    return None if isinstance(found, NotComputed) else found


def _shown(found: Estimate | NotComputed | None) -> str:
    if found is None or isinstance(found, NotComputed):
        return "not computed"
    return f"{found.value:.2f} ({found.lower:.2f} to {found.upper:.2f})"


def _reasons(found: CensoredGroups) -> str:
    reasons = [
        part.not_computed
        for part in (found.likelihood, found.measured_baseline)
        if isinstance(part, NotComputed)
    ]
    return "".join(f" Not computed: {reason}" for reason in dict.fromkeys(reasons))
