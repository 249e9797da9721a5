"""Pearson's correlation with its interval, test and permutation test.

Ranks are in `analysis.rank_correlation`, two groups in `analysis.correlation_difference`.
"""

import itertools
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtri, stdtr

from analysis.auc_limits import Limits
from analysis.checks import Vector, checked_level, checked_pairs, checked_spread
from analysis.errors import TooManyError

MOST_EXACT = 10
"""Patients whose 3.6 million orders are all looked at."""

_SAME = 1e-12  # of the largest possible covariance: nearer ones differ by rounding


@dataclass(frozen=True, slots=True)
class Correlation:
    """A correlation with its interval and test.

    Parameters
    ----------
    r, lower, upper : float
        Pearson's r and its limits.
    level : float
        Confidence level.
    method : str
        How the limits were made: ``fisher_z``.
    t : float
        Statistic for no correlation; infinite where all points are on a line.
    df : int
        Its degrees of freedom.
    p : float
        Two-sided.
    n : int
        Patients.
    """

    r: float
    lower: float
    upper: float
    level: float
    method: str
    t: float
    df: int
    p: float
    n: int

    @property
    def r_squared(self) -> tuple[float, float, float]:
        """R2 with its limits: the squares of all correlations between the limits of `r`."""
        ends = sorted([self.lower**2, self.upper**2])
        return self.r**2, 0.0 if self.lower <= 0 <= self.upper else ends[0], ends[1]


def pearson(x: ArrayLike, y: ArrayLike, *, level: float = 0.95) -> Correlation:
    """Correlate two quantities of the same patients.

    Parameters
    ----------
    x, y : array_like, shape (n_patients,)
        One complete pair for each patient, each in its own unit.
    level : float
        Confidence level.

    Returns
    -------
    Correlation
        Three patients leave the interval at -1 to 1. If all points lie on a line, both limits
        are `r` itself, as the normal model has it, and p is 0.

    Raises
    ------
    TooFewError
        Fewer than three patients.
    NoSpreadError
        x or y is the same for everyone, up to rounding.
    AnalysisError
        Lengths differ, a value is not finite, a level out of range.

    Notes
    -----
    Source: Fisher 1921, Metron 1:3.

    Examples
    --------
    >>> found = pearson([1, 2, 3, 4, 5], [2, 1, 4, 3, 5])
    >>> round(found.r, 3), round(found.lower, 3), round(found.upper, 3), round(found.p, 3)
    (0.8, -0.28, 0.986, 0.104)
    >>> [round(number, 3) for number in found.r_squared]
    [0.64, 0.0, 0.973]
    """
    checked_level(level)
    first, second = checked_pairs(x, y, names=("x", "y"), at_least=3)
    n = first.size
    r = correlation_of(first, second)
    t, p = t_test(r, n - 2)
    limits = fisher_limits(r, 1 / (n - 3) if n > 3 else math.inf, level=level)
    return Correlation(r, *limits, level, "fisher_z", t, n - 2, p, n)


def pearson_permutation(x: ArrayLike, y: ArrayLike) -> float:
    """Return the exact two-sided p of a correlation over all orders of y.

    Parameters
    ----------
    x, y : array_like, shape (n_patients,)
        One complete pair for each of at most `MOST_EXACT` patients. Midranks make it the exact
        test of Spearman's correlation, ties included.

    Returns
    -------
    float
        Share of orders with a correlation at least as far from 0, the order observed included.

    Raises
    ------
    TooManyError
        More patients than `MOST_EXACT`.
    AnalysisError
        As `pearson`.

    Notes
    -----
    Source: Pitman 1937, J R Stat Soc Suppl 4:225.

    Examples
    --------
    >>> pearson_permutation([1, 2, 3, 4], [2, 3, 5, 9])
    0.08333333333333333
    """
    first, second = checked_pairs(x, y, names=("x", "y"), at_least=3)
    if first.size > MOST_EXACT:
        raise TooManyError("patients", first.size, MOST_EXACT)
    first, second = _standardised("x", first), _standardised("y", second)
    reach, n = abs(float(first @ second)) - _SAME, first.size
    orders = np.array(list(itertools.permutations(range(n - 1))))
    beyond = 0
    # Chunks: whichever y goes to the first patient, all orders of the others.
    for chosen in range(n):
        others = np.delete(second, chosen)[orders] @ first[1:]
        beyond += int(np.count_nonzero(np.abs(others + second[chosen] * first[0]) >= reach))
    return beyond / math.factorial(n)


def correlation_of(x: Vector, y: Vector) -> float:
    """Return Pearson's r of checked vectors, within -1 and 1.

    Parameters
    ----------
    x, y : Vector, shape (n_patients,)
        Finite numbers.

    Returns
    -------
    float

    Raises
    ------
    NoSpreadError
        x or y is the same for everyone, up to rounding.

    Examples
    --------
    >>> correlation_of(np.array([1.0, 2.0]), np.array([5.0, 4.0])).__round__(12)
    -1.0
    """
    product = float(_standardised("x", x) @ _standardised("y", y))
    return max(-1.0, min(1.0, product))


def fisher_limits(r: float, variance: float, *, level: float) -> Limits:
    """Return the limits of a correlation that is normal after Fisher's z transformation.

    Parameters
    ----------
    r : float
        From -1 to 1.
    variance : float
        Of z; infinite where nothing is known.
    level : float
        Confidence level.

    Returns
    -------
    tuple of float
        Lower and upper limit; they contain `r`.

    Examples
    --------
    >>> low, high = fisher_limits(0.5, 1 / 30, level=0.95)
    >>> round(low, 3), round(high, 3)
    (0.189, 0.72)
    """
    if variance == math.inf:
        return -1.0, 1.0
    if abs(r) == 1:
        return r, r
    half_width = float(ndtri((1 + level) / 2)) * math.sqrt(variance)
    z = math.atanh(r)
    return min(math.tanh(z - half_width), r), max(math.tanh(z + half_width), r)


def t_test(r: float, df: int) -> tuple[float, float]:
    """Return the t statistic and the two-sided p of no correlation.

    Parameters
    ----------
    r : float
        From -1 to 1.
    df : int
        Patients less 2.

    Returns
    -------
    tuple of float
        At a correlation of 1 or -1, infinite and 0.

    Examples
    --------
    >>> t, p = t_test(0.5, 10)
    >>> round(t, 3), round(p, 3)
    (1.826, 0.098)
    """
    if abs(r) == 1:
        return math.copysign(math.inf, r), 0.0
    t = r * math.sqrt(df / ((1 - r) * (1 + r)))
    return t, float(2 * stdtr(df, -abs(t)))


def _standardised(name: str, values: Vector) -> Vector:
    """Return values with mean zero and length one."""
    spread = checked_spread(name, values)
    centred = spread / np.abs(spread).max()
    centred = centred - centred.mean()
    return np.asarray(centred / np.sqrt((centred**2).sum()), dtype=np.float64)
