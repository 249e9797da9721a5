"""Whether the changes of two analytes go together, in good and in poor responders.

"Significant in one group, not in the other" is no difference between groups: the difference is
estimated itself, as one of correlations and as one of slopes.
"""

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from analysis.correlation import Correlation, pearson
from analysis.correlation_difference import (
    CorrelationDifference,
    Interaction,
    correlation_difference,
    interaction,
)
from analysis.estimate import Estimate
from analysis.rank_correlation import RankCorrelation, spearman
from trial.analyte_pairs import AnalytePair, AnalytePairs, Numbers
from trial.not_computed import NotComputed, computed
from trial.paired_tests import Scale

Ends = tuple[tuple[float, float], tuple[float, float]]
"""Two points (x, y) that a line joins."""

STUDY_PAIR: Final = ("TGF-b1", "MCP-1")
"""Change of the first on x, of the second on y (Oh 2018, Figure 3B)."""


@dataclass(frozen=True, slots=True)
class PatientChanges:
    """One patient's changes of both analytes.

    Attributes
    ----------
    log_ratio
        Natural logarithm of follow-up over baseline, of x and y; None where one of them holds no
        concentrations.
    difference
        Follow-up less baseline, of x and y [each analyte's unit].
    is_censored
        Whether any of the four levels lies beyond a limit.
    """

    patient_id: str
    is_good: bool
    log_ratio: tuple[float, float] | None
    difference: tuple[float, float]
    is_censored: bool


@dataclass(frozen=True, slots=True)
class GroupCorrelation:
    """How two changes go together in one group.

    Attributes
    ----------
    r_squared
        Square of Pearson's correlation, with the squares of what lies between its limits.
    """

    n: int
    pearson: Correlation | NotComputed
    r_squared: Estimate | None
    spearman: RankCorrelation | NotComputed


@dataclass(frozen=True, slots=True)
class CoChangeOnScale:
    """The correlations of one scale of change, and what tells the groups apart.

    Attributes
    ----------
    scale
        ``log``: logarithms of ratios. ``raw``: differences, as in the study.
    difference
        Correlation of good responders less that of poor ones.
    interaction
        Lines of y on x with one residual variance; ``in_group`` are the good responders, so that
        `slope_difference` is good less poor.
    good_line, poor_line
        Ends of both lines, each as far as its group's x goes; None without an interaction.
    """

    scale: Scale
    good: GroupCorrelation
    poor: GroupCorrelation
    both: GroupCorrelation
    difference: CorrelationDifference | NotComputed
    interaction: Interaction | NotComputed
    good_line: Ends | None
    poor_line: Ends | None


@dataclass(frozen=True, slots=True)
class CoChange:
    """Changes of x and y at one follow-up, in patients with an evaluable outcome.

    Attributes
    ----------
    log
        The page leads with it; not computed where x or y holds no concentrations.
    raw
        The same of differences, as in the study.
    """

    month: float
    x: str
    y: str
    n_censored: int
    patients: tuple[PatientChanges, ...]
    log: CoChangeOnScale | NotComputed
    raw: CoChangeOnScale


def co_change(
    x: AnalytePairs,
    y: AnalytePairs,
    outcomes: Mapping[str, bool],
    *,
    has_logs: bool,
    level: float,
) -> CoChange:
    """Correlate the changes of two analytes at the same follow-up.

    Parameters
    ----------
    outcomes
        Whether a patient is a good responder, by id; others are left out.
    has_logs
        Whether both are concentrations.
    """
    of_y = {pair.patient_id: pair for pair in y.pairs}
    patients = tuple(
        _patient(pair, of_y[pair.patient_id], outcomes[pair.patient_id], has_logs=has_logs)
        for pair in x.pairs
        if pair.patient_id in of_y and pair.patient_id in outcomes
    )
    is_good = np.array([one.is_good for one in patients], dtype=np.bool_)
    raw = np.array([one.difference for one in patients], dtype=np.float64).reshape(-1, 2)
    log: CoChangeOnScale | NotComputed = NotComputed(
        f"{x.analyte} and {y.analyte} are not both concentrations, so no logarithm is taken."
    )
    if has_logs:
        ratios = np.array([one.log_ratio for one in patients], dtype=np.float64).reshape(-1, 2)
        log = _on_scale("log", ratios, is_good, level)
    return CoChange(
        month=x.month,
        x=x.analyte,
        y=y.analyte,
        n_censored=sum(one.is_censored for one in patients),
        patients=patients,
        log=log,
        raw=_on_scale("raw", raw, is_good, level),
    )


def missing_of_study_pair(measured: Collection[str]) -> NotComputed | None:
    """Why the study's correlation cannot be had; None where both analytes were measured."""
    missing = [name for name in STUDY_PAIR if name not in measured]
    if not missing:
        return None
    were = "was" if len(missing) == 1 else "were"
    return NotComputed(
        f"{' and '.join(missing)} {were} not measured in treated patients, so the study's"
        f" correlation of the changes of {STUDY_PAIR[0]} and {STUDY_PAIR[1]} cannot be computed."
    )


def _patient(x: AnalytePair, y: AnalytePair, is_good: bool, *, has_logs: bool) -> PatientChanges:
    (x_before, x_after), (y_before, y_after) = x.substituted, y.substituted
    bounds = {level.bound for pair in (x, y) for level in (pair.before, pair.after)}
    return PatientChanges(
        x.patient_id,
        is_good,
        (math.log(x_after / x_before), math.log(y_after / y_before)) if has_logs else None,
        (x_after - x_before, y_after - y_before),
        is_censored=bounds != {"none"},
    )


def _on_scale(
    scale: Scale, changes: Numbers, is_good: NDArray[np.bool_], level: float
) -> CoChangeOnScale:
    good, poor = (_group(changes[members], level) for members in (is_good, ~is_good))

    def difference() -> CorrelationDifference:
        r = [pearson(*changes[members].T, level=level).r for members in (is_good, ~is_good)]
        return correlation_difference(r[0], good.n, r[1], poor.n, level=level)

    x, y = changes.T
    lines = computed(lambda: interaction(x, y, is_good, level=level))
    return CoChangeOnScale(
        scale,
        good,
        poor,
        both=_group(changes, level),
        difference=computed(difference),
        interaction=lines,
        good_line=_ends(lines, x[is_good], is_good=True),
        poor_line=_ends(lines, x[~is_good], is_good=False),
    )


def _ends(lines: Interaction | NotComputed, x: Numbers, *, is_good: bool) -> Ends | None:
    if isinstance(lines, NotComputed):
        return None
    intercept = lines.intercept.value + is_good * lines.intercept_difference.value
    slope = lines.slope.value + is_good * lines.slope_difference.value
    first, last = float(x.min()), float(x.max())
    return (first, intercept + slope * first), (last, intercept + slope * last)


def _group(changes: Numbers, level: float) -> GroupCorrelation:
    x, y = changes.T
    found = computed(lambda: pearson(x, y, level=level))
    r_squared = None
    if not isinstance(found, NotComputed):
        sizes = found.n, found.n
        r_squared = Estimate(*found.r_squared, level, "square_of_fisher_z_limits", *sizes)
    ranks = computed(lambda: spearman(x, y, level=level))
    return GroupCorrelation(x.size, found, r_squared, ranks)
