"""The AUC of values after treatment against values before it, from the same patients.

A patient's two values are correlated, so the variance is clustered by patient; treating them as
independent patients makes it several times too large.
"""

from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from analysis.auc_limits import limits_at_boundary, limits_from_variance, limits_when_all_tied
from analysis.checks import Mask, Vector, checked_level, checked_vector
from analysis.delong import delong_variance, placements
from analysis.errors import LengthsDifferError, TooFewError, UnknownChoiceError
from analysis.estimate import Estimate
from analysis.roc import Direction, auc

ClusteredMethod = Literal["obuchowski_logit", "obuchowski"]


def clustered_auc_interval(
    before: ArrayLike,
    after: ArrayLike,
    *,
    direction: Direction,
    level: float = 0.95,
    method: ClusteredMethod = "obuchowski_logit",
) -> Estimate:
    """Estimate how well a value tells after (the case) from before (the control).

    Parameters
    ----------
    before, after : array_like, shape (n_patients,)
        One complete pair for each patient, in the analyte's unit; patients with one value only
        are left out by the caller, who counts them.
    direction : Direction
        ``lower_is_case`` for an analyte expected to fall; never guessed.
    level : float
        Confidence level.
    method : ClusteredMethod
        ``obuchowski_logit`` (default) or ``obuchowski``, symmetric and cut at 0 and 1.

    Returns
    -------
    Estimate
        `n_cases` and `n_controls` are both the number of patients. At an AUC of 0 or 1, and with
        all values tied, as `analysis.auc_interval` does with one pair for each patient
        (``exact_at_boundary``, ``exact_all_tied``); the first takes a patient's two values as not
        negatively correlated. If every patient keeps the same rank, the clustered variance is
        zero although the AUC is not known exactly: then the larger unpaired variance is used and
        `method` is ``logit_delong_ignoring_pairs`` or ``delong_ignoring_pairs``.

    Raises
    ------
    TooFewError
        Fewer than two patients.
    AnalysisError
        Lengths differ, a value is not finite, an unknown direction, method or level.

    Notes
    -----
    Source: Obuchowski 1997, Biometrics 53:567; the exceptions are our choice.

    Examples
    --------
    >>> before, after = [60, 71, 48, 90], [66, 70, 59, 95]
    >>> print(clustered_auc_interval(before, after, direction="higher_is_case"))
    0.56 (95% CI 0.32-0.78, obuchowski_logit, 4 v 4)
    """
    if method not in get_args(ClusteredMethod):
        raise UnknownChoiceError("method", get_args(ClusteredMethod))
    checked_level(level)
    values, is_after, n_patients = _stacked_pairs(before, after)
    value = auc(values, is_after, direction=direction)
    used: str = method
    if value in (0.0, 1.0):
        used, limits = "exact_at_boundary", limits_at_boundary(value, n_patients, level=level)
    elif values.min() == values.max():
        used, limits = "exact_all_tied", limits_when_all_tied(n_patients, level=level)
    else:
        logit_scale = method == "obuchowski_logit"
        variance = clustered_auc_variance(before, after, direction=direction)
        if variance == 0.0:
            used = "logit_delong_ignoring_pairs" if logit_scale else "delong_ignoring_pairs"
            variance = delong_variance(values, is_after, direction=direction)
        limits = limits_from_variance(value, variance, level=level, logit_scale=logit_scale)
    return Estimate(value, *limits, level, used, n_patients, n_patients)


def clustered_auc_variance(before: ArrayLike, after: ArrayLike, *, direction: Direction) -> float:
    """Variance of the AUC of after against before, clustered by patient.

    Parameters
    ----------
    before, after : array_like, shape (n_patients,)
        One complete pair for each patient.
    direction : Direction
        Which end of the value speaks for after.

    Returns
    -------
    float
        Exactly zero where the patients' parts in the AUC are all the same.

    Raises
    ------
    TooFewError
        Fewer than two patients.
    AnalysisError
        Lengths differ, a value is not finite, the direction is unknown.

    Notes
    -----
    Source: Obuchowski 1997, Biometrics 53:567. With one case and one control in each cluster its
    S10, S01 and 2 S11 are the variance of the sum of a patient's two placements.

    Examples
    --------
    >>> round(clustered_auc_variance([1, 2, 4], [3, 2, 6], direction="higher_is_case"), 4)
    0.0123
    """
    values, is_after, n_patients = _stacked_pairs(before, after)
    placed = placements(values, is_after, direction=direction)
    twice_the_wins = np.rint(2 * n_patients * (placed.cases + placed.controls))
    return float(twice_the_wins.var(ddof=1) / (4 * n_patients**3))


def _stacked_pairs(before: ArrayLike, after: ArrayLike) -> tuple[Vector, Mask, int]:
    first, second = checked_vector("before", before), checked_vector("after", after)
    if first.size != second.size:
        raise LengthsDifferError({"before": first.size, "after": second.size})
    if first.size < 2:
        raise TooFewError("complete pairs", first.size, 2)
    return np.concatenate([second, first]), np.arange(2 * first.size) < first.size, first.size
