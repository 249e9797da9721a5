"""One quantity of good and of poor responders compared: a level, or its change."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from analysis.auc_interval import auc_interval
from analysis.censored import CensoredDifference, censored_difference
from analysis.estimate import Estimate
from analysis.mean_difference import MeanDifference, two_sample_t
from analysis.rank_sum import RankSum, rank_sum
from analysis.roc import Direction, roc_curve
from data.analytes import Analyte
from trial.analyte_pairs import AnalytePair, Numbers
from trial.censored_groups import CensoredGroups, censored_groups
from trial.levels import Level, LevelSummary, summarise_levels
from trial.not_computed import NotComputed, computed
from trial.paired_tests import Scale, ratio_of

Quantity = Literal["baseline", "follow_up", "change"]


@dataclass(frozen=True, slots=True)
class ResponderRoc:
    """An analyte alone as a classifier of responders: fixed direction, nothing fitted."""

    family: Literal["responder_vs_nonresponder"]
    score: str
    direction: Direction
    case: str
    n_patients: int
    auc: Estimate
    points: tuple[Mapping[str, float | None], ...]


@dataclass(frozen=True, slots=True)
class GroupComparison:
    """Good responders against poor ones.

    Attributes
    ----------
    quantity
        ``change`` is follow-up over baseline, or follow-up less baseline on the raw scale.
    scale
        ``log``: `difference` is of natural logarithms. ``raw`` for an analyte that holds no
        concentrations.
    difference
        Mean of good responders less mean of poor ones, by Welch's t.
    ratio
        The same as a ratio of geometric means; None on the raw scale.
    rank_sum
        Wilcoxon's rank sum; the first group are the good responders.
    likelihood
        The difference of logarithms with nothing filled in for levels beyond a limit; None where
        there are none, and for changes.
    censoring
        Of changes, how far they rest on levels beyond a limit; first the good responders. None
        where there are none, and for levels.
    """

    quantity: Quantity
    scale: Scale
    good: LevelSummary
    poor: LevelSummary
    difference: MeanDifference | NotComputed
    ratio: Estimate | None
    rank_sum: RankSum | NotComputed
    likelihood: CensoredDifference | NotComputed | None
    censoring: CensoredGroups | None
    roc: ResponderRoc | NotComputed


def compare_levels(
    analyte: Analyte,
    quantity: Quantity,
    good: Sequence[Level],
    poor: Sequence[Level],
    *,
    level: float,
) -> GroupComparison:
    """Compare levels at one time."""
    found = _compared(analyte, quantity, good, poor, level)
    return replace(found, likelihood=_censored(analyte, [*good, *poor], len(good), level))


def compare_changes(
    analyte: Analyte, good: Sequence[AnalytePair], poor: Sequence[AnalytePair], *, level: float
) -> GroupComparison:
    """Compare changes; of levels beyond the same side of a limit the change is none."""
    first, second = (
        [Level(_change(pair, analyte), "none") for pair in group] for group in (good, poor)
    )
    found = _compared(analyte, "change", first, second, level)
    if analyte.scale == "as_is":
        return found
    return replace(found, censoring=censored_groups(good, poor, level=level))


def _change(pair: AnalytePair, analyte: Analyte) -> float:
    before, after = pair.substituted
    return after - before if analyte.scale == "as_is" else after / before


def _compared(
    analyte: Analyte,
    quantity: Quantity,
    good: Sequence[Level],
    poor: Sequence[Level],
    level: float,
) -> GroupComparison:
    scale: Scale = "raw" if analyte.scale == "as_is" else "log"
    first, second = _numbers(good, scale), _numbers(poor, scale)
    difference = computed(lambda: two_sample_t(first, second, level=level))
    ratio = None
    if scale == "log" and not isinstance(difference, NotComputed):
        ratio = ratio_of(difference.difference, "welch_of_logarithms")
    return GroupComparison(
        quantity,
        scale,
        summarise_levels(good),
        summarise_levels(poor),
        difference,
        ratio,
        computed(lambda: rank_sum(first, second)),
        None,
        None,
        computed(lambda: _roc(analyte, quantity, first, second, level)),
    )


def _numbers(levels: Sequence[Level], scale: Scale) -> Numbers:
    values = np.array([level.substituted for level in levels], dtype=np.float64)
    return np.log(values) if scale == "log" else values


def _censored(
    analyte: Analyte, levels: Sequence[Level], n_good: int, level: float
) -> CensoredDifference | NotComputed | None:
    if analyte.scale == "as_is" or all(one.bound == "none" for one in levels):
        return None
    if any(one.bound == ">" for one in levels):
        return NotComputed(
            f"Some levels of {analyte.name} lie above a limit; the two-group likelihood here is of"
            " levels below one only."
        )
    return computed(
        lambda: censored_difference(
            [one.value for one in levels],
            [one.bound == "<" for one in levels],
            np.arange(len(levels)) < n_good,
            level=level,
        )
    )


def _roc(
    analyte: Analyte, quantity: Quantity, good: Numbers, poor: Numbers, level: float
) -> ResponderRoc:
    scores, is_good = np.concatenate([good, poor]), np.arange(good.size + poor.size) < good.size
    auc = auc_interval(scores, is_good, direction=analyte.direction, level=level)
    return ResponderRoc(
        family="responder_vs_nonresponder",
        score=f"{quantity} of {analyte.name}",
        direction=analyte.direction,
        case="good responder",
        n_patients=scores.size,
        auc=auc,
        points=tuple(roc_curve(scores, is_good, direction=analyte.direction).points()),
    )
