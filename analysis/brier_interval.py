"""Intervals of the Brier score and the scaled Brier score, and Spiegelhalter's test."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr, ndtri

from analysis.auc_limits import Limits
from analysis.checks import Vector, checked_level, checked_probabilities, class_sizes
from analysis.errors import OutOfRangeError
from analysis.estimate import Estimate
from analysis.proportions import clopper_pearson

_SAME = 1e-12  # probabilities or errors closer than this differ by rounding


class Spiegelhalter(NamedTuple):
    """Spiegelhalter's test: `z` is standard normal for calibrated probabilities, `p` two-sided."""

    z: float
    p: float


def brier_interval(
    probabilities: ArrayLike, is_case: ArrayLike, *, level: float = 0.95
) -> Estimate:
    """Estimate the Brier score.

    Parameters
    ----------
    probabilities : array_like, shape (n_patients,)
        Probability of being a case, from 0 to 1, fixed before these patients were seen.
    is_case : array_like, shape (n_patients,)
        True for a case.
    level : float
        Confidence level.

    Returns
    -------
    Estimate
        From 0 (best) to 1. Method ``normal``: the score is a mean of squared errors, so its
        standard error is theirs. If all patients have the same squared error the method is
        ``exact_when_identical``: the share of patients with just this error is at least
        ``((1 - level) / 2) ** (1 / n)``, and the others may have any. (One half for everyone
        costs .25 whatever happens, so its limits are .25.)

    Raises
    ------
    AnalysisError
        As `checked_probabilities`; a level out of range.

    Notes
    -----
    Source: Brier 1950, Mon Weather Rev 78:1. The normal interval is that of R's
    ``riskRegression::Score``; it is cut at 0 and 1.

    Examples
    --------
    >>> print(brier_interval([0.1, 0.4, 0.3, 0.8, 0.6], [0, 0, 1, 1, 0]))
    0.21 (95% CI 0.03-0.39, normal, 2 v 3)
    """
    vector, mask = checked_probabilities(probabilities, is_case)
    checked_level(level)
    n_cases, n_controls = class_sizes(mask)
    squared = (vector - mask) ** 2
    value = float(squared.mean())
    if np.ptp(squared) > _SAME:
        method, half_width = "normal", _half_width(squared, level)
        limits = max(value - half_width, 0.0), min(value + half_width, 1.0)
    else:
        same = 1.0 if _constant(vector) else ((1 - level) / 2) ** (1 / mask.size)
        method, limits = "exact_when_identical", (same * value, same * value + 1 - same)
    return Estimate(value, *limits, level, method, n_cases, n_controls)


def scaled_brier_interval(
    probabilities: ArrayLike, is_case: ArrayLike, *, level: float = 0.95
) -> Estimate:
    """Estimate how much of the prevalence model's Brier score the probabilities save.

    Parameters
    ----------
    probabilities, is_case, level
        As `brier_interval`.

    Returns
    -------
    Estimate
        1 is perfect, 0 as good as the prevalence for everyone, below 0 worse. Method ``delta``:
        by the delta method, the prevalence estimated from the same patients; cut at 1. Where that
        has no meaning: ``exact_when_identical`` as in `brier_interval`, and ``from_prevalence``
        for one probability for everyone, which depends on the prevalence alone (Clopper and
        Pearson's interval) and cannot be above 0.

    Raises
    ------
    AnalysisError
        As `brier_interval`.

    Notes
    -----
    ``1 - Brier / (prevalence * (1 - prevalence))``, also called index of prediction accuracy.
    Source: Kattan and Gerds 2018, Diagn Progn Res 2:7; the interval is our choice.

    Examples
    --------
    >>> print(scaled_brier_interval([0.1, 0.4, 0.3, 0.8, 0.6], [0, 0, 1, 1, 0]))
    0.12 (95% CI -0.64 to 0.87, delta, 2 v 3)
    """
    score = brier_interval(probabilities, is_case, level=level)
    vector, mask = checked_probabilities(probabilities, is_case)
    share = score.n_cases / mask.size
    null = share * (1 - share)
    value = 1 - score.value / null
    drift = score.value * (1 - 2 * share) / null * (mask - share)
    influence = (drift - ((vector - mask) ** 2 - score.value)) / null
    if _constant(vector):
        method = "from_prevalence"
        limits = _constant_limits(float(vector[0]), score.n_cases, mask.size, level)
        value = min(max(value, limits[0]), limits[1])
    elif score.method == "exact_when_identical":
        method, limits = score.method, (1 - score.upper / null, 1 - score.lower / null)
    else:
        method, half_width = "delta", _half_width(influence, level)
        limits = value - half_width, min(value + half_width, 1.0)
    return Estimate(value, *limits, level, method, score.n_cases, score.n_controls)


def spiegelhalter(probabilities: ArrayLike, is_case: ArrayLike) -> Spiegelhalter:
    """Test whether the Brier score is what calibrated probabilities would have.

    Parameters
    ----------
    probabilities : array_like, shape (n_patients,)
        Probability of being a case, from 0 to 1.
    is_case : array_like, shape (n_patients,)
        True for a case.

    Returns
    -------
    Spiegelhalter
        Above 0: the score is worse than that, as with too extreme probabilities.

    Raises
    ------
    OutOfRangeError
        Every probability is 0, one half or 1: the score then has no variance.
    AnalysisError
        As `checked_probabilities`.

    Notes
    -----
    Source: Spiegelhalter 1986, Stat Med 5:421.

    Examples
    --------
    >>> z, p = spiegelhalter([0.1, 0.4, 0.3, 0.8, 0.6], [0, 0, 1, 1, 0])
    >>> round(z, 4), round(p, 4)
    (0.2928, 0.7697)
    """
    vector, mask = checked_probabilities(probabilities, is_case)
    weight = 1 - 2 * vector
    variance = float((weight**2 * vector * (1 - vector)).sum())
    if variance == 0:
        raise OutOfRangeError("probabilities", "other than 0, one half and 1 for somebody")
    z = float(((mask - vector) * weight).sum()) / math.sqrt(variance)
    return Spiegelhalter(z, 2 * float(ndtr(-abs(z))))


def _constant(probabilities: Vector) -> bool:
    return bool(np.ptp(probabilities) <= _SAME)


def _constant_limits(probability: float, n_cases: int, n: int, level: float) -> Limits:
    ends = clopper_pearson(n_cases, n, level=level)
    values = [-((probability - share) ** 2) / (share * (1 - share)) for share in ends]
    reaches_best = ends[0] <= probability <= ends[1]
    return min(values), 0.0 if reaches_best else max(values)


def _half_width(contributions: Vector, level: float) -> float:
    error = float(np.std(contributions, ddof=1)) / math.sqrt(contributions.size)
    return float(ndtri((1 + level) / 2)) * error
