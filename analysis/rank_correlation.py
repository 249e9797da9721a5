"""Spearman's and Kendall's rank correlations: no straight line is assumed."""

import math
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr

from analysis.auc_limits import Limits
from analysis.checks import Vector, checked_level, checked_pairs, checked_spread
from analysis.correlation import correlation_of, fisher_limits, pearson_permutation, t_test
from analysis.errors import UnknownChoiceError
from analysis.ranks import midranks, tie_sizes

SpearmanVariance = Literal["bonett_wright", "fieller", "fisher"]

_ENUMERATED = 9  # patients up to which all orders are counted, as in R


@dataclass(frozen=True, slots=True)
class RankCorrelation:
    """Spearman's correlation with its interval and tests.

    Parameters
    ----------
    rho, lower, upper : float
        Spearman's correlation and its limits.
    level : float
        Confidence level.
    method : str
        How the limits were made: a `SpearmanVariance`, or ``exact_at_boundary``.
    t : float
        Statistic of the t approximation, infinite at a correlation of 1 or -1.
    df : int
        Its degrees of freedom.
    p_t : float
        Two-sided p of the t approximation.
    p_permutation : float or None
        Two-sided p over all orders: counted for up to 9 patients, ties included; above that by
        the Edgeworth series of AS 89 (which R calls exact), or None where values are tied.
    n : int
        Patients.
    """

    rho: float
    lower: float
    upper: float
    level: float
    method: str
    t: float
    df: int
    p_t: float
    p_permutation: float | None
    n: int


@dataclass(frozen=True, slots=True)
class KendallTau:
    """Kendall's tau-b with its normal test.

    Parameters
    ----------
    tau : float
        From -1 to 1; corrected for ties.
    z : float
        Statistic of the normal approximation, its variance corrected for ties.
    p_normal : float
        Two-sided, without continuity correction.
    n : int
        Patients.
    """

    tau: float
    z: float
    p_normal: float
    n: int


def spearman(
    x: ArrayLike,
    y: ArrayLike,
    *,
    level: float = 0.95,
    variance: SpearmanVariance = "bonett_wright",
) -> RankCorrelation:
    """Correlate the ranks of two quantities of the same patients.

    Parameters
    ----------
    x, y : array_like, shape (n_patients,)
        One complete pair for each patient; ties get midranks.
    level : float
        Confidence level.
    variance : SpearmanVariance
        Of Fisher's z: ``bonett_wright`` (default) (1 + rho**2/2)/(n - 3), ``fieller``
        1.06/(n - 3), ``fisher`` 1/(n - 3), which is too small for ranks.

    Returns
    -------
    RankCorrelation
        Three patients leave the interval at -1 to 1. At a correlation of 1 (mirrored at -1) the
        lower limit is ``3 a - 2`` with ``a = ((1 - level)/2)**(1/(n//2))``, at least -1: n//2
        separate pairs of patients are all concordant with probability a**(n//2) if one is with
        probability a; Kendall's correlation is 2 a - 1, and Spearman's is at least
        (3 tau - 1)/2 (Daniels's inequality).

    Raises
    ------
    TooFewError
        Fewer than three patients.
    NoSpreadError
        x or y is the same for everyone.
    AnalysisError
        Lengths differ, a value is not finite, an unknown choice, a level out of range.

    Notes
    -----
    Source: Bonett and Wright 2000, Psychometrika 65:23; Fieller, Hartley and Pearson 1957,
    Biometrika 44:470; Best and Roberts 1975, Appl Stat 24:377 (AS 89); Daniels 1950, J R Stat
    Soc B 12:171. The limit at 1 is our choice.

    Examples
    --------
    >>> found = spearman([1, 2, 3, 4, 5], [2, 1, 4, 3, 9])
    >>> round(found.rho, 3), round(found.p_permutation, 3)
    (0.8, 0.133)
    """
    if variance not in get_args(SpearmanVariance):
        raise UnknownChoiceError("variance", get_args(SpearmanVariance))
    checked_level(level)
    first, second = checked_pairs(x, y, names=("x", "y"), at_least=3)
    n, one, other = first.size, midranks(first), midranks(second)
    rho = correlation_of(one, other)
    # Equal ranks are the boundary; their correlation may be rounded to just below 1.
    if (one == other).all() or (one == n + 1 - other).all():
        rho = math.copysign(1.0, rho)
    t, p_t = t_test(rho, n - 2)
    used, limits = _limits(rho, n, level, variance)
    p_permutation = _permutation_p(one, other)
    return RankCorrelation(rho, *limits, level, used, t, n - 2, p_t, p_permutation, n)


