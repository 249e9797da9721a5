"""The one curve drawn for a cross-validated model: the vertical average of its folds' curves."""

from collections.abc import Sequence

import numpy as np

from analysis.checks import Vector
from analysis.errors import MixedDirectionsError, TooFewError
from analysis.roc import Direction, RocCurve, oriented


def average_roc(curves: Sequence[RocCurve], *, n_cases: int, n_controls: int) -> RocCurve:
    """Average the sensitivity of several curves at each specificity.

    The points stand at every specificity at which some curve has a point. Where a curve rises
    upright there are two points, before and after the rise, so the area under the average is the
    mean of the curves' areas.

    Parameters
    ----------
    curves : Sequence of RocCurve
        For example one for each fold and repeat, each with the same weight.
    n_cases, n_controls : int
        Patients that all curves together rest on; not patients times repeats.

    Returns
    -------
    RocCurve
        A point's threshold is the mean, over the curves, of the threshold at which that curve
        reaches the point's specificity (before or after the rise), interpolated along the curve
        where it has no point there. The first is infinite. On the way from its infinite threshold
        to its first finite one a curve counts with the finite one, so the thresholds after the
        first are finite and ordered. They say where on the score's scale the average curve lies;
        no single threshold gives exactly these proportions.

    Raises
    ------
    TooFewError
        No curve.
    MixedDirectionsError
        Curves of both directions.

    Notes
    -----
    Source: vertical averaging, Fawcett 2006, Pattern Recognit Lett 27:861, algorithm 3, done at
    every breakpoint instead of on a fixed grid.

    Examples
    --------
    >>> from analysis.roc import roc_curve
    >>> good = roc_curve([1, 2, 3, 4], [0, 0, 1, 1], direction="higher_is_case")
    >>> poor = roc_curve([1, 2, 3, 4], [0, 1, 0, 1], direction="higher_is_case")
    >>> average = average_roc([good, poor], n_cases=4, n_controls=4)
    >>> average.sensitivity.tolist(), average.specificity.tolist()
    ([0.0, 0.75, 0.75, 1.0, 1.0], [1.0, 1.0, 0.5, 0.5, 0.0])
    >>> average.auc == (good.auc + poor.auc) / 2
    True
    """
    direction = _shared_direction(curves)
    specificity = np.unique(np.concatenate([curve.specificity for curve in curves]))[::-1]
    mean = np.zeros((2, 2, specificity.size))
    for curve in curves:
        mean += _before_and_after(curve, specificity)
    mean /= len(curves)
    sensitivity, thresholds = mean.transpose(0, 2, 1)
    kept = np.column_stack([np.full(specificity.size, True), sensitivity[:, 1] > sensitivity[:, 0]])
    return RocCurve(
        direction=direction,
        thresholds=oriented(np.append(np.inf, thresholds[kept][1:]), direction),
        sensitivity=sensitivity[kept],
        specificity=np.column_stack([specificity, specificity])[kept],
        n_cases=n_cases,
        n_controls=n_controls,
    )


def _before_and_after(curve: RocCurve, specificity: Vector) -> Vector:
    """Return (sensitivity, threshold) x (before, after the rise) x (each specificity)."""
    descending = oriented(curve.thresholds, curve.direction).copy()
    descending[0] = descending[1]
    path = np.stack([curve.sensitivity, descending])
    first = np.searchsorted(-curve.specificity, -specificity, side="left")
    last = np.searchsorted(-curve.specificity, -specificity, side="right") - 1
    start, end = np.minimum(first, last), np.maximum(first, last)
    has_point = last >= first
    run = curve.specificity[start] - curve.specificity[end]
    along = (curve.specificity[start] - specificity) / np.where(has_point, 1.0, run)
    between = path[:, start] + along * (path[:, end] - path[:, start])
    before = np.where(has_point, path[:, start], between)
    after = np.where(has_point, path[:, end], between)
    return np.stack([before, after], axis=1)


def _shared_direction(curves: Sequence[RocCurve]) -> Direction:
    if len(curves) == 0:
        raise TooFewError("curves", 0, 1)
    directions = sorted({curve.direction for curve in curves})
    if len(directions) > 1:
        raise MixedDirectionsError(directions)
    return curves[0].direction
