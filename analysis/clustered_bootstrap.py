"""Bootstrap of the AUC of values after treatment against values before: patients are resampled.

A patient's two values stay together; `analysis.clustered_roc` has the formula for the same.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from analysis.checks import Vector, checked_level, checked_pairs
from analysis.errors import TooFewError
from analysis.estimate import Estimate
from analysis.resampled_limits import percentile_limits
from analysis.resampling import Indices, checked_indices
from analysis.roc import Direction, auc, oriented

_CELLS = 2_000_000
"""Numbers of a table that are worked on at a time: 16 MB."""


@dataclass(frozen=True, slots=True)
class ClusteredBootstrap:
    """The AUC with its percentile interval.

    Parameters
    ----------
    auc : Estimate
        Of the patients themselves; method ``bootstrap_percentile_of_patients``; `n_cases` and
        `n_controls` are both the number of patients. The interval may miss the estimate.
    standard_error : float
        Standard deviation over the resamples.
    n_resamples : int
        How many there were.
    """

    auc: Estimate
    standard_error: float
    n_resamples: int


def clustered_bootstrap(
    before: ArrayLike,
    after: ArrayLike,
    *,
    direction: Direction,
    indices: ArrayLike,
    level: float = 0.95,
) -> ClusteredBootstrap:
    """Estimate how well a value tells after from before, with a bootstrap of patients.

    Parameters
    ----------
    before, after : array_like, shape (n_patients,)
        One complete pair for each patient, in the analyte's unit.
    direction : Direction
        Which end of the value speaks for after; never guessed.
    indices : array_like of int, shape (n_resamples, n_drawn)
        0-based patients, at least two resamples, as `analysis.resampling.bootstrap_indices`
        draws them.
    level : float
        Confidence level.

    Returns
    -------
    ClusteredBootstrap

    Raises
    ------
    TooFewError
        Fewer than two patients or two resamples.
    ShapeError, OutOfRangeError
        Indices that are not rows of these patients; a level out of range.
    AnalysisError
        Lengths differ, a value is not finite, an unknown direction.

    Examples
    --------
    >>> from analysis.resampling import bootstrap_indices
    >>> drawn = bootstrap_indices(4, n_resamples=500, rng=np.random.default_rng(1))
    >>> before, after = [60, 71, 48, 90], [66, 70, 59, 95]
    >>> found = clustered_bootstrap(before, after, direction="higher_is_case", indices=drawn)
    >>> found.auc.value, found.auc.method
    (0.5625, 'bootstrap_percentile_of_patients')
    """
    checked_level(level)
    first, second = checked_pairs(before, after)
    n = first.size
    replicates = replicate_aucs(first, second, direction=direction, indices=indices)
    if replicates.size < 2:
        raise TooFewError("resamples", replicates.size, 2)
    value = auc(np.concatenate([second, first]), np.arange(2 * n) < n, direction=direction)
    limits = percentile_limits(replicates, level=level)
    method = "bootstrap_percentile_of_patients"
    return ClusteredBootstrap(
        auc=Estimate(value, *limits, level, method, n, n),
        standard_error=float(replicates.std(ddof=1)),
        n_resamples=replicates.size,
    )


def replicate_aucs(
    before: ArrayLike, after: ArrayLike, *, direction: Direction, indices: ArrayLike
) -> Vector:
    """Return the AUC of each resample.

    Parameters
    ----------
    before, after : array_like, shape (n_patients,)
        One complete pair for each patient.
    direction : Direction
        Which end of the value speaks for after.
    indices : array_like of int, shape (n_resamples, n_drawn)
        0-based patients.

    Returns
    -------
    Vector, shape (n_resamples,)
        Counted in whole numbers and divided once.

    Raises
    ------
    AnalysisError
        As `clustered_bootstrap`.

    Notes
    -----
    The values are sorted once; a resample is how often each patient was drawn. Memory is bounded
    whatever the number of resamples.

    Examples
    --------
    >>> table = [[0, 1, 2], [0, 0, 0]]
    >>> replicate_aucs([1, 2, 3], [2, 3, 4], direction="higher_is_case", indices=table).tolist()
    [0.7777777777777778, 1.0]
    """
    first, second = checked_pairs(before, after)
    drawn = checked_indices(indices, first.size)
    n = first.size
    values = oriented(np.concatenate([second, first]), direction)
    order = np.argsort(values, kind="stable")
    starts = np.flatnonzero(np.append(True, np.diff(values[order]) > 0))
    is_after = order < n
    replicates = np.empty(drawn.shape[0])
    chunk = max(1, _CELLS // (2 * n))
    for begin in range(0, drawn.shape[0], chunk):
        counts = _times_drawn(drawn[begin : begin + chunk], n)[:, order % n]
        cases = np.add.reduceat(np.where(is_after, counts, 0), starts, axis=1)
        controls = np.add.reduceat(np.where(is_after, 0, counts), starts, axis=1)
        twice_below = 2 * np.cumsum(controls, axis=1) - controls
        replicates[begin : begin + chunk] = (cases * twice_below).sum(axis=1)
    return np.asarray(replicates / (2 * drawn.shape[1] ** 2), dtype=np.float64)


def _times_drawn(drawn: Indices, n: int) -> Indices:
    """Count how often each resample holds each patient."""
    n_resamples = drawn.shape[0]
    cells = drawn + n * np.arange(n_resamples)[:, None]
    return np.bincount(cells.ravel(), minlength=n_resamples * n).reshape(n_resamples, n)
