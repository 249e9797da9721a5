"""The one counting primitive: who is called a case at each threshold.

Curves, areas, placements and operating points all come from these counts, so no two of them can
disagree about a tie.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.checks import Mask, Vector, checked_scores


@dataclass(frozen=True, slots=True, eq=False)
class ThresholdCounts:
    """Counts at every threshold that changes a decision, for the rule ``score >= threshold``.

    Parameters
    ----------
    thresholds : Vector, shape (n_distinct_scores + 1,)
        Strictly descending; the first is infinite (nobody is called a case), then each distinct
        score.
    true_positives, false_positives : ndarray of int, shape (n_distinct_scores + 1,)
        Cases and controls that are called a case.
    """

    thresholds: Vector
    true_positives: NDArray[np.int64]
    false_positives: NDArray[np.int64]

    @property
    def n_cases(self) -> int:
        """Number of cases: all of them are above the lowest threshold."""
        return int(self.true_positives[-1])

    @property
    def n_controls(self) -> int:
        """Number of controls."""
        return int(self.false_positives[-1])


def count_at_thresholds(scores: ArrayLike, is_case: ArrayLike) -> ThresholdCounts:
    """Count cases and controls at or above every distinct score.

    Parameters
    ----------
    scores : array_like, shape (n_patients,)
        Any finite numbers; a high score speaks for a case (negate it if it does not).
    is_case : array_like, shape (n_patients,)
        True for a case. One class alone is allowed here.

    Returns
    -------
    ThresholdCounts

    Raises
    ------
    AnalysisError
        Lengths differ, a score is not finite, or a class is not true or false.

    Notes
    -----
    O(n log n). The same idea as scikit-learn's ``confusion_matrix_at_thresholds``.

    Examples
    --------
    >>> counts = count_at_thresholds([3, 1, 3, 2], [1, 0, 0, 1])
    >>> counts.thresholds.tolist()
    [inf, 3.0, 2.0, 1.0]
    >>> counts.true_positives.tolist(), counts.false_positives.tolist()
    ([0, 1, 2, 2], [0, 1, 1, 2])
    """
    return counted(*checked_scores(scores, is_case))


def counted(scores: Vector, is_case: Mask) -> ThresholdCounts:
    """Count as `count_at_thresholds`, for arrays that were checked before.

    Parameters
    ----------
    scores : Vector, shape (n_patients,)
        Finite; a high score speaks for a case.
    is_case : Mask, shape (n_patients,)
        True for a case.

    Returns
    -------
    ThresholdCounts

    Examples
    --------
    >>> counted(np.array([2.0, 1.0]), np.array([True, False])).true_positives.tolist()
    [0, 1, 1]
    """
    descending = scores.argsort()[::-1]
    ordered = scores[descending]
    is_last_of_ties = np.ones(scores.size, dtype=np.bool_)
    np.not_equal(ordered[1:], ordered[:-1], out=is_last_of_ties[:-1])
    (last_of_ties,) = is_last_of_ties.nonzero()
    thresholds = np.empty(last_of_ties.size + 1)
    true_positives, false_positives = np.zeros((2, last_of_ties.size + 1), dtype=np.int64)
    thresholds[0] = np.inf
    thresholds[1:] = ordered[last_of_ties]
    true_positives[1:] = is_case[descending].cumsum(dtype=np.int64)[last_of_ties]
    np.subtract(last_of_ties + 1, true_positives[1:], out=false_positives[1:])
    return ThresholdCounts(thresholds, true_positives, false_positives)
