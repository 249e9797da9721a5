"""Two local regressions of an outcome on a probability, as R's ``lowess`` and ``loess`` do them.

Without Cleveland's robust iterations: with an outcome of 0 and 1 they would take the rarer class
for outliers.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.checks import Vector, checked_vector
from analysis.errors import LengthsDifferError, NoSpreadError, OutOfRangeError, TooFewError

_CLOSE = 0.01  # R's default: points within this share of the range are interpolated
_NUMBERS_AT_ONCE = 1_000_000
_RANK_TOLERANCE = 100 * np.finfo(np.float64).eps
_Places = NDArray[np.intp]


def lowess(x: ArrayLike, y: ArrayLike, *, span: float = 2 / 3) -> Vector:
    """Smooth by local straight lines.

    Parameters
    ----------
    x, y : array_like, shape (n,)
        In any order and any unit.
    span : float
        Share of the points in each neighbourhood, above 0, at most 1.

    Returns
    -------
    Vector, shape (n,)
        Fitted values in the order received, the same for equal `x`.

    Raises
    ------
    TooFewError
        No point.
    AnalysisError
        Lengths differ, a number is not finite, or the span is out of range.

    Notes
    -----
    Source: Cleveland 1979, J Am Stat Assoc 74:829; the same as R's
    ``lowess(x, y, f = span, iter = 0)``, which interpolates between points that are closer than
    1 % of the range of `x`.

    Examples
    --------
    >>> lowess([1, 2, 3, 4, 5], [2, 1, 4, 3, 5], span=1).round(3).tolist()
    [1.489, 2.198, 2.855, 3.833, 4.708]
    """
    sorted_x, sorted_y, place = _sorted_points(x, y, span)
    n = sorted_x.size
    n_near = max(2, min(n, int(span * n + 1e-7)))
    distinct = np.unique(sorted_x)
    at = distinct[_not_close(distinct)]
    if n == 1:
        return sorted_y
    starts = _neighbourhood_starts(sorted_x, at, n_near)
    flat = 0.001 * float(np.ptp(sorted_x))
    fitted = [
        _local_line(sorted_x, sorted_y, float(centre), int(start), n_near, flat)
        for centre, start in zip(at, starts, strict=True)
    ]
    smooth = np.interp(sorted_x, at, fitted)
    return np.asarray(smooth[place], dtype=np.float64)


def loess(x: ArrayLike, y: ArrayLike, *, span: float = 0.75) -> Vector:
    """Smooth by local parabolas.

    Parameters
    ----------
    x, y : array_like, shape (n,)
        In any order and any unit.
    span : float
        Share of the points in each neighbourhood, above 0, at most 1.

    Returns
    -------
    Vector, shape (n,)
        Fitted values in the order received, the same for equal `x`.

    Raises
    ------
    TooFewError
        Fewer than three points in a neighbourhood.
    NoSpreadError
        All points of a neighbourhood have the same `x`; a wider span would be needed.
    AnalysisError
        Lengths differ, a number is not finite, or the span is out of range.

    Notes
    -----
    Source: Cleveland and Devlin 1988, J Am Stat Assoc 83:596; the same as R's
    ``loess(y ~ x, span, degree = 2, control = loess.control(surface = "direct"))``. O(n^2).

    Examples
    --------
    >>> loess([1, 2, 3, 4, 5, 6, 7], [1, 4, 9, 16, 25, 36, 49]).round(6).tolist()
    [1.0, 4.0, 9.0, 16.0, 25.0, 36.0, 49.0]
    """
    sorted_x, sorted_y, place = _sorted_points(x, y, span)
    n_near = int(span * sorted_x.size + 1e-5)
    if n_near < 3:
        raise TooFewError("points in each neighbourhood", n_near, 3)
    distinct, member = np.unique(sorted_x, return_inverse=True)
    starts = _neighbourhood_starts(sorted_x, distinct, n_near)
    n_chunks = -(-distinct.size * n_near // _NUMBERS_AT_ONCE)
    fitted = [
        _local_parabolas(sorted_x, sorted_y, distinct[chunk], starts[chunk], n_near)
        for chunk in np.array_split(np.arange(distinct.size), n_chunks)
    ]
    smooth = np.concatenate(fitted)[member]
    return np.asarray(smooth[place], dtype=np.float64)


def _sorted_points(x: ArrayLike, y: ArrayLike, span: float) -> tuple[Vector, Vector, _Places]:
    """Return both coordinates by rising x, and where each point received went."""
    across, up = checked_vector("x", x), checked_vector("y", y)
    if across.size != up.size:
        raise LengthsDifferError({"x": across.size, "y": up.size})
    if across.size == 0:
        raise TooFewError("points", 0, 1)
    if not 0 < span <= 1:
        raise OutOfRangeError("span", "above 0 and at most 1")
    order = np.argsort(across, kind="stable")
    place = np.empty_like(order)
    place[order] = np.arange(order.size)
    return across[order], up[order], place


def _neighbourhood_starts(sorted_x: Vector, at: Vector, n_near: int) -> _Places:
    """Return where the `n_near` nearest points of each centre begin."""
    # A window moves on while the point it leaves is farther than the point it takes up.
    ends = sorted_x[:-n_near] + sorted_x[n_near:]
    return np.searchsorted(ends, 2 * at, side="left")


def _not_close(distinct: Vector) -> list[int]:
    """Return the points that are fitted: the last one within reach of the one before."""
    reach = _CLOSE * float(distinct[-1] - distinct[0])
    chosen = [0]
    while chosen[-1] < distinct.size - 1:
        last = chosen[-1]
        within = int(np.searchsorted(distinct, distinct[last] + reach, side="right")) - 1
        chosen.append(max(last + 1, within))
    return chosen


def _local_line(
    sorted_x: Vector, sorted_y: Vector, centre: float, start: int, n_near: int, flat: float
) -> float:
    width = max(centre - sorted_x[start], sorted_x[start + n_near - 1] - centre)
    stop = int(np.searchsorted(sorted_x, centre + width, side="right"))
    x, y = sorted_x[start:stop], sorted_y[start:stop]
    distance = np.abs(x - centre)
    if width > 0:
        weight = np.where(distance <= 0.999 * width, (1 - (distance / width) ** 3) ** 3, 0.0)
        weight[distance <= 0.001 * width] = 1.0
    else:
        weight = np.where(distance == 0, 1.0, 0.0)
    weight /= weight.sum()
    middle = float(weight @ x)
    variance = float(weight @ (x - middle) ** 2)
    if variance**0.5 > flat and width > 0:
        weight *= 1 + (centre - middle) / variance * (x - middle)
    return float(weight @ y)


def _local_parabolas(
    sorted_x: Vector, sorted_y: Vector, at: Vector, starts: _Places, n_near: int
) -> Vector:
    members = starts[:, None] + np.arange(n_near)
    away = sorted_x[members] - at[:, None]
    distance = np.abs(away)
    width = distance.max(axis=1, keepdims=True)
    if (width == 0).any():
        raise NoSpreadError("x within a neighbourhood")
    root = (1 - (distance / width) ** 3) ** 1.5
    scaled = away / width
    design = np.stack([root, root * scaled, root * scaled**2], axis=-1)
    norms = np.sqrt((design**2).sum(axis=1, keepdims=True))
    norms[norms == 0] = 1.0
    # Ties can leave fewer than three distinct points with weight: then the shortest solution.
    inverse = np.linalg.pinv(design / norms, rcond=_RANK_TOLERANCE)
    level = np.einsum("pq,pq->p", inverse[:, 0], root * sorted_y[members])
    return np.asarray(level / norms[:, 0, 0], dtype=np.float64)
