"""The AUC of predictions averaged over repeats: an ensemble's, not the model's."""

import numpy as np
from numpy.typing import ArrayLike

from analysis.auc_interval import auc_interval
from analysis.errors import ShapeError, TooFewError
from analysis.estimate import Estimate
from analysis.roc import Direction


def ensemble_auc(
    scores: ArrayLike, is_case: ArrayLike, *, direction: Direction, level: float = 0.95
) -> Estimate:
    """Estimate the AUC of each patient's mean score over repeats of cross-validation.

    .. warning::
       This is not the AUC of the model that is trained once and served. Averaging over repeats
       evaluates an ensemble of as many models as there are repeats, which is usually better:
       of the reference data set the model has a mean AUC of .80 and the ensemble one of .94. Report
       it only where the ensemble itself is what is served; for the model use
       `analysis.influence_curve_auc` or `analysis.cross_validated_auc`.

    Parameters
    ----------
    scores : array_like, shape (n_repeats, n_patients)
        Out-of-fold scores, on a scale that is the same in every fold; at least two repeats.
    is_case : array_like, shape (n_patients,)
        True for a case.
    direction : Direction
        Which end of the score speaks for a case; never guessed.
    level : float
        Confidence level.

    Returns
    -------
    Estimate
        Its method is that of `auc_interval` with ``ensemble_of_repeats_`` before it. The interval
        takes the mean scores as fixed, so it is too short.

    Raises
    ------
    ShapeError
        Not a table of repeats.
    TooFewError
        One repeat: there is no ensemble.
    AnalysisError
        As `auc_interval`.

    Examples
    --------
    >>> repeats = [[0.1, 0.6, 0.5, 0.8], [0.3, 0.2, 0.4, 0.3]]
    >>> print(ensemble_auc(repeats, [0, 0, 1, 1], direction="higher_is_case"))
    1.00 (95% CI 0.16-1.00, ensemble_of_repeats_exact_at_boundary, 2 v 2)
    """
    table = np.asarray(scores, dtype=np.float64)
    if table.ndim != 2:
        raise ShapeError("scores", table.shape, "(n_repeats, n_patients)")
    if table.shape[0] < 2:
        raise TooFewError("repeats", table.shape[0], 2)
    found = auc_interval(table.mean(axis=0), is_case, direction=direction, level=level)
    limits = found.lower, found.upper
    method = f"ensemble_of_repeats_{found.method}"
    return Estimate(found.value, *limits, level, method, found.n_cases, found.n_controls)
