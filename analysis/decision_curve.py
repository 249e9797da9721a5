"""Net benefit: whether deciding by the probabilities is better than treating all or nobody."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtri

from analysis.checks import (
    Mask,
    Vector,
    checked_classes,
    checked_level,
    checked_vector,
    class_sizes,
)
from analysis.errors import LengthsDifferError, NotFiniteError, OutOfRangeError, ShapeError
from analysis.estimate import Estimate


@dataclass(frozen=True, slots=True, eq=False)
class DecisionCurve:
    """Net benefit at each threshold [true positives per patient]; nobody treated has 0.

    Parameters
    ----------
    thresholds : Vector, shape (n_thresholds,)
        A patient is treated when ``probability >= threshold``.
    model, treat_all : tuple of Estimate, n_thresholds of each
        Of deciding by the probabilities, and of treating everybody.
    over_treat_all : tuple of Estimate, n_thresholds
        The model's net benefit less that of treating everybody, patient by patient.
    n_repeats : int
        Repeats of cross-validation that were averaged.
    """

    thresholds: Vector
    model: tuple[Estimate, ...]
    treat_all: tuple[Estimate, ...]
    over_treat_all: tuple[Estimate, ...]
    n_repeats: int


def decision_curve(
    probabilities: ArrayLike, is_case: ArrayLike, thresholds: ArrayLike, *, level: float = 0.95
) -> DecisionCurve:
    """Estimate net benefit over thresholds.

    Parameters
    ----------
    probabilities : array_like, shape (n_patients,) or (n_repeats, n_patients)
        Out of fold, one row for each repeat of cross-validation: net benefit is averaged over
        repeats, not the probabilities, and patients are counted once.
    is_case : array_like, shape (n_patients,)
        True for a case; the share of cases is taken as that of those to be treated.
    thresholds : array_like, shape (n_thresholds,)
        From 0 to below 1: the probability at which a treated control is exactly outweighed.
    level : float
        Confidence level at each threshold.

    Returns
    -------
    DecisionCurve
        Method ``normal``: net benefit is a mean over patients of 1 for a treated case,
        ``-threshold / (1 - threshold)`` for a treated control, 0 for others, so its standard
        error is theirs; limits cut at the possible range. Where no patient's part differs
        (nobody is treated, or model and treating all agree) the method is
        ``exact_without_spread``: others differ in at most ``1 - ((1 - level) / 2) ** (1 / n)`` of
        patients.

    Raises
    ------
    ShapeError
        Probabilities that are neither one row nor a table.
    LengthsDifferError
        Not one class for each patient.
    OutOfRangeError
        A probability that is not from 0 to 1, or a threshold not from 0 to below 1.
    AnalysisError
        A number is not finite, a class is missing, a level out of range.

    Notes
    -----
    Source: Vickers and Elkin 2006, Med Decis Making 26:565. The intervals take the probabilities
    as given: refitting is not in them.

    Examples
    --------
    >>> curve = decision_curve([0.1, 0.4, 0.3, 0.8, 0.6], [0, 0, 1, 1, 0], [0.25, 0.5])
    >>> print(curve.model[0])
    0.27 (95% CI -0.33 to 0.87, normal, 2 v 3)
    >>> print(curve.over_treat_all[1])
    0.20 (95% CI -0.53 to 0.93, normal, 2 v 3)
    """
    table, mask = _checked_repeats(probabilities, is_case)
    cuts = checked_vector("thresholds", thresholds)
    checked_level(level)
    if ((cuts < 0) | (cuts >= 1)).any():
        raise OutOfRangeError("thresholds", "from 0 to below 1")
    rows = [_at_threshold(table, mask, float(cut), level) for cut in cuts]
    model, treat_all, over = zip(*rows, strict=True) if rows else ((), (), ())
    return DecisionCurve(cuts, model, treat_all, over, len(table))


def _at_threshold(
    table: Vector, is_case: Mask, threshold: float, level: float
) -> tuple[Estimate, Estimate, Estimate]:
    harm = threshold / (1 - threshold)
    if_treated = np.where(is_case, 1.0, -harm)
    treated = (table >= threshold).mean(axis=0)
    n_cases = int(is_case.sum())
    return (
        _mean(treated * if_treated, -harm, 1.0, n_cases, level),
        _mean(if_treated, -harm, 1.0, n_cases, level),
        _mean((treated - 1) * if_treated, -1.0 if harm else 0.0, harm, n_cases, level),
    )


def _mean(parts: Vector, least: float, most: float, n_cases: int, level: float) -> Estimate:
    value, n = float(parts.mean()), parts.size
    if parts.min() < parts.max():
        half_width = float(ndtri((1 + level) / 2)) * float(parts.std(ddof=1)) / n**0.5
        limits = max(value - half_width, least), min(value + half_width, most)
        return Estimate(value, *limits, level, "normal", n_cases, n - n_cases)
    others = 1 - ((1 - level) / 2) ** (1 / n)
    limits = (1 - others) * value + others * least, (1 - others) * value + others * most
    return Estimate(value, *limits, level, "exact_without_spread", n_cases, n - n_cases)


def _checked_repeats(probabilities: ArrayLike, is_case: ArrayLike) -> tuple[Vector, Mask]:
    table, mask = np.asarray(probabilities, dtype=np.float64), checked_classes(is_case)
    if table.ndim not in (1, 2) or table.size == 0:
        raise ShapeError("probabilities", table.shape, "(n_patients,) or (n_repeats, n_patients)")
    if table.shape[-1] != mask.size:
        raise LengthsDifferError({"probabilities": table.shape[-1], "is_case": mask.size})
    n_finite = int(np.count_nonzero(np.isfinite(table)))
    if n_finite < table.size:
        raise NotFiniteError("probabilities", table.size - n_finite, table.size)
    if table.min() < 0 or table.max() > 1:
        raise OutOfRangeError("probabilities", "between 0 and 1")
    class_sizes(mask)
    return np.atleast_2d(table), mask
