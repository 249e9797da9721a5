"""The interval of a cross-validated AUC by its influence curve (LeDell 2015).

It evaluates a model: the mean of fold AUCs. The AUC of predictions averaged over repeats belongs to
an ensemble, and is `analysis.ensemble_auc`.
"""

from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.auc_limits import limits_at_boundary, limits_from_variance
from analysis.checks import Mask, Vector, checked_classes, checked_level, class_sizes
from analysis.delong import placements
from analysis.errors import (
    FoldsWithoutBothClassesError,
    LengthsDifferError,
    NotFiniteError,
    ShapeError,
    UnknownChoiceError,
)
from analysis.estimate import Estimate
from analysis.roc import Direction

InfluenceMethod = Literal["influence_curve", "influence_curve_logit"]
Labels = NDArray[np.generic]


def influence_curve_auc(
    scores: ArrayLike,
    is_case: ArrayLike,
    folds: ArrayLike,
    *,
    direction: Direction,
    level: float = 0.95,
    method: InfluenceMethod = "influence_curve",
) -> Estimate:
    """Estimate the mean AUC over test folds, of one or several repeats.

    Parameters
    ----------
    scores : array_like, shape (n_patients,) or (n_repeats, n_patients)
        Out-of-fold scores: each from a model that has not seen the patient.
    is_case : array_like, shape (n_patients,)
        True for a case.
    folds : array_like, same shape as `scores`
        The test fold of each patient, under any labels.
    direction : Direction
        Which end of the score speaks for a case; never guessed.
    level : float
        Confidence level.
    method : InfluenceMethod
        ``influence_curve`` (symmetric, cut at 0 and 1, as R's cvAUC) or ``influence_curve_logit``.

    Returns
    -------
    Estimate
        Mean over folds, then over repeats; every patient counts once. Where the variance is zero
        (all folds separated, or all tied within) it says nothing, as in
        `analysis.cross_validated_auc`: at 0 or 1 ``boundary_as_if_fixed_scores``, elsewhere
        ``no_spread_within_folds`` with limits 0 and 1.

    Raises
    ------
    FoldsWithoutBothClassesError
        A fold has no case or no control, so it has no AUC.
    AnalysisError
        As `influence_curve_variance`; an unknown method; a level out of range.

    Notes
    -----
    Source: LeDell, Petersen and van der Laan 2015, Electron J Stat 9:1583. Valid in large
    samples. Each fold is centred at its own AUC, so with a handful of patients of a class in a
    fold the interval is too short: with m of them by up to the factor ``sqrt(1 - 1 / m)``.

    Examples
    --------
    >>> scores = [0.1, 0.4, 0.3, 0.8, 0.2, 0.6, 0.7, 0.5]
    >>> folds = [1, 1, 1, 1, 2, 2, 2, 2]
    >>> is_case = [0, 0, 1, 1, 0, 0, 1, 1]
    >>> print(influence_curve_auc(scores, is_case, folds, direction="higher_is_case"))
    0.75 (95% CI 0.40-1.00, influence_curve, 4 v 4)
    """
    if method not in get_args(InfluenceMethod):
        raise UnknownChoiceError("method", get_args(InfluenceMethod))
    checked_level(level)
    table, mask, labels = _checked_repeats(scores, is_case, folds)
    n_cases, n_controls = class_sizes(mask)
    value, influence = _area_and_influence(table, mask, labels, direction)
    variance = _variance(influence)
    used: str = method
    if value in (0.0, 1.0):
        used = "boundary_as_if_fixed_scores"
        limits = limits_at_boundary(value, min(n_cases, n_controls), level=level)
    elif variance == 0.0:
        used, limits = "no_spread_within_folds", (0.0, 1.0)
    else:
        logit_scale = method == "influence_curve_logit"
        limits = limits_from_variance(value, variance, level=level, logit_scale=logit_scale)
    return Estimate(value, *limits, level, used, n_cases, n_controls)


