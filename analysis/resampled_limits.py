"""Limits from bootstrap replicates: percentile, and bias-corrected and accelerated (BCa).

Quantiles are of type 7 (linear between order statistics), the default of NumPy and R.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr, ndtri

from analysis.auc_limits import Limits
from analysis.checks import Vector, checked_level, checked_vector
from analysis.errors import NotFiniteError, OneSidedReplicatesError, TooFewError

_ROUNDING = 1e-14  # of the largest value: what is closer than this is the same


def percentile_limits(replicates: ArrayLike, *, level: float = 0.95) -> Limits:
    """Return the percentile interval.

    Parameters
    ----------
    replicates : array_like, shape (n_resamples,)
        The statistic on each resample.
    level : float
        Confidence level.

    Returns
    -------
    tuple of float
        Lower and upper limit. They need not contain the estimate itself.

    Raises
    ------
    TooFewError
        No replicate.
    AnalysisError
        A replicate is not finite (leave failed resamples out, and say how many), or the level is
        out of range.

    Notes
    -----
    Source: Efron 1979, Ann Stat 7:1; Efron and Tibshirani 1993, An Introduction to the
    Bootstrap, section 13.3.

    Examples
    --------
    >>> low, high = percentile_limits(range(101), level=0.9)
    >>> round(low, 6), round(high, 6)
    (5.0, 95.0)
    """
    values = checked_vector("replicates", replicates)
    if values.size == 0:
        raise TooFewError("replicates", 0, 1)
    tail = (1 - checked_level(level)) / 2
    lower, upper = np.quantile(values, [tail, 1 - tail])
    return float(lower), float(upper)


def bca_limits(
    replicates: ArrayLike, estimate: float, *, acceleration: float, level: float = 0.95
) -> Limits:
    """Return the bias-corrected and accelerated interval.

    Parameters
    ----------
    replicates : array_like, shape (n_resamples,)
        The statistic on each resample.
    estimate : float
        The statistic on the sample itself.
    acceleration : float
        From `jackknife_acceleration`; 0 gives the bias-corrected interval.
    level : float
        Confidence level.

    Returns
    -------
    tuple of float
        Lower and upper limit, both of them quantiles of the replicates.

    Raises
    ------
    OneSidedReplicatesError
        Every replicate lies on one side of the estimate: its bias cannot be told.
    TooFewError
        No replicate.
    AnalysisError
        A number is not finite, or the level is out of range.

    Notes
    -----
    Source: Efron 1987, J Am Stat Assoc 82:171. A replicate equal to the estimate counts half
    below it, as in SciPy; the AUC of a small sample has many of these.

    Examples
    --------
    >>> replicates = [0.6, 0.7, 0.7, 0.8, 0.9, 0.75, 0.65, 0.85]
    >>> low, high = bca_limits(replicates, 0.75, acceleration=-0.05, level=0.8)
    >>> round(low, 3), round(high, 3)
    (0.653, 0.877)
    """
    values = checked_vector("replicates", replicates)
    if values.size == 0:
        raise TooFewError("replicates", 0, 1)
    if not np.isfinite([estimate, acceleration]).all():
        raise NotFiniteError("estimate and acceleration", 1, 2)
    tail = (1 - checked_level(level)) / 2
    share_below = float(np.mean(values < estimate) + np.mean(values == estimate) / 2)
    if share_below in (0.0, 1.0):
        raise OneSidedReplicatesError(values.size)
    bias = float(ndtri(share_below))
    shares = [_adjusted_share(bias, float(ndtri(p)), acceleration) for p in (tail, 1 - tail)]
    lower, upper = np.quantile(values, shares)
    return float(lower), float(upper)


def jackknife_acceleration(*leave_one_out: ArrayLike | Sequence[float]) -> float:
    """Return the acceleration of a statistic from its values without one patient each.

    Parameters
    ----------
    *leave_one_out : array_like, each of shape (n_stratum,)
        The statistic with each patient left out; one array for all patients, or one for each
        stratum that is resampled apart (cases, then controls).

    Returns
    -------
    float
        0 where leaving anybody out changes nothing.

    Raises
    ------
    TooFewError
        No array, or an empty one.
    AnalysisError
        A value is not finite.

    Notes
    -----
    Source: Efron and Tibshirani 1993, An Introduction to the Bootstrap, eq. 14.15; for several
    samples Davison and Hinkley 1997, Bootstrap Methods and their Application, eq. 5.28.

    Examples
    --------
    >>> round(jackknife_acceleration([1.0, 2.0, 6.0]), 4)
    -0.0573
    """
    if not leave_one_out:
        raise TooFewError("strata", 0, 1)
    influence = np.concatenate([_influence(values) for values in leave_one_out])
    largest = float(np.abs(influence).max())
    if largest == 0:
        return 0.0
    influence /= largest
    return float((influence**3).sum() / (6 * (influence @ influence) ** 1.5))


def _influence(leave_one_out: ArrayLike) -> Vector:
    vector = checked_vector("leave_one_out", leave_one_out)
    if vector.size == 0:
        raise TooFewError("leave-one-out values", 0, 1)
    away = vector - vector[0]
    # The cube of nothing but rounding errors would be a number of any size.
    away[np.abs(away) <= _ROUNDING * np.abs(vector).max()] = 0.0
    share = (vector.size - 1) / vector.size
    return np.asarray(share * (away.mean() - away), dtype=np.float64)


def _adjusted_share(bias: float, quantile: float, acceleration: float) -> float:
    shift = bias + quantile
    stretch = 1 - acceleration * shift
    # Beyond its pole the formula would return from the other end; the limit is the last replicate.
    return float(ndtr(bias + shift / stretch)) if stretch > 0 else float(shift > 0)
