"""Shapiro and Wilk's test of whether values could come from a normal distribution."""

import math

import numpy as np
from numpy.polynomial import Polynomial
from numpy.typing import ArrayLike
from scipy.special import ndtr, ndtri

from analysis.checks import Vector, checked_spread, checked_vector
from analysis.errors import TooFewError, TooManyError

# Polynomials of Royston 1995, algorithm AS R94, lowest power first.
_LARGEST = Polynomial([0.0, 0.221157, -0.147981, -2.07119, 4.434685, -2.706056])
_SECOND = Polynomial([0.0, 0.042981, -0.293762, -1.752461, 5.682633, -3.582633])
_SMALL_BOUND = Polynomial([-2.273, 0.459])
_SMALL_MEAN = Polynomial([0.544, -0.39978, 0.025054, -6.714e-4])
_SMALL_LOG_SD = Polynomial([1.3822, -0.77857, 0.062767, -0.0020322])
_LARGE_MEAN = Polynomial([-1.5861, -0.31082, -0.083751, 0.0038915])
_LARGE_LOG_SD = Polynomial([-0.4803, -0.082676, 0.0030302])

_FEWEST, _MOST = 3, 5000  # the range in which Royston's approximation was checked


def shapiro_wilk(values: ArrayLike) -> tuple[float, float]:
    """Return W and its p value.

    Parameters
    ----------
    values : array_like, shape (n_patients,)
        3 to 5000 finite numbers; for a paired t test, the differences.

    Returns
    -------
    tuple of float
        W, 1 for a straight normal plot; p, small where values are not normal. A large p does not
        say that they are.

    Raises
    ------
    TooFewError, TooManyError
        Fewer than 3 or more than 5000 values.
    NoSpreadError
        All values are the same, up to rounding.
    AnalysisError
        A value is not finite.

    Notes
    -----
    Source: Shapiro and Wilk 1965, Biometrika 52:591; Royston 1995, Appl Stat 44:547 (AS R94).

    Examples
    --------
    >>> w, p = shapiro_wilk([2, 3, 5, 4, 3, 19])
    >>> round(w, 3), round(p, 4)
    (0.645, 0.0015)
    """
    vector = checked_vector("values", values)
    if vector.size < _FEWEST:
        raise TooFewError("patients", vector.size, _FEWEST)
    if vector.size > _MOST:
        raise TooManyError("patients", vector.size, _MOST)
    vector = np.sort(checked_spread("values", vector))
    vector = vector / np.ptp(vector)
    vector = vector - vector.mean()
    vector = vector / np.sqrt((vector**2).sum())
    weights = _weights(vector.size)
    # 1 - W as half a squared distance keeps its digits where W is nearly 1.
    missing = float(((vector - weights) ** 2).sum()) / 2
    missing *= 2 - missing
    return 1 - missing, _p_value(missing, vector.size)


def _weights(n: int) -> Vector:
    """Return the approximate weights of the ordered values: antisymmetric, of unit length."""
    if n == 3:
        return np.array([-math.sqrt(0.5), 0.0, math.sqrt(0.5)])
    half = n // 2
    normal = ndtri((np.arange(1, half + 1) - 0.375) / (n + 0.25))
    total, root = 2 * float((normal**2).sum()), 1 / math.sqrt(n)
    ends = [float(_LARGEST(root)), float(_SECOND(root))][: 2 if n > 5 else 1]
    n_ends = len(ends)
    outer = np.array(ends) - normal[:n_ends] / math.sqrt(total)
    rest = total - 2 * float((normal[:n_ends] ** 2).sum())
    rest_weight = 1 - 2 * float((outer**2).sum())
    inner = -normal[n_ends:] / math.sqrt(rest / rest_weight)
    upper = np.concatenate([outer, inner])
    weights = np.concatenate([-upper, np.zeros(n % 2), upper[::-1]])
    return np.asarray(weights / np.sqrt((weights**2).sum()), dtype=np.float64)


def _p_value(missing: float, n: int) -> float:
    if n == 3:
        least = math.asin(math.sqrt(0.75))
        return max(6 / math.pi * (math.asin(math.sqrt(1 - missing)) - least), 0.0)
    distance = math.log(missing) if missing > 0 else -math.inf
    if n <= 11:
        bound = float(_SMALL_BOUND(n))
        if distance >= bound:
            return 0.0
        distance = -math.log(bound - distance)
        mean, log_sd = float(_SMALL_MEAN(n)), float(_SMALL_LOG_SD(n))
    else:
        mean, log_sd = float(_LARGE_MEAN(math.log(n))), float(_LARGE_LOG_SD(math.log(n)))
    return float(ndtr(-(distance - mean) / math.exp(log_sd)))