def influence_curve_variance(
    scores: ArrayLike, is_case: ArrayLike, folds: ArrayLike, *, direction: Direction
) -> float:
    """Variance of the mean AUC over test folds.

    Parameters
    ----------
    scores, is_case, folds, direction
        As `influence_curve_auc`.

    Returns
    -------
    float
        Mean over folds of the mean squared influence of their patients, divided by the number of
        patients. With several repeats a patient's influence is averaged over them first: repeats
        are not more patients.

    Raises
    ------
    ShapeError
        Scores that are neither one row nor a table, or folds of another shape.
    LengthsDifferError
        Not one class for each patient.
    NotFiniteError
        NaN or infinity among the scores.
    OneClassError
        No case or no control.
    FoldsWithoutBothClassesError
        As `influence_curve_auc`.

    Notes
    -----
    Source: LeDell, Petersen and van der Laan 2015, Electron J Stat 9:1583, section 4. A tie counts
    half, as it does in the AUC; cvAUC counts it as lost here.

    Examples
    --------
    >>> scores, folds = [0.1, 0.4, 0.3, 0.8], [1, 1, 1, 1]
    >>> influence_curve_variance(scores, [0, 0, 1, 1], folds, direction="higher_is_case")
    0.0625
    """
    table, mask, labels = _checked_repeats(scores, is_case, folds)
    return _variance(_area_and_influence(table, mask, labels, direction)[1])


def _variance(influence: Vector) -> float:
    return float(np.mean(influence**2)) / influence.size


def _area_and_influence(
    table: Vector, is_case: Mask, folds: Labels, direction: Direction
) -> tuple[float, Vector]:
    """Return the mean AUC and each patient's influence, averaged over repeats."""
    share = is_case.mean()
    areas: list[float] = []
    influence = np.zeros(is_case.size)
    for scores, labels in zip(table, folds, strict=True):
        names, member = np.unique(labels, return_inverse=True)
        of_folds = []
        for fold in range(names.size):
            rows = np.flatnonzero(member == fold)
            cases = is_case[rows]
            placed = placements(scores[rows], cases, direction=direction)
            # The mean of equal numbers can be off by a rounding, and no spread must stay none.
            area = float(placed.cases.mean() if np.ptp(placed.cases) else placed.cases[0])
            of_folds.append(area)
            weight = np.sqrt(is_case.size / (names.size * rows.size)) / len(table)
            influence[rows[cases]] += weight * (placed.cases - area) / share
            influence[rows[~cases]] += weight * (placed.controls - area) / (1 - share)
        areas.append(float(np.mean(of_folds)))
    return float(np.mean(areas)), influence


def _checked_repeats(
    scores: ArrayLike, is_case: ArrayLike, folds: ArrayLike
) -> tuple[Vector, Mask, Labels]:
    table, mask = np.asarray(scores, dtype=np.float64), checked_classes(is_case)
    labels = np.asarray(folds)
    if table.ndim not in (1, 2) or table.size == 0:
        raise ShapeError("scores", table.shape, "(n_patients,) or (n_repeats, n_patients)")
    if labels.shape != table.shape:
        raise ShapeError("folds", labels.shape, "that of the scores")
    if table.shape[-1] != mask.size:
        raise LengthsDifferError({"scores": table.shape[-1], "is_case": mask.size})
    n_finite = int(np.count_nonzero(np.isfinite(table)))
    if n_finite < table.size:
        raise NotFiniteError("scores", table.size - n_finite, table.size)
    table, labels = np.atleast_2d(table), np.atleast_2d(labels)
    class_sizes(mask)
    n_folds = sum(np.unique(row).size for row in labels)
    n_complete = sum(np.intersect1d(row[mask], row[~mask]).size for row in labels)
    if n_complete < n_folds:
        raise FoldsWithoutBothClassesError(n_folds - n_complete, n_folds)
    return table, mask, labels
