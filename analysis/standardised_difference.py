"""How far apart two groups are at the start of a trial, in standard deviations.

The measure does not grow with the number of patients, as a test's statistic does, and randomised
groups differ by chance alone, so no test belongs to it.
"""

import math

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtri

from analysis.checks import checked_level, checked_vector
from analysis.errors import LengthsDifferError, NoSpreadError, OutOfRangeError, TooFewError
from analysis.summary import Summary, summarise

_ROUNDING = 1e-12  # beside 1: a share, or a direction's variance, that is rounding


def standardised_mean_difference(first: ArrayLike, second: ArrayLike) -> float:
    """Difference of two means in standard deviations.

    Parameters
    ----------
    first, second : array_like, shape (n_first,) and (n_second,)
        Values of different patients.

    Returns
    -------
    float
        First mean minus second, over the root of the mean of both variances.

    Raises
    ------
    TooFewError
        A group of fewer than two patients.
    NoSpreadError
        Neither group has any spread, but the means differ.
    AnalysisError
        A value is not finite.

    Notes
    -----
    Source: Austin 2009, Stat Med 28:3083.

    Examples
    --------
    >>> round(standardised_mean_difference([54, 61, 48, 57], [50, 58, 49, 51]), 3)
    0.621
    """
    return _in_standard_deviations(summarise(first), summarise(second))


def _in_standard_deviations(first: Summary, second: Summary) -> float:
    apart = first.mean - second.mean
    sd = math.hypot(first.sd, second.sd) / math.sqrt(2)
    if sd <= _ROUNDING * max(abs(first.mean), abs(second.mean)):
        if abs(apart) <= _ROUNDING * max(abs(first.mean), abs(second.mean)):
            return 0.0
        raise NoSpreadError("The values of at least one group")
    return apart / sd


def standardised_category_difference(first: ArrayLike, second: ArrayLike) -> float:
    """Distance of two groups' shares of several categories in standard deviations.

    Parameters
    ----------
    first, second : array_like, shape (n_categories,)
        Patients of either group in each category, in the same order.

    Returns
    -------
    float
        At least 0; the Mahalanobis distance of the shares. For two categories it is the absolute
        difference of the proportions over the root of the mean of both variances.

    Raises
    ------
    TooFewError
        A group without patients.
    NoSpreadError
        A category that tells the groups apart without exception: the distance is infinite.
    AnalysisError
        Not the same categories, a count that is below 0 or not whole.

    Notes
    -----
    Source: Yang and Dalton 2012, SAS Global Forum, paper 335.

    Examples
    --------
    >>> round(standardised_category_difference([10, 15, 8], [14, 9, 8]), 3)
    0.369
    """
    counts = [checked_vector(name, g) for name, g in (("first", first), ("second", second))]
    if counts[0].size != counts[1].size:
        raise LengthsDifferError({"first": counts[0].size, "second": counts[1].size})
    for name, group in zip(("first", "second"), counts, strict=True):
        if ((group < 0) | (group != np.round(group))).any():
            raise OutOfRangeError(name, "whole numbers of patients, at least 0")
        if group.sum() == 0:
            raise TooFewError("patients in each group", 0, 1)
    shares = [group / group.sum() for group in counts]
    apart = shares[0] - shares[1]
    covariance = sum((np.diag(p) - np.outer(p, p)) / 2 for p in shares)
    # The shares add up to one, so one category says nothing new; its direction has no variance
    # and no difference. A direction without variance but with a difference is infinitely far.
    variances, directions = np.linalg.eigh(covariance)
    along = directions.T @ apart
    varies = variances > _ROUNDING
    if (np.abs(along[~varies]) > math.sqrt(_ROUNDING)).any():
        raise NoSpreadError("Membership of a category within at least one group")
    return math.sqrt(float((along[varies] ** 2 / variances[varies]).sum()))


def largest_by_chance(n_first: int, n_second: int, *, level: float = 0.95) -> float:
    """Standardised mean difference that randomisation alone stays within.

    Parameters
    ----------
    n_first, n_second : int
        Patients.
    level : float
        Share of randomisations in which a normal variable's absolute difference is at most this.

    Returns
    -------
    float
        In standard deviations; an approximation for groups that are not very small.

    Raises
    ------
    OutOfRangeError
        No patients in a group, or a level out of range.

    Notes
    -----
    The variance of the difference where there is none: Hedges and Olkin 1985, Statistical Methods
    for Meta-Analysis, chapter 5.

    Examples
    --------
    >>> round(largest_by_chance(33, 31), 2)
    0.49
    """
    if min(n_first, n_second) < 1:
        raise OutOfRangeError("n_first and n_second", "at least 1")
    return float(ndtri((1 + checked_level(level)) / 2)) * math.sqrt(1 / n_first + 1 / n_second)
