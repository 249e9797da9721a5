"""Student's t around a mean that is not zero: its distribution, and the interval it gives.

SciPy's own function loses digits in the tails and is undefined for some negative t.
"""

import math

import numpy as np
from scipy.optimize import brentq
from scipy.special import gammaincc, gammaln, ndtr

from analysis.checks import Vector, checked_level
from analysis.errors import OutOfRangeError

_FAR = 9.0  # normal deviates beyond which nothing is left at the 16th digit
_PANELS, _NODES = 20, 20


def noncentral_t_cdf(t: float, df: float, noncentrality: float) -> float:
    """Return the probability of a noncentral t at most `t`.

    Parameters
    ----------
    t : float
        Any finite number.
    df : float
        Degrees of freedom, at least 1.
    noncentrality : float
        The mean in its standard errors, any finite number.

    Returns
    -------
    float
        To about 13 digits absolute.

    Raises
    ------
    OutOfRangeError
        Degrees of freedom below 1.

    Notes
    -----
    Source: the definition T = (Z + noncentrality) / S with S**2 chi-square over its degrees of
    freedom. It is integrated by Gauss-Legendre over whichever of S and Z makes the integrand
    the smoother.

    Examples
    --------
    >>> round(noncentral_t_cdf(2.0, 10, 1.0), 6)
    0.807612
    """
    if not df >= 1:
        raise OutOfRangeError("df", "at least 1")
    if t < 0:
        return 1.0 - noncentral_t_cdf(-t, df, -noncentrality)
    integral = _over_s if t * t <= 2 * df else _over_z
    return min(integral(t, df, noncentrality), 1.0)


def noncentrality_limits(t: float, df: float, *, level: float) -> tuple[float, float]:
    """Return the noncentralities at which `t` lies on either edge of its distribution.

    Parameters
    ----------
    t : float
        The statistic observed.
    df : float
        Degrees of freedom, at least 1.
    level : float
        Confidence level.

    Returns
    -------
    tuple of float
        Lower limit, at which `t` is exceeded with half of ``1 - level``, and upper limit.

    Raises
    ------
    OutOfRangeError
        Degrees of freedom below 1, a level out of range.

    Examples
    --------
    >>> low, high = noncentrality_limits(2.5, 9, level=0.95)
    >>> round(low, 3), round(high, 3)
    (0.183, 4.715)
    """
    tail = (1 - checked_level(level)) / 2

    def limit(probability: float) -> float:
        def gap(noncentrality: float) -> float:
            return noncentral_t_cdf(t, df, noncentrality) - probability

        reach = _FAR + abs(t) * (1 + _FAR / math.sqrt(df))
        return float(brentq(gap, -reach, reach, xtol=1e-13, rtol=1e-14))

    return limit(1 - tail), limit(tail)


def _over_s(t: float, df: float, noncentrality: float) -> float:
    """Integrate the normal distribution over the density of S."""
    width = _FAR / math.sqrt(2 * df) * 1.5
    s, weight = _nodes(max(1 - width, 0.0), 1 + width)
    log_density = (
        (df - 1) * np.log(s)
        - df * s**2 / 2
        + (df / 2) * math.log(df / 2)
        - gammaln(df / 2)
        + math.log(2)
    )
    return float(weight @ (np.exp(log_density) * ndtr(t * s - noncentrality)))


def _over_z(t: float, df: float, noncentrality: float) -> float:
    """Integrate the distribution of S over the density of Z; S is never negative."""
    start = max(-noncentrality, -_FAR)
    below = float(ndtr(-noncentrality))
    if start >= _FAR:
        return below
    z, weight = _nodes(start, _FAR)
    density = np.exp(-(z**2) / 2) / math.sqrt(2 * math.pi)
    exceeded = gammaincc(df / 2, df * ((z + noncentrality) / t) ** 2 / 2)
    return below + float(weight @ (density * exceeded))


def _nodes(start: float, end: float) -> tuple[Vector, Vector]:
    """Return Gauss-Legendre nodes and weights on equal panels of an interval."""
    node, weight = np.polynomial.legendre.leggauss(_NODES)
    half = (end - start) / (2 * _PANELS)
    middle = start + half * (2 * np.arange(_PANELS) + 1)
    return np.add.outer(middle, half * node).ravel(), np.tile(half * weight, _PANELS)
