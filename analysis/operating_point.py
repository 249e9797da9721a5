"""Where to cut a probability in two: the threshold with the largest Youden index."""

import numpy as np
from numpy.typing import ArrayLike

from analysis.checks import Vector, checked_probabilities, class_sizes
from analysis.thresholds import count_at_thresholds


def youden_thresholds(probabilities: ArrayLike, is_case: ArrayLike) -> Vector:
    """Return every threshold at which sensitivity + specificity is largest.

    Parameters
    ----------
    probabilities : array_like, shape (n_patients,)
        Probability of being a case, from 0 to 1; the rule is ``probability >= threshold``.
    is_case : array_like, shape (n_patients,)
        True for a case.

    Returns
    -------
    Vector, shape (n_ties,)
        Ascending, each halfway between two neighbouring probabilities. "All are cases" is half
        the smallest probability, "none is" is halfway from the largest to 1; the latter is left
        out when the largest is 1, as no threshold up to 1 does that. Ties are exact: the index is
        compared in whole numbers.

    Raises
    ------
    OneClassError
        No case or no control.
    AnalysisError
        Lengths differ, or a probability is not finite or not within 0 and 1.

    Notes
    -----
    Source: Youden 1950, Cancer 3:32. Midpoints as in pROC; the two ends are our choice (pROC has
    infinities there).

    Examples
    --------
    >>> youden_thresholds([0.1, 0.3, 0.5, 0.7], [0, 1, 0, 1]).round(3).tolist()
    [0.2, 0.6]
    """
    vector, mask = checked_probabilities(probabilities, is_case)
    n_cases, n_controls = class_sizes(mask)
    counts = count_at_thresholds(vector, mask)
    called = counts.thresholds[1:]
    upper = np.concatenate(([1.0], called))
    lower = np.concatenate((called, [0.0]))
    middle = lower + (upper - lower) / 2
    # Between two neighbouring floats there is no middle: only the upper one separates them.
    middle[:-1] = np.where(middle[:-1] > lower[:-1], middle[:-1], upper[:-1])
    youden = counts.true_positives * n_controls - counts.false_positives * n_cases
    if called[0] == 1.0:
        middle, youden = middle[1:], youden[1:]
    best: Vector = middle[youden == youden.max()]
    return best[::-1]


def choose_youden(probabilities: ArrayLike, is_case: ArrayLike) -> float:
    """Return one threshold with the largest Youden index: the middle one of the ties.

    Parameters
    ----------
    probabilities : array_like, shape (n_patients,)
        Probability of being a case, from 0 to 1; the rule is ``probability >= threshold``.
    is_case : array_like, shape (n_patients,)
        True for a case.

    Returns
    -------
    float
        Of an even number of ties, the lower of the two in the middle (it misses fewer cases). It
        is one of the ties, not a mean of them, since a mean need not be as good.

    Raises
    ------
    AnalysisError
        As `youden_thresholds`.

    Notes
    -----
    Source: our choice.

    Examples
    --------
    >>> choose_youden([0.1, 0.3, 0.5, 0.7], [0, 0, 1, 1])
    0.4
    """
    tied = youden_thresholds(probabilities, is_case)
    return float(tied[(tied.size - 1) // 2])
