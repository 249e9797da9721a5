"""A pointwise band for the ROC that the curves of cross-validation's folds are small samples of."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import stdtrit

from analysis.checks import Vector, checked_level, checked_vector
from analysis.cross_validated_auc import corrected_standard_error
from analysis.errors import OutOfRangeError
from analysis.roc import RocCurve


@dataclass(frozen=True, slots=True, eq=False)
class FoldBand:
    """Sensitivity over a grid of specificities, with limits at each; all of shape (n_points,)."""

    specificity: Vector
    sensitivity: Vector
    lower: Vector
    upper: Vector
    level: float


def fold_band(
    curves: Sequence[RocCurve],
    specificity: ArrayLike,
    *,
    n_train: float,
    n_test: float,
    level: float = 0.95,
) -> FoldBand:
    """Lay the corrected resampled t interval of the mean sensitivity at each specificity.

    Parameters
    ----------
    curves : Sequence of RocCurve
        One for each fold and repeat; at least two.
    specificity : array_like, shape (n_points,)
        Ascending, between 0 and 1.
    n_train, n_test : float
        Patients in a training and in a test fold; means where the folds differ in size.
    level : float
        Confidence level, at each point alone: the whole curve may well leave the band.

    Returns
    -------
    FoldBand
        Limits cut at 0 and 1, and both the curve's own at its two ends. Where all folds have the
        same sensitivity in between, their spread says nothing and the limits are 0 and 1.

    Raises
    ------
    OutOfRangeError
        The grid is not ascending within 0 and 1.
    TooFewError
        Fewer than two curves.
    AnalysisError
        A size that is not positive; a level out of range.

    Notes
    -----
    Source: interval as for the AUC, Nadeau and Bengio 2003, Mach Learn 52:239, section 5. The
    share of cases above a fold's k-th highest control of m is counted at the specificity that
    is expected of that control, ``1 - k / (m + 1)`` (our choice). Counted where the curve has
    it, from ``1 - (k - 1) / m`` on, folds of two controls would find a third of the cases at
    specificity 1 by a worthless score.

    Examples
    --------
    >>> from analysis.roc import roc_curve
    >>> good = roc_curve([1, 2, 3, 4], [0, 0, 1, 1], direction="higher_is_case")
    >>> poor = roc_curve([1, 2, 3, 4], [0, 1, 0, 1], direction="higher_is_case")
    >>> band = fold_band([good, poor, poor], [0.0, 0.5, 1.0], n_train=8, n_test=4)
    >>> band.sensitivity.round(3).tolist(), band.upper.round(3).tolist()
    ([1.0, 0.833, 0.0], [1.0, 1.0, 0.0])
    """
    grid = checked_vector("specificity", specificity)
    if grid.size == 0 or grid[0] < 0 or grid[-1] > 1 or (np.diff(grid) <= 0).any():
        raise OutOfRangeError("specificity", "ascending from 0 or above to 1 or below")
    checked_level(level)
    heights = np.array([_heights(curve, grid) for curve in curves]).reshape(len(curves), -1)
    error = corrected_standard_error(heights.T, n_train=n_train, n_test=n_test)
    mean, reach = heights.mean(axis=0), stdtrit(len(curves) - 1, (1 + level) / 2) * error
    lower, upper = np.maximum(mean - reach, 0.0), np.minimum(mean + reach, 1.0)
    nothing_said = (np.ptp(heights, axis=0) == 0) & (grid > 0) & (grid < 1)
    lower[nothing_said], upper[nothing_said] = 0.0, 1.0
    return FoldBand(grid.copy(), mean, lower, upper, float(level))


def _heights(curve: RocCurve, grid: Vector) -> Vector:
    """Sensitivity at each specificity, each control at the place that is expected of it."""
    n = curve.n_controls
    within_steps = (np.arange(n) + 0.5) / n
    shares = np.interp(within_steps, 1 - curve.specificity, curve.sensitivity)
    expected = np.arange(n + 2) / (n + 1)
    heights: Vector = np.interp(1 - grid, expected, np.concatenate([[0.0], shares, [1.0]]))
    return heights
