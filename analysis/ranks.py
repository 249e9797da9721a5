"""Ranks, in which equal values share the mean of their places."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.checks import Vector, checked_vector


def midranks(values: ArrayLike) -> Vector:
    """Rank values from 1.

    Parameters
    ----------
    values : array_like, shape (n,)
        Any finite numbers.

    Returns
    -------
    Vector, shape (n,)
        1 for the smallest; equal values share the mean of their places.

    Raises
    ------
    AnalysisError
        A value is not finite.

    Examples
    --------
    >>> midranks([3, 1, 3, 2]).tolist()
    [3.5, 1.0, 3.5, 2.0]
    """
    vector = checked_vector("values", values)
    _, place, size = np.unique(vector, return_inverse=True, return_counts=True)
    last = np.cumsum(size)
    return np.asarray((last - (size - 1) / 2)[place], dtype=np.float64)


def tie_sizes(values: ArrayLike) -> NDArray[np.int64]:
    """Count how often each distinct value occurs.

    Parameters
    ----------
    values : array_like, shape (n,)
        Any finite numbers.

    Returns
    -------
    ndarray of int, shape (n_distinct,)
        In ascending order of the values; all 1 where nothing is tied.

    Raises
    ------
    AnalysisError
        A value is not finite.

    Examples
    --------
    >>> tie_sizes([3, 1, 3, 2]).tolist()
    [1, 1, 2]
    """
    return np.unique(checked_vector("values", values), return_counts=True)[1].astype(np.int64)
