"""Which thresholds of a score are best by a rule: every one of the ties, with its counts.

`analysis.operating_point` chooses the one threshold of a model's probability; here are the rules
for any score. Intervals of a point treat its threshold as fixed, though it was chosen: that is
honest on patients other than those it was chosen on.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.checks import Mask, Vector
from analysis.decision_counts import DecisionCounts
from analysis.errors import OutOfRangeError
from analysis.roc import Direction, checked_counts, oriented
from analysis.thresholds import ThresholdCounts

_ROUNDING = 1e-12  # relative, of an expected cost
_OF_A_PATIENT = 1e-9  # .9 of 10 patients are 9, whatever .9 * 10 is in binary


@dataclass(frozen=True, slots=True)
class OperatingPoint:
    """One threshold of a score and what it does in these patients.

    Parameters
    ----------
    threshold : float
        In the score's own units, halfway between two neighbouring scores; infinite where it calls
        nobody or everybody a case.
    direction : Direction
        ``higher_is_case``: a case is ``score >= threshold``; ``lower_is_case``: a case is
        ``score <= threshold``.
    counts : DecisionCounts
        Of these patients.
    """

    threshold: float
    direction: Direction
    counts: DecisionCounts


def youden_points(
    scores: ArrayLike, is_case: ArrayLike, *, direction: Direction
) -> tuple[OperatingPoint, ...]:
    """Return every threshold at which sensitivity + specificity is largest.

    Parameters
    ----------
    scores : array_like, shape (n_patients,)
        In their own units.
    is_case : array_like, shape (n_patients,)
        True for a case.
    direction : Direction
        Which end of the score speaks for a case; never guessed.

    Returns
    -------
    tuple of OperatingPoint
        Ascending by threshold. Ties are exact: the index is compared in whole numbers.

    Raises
    ------
    OneClassError
        No case or no control.
    AnalysisError
        Lengths differ, a score is not finite, the direction is unknown.

    Notes
    -----
    Source: Youden 1950, Cancer 3:32; thresholds as pROC's ``coords(x="best")``.

    Examples
    --------
    >>> points = youden_points([1, 2, 3, 4], [0, 1, 0, 1], direction="higher_is_case")
    >>> [point.threshold for point in points]
    [1.5, 3.5]
    """
    counts = checked_counts(scores, is_case, direction)
    index = counts.true_positives * counts.n_controls - counts.false_positives * counts.n_cases
    return _points(counts, index == index.max(), direction)


def least_cost_points(
    scores: ArrayLike,
    is_case: ArrayLike,
    *,
    direction: Direction,
    prevalence: float,
    cost_of_false_negative: float = 1.0,
    cost_of_false_positive: float = 1.0,
) -> tuple[OperatingPoint, ...]:
    """Return every threshold with the least expected cost in a population.

    Parameters
    ----------
    scores, is_case, direction
        As `youden_points`.
    prevalence : float
        Proportion of cases where the rule will be used, strictly between 0 and 1.
    cost_of_false_negative, cost_of_false_positive : float
        Above 0, in one unit of their own. With equal costs and a prevalence of one half this is
        Youden's rule; pROC's ``best.weights`` are their ratio and the prevalence.

    Returns
    -------
    tuple of OperatingPoint
        Ascending by threshold; costs that agree to 12 digits are tied.

    Raises
    ------
    OutOfRangeError
        Prevalence or a cost out of range.
    AnalysisError
        As `youden_points`.

    Notes
    -----
    Source: Perkins and Schisterman 2006, Am J Epidemiol 163:670.

    Examples
    --------
    >>> scores, is_case = [1, 2, 3, 4], [0, 1, 0, 1]
    >>> points = least_cost_points(
    ...     scores, is_case, direction="higher_is_case", prevalence=0.5, cost_of_false_negative=2
    ... )
    >>> [point.threshold for point in points]
    [1.5]
    """
    if not 0.0 < prevalence < 1.0:
        raise OutOfRangeError("prevalence", "strictly between 0 and 1")
    for name, each in (
        ("cost_of_false_negative", cost_of_false_negative),
        ("cost_of_false_positive", cost_of_false_positive),
    ):
        if not 0.0 < each < math.inf:
            raise OutOfRangeError(name, "above 0 and finite")
    counts = checked_counts(scores, is_case, direction)
    # Per unit of the larger weight, so that no cost overflows.
    missing, alarm = cost_of_false_negative * prevalence, cost_of_false_positive * (1 - prevalence)
    largest = max(missing, alarm)
    missed = (counts.n_cases - counts.true_positives) / counts.n_cases
    alarmed = counts.false_positives / counts.n_controls
    cost: Vector = missing / largest * missed + alarm / largest * alarmed
    return _points(counts, cost <= cost.min() * (1 + _ROUNDING), direction)


def points_at_sensitivity(
    scores: ArrayLike, is_case: ArrayLike, sensitivity: float, *, direction: Direction
) -> tuple[OperatingPoint, ...]:
    """Return every threshold of the largest specificity among those sensitive enough.

    Parameters
    ----------
    scores, is_case, direction
        As `youden_points`.
    sensitivity : float
        Least sensitivity, from 0 to 1.

    Returns
    -------
    tuple of OperatingPoint
        Ascending by threshold. They share their specificity; where they are several, that of the
        largest sensitivity costs nothing.

    Raises
    ------
    OutOfRangeError
        A sensitivity out of range.
    AnalysisError
        As `youden_points`.

    Examples
    --------
    >>> points = points_at_sensitivity([1, 2, 3, 4], [0, 1, 0, 1], 0.4, direction="higher_is_case")
    >>> [(point.threshold, point.counts.true_negatives) for point in points]
    [(3.5, 2)]
    """
    if not 0.0 <= sensitivity <= 1.0:
        raise OutOfRangeError("sensitivity", "between 0 and 1")
    counts = checked_counts(scores, is_case, direction)
    needed = sensitivity * counts.n_cases - _OF_A_PATIENT
    enough = counts.true_positives >= needed
    fewest = counts.false_positives[enough].min()
    return _points(counts, enough & (counts.false_positives == fewest), direction)


def points_at_specificity(
    scores: ArrayLike, is_case: ArrayLike, specificity: float, *, direction: Direction
) -> tuple[OperatingPoint, ...]:
    """Return every threshold of the largest sensitivity among those specific enough.

    Parameters
    ----------
    scores, is_case, direction
        As `youden_points`.
    specificity : float
        Least specificity, from 0 to 1.

    Returns
    -------
    tuple of OperatingPoint
        Ascending by threshold; as `points_at_sensitivity`, the two exchanged.

    Raises
    ------
    OutOfRangeError
        A specificity out of range.
    AnalysisError
        As `youden_points`.

    Examples
    --------
    >>> points = points_at_specificity([1, 2, 3, 4], [0, 1, 0, 1], 0.5, direction="higher_is_case")
    >>> [(point.threshold, point.counts.true_positives) for point in points]
    [(1.5, 2)]
    """
    if not 0.0 <= specificity <= 1.0:
        raise OutOfRangeError("specificity", "between 0 and 1")
    counts = checked_counts(scores, is_case, direction)
    true_negatives = counts.n_controls - counts.false_positives
    enough = true_negatives >= specificity * counts.n_controls - _OF_A_PATIENT
    most = counts.true_positives[enough].max()
    return _points(counts, enough & (counts.true_positives == most), direction)


def _points(
    counts: ThresholdCounts, chosen: Mask, direction: Direction
) -> tuple[OperatingPoint, ...]:
    (rows,) = chosen.nonzero()
    thresholds = oriented(_halfway(counts.thresholds, rows), direction) + 0.0  # no -0
    n_cases, n_controls = counts.n_cases, counts.n_controls
    points = [
        OperatingPoint(
            threshold, direction, DecisionCounts(true, n_cases - true, n_controls - false, false)
        )
        for threshold, true, false in zip(
            thresholds.tolist(),
            counts.true_positives[rows].tolist(),
            counts.false_positives[rows].tolist(),
            strict=True,
        )
    ]
    return tuple(sorted(points, key=lambda point: point.threshold))


def _halfway(descending: Vector, rows: NDArray[np.int64]) -> Vector:
    """Thresholds of some rows, moved halfway to the next lower score, which is not called."""
    lower = np.append(descending, -np.inf)[rows + 1]
    upper = descending[rows]
    middle = upper / 2 + lower / 2
    # Between two neighbouring floats there is no middle: only the upper one separates them.
    return np.where(middle > lower, middle, np.where(np.isfinite(lower), upper, lower))
