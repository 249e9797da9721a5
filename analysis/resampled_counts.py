"""Cases and controls at each distinct score, in thousands of bootstrap resamples.

The scores are sorted once; a resample only draws how often each of them counts, so it costs a
time in proportion to the number of patients. Curves and areas are computed from these counts.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.checks import checked_scores, class_sizes
from analysis.errors import OneClassError, OutOfRangeError, TooFewError
from analysis.resampling import Indices, checked_indices
from analysis.roc import Direction, oriented
from analysis.thresholds import ThresholdCounts, counted

ResampledCounts = NDArray[np.int64]
"""Shape (n_resamples, 2, n_distinct_scores): controls, then cases, from the first threshold on."""

_DRAWS_AT_ONCE = 2**15  # what a core's own cache holds; thirty times as many take twice the time


def resampled_counts(
    scores: ArrayLike,
    is_case: ArrayLike,
    *,
    direction: Direction,
    rng: np.random.Generator | None = None,
    n_resamples: int = 2000,
    indices: ArrayLike | None = None,
) -> tuple[ThresholdCounts, Iterator[ResampledCounts]]:
    """Count the sample and, a few at a time, its resamples.

    Parameters
    ----------
    scores : array_like, shape (n_patients,)
        In their own units.
    is_case : array_like, shape (n_patients,)
        True for a case.
    direction : Direction
        Which end of the score speaks for a case.
    rng : numpy.random.Generator, optional
        Draws cases from the cases and controls from the controls (stratified).
    n_resamples : int
        How many `rng` draws; saved indices bring their own number.
    indices : array_like, shape (n_resamples, n_patients), optional
        Saved 0-based rows instead of `rng`, as `analysis.resampling` makes them.

    Returns
    -------
    tuple of ThresholdCounts and Iterator of ResampledCounts
        Counts at the thresholds of the sample; a resample has zeros where it lacks a score.

    Raises
    ------
    OneClassError
        No case or no control, in the sample or in a saved resample.
    OutOfRangeError
        Both or neither of `rng` and `indices`, or indices that are not rows.
    TooFewError
        No resample.
    AnalysisError
        Lengths differ, a score is not finite, the direction is unknown.

    Examples
    --------
    >>> counts, resamples = resampled_counts(
    ...     [1, 2, 3], [0, 1, 1], direction="higher_is_case", indices=[[0, 1, 1]]
    ... )
    >>> next(resamples).tolist()
    [[[0, 0, 1], [0, 2, 0]]]
    """
    vector, mask = checked_scores(scores, is_case)
    class_sizes(mask)
    high = oriented(vector, direction)
    counts = counted(high, mask)
    if indices is not None and rng is None:
        place = np.searchsorted(-counts.thresholds[1:], -high) + _n_places(counts) * mask
        return counts, _replayed(counts, place, checked_indices(indices, vector.size))
    if rng is not None and indices is None:
        if n_resamples < 1:
            raise TooFewError("resamples", n_resamples, 1)
        return counts, _drawn(counts, rng, n_resamples)
    raise OutOfRangeError("rng and indices", "given one without the other")


def _drawn(
    counts: ThresholdCounts, rng: np.random.Generator, n_resamples: int
) -> Iterator[ResampledCounts]:
    places = np.arange(_n_places(counts))
    controls = np.repeat(places, np.diff(counts.false_positives))
    cases = np.repeat(places + places.size, np.diff(counts.true_positives))
    for n_now in _chunks(n_resamples, controls.size + cases.size):
        drawn = [
            of_class[rng.integers(of_class.size, size=(n_now, of_class.size))]
            for of_class in (controls, cases)
        ]
        yield _tally(np.concatenate(drawn, axis=1), places.size)


def _replayed(
    counts: ThresholdCounts, place: NDArray[np.int64], indices: Indices
) -> Iterator[ResampledCounts]:
    start = 0
    for n_now in _chunks(*indices.shape):
        tallied = _tally(place[indices[start : start + n_now]], _n_places(counts))
        per_class = tallied.sum(axis=2)
        if (per_class == 0).any():
            n_controls, n_cases = per_class[(per_class == 0).any(axis=1)][0]
            raise OneClassError(int(n_cases), int(n_controls))
        yield tallied
        start += n_now


def _tally(places: NDArray[np.int64], n_places: int) -> ResampledCounts:
    """Count controls (first half of the places) and cases of each row of places."""
    n_rows = places.shape[0]
    apart = places + 2 * n_places * np.arange(n_rows)[:, None]
    counted_once = np.bincount(apart.ravel(), minlength=n_rows * 2 * n_places)
    return counted_once.reshape(n_rows, 2, n_places)


def _chunks(n_resamples: int, n_patients: int) -> Iterator[int]:
    at_once = max(1, _DRAWS_AT_ONCE // n_patients)
    for start in range(0, n_resamples, at_once):
        yield min(at_once, n_resamples - start)


def _n_places(counts: ThresholdCounts) -> int:
    return counts.thresholds.size - 1
