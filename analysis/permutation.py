"""Exact permutation tests of a mean change and of a difference of means.

All rearrangements are counted, none is drawn. The patients are halved; every possible sum of one
half is looked up among the sorted sums of the other, so 2**n rearrangements cost 2**(n/2).
"""

import itertools
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr

from analysis.checks import Vector, checked_pairs, checked_vector
from analysis.errors import TooFewError, TooManyError

MOST_PATIENTS = 44
"""Two halves of 22 patients have four million sums each."""

_SAME_SUM = 1e-12  # of the sum of absolute values: sums closer than this differ by rounding


@dataclass(frozen=True, slots=True)
class Permutation:
    """Two-sided p values over all rearrangements.

    Parameters
    ----------
    p_exact : float
        Share of rearrangements at least as far from their mean as what was observed, itself
        included.
    z : float
        Observed sum less its mean over the standard deviation, both over all rearrangements.
    p_normal : float
        Normal approximation to `p_exact`.
    """

    p_exact: float
    z: float
    p_normal: float


def sign_flips(before: ArrayLike, after: ArrayLike) -> Permutation:
    """Test a mean change against all ways of exchanging before and after within patients.

    Parameters
    ----------
    before, after : array_like, shape (n_patients,)
        One complete pair for each patient; at most `MOST_PATIENTS` of them changed.

    Returns
    -------
    Permutation
        If nobody changed, both p are 1.

    Raises
    ------
    TooManyError
        More changes than can be worked through.
    TooFewError
        No patient.
    AnalysisError
        Lengths differ, a value is not finite.

    Notes
    -----
    Source: Fisher 1935, The Design of Experiments, section 21.

    Examples
    --------
    >>> sign_flips([60, 71, 48, 90, 55], [66, 70, 59, 95, 61]).p_exact
    0.125
    """
    first, second = checked_pairs(before, after, at_least=1)
    changes = (second - first)[second != first]
    _refuse_too_many("patients who changed", changes.size)
    if changes.size == 0:
        return Permutation(1.0, 0.0, 1.0)
    changes = changes / np.abs(changes).max()
    spread = float(np.sqrt((changes**2).sum()))
    observed, slack = abs(float(changes.sum())), _SAME_SUM * float(np.abs(changes).sum())
    half = changes.size // 2
    one, other = _signed_sums(changes[:half]), _signed_sums(changes[half:])
    # Flipping every sign mirrors the sums, so the lower tail is as large as the upper.
    beyond = _count_at_least(one, other, observed - slack) if observed > slack else 0
    p_exact = 2 * beyond / 2**changes.size if beyond else 1.0
    return _permutation(p_exact, float(changes.sum()) / spread)


def two_sample_permutation(first: ArrayLike, second: ArrayLike) -> Permutation:
    """Test a difference of means against all ways of choosing who is in the first group.

    Parameters
    ----------
    first, second : array_like, shape (n_first,) and (n_second,)
        Values of different patients, at most `MOST_PATIENTS` together. Midranks of all of them
        (`analysis.ranks.midranks`) make this Wilcoxon's rank-sum test, exact with ties.

    Returns
    -------
    Permutation
        If all values are the same, both p are 1.

    Raises
    ------
    TooManyError
        More patients than can be worked through.
    TooFewError
        An empty group.
    AnalysisError
        A value is not finite.

    Notes
    -----
    Source: Pitman 1937, J R Stat Soc Suppl 4:119. The same as R's coin with an exact and an
    asymptotic distribution.

    Examples
    --------
    >>> two_sample_permutation([5, 7, 9], [1, 2, 3]).p_exact
    0.1
    """
    groups = checked_vector("first", first), checked_vector("second", second)
    for name, group in zip(("patients in first", "patients in second"), groups, strict=True):
        if group.size == 0:
            raise TooFewError(name, 0, 1)
    values, n_first = np.concatenate(groups), groups[0].size
    _refuse_too_many("patients", values.size)
    if values.min() == values.max():
        return Permutation(1.0, 0.0, 1.0)
    values = values / np.abs(values).max()
    values = values - values.mean()
    n, observed = values.size, float(values[:n_first].sum())
    share = n_first * (n - n_first) / (n * (n - 1))
    spread = math.sqrt(share * float((values**2).sum()))
    slack = _SAME_SUM * float(np.abs(values).sum())
    p_exact = _share_of_choices(values, n_first, abs(observed) - slack)
    return _permutation(p_exact, observed / spread)


def _share_of_choices(values: Vector, n_chosen: int, reach: float) -> float:
    """Return the share of choices whose sum lies at least `reach` above or below zero."""
    if reach <= 0:
        return 1.0
    half = values.size // 2
    one, other = _sums_by_size(values[:half]), _sums_by_size(values[half:])
    beyond = 0
    for size, sums in enumerate(one):
        if 0 <= n_chosen - size < len(other):
            partners = other[n_chosen - size]
            beyond += _count_at_least(sums, partners, reach)
            beyond += _count_at_least(-sums, -partners[::-1], reach)
    return beyond / math.comb(values.size, n_chosen)


def _signed_sums(values: Vector) -> Vector:
    """Return the sums of all 2**n signings, ascending."""
    sums = np.zeros(1)
    for value in values:
        sums = np.concatenate([sums - value, sums + value])
    return np.sort(sums)


def _sums_by_size(values: Vector) -> list[Vector]:
    """Return, for each number of values chosen, the sums of all choices, ascending."""
    sums = [np.zeros(1)] + [np.empty(0)] * values.size
    for value in values:
        sums = [sums[0]] + [
            np.concatenate([without, smaller + value])
            for smaller, without in itertools.pairwise(sums)
        ]
    return [np.sort(of_a_size) for of_a_size in sums]


def _count_at_least(one: Vector, other: Vector, least: float) -> int:
    """Count pairs, one number of each, that add up to at least `least`; `other` ascends."""
    return int((other.size - np.searchsorted(other, least - one)).sum())


def _permutation(p_exact: float, z: float) -> Permutation:
    return Permutation(p_exact, z, 2 * float(ndtr(-abs(z))))


def _refuse_too_many(what: str, n: int) -> None:
    if n > MOST_PATIENTS:
        raise TooManyError(what, n, MOST_PATIENTS)