def kendall(x: ArrayLike, y: ArrayLike) -> KendallTau:
    """Compare the order of every two patients in two quantities.

    Parameters
    ----------
    x, y : array_like, shape (n_patients,)
        One complete pair for each patient.

    Returns
    -------
    KendallTau

    Raises
    ------
    TooFewError
        Fewer than three patients.
    NoSpreadError
        x or y is the same for everyone.
    AnalysisError
        Lengths differ, a value is not finite.

    Notes
    -----
    Source: Kendall 1945, Biometrika 33:239; Kendall 1970, Rank Correlation Methods, section 4.9.
    Every two patients are looked at: O(n**2) time, O(n) memory.

    Examples
    --------
    >>> kendall([1, 2, 3, 4, 5], [2, 1, 4, 3, 9]).tau
    0.6
    """
    first, second = checked_pairs(x, y, names=("x", "y"), at_least=3)
    one, other = midranks(checked_spread("x", first)), midranks(checked_spread("y", second))
    n = one.size
    score = 0
    for i in range(n - 1):
        score += int(np.sign(one[i] - one[i + 1 :]) @ np.sign(other[i] - other[i + 1 :]))
    t, u = tie_sizes(one).astype(float), tie_sizes(other).astype(float)
    pairs, tied_x, tied_y = n * (n - 1), (t * (t - 1)).sum(), (u * (u - 1)).sum()
    tau = 2 * score / math.sqrt((pairs - tied_x) * (pairs - tied_y))
    spread = n * (n - 1) * (2 * n + 5) - sum((k * (k - 1) * (2 * k + 5)).sum() for k in (t, u))
    triples = ((t * (t - 1) * (t - 2)).sum()) * ((u * (u - 1) * (u - 2)).sum())
    variance = spread / 18 + tied_x * tied_y / (2 * pairs) + triples / (9 * pairs * (n - 2))
    z = float(score / math.sqrt(variance))
    return KendallTau(max(-1.0, min(1.0, float(tau))), z, float(2 * ndtr(-abs(z))), n)


def _limits(rho: float, n: int, level: float, variance: SpearmanVariance) -> tuple[str, Limits]:
    if abs(rho) == 1:
        concordant = ((1 - level) / 2) ** (1 / (n // 2))
        far = max(3 * concordant - 2, -1.0)
        return "exact_at_boundary", (far, 1.0) if rho == 1 else (-1.0, -far)
    factor = {"bonett_wright": 1 + rho**2 / 2, "fieller": 1.06, "fisher": 1.0}[variance]
    of_z = factor / (n - 3) if n > 3 else math.inf
    return variance, fisher_limits(rho, of_z, level=level)


def _permutation_p(one: Vector, other: Vector) -> float | None:
    n = one.size
    if n <= _ENUMERATED:
        return pearson_permutation(one, other)
    if tie_sizes(one).size < n or tie_sizes(other).size < n:
        return None
    distance = float(((one - other) ** 2).sum())
    middle = (n**3 - n) / 6
    # The distribution is symmetric, and AS 89 gives upper tails.
    return min(1.0, 2 * _upper_tail(max(distance, 2 * middle - distance), n))


def _upper_tail(distance: float, n: int) -> float:
    """Return P(sum of squared rank differences >= distance), distance an even number (AS 89)."""
    b = 1 / n
    x = (6 * (distance - 1) * b / (n**2 - 1) - 1) * math.sqrt(n - 1)
    y = x**2
    sixth = 0.0072 - 0.0831 * b + y * b * (0.0131 - 4.6e-4 * y)
    fourth = -0.0758 + b * (0.1033 + 0.3932 * b) - y * b * (0.0879 + 0.0151 * b - y * sixth)
    series = x * b * (0.2274 + b * (0.2531 + 0.1745 * b) + y * fourth)
    return max(0.0, min(1.0, float(ndtr(-x)) + series * math.exp(-y / 2)))
