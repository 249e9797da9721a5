"""Sensitivity where a ROC curve has a given specificity, and the reverse, from resamples."""

import numpy as np
from numpy.typing import ArrayLike

from analysis.along_curve import Cumulative, cumulative, curve_of, height_at, mirrored
from analysis.auc_limits import Limits
from analysis.checks import Vector, check_two_of_each, checked_level
from analysis.errors import OutOfRangeError
from analysis.estimate import Estimate
from analysis.proportions import clopper_pearson
from analysis.resampled_counts import resampled_counts
from analysis.resampled_limits import percentile_limits
from analysis.roc import Direction


def sensitivity_at_specificity(
    scores: ArrayLike,
    is_case: ArrayLike,
    specificity: float,
    *,
    direction: Direction,
    rng: np.random.Generator | None = None,
    n_resamples: int = 2000,
    indices: ArrayLike | None = None,
    level: float = 0.95,
) -> Estimate:
    """Estimate the sensitivity where a ROC curve has a given specificity.

    Parameters
    ----------
    scores, is_case, direction
        As `analysis.roc.roc_curve`.
    specificity : float
        From 0 to 1; between two points of the curve the line joins them, where it is upright its
        upper end counts.
    rng, n_resamples, indices, level
        As `analysis.bootstrap_auc.bootstrap_auc_interval`.

    Returns
    -------
    Estimate
        ``bootstrap_percentile``, each resample read at the same specificity, so that the interval
        knows that the threshold is estimated too. Where the limits meet at 0 or 1,
        ``clopper_pearson_without_spread`` (as if the threshold were known; at specificity 0 it is
        ``by_definition``); where they meet elsewhere, ``no_spread_between_resamples``, 0 to 1.

    Raises
    ------
    TooFewError
        Fewer than two cases or controls, or no resample.
    OutOfRangeError
        A specificity outside 0 to 1.
    AnalysisError
        As `resampled_counts`; a level out of range.

    Notes
    -----
    Source: as pROC's ``coords`` and ``ci.se``; the exceptions are our choice.

    Examples
    --------
    >>> found = sensitivity_at_specificity(
    ...     [1, 2, 3, 4, 5, 6],
    ...     [0, 1, 0, 1, 0, 1],
    ...     0.5,
    ...     direction="higher_is_case",
    ...     rng=np.random.default_rng(1),
    ... )
    >>> print(found)
    0.67 (95% CI 0.00-1.00, bootstrap_percentile, 3 v 3)
    """
    _check_rate("specificity", specificity)
    checked_level(level)
    counts, resamples = resampled_counts(
        scores, is_case, direction=direction, rng=rng, n_resamples=n_resamples, indices=indices
    )
    n_cases, n_controls = counts.n_cases, counts.n_controls
    check_two_of_each(n_cases, n_controls)
    value = float(_read(curve_of(counts), specificity)[0])
    replicates = np.concatenate([_read(cumulative(drawn), specificity) for drawn in resamples])
    used, limits = _limits(replicates, value, specificity, n_cases, level)
    return Estimate(value, *limits, level, used, n_cases, n_controls)


def specificity_at_sensitivity(
    scores: ArrayLike,
    is_case: ArrayLike,
    sensitivity: float,
    *,
    direction: Direction,
    rng: np.random.Generator | None = None,
    n_resamples: int = 2000,
    indices: ArrayLike | None = None,
    level: float = 0.95,
) -> Estimate:
    """Estimate the specificity where a ROC curve has a given sensitivity.

    Parameters
    ----------
    scores, is_case, direction
        As `analysis.roc.roc_curve`.
    sensitivity : float
        From 0 to 1.
    rng, n_resamples, indices, level
        As `analysis.bootstrap_auc.bootstrap_auc_interval`.

    Returns
    -------
    Estimate
        As `sensitivity_at_specificity`, the axes exchanged.

    Raises
    ------
    AnalysisError
        As `sensitivity_at_specificity`.

    Examples
    --------
    >>> found = specificity_at_sensitivity(
    ...     [1, 2, 3, 4], [0, 0, 1, 1], 0.9, direction="higher_is_case", indices=[[0, 1, 2, 3]]
    ... )
    >>> print(found)
    1.00 (95% CI 0.16-1.00, clopper_pearson_without_spread, 2 v 2)
    """
    _check_rate("sensitivity", sensitivity)
    checked_level(level)
    counts, resamples = resampled_counts(
        scores, is_case, direction=direction, rng=rng, n_resamples=n_resamples, indices=indices
    )
    n_cases, n_controls = counts.n_cases, counts.n_controls
    check_two_of_each(n_cases, n_controls)
    value = float(_read(mirrored(*curve_of(counts)), sensitivity)[0])
    parts = [_read(mirrored(*cumulative(drawn)), sensitivity) for drawn in resamples]
    used, limits = _limits(np.concatenate(parts), value, sensitivity, n_controls, level)
    return Estimate(value, *limits, level, used, n_cases, n_controls)


def rate_limits_without_spread(
    rate: float, at: float, n: int, *, level: float
) -> tuple[str, Limits]:
    """Return what stands in where the limits from resamples meet.

    Parameters
    ----------
    rate : float
        Sensitivity (or specificity) at which they meet.
    at : float
        The specificity (or sensitivity) where it was read.
    n : int
        Cases (or controls) that the rate is a proportion of.
    level : float
        Confidence level.

    Returns
    -------
    tuple of str and Limits
        ``by_definition`` where `at` is 0 and the rate is therefore 1,
        ``clopper_pearson_without_spread`` at 0 and 1, else ``no_spread_between_resamples``.

    Examples
    --------
    >>> rate_limits_without_spread(1.0, 0.9, 1, level=0.9)[0]
    'clopper_pearson_without_spread'
    >>> rate_limits_without_spread(0.1, 0.9, 1, level=0.9)
    ('no_spread_between_resamples', (0.0, 1.0))
    """
    if at == 0.0:
        return "by_definition", (1.0, 1.0)
    if rate in (0.0, 1.0):
        return "clopper_pearson_without_spread", clopper_pearson(n * rate, n, level=level)
    return "no_spread_between_resamples", (0.0, 1.0)


def _limits(
    replicates: Vector, value: float, at: float, n: int, level: float
) -> tuple[str, Limits]:
    lower, upper = percentile_limits(replicates, level=level)
    if lower < upper:
        return "bootstrap_percentile", (lower, upper)
    used, (lower, upper) = rate_limits_without_spread(lower, at, n, level=level)
    return used, (min(lower, value), max(upper, value))


def _read(curves: tuple[Cumulative, Cumulative], at: float) -> Vector:
    return height_at(*curves, np.array([1 - at]))[:, 0]


def _check_rate(name: str, rate: float) -> None:
    if not 0.0 <= rate <= 1.0:
        raise OutOfRangeError(name, "between 0 and 1")
