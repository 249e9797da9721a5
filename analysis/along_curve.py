"""Heights of and areas under ROC curves between their points, for one curve or thousands.

A curve is a pair of cumulative counts, ``across`` and ``up``, both from 0: false and true
positives for sensitivity over specificity, and their mirror for specificity over sensitivity.
Between two points it is straight, as where a case and a control tie.
"""

import numpy as np
from numpy.typing import NDArray

from analysis.checks import Vector
from analysis.resampled_counts import ResampledCounts
from analysis.thresholds import ThresholdCounts

Cumulative = NDArray[np.int64]
"""Shape (n_curves, n_points): counts from 0 to the size of the class."""

_ROUNDING = 1e-9  # of a patient: .9 of 10 controls are 9 of them, though 1 - .9 is not .1


def cumulative(resampled: ResampledCounts) -> tuple[Cumulative, Cumulative]:
    """Return false and true positives at each threshold of each resample.

    Parameters
    ----------
    resampled : ResampledCounts, shape (n_resamples, 2, n_distinct_scores)
        Controls and cases at each score.

    Returns
    -------
    tuple of Cumulative
        False positives, true positives; one point more than scores.

    Examples
    --------
    >>> false, true = cumulative(np.array([[[0, 2], [1, 0]]]))
    >>> false.tolist(), true.tolist()
    ([[0, 0, 2]], [[0, 1, 1]])
    """
    n_resamples, _, n_places = resampled.shape
    points = np.zeros((n_resamples, 2, n_places + 1), dtype=np.int64)
    np.cumsum(resampled, axis=2, out=points[:, :, 1:])
    return points[:, 0], points[:, 1]


def curve_of(counts: ThresholdCounts) -> tuple[Cumulative, Cumulative]:
    """Return false and true positives of one sample, as a single curve.

    Parameters
    ----------
    counts : ThresholdCounts

    Returns
    -------
    tuple of Cumulative, each of shape (1, n_points)

    Examples
    --------
    >>> from analysis.thresholds import count_at_thresholds
    >>> curve_of(count_at_thresholds([1, 2], [0, 1]))[1].tolist()
    [[0, 1, 1]]
    """
    return counts.false_positives[None], counts.true_positives[None]


def mirrored(across: Cumulative, up: Cumulative) -> tuple[Cumulative, Cumulative]:
    """Return the same curves with the axes exchanged: true negatives over false negatives.

    Parameters
    ----------
    across, up : Cumulative
        False positives and true positives.

    Returns
    -------
    tuple of Cumulative
        False negatives and true negatives, from the threshold that calls everybody a case.

    Examples
    --------
    >>> false, true = mirrored(np.array([[0, 0, 2]]), np.array([[0, 1, 1]]))
    >>> false.tolist(), true.tolist()
    ([[0, 0, 1]], [[0, 2, 2]])
    """
    return (up[:, -1:] - up)[:, ::-1], (across[:, -1:] - across)[:, ::-1]


def height_at(across: Cumulative, up: Cumulative, at: Vector) -> NDArray[np.float64]:
    """Return how high each curve is at given positions.

    Parameters
    ----------
    across, up : Cumulative
        As the module says.
    at : Vector, shape (n_positions,)
        Positions across, as proportions.

    Returns
    -------
    ndarray, shape (n_curves, n_positions)
        Proportions; where the curve is upright its upper end, as pROC's ``coords``.

    Examples
    --------
    >>> height_at(np.array([[0, 0, 2]]), np.array([[0, 1, 2]]), np.array([0.0, 0.5])).tolist()
    [[0.5, 0.75]]
    """
    n_curves, n_points = across.shape
    position = at * across[:, -1:]
    whole = np.rint(position)
    position = np.where(np.abs(position - whole) < _ROUNDING, whole, position)
    # One search for all curves: each is moved to the right of the one before it.
    apart = (across.max() + 1.0) * np.arange(n_curves)[:, None]
    end_to_end = (across + apart).ravel()
    last = np.searchsorted(end_to_end, (position + apart).ravel(), side="right") - 1
    last = last.reshape(position.shape) - n_points * np.arange(n_curves)[:, None]
    following = np.minimum(last + 1, n_points - 1)
    left, right = (np.take_along_axis(across, point, axis=1) for point in (last, following))
    low, high = (np.take_along_axis(up, point, axis=1) for point in (last, following))
    share = (position - left) / np.maximum(right - left, 1)
    height: NDArray[np.float64] = (low + share * (high - low)) / up[:, -1:]
    return height


def area_between(across: Cumulative, up: Cumulative, low: float, high: float) -> Vector:
    """Return the area under each curve between two positions across.

    Parameters
    ----------
    across, up : Cumulative
        As the module says.
    low, high : float
        Positions across, as proportions.

    Returns
    -------
    Vector, shape (n_curves,)
        From 0 to ``high - low``.

    Examples
    --------
    >>> area_between(np.array([[0, 0, 2]]), np.array([[0, 1, 2]]), 0.0, 1.0).tolist()
    [0.75]
    """
    n_across, n_up = across[:, -1:], up[:, -1]
    left, right = across[:, :-1], across[:, 1:]
    start, end = np.maximum(left, low * n_across), np.minimum(right, high * n_across)
    width = np.maximum(end - start, 0.0)
    slope = np.diff(up, axis=1) / np.maximum(right - left, 1)
    height = up[:, :-1] + slope * ((start + end) / 2 - left)
    area: Vector = np.einsum("cp,cp->c", width, height) / (n_across[:, 0] * n_up)
    return area
