"""The AUC of a fixed score with a bootstrap interval; cases and controls are resampled apart.

The default interval is that of `analysis.auc_interval`; this one is for comparison and for what
has no formula. Not for a cross-validated AUC, nor for a patient's two values.
"""

from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from analysis.auc_limits import limits_without_spread
from analysis.checks import Vector, checked_level
from analysis.errors import UnknownChoiceError
from analysis.estimate import Estimate
from analysis.resampled_counts import ResampledCounts, resampled_counts
from analysis.resampled_limits import bca_limits, jackknife_acceleration, percentile_limits
from analysis.roc import Direction, area_of
from analysis.thresholds import ThresholdCounts

BootstrapMethod = Literal["bootstrap_bca", "bootstrap_percentile"]


def bootstrap_auc_interval(
    scores: ArrayLike,
    is_case: ArrayLike,
    *,
    direction: Direction,
    rng: np.random.Generator | None = None,
    n_resamples: int = 2000,
    indices: ArrayLike | None = None,
    level: float = 0.95,
    method: BootstrapMethod = "bootstrap_bca",
) -> Estimate:
    """Estimate an AUC from independent patients, with an interval from resamples.

    Parameters
    ----------
    scores : array_like, shape (n_patients,)
        Scores that were fixed before these patients were seen, in their own units.
    is_case : array_like, shape (n_patients,)
        True for a case.
    direction : Direction
        Which end of the score speaks for a case; never guessed.
    rng : numpy.random.Generator, optional
        Draws stratified resamples.
    n_resamples : int
        How many `rng` draws.
    indices : array_like, shape (n_resamples, n_patients), optional
        Saved 0-based resamples instead of `rng`.
    level : float
        Confidence level.
    method : BootstrapMethod
        Bias-corrected and accelerated, or plain percentiles as pROC's.

    Returns
    -------
    Estimate
        Where resamples can show no spread, or with one case or one control, the method asked for
        gives way as in `analysis.auc_interval`, and `method` says so. Otherwise the limits are
        quantiles of the resampled AUCs, which need not contain the estimate.

    Raises
    ------
    OneClassError
        No case or no control, in the sample or in a saved resample.
    OneSidedReplicatesError
        BCa, and every resampled AUC lies on one side of the estimate: too few resamples.
    AnalysisError
        As `auc_replicates`, an unknown method, or a level out of range.

    Notes
    -----
    Source: Efron 1987, J Am Stat Assoc 82:171; several samples: Davison and Hinkley 1997,
    Bootstrap Methods and their Application, eq. 5.28. The acceleration is that of stratified
    resampling, also where saved indices are not stratified.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> scores, is_case = [1, 4, 2, 3, 5, 6], [0, 0, 0, 1, 1, 1]
    >>> print(bootstrap_auc_interval(scores, is_case, direction="higher_is_case", rng=rng))
    0.89 (95% CI 0.33-1.00, bootstrap_bca, 3 v 3)
    """
    if method not in get_args(BootstrapMethod):
        raise UnknownChoiceError("method", get_args(BootstrapMethod))
    checked_level(level)
    counts, resamples = resampled_counts(
        scores, is_case, direction=direction, rng=rng, n_resamples=n_resamples, indices=indices
    )
    value, n_cases, n_controls = area_of(counts), counts.n_cases, counts.n_controls
    all_tied = counts.thresholds.size == 2
    stand_in = limits_without_spread(value, n_cases, n_controls, all_tied=all_tied, level=level)
    if stand_in is not None:
        used, limits = stand_in
        return Estimate(value, *limits, level, used, n_cases, n_controls)
    replicates = np.concatenate([_areas(resampled) for resampled in resamples])
    if method == "bootstrap_percentile":
        limits = percentile_limits(replicates, level=level)
    else:
        acceleration = auc_acceleration(counts)
        limits = bca_limits(replicates, value, acceleration=acceleration, level=level)
    return Estimate(value, *limits, level, method, n_cases, n_controls)


def auc_replicates(
    scores: ArrayLike,
    is_case: ArrayLike,
    *,
    direction: Direction,
    rng: np.random.Generator | None = None,
    n_resamples: int = 2000,
    indices: ArrayLike | None = None,
) -> Vector:
    """Return the AUC of each resample.

    Parameters
    ----------
    scores, is_case, direction, rng, n_resamples, indices
        As `bootstrap_auc_interval`.

    Returns
    -------
    Vector, shape (n_resamples,)
        Each exact: counted in whole numbers, divided once.

    Raises
    ------
    OutOfRangeError
        Both or neither of `rng` and `indices`, or indices that are not rows.
    TooFewError
        No resample.
    AnalysisError
        No case or no control, lengths differ, a score is not finite, the direction is unknown.

    Notes
    -----
    One sort, then O(n) for each resample, in memory for a few resamples at a time.

    Examples
    --------
    >>> auc_replicates(
    ...     [1, 2, 3], [0, 1, 0], direction="higher_is_case", indices=[[0, 1, 2], [0, 1, 0]]
    ... ).tolist()
    [0.5, 1.0]
    """
    _, resamples = resampled_counts(
        scores, is_case, direction=direction, rng=rng, n_resamples=n_resamples, indices=indices
    )
    return np.concatenate([_areas(resampled) for resampled in resamples])


def auc_acceleration(counts: ThresholdCounts) -> float:
    """Return the acceleration of the AUC for BCa, from leaving out one patient at a time.

    Parameters
    ----------
    counts : ThresholdCounts
        At least two cases and two controls.

    Returns
    -------
    float
        Negative where a few patients pull the AUC down.

    Notes
    -----
    The jackknife is in closed form: without one case, of placement p among n cases, the AUC is
    ``(n * auc - p) / (n - 1)``; likewise for controls.

    Examples
    --------
    >>> from analysis.thresholds import count_at_thresholds
    >>> round(auc_acceleration(count_at_thresholds([1, 4, 2, 3, 5, 6], [0, 0, 0, 1, 1, 1])), 4)
    -0.0481
    """
    area, cases, controls = area_of(counts), counts.true_positives, counts.false_positives
    lost_by_cases = (controls[1:] + controls[:-1]) / (2 * counts.n_controls)
    won_from_controls = (cases[1:] + cases[:-1]) / (2 * counts.n_cases)
    return jackknife_acceleration(
        _without_one(area, np.repeat(1 - lost_by_cases, np.diff(cases))),
        _without_one(area, np.repeat(won_from_controls, np.diff(controls))),
    )


def _without_one(area: float, placed: Vector) -> Vector:
    return (placed.size * area - placed) / (placed.size - 1)


def _areas(resampled: ResampledCounts) -> Vector:
    controls, cases = resampled[:, 0], resampled[:, 1]
    cases_above = cases.cumsum(axis=1)
    n_pairs = cases_above[:, -1] * controls.sum(axis=1)
    twice_the_wins = np.einsum("bd,bd->b", controls, 2 * cases_above - cases)
    areas: Vector = twice_the_wins / (2 * n_pairs)
    return areas
