"""The correlation of two changes in good and in poor responders, on one scale of change."""

from dataclasses import dataclass

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
from trial.analyte_pairs import Numbers
from trial.co_change_influence import Decisive, decisive_patients
from trial.not_computed import NotComputed, computed
from trial.paired_tests import Scale

Ends = tuple[tuple[float, float], tuple[float, float]]
"""Two points (x, y) that a line joins."""


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
    decisive
        What a single patient decides.
    """

    scale: Scale
    good: GroupCorrelation
    poor: GroupCorrelation
    both: GroupCorrelation
    difference: CorrelationDifference | NotComputed
    interaction: Interaction | NotComputed
    good_line: Ends | None
    poor_line: Ends | None
    decisive: tuple[Decisive, ...]


def correlate(
    scale: Scale,
    changes: Numbers,
    is_good: NDArray[np.bool_],
    patient_ids: tuple[str, ...],
    level: float,
) -> CoChangeOnScale:
    """Correlate the columns of changes within both groups.

    Parameters
    ----------
    changes
        Shape (n_patients, 2): of x and of y.
    is_good
        Shape (n_patients,).
    patient_ids
        Of the rows of changes.
    """
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
        decisive=decisive_patients(changes, is_good, patient_ids, level=level),
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
