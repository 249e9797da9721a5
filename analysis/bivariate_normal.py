"""The probability that two correlated normal deviates both lie below a limit, also far out."""

import math

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import log_ndtr

from analysis.checks import Vector, checked_vector
from analysis.errors import LengthsDifferError, OutOfRangeError

_FAR = 9.0  # normal deviates beyond which nothing is left at the 16th digit
_SMALLEST = 40.0  # natural logarithm of what is nothing beside 1 at the 16th digit
_STEP = 7.0  # half-widths of the step that the other deviate's probability makes
_WEAK = 0.1  # a correlation whose step is no sharper than the density
_NODES = np.polynomial.legendre.leggauss(24)


def log_bivariate_ndtr(first: ArrayLike, second: ArrayLike, correlation: float) -> Vector:
    """Return the logarithm of P(X < first and Y < second).

    Parameters
    ----------
    first, second : array_like, shape (n,)
        Limits of standard normal X and Y; finite.
    correlation : float
        Of X and Y, strictly between -1 and 1.

    Returns
    -------
    Vector, shape (n,)
        To about 12 digits of the probability, however small it is.

    Raises
    ------
    OutOfRangeError
        A correlation out of range.
    AnalysisError
        Lengths differ, a limit is not finite.

    Notes
    -----
    Source: the definition, integrated over the deviate with the lower limit by Gauss and
    Legendre. The integrand is log-concave, so that its slope at the limit bounds how far out
    anything is left; only positive numbers are added, so that small probabilities keep their
    digits.

    Examples
    --------
    >>> np.exp(log_bivariate_ndtr([0.0], [0.0], 0.5)).round(12).tolist()  # 1/4 + asin(.5)/(2 pi)
    [0.333333333333]
    """
    one, other = checked_vector("first", first), checked_vector("second", second)
    if one.size != other.size:
        raise LengthsDifferError({"first": one.size, "second": other.size})
    if not -1 < correlation < 1:
        raise OutOfRangeError("correlation", "strictly between -1 and 1")
    limit, partner = np.minimum(one, other), np.maximum(one, other)
    root = math.sqrt((1 - correlation) * (1 + correlation))

    def log_integrand(x: Vector, of_partner: Vector) -> Vector:
        below = log_ndtr((of_partner - correlation * x) / root)
        return np.asarray(-(x**2) / 2 - math.log(2 * math.pi) / 2 + below)

    edges = _edges(limit, partner, correlation, root)
    half = (edges[1:] - edges[:-1]) / 2
    nodes, weights = _NODES
    x = edges[:-1, :, None] + half[:, :, None] * (1 + nodes)
    heights = log_integrand(x, partner[:, None])
    highest = heights.max(axis=(0, 2))
    parts = (np.exp(heights - highest[:, None]) @ weights) * half
    return np.asarray(highest + np.log(parts.sum(axis=0)), dtype=np.float64)


def _edges(limit: Vector, partner: Vector, correlation: float, root: float) -> Vector:
    """Return where panels of integration begin and end, shape (n_panels + 1, n).

    They run from where nothing is left up to the limit, and are cut around the step that the
    partner's probability makes where the correlation is strong.
    """
    z = (partner - correlation * limit) / root
    falling = np.exp(-(z**2) / 2 - math.log(2 * math.pi) / 2 - log_ndtr(z))
    slope = -limit - correlation / root * falling
    reach = np.minimum(limit, 0.0) - _FAR
    steep = slope > 1
    reach[steep] = np.maximum(reach, limit - _SMALLEST / np.where(steep, slope, 1.0))[steep]
    if abs(correlation) < _WEAK:
        inner = [reach + share * (limit - reach) for share in (0.25, 0.5, 0.75)]
    else:
        middle, width = partner / correlation, _STEP * root / abs(correlation)
        inner = [middle - width, middle - width / 3, middle + width / 3, middle + width]
    edges = np.clip(np.array([reach, *inner, limit]), reach, limit)
    halves = (edges[1:] + edges[:-1]) / 2
    return np.asarray(np.sort(np.concatenate([edges, halves]), axis=0))
