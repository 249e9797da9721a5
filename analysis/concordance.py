"""How well a score orders patients by the time of their event: Harrell's C."""

import numpy as np
from numpy.typing import ArrayLike

from analysis.checks import checked_vector
from analysis.errors import LengthsDifferError, TooFewError
from analysis.survival_times import SurvivalTimes


def concordance(followed: SurvivalTimes, score: ArrayLike) -> float:
    """Return the share of comparable pairs in which the higher score had the earlier event.

    Parameters
    ----------
    followed : SurvivalTimes
    score : array_like, shape (n_patients,)
        Higher for an earlier event, as the linear predictor of a Cox model is.

    Returns
    -------
    float
        From 0 to 1, one half for a score without information; a tied score counts as half. A
        pair is comparable if one had the event while the other was still followed, or had it at
        the time when the follow-up of the other ended.

    Raises
    ------
    TooFewError
        No comparable pair.
    AnalysisError
        Lengths differ, a score is not finite.

    Notes
    -----
    Source: Harrell 1982, JAMA 247:2543; ties as R's ``concordance`` counts them.

    Examples
    --------
    >>> from analysis.survival_times import survival_times
    >>> concordance(survival_times([1, 2, 3], [1, 1, 0]), [5, 2, 3])
    0.6666666666666666
    """
    scores = checked_vector("score", score)
    if scores.size != followed.n_patients:
        raise LengthsDifferError({"times": followed.n_patients, "score": scores.size})
    better, pairs = 0.0, 0
    for patient in np.flatnonzero(followed.is_event):
        time = followed.times[patient]
        later = (followed.times > time) | ((followed.times == time) & ~followed.is_event)
        others = scores[later]
        better += np.count_nonzero(others < scores[patient])
        better += np.count_nonzero(others == scores[patient]) / 2
        pairs += others.size
    if pairs == 0:
        raise TooFewError("comparable pairs of patients", 0, 1)
    return float(better / pairs)
