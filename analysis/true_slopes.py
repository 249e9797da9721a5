"""The distribution of true values behind measured ones whose error variances are known.

A normal one by Paule and Mandel's moments, and one of any shape by maximum likelihood.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import brentq

from analysis.checks import Vector, checked_pairs
from analysis.errors import NotConvergedError, OutOfRangeError

_POINTS = 200
_STEPS = 20_000
_GAP = 1e-4  # bound on what each patient's mean log-likelihood could still gain


@dataclass(frozen=True, slots=True)
class NormalTruth:
    """A normal distribution of true values.

    Parameters
    ----------
    mean, sd : float
        Of the true values; `sd` is 0 where errors alone explain the spread.
    n : int
        Patients.
    """

    mean: float
    sd: float
    n: int


@dataclass(frozen=True, slots=True)
class DiscreteTruth:
    """A distribution of true values on a grid.

    Parameters
    ----------
    values, weights : Vector, shape (n_points,)
        The grid and the share of patients at each of its points.
    n : int
        Patients.
    """

    values: Vector
    weights: Vector
    n: int


def normal_truth(measured: ArrayLike, error_variances: ArrayLike) -> NormalTruth:
    """Estimate the mean and spread of true values.

    Parameters
    ----------
    measured, error_variances : array_like, shape (n_patients,)
        What was measured of each, and the variance of its error, 0 or above.

    Returns
    -------
    NormalTruth
        The mean weights every patient by the inverse of spread and error together.

    Raises
    ------
    TooFewError
        Fewer than two patients.
    OutOfRangeError
        A variance below 0.
    AnalysisError
        Lengths differ or a number is not finite.

    Notes
    -----
    Source: Paule and Mandel 1982, J Res Natl Bur Stand 87:377; with equal error variances v the
    estimated variance is the sample's less v, or 0.

    Examples
    --------
    >>> found = normal_truth([-2.0, -1.0, 0.0], [0.36, 0.36, 0.36])
    >>> round(found.mean, 9), round(found.sd, 9)
    (-1.0, 0.8)
    """
    values, variances = checked_pairs(measured, error_variances, names=("measured", "variances"))
    if (variances < 0).any():
        raise OutOfRangeError("error_variances", "0 or above")
    most = float(values.var(ddof=1)) * 2 + 1e-300

    def excess(variance: float) -> float:
        total = np.maximum(variance + variances, 1e-300)
        mean = np.average(values, weights=1 / total)
        return float(((values - mean) ** 2 / total).sum()) - (values.size - 1)

    variance = 0.0
    if values.var() > 0 and excess(0.0) > 0:
        variance = float(brentq(excess, 0.0, most, xtol=1e-15, rtol=1e-14))
    weights = 1 / np.maximum(variance + variances, 1e-300)
    mean = float(np.average(values, weights=weights))
    return NormalTruth(mean, float(np.sqrt(variance)), values.size)


def discrete_truth(measured: ArrayLike, error_variances: ArrayLike) -> DiscreteTruth:
    """Estimate a distribution of true values without assuming its shape.

    Parameters
    ----------
    measured, error_variances : array_like, shape (n_patients,)
        What was measured of each, and the variance of its normal error, above 0.

    Returns
    -------
    DiscreteTruth
        Maximum-likelihood weights on 200 points between the lowest and the highest value
        measured. With few patients a handful of points carry all the weight.

    Raises
    ------
    TooFewError
        Fewer than two patients.
    OutOfRangeError
        A variance of 0 or below.
    NotConvergedError
        The likelihood could still be raised.
    AnalysisError
        Lengths differ or a number is not finite.

    Notes
    -----
    Source: Kiefer and Wolfowitz 1956, Ann Math Stat 27:887; by EM, Laird 1978, J Am Stat Assoc
    73:805; ended by Lindsay's gradient (1983, Ann Stat 11:86).

    Examples
    --------
    >>> found = discrete_truth([-2.0, -1.9, 0.0, 0.1], [0.01] * 4)
    >>> round(float(found.weights[found.values < -1].sum()), 6)
    0.5
    """
    values, variances = checked_pairs(measured, error_variances, names=("measured", "variances"))
    if (variances <= 0).any():
        raise OutOfRangeError("error_variances", "above 0")
    grid = np.linspace(values.min(), values.max(), _POINTS)
    exponent = -((values[:, None] - grid) ** 2) / (2 * variances[:, None])
    likelihood = np.exp(exponent - exponent.max(axis=1, keepdims=True))
    weights = np.full(_POINTS, 1 / _POINTS)
    for _ in range(_STEPS):
        gain = (likelihood / (likelihood @ weights)[:, None]).mean(axis=0)
        if gain.max() - 1 <= _GAP:
            return DiscreteTruth(grid, weights, values.size)
        weights = weights * gain
    raise NotConvergedError("the distribution of true values")


def true_covariance(first: ArrayLike, second: ArrayLike, error_covariances: ArrayLike) -> float:
    """Estimate the covariance of two true values of the same patients.

    Parameters
    ----------
    first, second : array_like, shape (n_patients,)
        What was measured.
    error_covariances : array_like, shape (n_patients,)
        Covariance of each patient's two errors, of any sign.

    Returns
    -------
    float
        Covariance of what was measured, less the mean covariance of errors.

    Raises
    ------
    TooFewError
        Fewer than two patients.
    AnalysisError
        Lengths differ or a number is not finite.

    Notes
    -----
    Source: by moments; Fuller 1987, Measurement Error Models, section 1.2.

    Examples
    --------
    >>> true_covariance([-2, -1, 0], [-2, -1, 0], [-0.1, -0.1, -0.1])
    1.1
    """
    one, other = checked_pairs(first, second, names=("first", "second"))
    errors, _ = checked_pairs(error_covariances, one, names=("error_covariances", "first"))
    return float(np.cov(one, other)[0, 1] - errors.mean())
