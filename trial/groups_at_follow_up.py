"""Good and poor responders compared at baseline and at one follow-up, every analyte."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from data.analytes import Analyte
from data.cohort import Patient
from trial.analyte_pairs import AnalytePairs, analyte_pairs, baseline_level
from trial.co_change import STUDY_PAIR, CoChange, co_change, missing_of_study_pair
from trial.group_comparison import GroupComparison, compare_changes, compare_levels
from trial.holm import exact_or_normal, holm
from trial.not_computed import NotComputed

Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Judged:
    """The treated patients and who of them responded.

    Attributes
    ----------
    responders
        By id; patients who are not evaluable are not in it.
    horizon
        Month by which the outcome is known; None for a stated one.
    """

    patients: Sequence[Patient]
    responders: Mapping[str, bool]
    horizon: float | None
    level: float


@dataclass(frozen=True, slots=True)
class GroupsAtFollowUp:
    """Good and poor responders at one follow-up.

    Attributes
    ----------
    month
        1 for the second injection, else the month meant.
    level, change
        By analyte.
    p_holm
        p adjusted by Holm over the analytes: ``level_welch``, ``level_rank_sum``,
        ``change_welch``, ``change_rank_sum``.
    co_change
        Of the study's pair of analytes.
    """

    month: float
    level: Mapping[str, GroupComparison]
    change: Mapping[str, GroupComparison]
    p_holm: Mapping[str, Mapping[str, float]]
    co_change: CoChange | NotComputed


def at_follow_up(month: float, analytes: Sequence[Analyte], judged: Judged) -> GroupsAtFollowUp:
    """Compare levels and changes of each analyte, and the changes of the study's pair."""
    pairs = {
        one.name: analyte_pairs(judged.patients, one.name, month, horizon=judged.horizon)
        for one in analytes
    }
    levels, changes = {}, {}
    for one in analytes:
        good, poor = _groups(pairs[one.name].pairs, lambda pair: pair.patient_id, judged)
        after = [[pair.after for pair in group] for group in (good, poor)]
        levels[one.name] = compare_levels(one, "follow_up", *after, level=judged.level)
        changes[one.name] = compare_changes(one, good, poor, level=judged.level)
    adjusted = {"level": holm_of_groups(levels), "change": holm_of_groups(changes)}
    return GroupsAtFollowUp(
        month,
        levels,
        changes,
        {f"{what}_{test}": p for what, tests in adjusted.items() for test, p in tests.items()},
        _co_change(pairs, analytes, judged),
    )


def at_baseline(analyte: Analyte, judged: Judged) -> GroupComparison:
    """Compare an analyte's levels before treatment."""
    found = [(p.patient_id, baseline_level(p, analyte.name)) for p in judged.patients]
    known = [(patient_id, level) for patient_id, level in found if level is not None]
    good, poor = _groups(known, lambda one: one[0], judged)
    levels = [[level for _, level in group] for group in (good, poor)]
    return compare_levels(analyte, "baseline", *levels, level=judged.level)


def _groups(
    found: Sequence[Found], patient_id: Callable[[Found], str], judged: Judged
) -> tuple[list[Found], list[Found]]:
    """What was found of good and of poor responders."""
    known = [(judged.responders.get(patient_id(one)), one) for one in found]
    return [one for is_good, one in known if is_good], [
        one for is_good, one in known if is_good is False
    ]


def _co_change(
    pairs: Mapping[str, AnalytePairs], analytes: Sequence[Analyte], judged: Judged
) -> CoChange | NotComputed:
    missing = missing_of_study_pair(pairs)
    if missing is not None:
        return missing
    by_name = {one.name: one for one in analytes}
    x, y = STUDY_PAIR
    both = by_name[x], by_name[y]
    return co_change(pairs[x], pairs[y], judged.responders, both, level=judged.level)


def holm_of_groups(compared: Mapping[str, GroupComparison]) -> dict[str, dict[str, float]]:
    """P over the analytes adjusted by Holm: ``welch`` and ``rank_sum``."""
    welch = {
        name: one.difference.p
        for name, one in compared.items()
        if not isinstance(one.difference, NotComputed)
    }
    ranks = {
        name: exact_or_normal(one.rank_sum)
        for name, one in compared.items()
        if not isinstance(one.rank_sum, NotComputed)
    }
    return {"welch": holm(welch), "rank_sum": holm(ranks)}
