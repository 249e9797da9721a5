"""The one counting primitive: who is called a case at each threshold.

Curves, areas, placements and operating points all come from these counts, so no two of them can
disagree about a tie.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.checks import Vector, checked_scores


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
    vector, mask = checked_scores(scores, is_case)
    order = np.argsort(-vector, kind="stable")
    vector, mask = vector[order], mask[order]
    last_of_ties = np.flatnonzero(np.append(vector[1:] != vector[:-1], vector.size > 0))
    true_positives = np.cumsum(mask, dtype=np.int64)[last_of_ties]
    false_positives = 1 + last_of_ties - true_positives
    return ThresholdCounts(
        thresholds=np.concatenate(([np.inf], vector[last_of_ties])),
        true_positives=np.concatenate(([0], true_positives)),
        false_positives=np.concatenate(([0], false_positives)),
    )
