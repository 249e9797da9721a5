"""The mean change of the same patients: paired t test and standardised effect.

Ranks and permutations of the same differences are in `analysis.signed_rank` and
`analysis.permutation`.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import gammaln, stdtr, stdtrit

from analysis.checks import Vector, checked_level, checked_pairs, checked_spread
from analysis.estimate import Estimate
from analysis.noncentral_t import noncentrality_limits
from analysis.summary import standard_deviation


@dataclass(frozen=True, slots=True)
class PairedChange:
    """Mean change with its paired t test.

    Parameters
    ----------
    change : Estimate
        Mean of after minus before, in the values' unit; method ``paired_t``; `n_cases` and
        `n_controls` are both the number of patients.
    t, df, p : float
        Statistic, degrees of freedom and two-sided p.
    """

    change: Estimate
    t: float
    df: int
    p: float


@dataclass(frozen=True, slots=True)
class StandardisedChange:
    """Mean change in standard deviations.

    Parameters
    ----------
    d_z : Estimate
        In standard deviations of the change (Cohen's d_z = t / sqrt(n)), with the exact interval;
        method ``noncentral_t``.
    g_z : Estimate
        `d_z` and its limits times Hedges's exact correction for small samples.
    d_av : float
        Mean change in standard deviations of the values: the root of the mean of both variances.
        Unlike `d_z` it does not grow with the correlation of before and after.
    """

    d_z: Estimate
    g_z: Estimate
    d_av: float


def paired_t(before: ArrayLike, after: ArrayLike, *, level: float = 0.95) -> PairedChange:
    """Test whether the mean change is zero.

    Parameters
    ----------
    before, after : array_like, shape (n_patients,)
        One complete pair for each patient, in the same unit (logarithms for a ratio).
    level : float
        Confidence level.

    Returns
    -------
    PairedChange

    Raises
    ------
    TooFewError
        Fewer than two patients.
    NoSpreadError
        Everyone changed by the same amount, up to rounding.
    AnalysisError
        Lengths differ, a value is not finite, a level out of range.

    Examples
    --------
    >>> print(paired_t([60, 71, 48, 90], [66, 70, 59, 95]).change)
    5.25 (95% CI -2.59 to 13.09, paired_t, 4 v 4)
    """
    checked_level(level)
    differences = _differences(before, after)
    n = differences.size
    mean, standard_error = float(differences.mean()), standard_deviation(differences) / math.sqrt(n)
    half_width = float(stdtrit(n - 1, (1 + level) / 2)) * standard_error
    change = Estimate(mean, mean - half_width, mean + half_width, level, "paired_t", n, n)
    t = mean / standard_error
    return PairedChange(change, t, n - 1, float(2 * stdtr(n - 1, -abs(t))))


def standardised_change(
    before: ArrayLike, after: ArrayLike, *, level: float = 0.95
) -> StandardisedChange:
    """Express the mean change in standard deviations.

    Parameters
    ----------
    before, after : array_like, shape (n_patients,)
        One complete pair for each patient, in the same unit.
    level : float
        Confidence level.

    Returns
    -------
    StandardisedChange

    Raises
    ------
    TooFewError
        Fewer than two patients; `g_z` of two patients is zero times `d_z`.
    NoSpreadError
        Everyone changed by the same amount, up to rounding.
    AnalysisError
        Lengths differ, a value is not finite, a level out of range.

    Notes
    -----
    Source: Steiger and Fouladi 1997, in What If There Were No Significance Tests?, 221 (the
    interval); Hedges 1981, J Educ Stat 6:107 (the correction); Lakens 2013, Front Psychol 4:863
    (d_z beside d_av).

    Examples
    --------
    >>> print(standardised_change([60, 71, 48, 90], [66, 70, 59, 95]).d_z)
    1.07 (95% CI -0.25 to 2.29, noncentral_t, 4 v 4)
    """
    checked_level(level)
    differences = _differences(before, after)
    n = differences.size
    d_z = float(differences.mean()) / standard_deviation(differences)
    lower, upper = noncentrality_limits(d_z * math.sqrt(n), n - 1, level=level)
    limits = min(lower / math.sqrt(n), d_z), max(upper / math.sqrt(n), d_z)
    correction = _small_sample_correction(n - 1)
    lower, upper = (correction * limit for limit in limits)
    first, second = checked_pairs(before, after)
    return StandardisedChange(
        d_z=Estimate(d_z, *limits, level, "noncentral_t", n, n),
        g_z=Estimate(correction * d_z, lower, upper, level, "noncentral_t", n, n),
        d_av=float(differences.mean())
        * math.sqrt(2)
        / math.hypot(standard_deviation(first), standard_deviation(second)),
    )


def _differences(before: ArrayLike, after: ArrayLike) -> Vector:
    first, second = checked_pairs(before, after)
    largest = max(float(np.abs(first).max()), float(np.abs(second).max()))
    return checked_spread("after minus before", second - first, magnitude=largest)


def _small_sample_correction(df: int) -> float:
    """Return Hedges's J: gamma(df/2) / (sqrt(df/2) gamma((df-1)/2)), zero for df = 1."""
    if df == 1:
        return 0.0
    return math.exp(gammaln(df / 2) - gammaln((df - 1) / 2)) / math.sqrt(df / 2)
