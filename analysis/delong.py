"""DeLong's variance of an AUC, and covariance of several AUCs on the same patients."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.checks import (
    Vector,
    check_two_of_each,
    checked_classes,
    checked_scores,
    class_sizes,
)
from analysis.errors import LengthsDifferError, ShapeError
from analysis.roc import Direction, checked_counts, oriented
from analysis.thresholds import ThresholdCounts, counted


@dataclass(frozen=True, slots=True, eq=False)
class Placements:
    """Each patient's part in the AUC; the mean of either array is the AUC.

    Parameters
    ----------
    cases : Vector, shape (n_cases,)
        For each case, in the order received, the proportion of controls it beats (ties half).
    controls : Vector, shape (n_controls,)
        For each control, the proportion of cases that beat it.
    """

    cases: Vector
    controls: Vector


def placements(scores: ArrayLike, is_case: ArrayLike, *, direction: Direction) -> Placements:
    """Place every case among the controls, and every control among the cases.

    Parameters
    ----------
    scores : array_like, shape (n_patients,)
        In their own units.
    is_case : array_like, shape (n_patients,)
        True for a case.
    direction : Direction
        Which end of the score speaks for a case.

    Returns
    -------
    Placements

    Raises
    ------
    OneClassError
        No case or no control.
    AnalysisError
        Lengths differ, a score is not finite, the direction is unknown.

    Notes
    -----
    O(n log n): the counts halfway through each tie are midranks (Sun and Xu 2014, IEEE Signal
    Process Lett 21:1389).

    Examples
    --------
    >>> placements([1, 2, 2, 3], [0, 0, 1, 1], direction="higher_is_case").cases.tolist()
    [0.75, 1.0]
    """
    vector, mask = checked_scores(scores, is_case)
    n_cases, n_controls = class_sizes(mask)
    high = oriented(vector, direction)
    counts = counted(high, mask)
    rank = np.searchsorted(-counts.thresholds, -high)
    controls_above = counts.false_positives[rank[mask]] + counts.false_positives[rank[mask] - 1]
    cases_above = counts.true_positives[rank[~mask]] + counts.true_positives[rank[~mask] - 1]
    return Placements(
        cases=(2 * n_controls - controls_above) / (2 * n_controls),
        controls=cases_above / (2 * n_cases),
    )


def delong_variance(scores: ArrayLike, is_case: ArrayLike, *, direction: Direction) -> float:
    """Variance of one AUC.

    Parameters
    ----------
    scores : array_like, shape (n_patients,)
        In their own units.
    is_case : array_like, shape (n_patients,)
        True for a case.
    direction : Direction
        Which end of the score speaks for a case.

    Returns
    -------
    float
        Zero exactly where the classes are separated or all scores are one value: there it says
        nothing, and `analysis.auc_interval` does not use it.

    Raises
    ------
    TooFewError
        Fewer than two cases or two controls.
    AnalysisError
        As `placements`.

    Notes
    -----
    Source: DeLong, DeLong and Clarke-Pearson 1988, Biometrics 44:837.

    Examples
    --------
    >>> round(delong_variance([1, 3, 2, 4], [0, 0, 1, 1], direction="higher_is_case"), 3)
    0.125
    """
    return variance_of(checked_counts(scores, is_case, direction))


def variance_of(counts: ThresholdCounts) -> float:
    """Variance of the area under the curve of these counts.

    Parameters
    ----------
    counts : ThresholdCounts
        At least two cases and two controls.

    Returns
    -------
    float
        As `delong_variance`, which this is behind.

    Raises
    ------
    TooFewError
        Fewer than two cases or two controls.

    Examples
    --------
    >>> round(variance_of(checked_counts([1, 3, 2, 4], [0, 0, 1, 1], "higher_is_case")), 3)
    0.125
    """
    check_two_of_each(counts.n_cases, counts.n_controls)
    return _part_of_variance(counts.true_positives, counts.false_positives) + _part_of_variance(
        counts.false_positives, counts.true_positives
    )


def _part_of_variance(of: NDArray[np.int64], among: NDArray[np.int64]) -> float:
    """Variance of the mean placement of one class among the other, from cumulative counts.

    All tied at a threshold have the same placement, so distinct scores are enough.
    """
    n, n_others = int(of[-1]), int(among[-1])
    tied = of[1:] - of[:-1]
    twice_placed = among[1:] + among[:-1]
    deviation = twice_placed - int((tied * twice_placed).sum()) / n
    sum_of_squares = float((tied * deviation * deviation).sum())
    return sum_of_squares / (n * (n - 1)) / (4 * n_others**2)


def delong_covariance(
    scores: ArrayLike, is_case: ArrayLike, *, direction: Direction | Sequence[Direction]
) -> NDArray[np.float64]:
    """Covariance matrix of the AUCs of several scores on the same patients.

    Parameters
    ----------
    scores : array_like, shape (n_patients, n_scores)
        One column for each score, each in its own units.
    is_case : array_like, shape (n_patients,)
        True for a case.
    direction : Direction, or one for each score
        Which end of each score speaks for a case.

    Returns
    -------
    ndarray, shape (n_scores, n_scores)
        The variance of a difference is ``c[0, 0] + c[1, 1] - 2 * c[0, 1]``.

    Raises
    ------
    ShapeError
        Scores without columns.
    LengthsDifferError
        Directions are listed, but not one for each score.
    TooFewError
        Fewer than two cases or two controls.
    AnalysisError
        As `placements`.

    Notes
    -----
    Source: DeLong, DeLong and Clarke-Pearson 1988, Biometrics 44:837.

    Examples
    --------
    >>> both = delong_covariance(
    ...     [[1, 9], [3, 6], [2, 5], [4, 7]],
    ...     [0, 0, 1, 1],
    ...     direction=["higher_is_case", "lower_is_case"],
    ... )
    >>> both.round(3).tolist()
    [[0.125, 0.0], [0.0, 0.125]]
    """
    table, mask = np.asarray(scores, dtype=np.float64), checked_classes(is_case)
    if table.ndim != 2 or table.shape[1] == 0:
        raise ShapeError("scores", table.shape, "(n_patients, n_scores)")
    n_scores = table.shape[1]
    directions = [direction] * n_scores if isinstance(direction, str) else list(direction)
    if len(directions) != n_scores:
        raise LengthsDifferError({"scores": n_scores, "direction": len(directions)})
    placed = [
        _placements_with_spread(column, mask, its_direction)
        for column, its_direction in zip(table.T, directions, strict=True)
    ]
    cases = np.stack([one.cases for one in placed])
    controls = np.stack([one.controls for one in placed])
    covariance = np.cov(cases) / cases.shape[1] + np.cov(controls) / controls.shape[1]
    return np.asarray(covariance, dtype=np.float64).reshape(n_scores, n_scores)


def _placements_with_spread(
    scores: ArrayLike, is_case: ArrayLike, direction: Direction
) -> Placements:
    placed = placements(scores, is_case, direction=direction)
    check_two_of_each(placed.cases.size, placed.controls.size)
    return placed
