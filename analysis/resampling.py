"""Which patients are in each bootstrap resample: row indices that can be saved and replayed.

Every result that rests on resampling takes such indices, so two programs that share a saved table
agree to the last digit. What is computed on the resamples lives elsewhere.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.errors import LengthsDifferError, OutOfRangeError, ShapeError, TooFewError

Indices = NDArray[np.int64]


def bootstrap_indices(
    n: int,
    *,
    n_resamples: int,
    rng: np.random.Generator,
    strata: ArrayLike | None = None,
) -> Indices:
    """Draw resamples with replacement.

    Parameters
    ----------
    n : int
        Patients, or clusters of which whole ones are drawn (see `rows_of_clusters`).
    n_resamples : int
        At least 1.
    rng : numpy.random.Generator
        The only source of randomness.
    strata : array_like, shape (n,), optional
        For example who is a case: each stratum is then resampled apart and keeps its size.

    Returns
    -------
    Indices, shape (n_resamples, n)
        0-based rows, one resample a line. ``numpy.savetxt(file, indices, "%d", ",")`` saves them
        and ``numpy.loadtxt(file, int, delimiter=",", ndmin=2)`` with `checked_indices` reads
        them back. With strata, each place keeps its stratum:
        ``strata[indices[b]] == strata`` for every resample b.

    Raises
    ------
    TooFewError
        No patient or no resample.
    ShapeError
        Strata that are not one-dimensional.
    LengthsDifferError
        Not one stratum for each patient.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> bootstrap_indices(4, n_resamples=2, rng=rng, strata=[1, 0, 0, 1]).tolist()
    [[0, 1, 2, 0], [3, 2, 2, 3]]
    """
    for what, count in (("patients", n), ("resamples", n_resamples)):
        if count < 1:
            raise TooFewError(what, count, 1)
    if strata is None:
        return rng.integers(n, size=(n_resamples, n))
    labels = _checked_labels("strata", strata)
    if labels.size != n:
        raise LengthsDifferError({"n": n, "strata": labels.size})
    indices = np.empty((n_resamples, n), dtype=np.int64)
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        drawn = rng.integers(members.size, size=(n_resamples, members.size))
        indices[:, members] = members[drawn]
    return indices


def checked_indices(indices: ArrayLike, n: int) -> Indices:
    """Return saved indices after checking that they are rows of `n` patients.

    Parameters
    ----------
    indices : array_like, shape (n_resamples, n_drawn)
        0-based whole numbers; `n_drawn` is usually `n`.
    n : int
        Patients, or clusters.

    Returns
    -------
    Indices, shape (n_resamples, n_drawn)

    Raises
    ------
    ShapeError
        Not a table with at least one resample of at least one row.
    OutOfRangeError
        Anything but whole numbers from 0 to n - 1 (a table that counts from 1 ends here).

    Examples
    --------
    >>> checked_indices([[0, 1, 1], [2, 2, 0]], 3).shape
    (2, 3)
    """
    table = np.asarray(indices)
    if table.ndim != 2 or table.size == 0:
        raise ShapeError("indices", table.shape, "(n_resamples, n_patients), neither of them 0")
    whole = table.dtype.kind in "iu"
    if not whole or table.min() < 0 or table.max() >= n:
        raise OutOfRangeError("indices", "whole numbers from 0 to the number of patients less 1")
    return table.astype(np.int64, copy=False)


def rows_of_clusters(drawn: ArrayLike, clusters: ArrayLike) -> Indices:
    """Return the rows of one resample of whole clusters.

    Parameters
    ----------
    drawn : array_like, shape (n_drawn,)
        0-based clusters, in sorted order of their labels: one line of
        ``bootstrap_indices(n_clusters, ...)``.
    clusters : array_like, shape (n_rows,)
        The label of each row's cluster, for example its patient or site.

    Returns
    -------
    Indices, shape (n_drawn_rows,)
        All rows of the first cluster drawn, then of the second; a cluster that was drawn twice is
        there twice. Resamples differ in length where clusters differ in size.

    Raises
    ------
    ShapeError, OutOfRangeError
        As `checked_indices`; labels that are not one-dimensional.

    Examples
    --------
    >>> rows_of_clusters([1, 1, 0], ["a", "b", "a"]).tolist()
    [1, 1, 0, 2]
    """
    labels = _checked_labels("clusters", clusters)
    _, members, sizes = np.unique(labels, return_inverse=True, return_counts=True)
    (chosen,) = checked_indices(np.atleast_1d(np.asarray(drawn))[None], sizes.size)
    by_cluster = np.split(np.argsort(members, kind="stable"), np.cumsum(sizes)[:-1])
    return np.concatenate([by_cluster[cluster] for cluster in chosen])


def _checked_labels(name: str, labels: ArrayLike) -> NDArray[np.generic]:
    given = np.asarray(labels)
    if given.ndim != 1:
        raise ShapeError(name, given.shape, "one-dimensional")
    return given
