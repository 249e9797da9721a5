"""Wilcoxon's signed-rank test of paired differences, exact also with ties and zeros."""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr

from analysis.checks import Vector, checked_pairs
from analysis.errors import OutOfRangeError, UnknownChoiceError
from analysis.ranks import midranks

Zeros = Literal["wilcoxon", "pratt"]

MOST_EXACT = 500
"""Differences up to which the exact distribution is worked out; its cost is their cube."""


@dataclass(frozen=True, slots=True)
class SignedRank:
    """Signed-rank statistic with its p values, all two-sided.

    Parameters
    ----------
    statistic : float
        Sum of the ranks of the positive differences (V).
    z : float
        Its standardised distance from what is expected, without continuity correction.
    p_exact : float or None
        From all ways to sign these very ranks, ties included. None with more than `MOST_EXACT`
        differences.
    p_normal, p_normal_corrected : float
        From the normal approximation with variance corrected for ties, without and with
        continuity correction.
    zeros : Zeros
        What was done with differences of zero.
    n_differences, n_zeros : int
        Patients whose values differ, and those whose do not.
    """

    statistic: float
    z: float
    p_exact: float | None
    p_normal: float
    p_normal_corrected: float
    zeros: Zeros
    n_differences: int
    n_zeros: int


def signed_rank(
    before: ArrayLike,
    after: ArrayLike,
    *,
    zeros: Zeros = "wilcoxon",
    digits: int | None = None,
) -> SignedRank:
    """Test whether changes are symmetric about zero.

    Parameters
    ----------
    before, after : array_like, shape (n_patients,)
        One complete pair for each patient, in the same unit; differences are after minus before.
    zeros : Zeros
        ``wilcoxon`` (default) leaves differences of zero out; ``pratt`` ranks them with the
        others and then leaves them out, so that the other ranks are higher.
    digits : int, optional
        Decimal places, as parts of the largest value, to which differences are rounded before
        ranking. None ranks them as they are, as R and SciPy do; then 0.3 - 0.2 and
        0.2 - 0.1 are not tied, by an error in the 17th digit. Some digits more than were
        measured, for example 12, ties them.

    Returns
    -------
    SignedRank
        If nobody changed, every p is 1.

    Raises
    ------
    TooFewError
        No patient.
    OutOfRangeError
        Digits below 1.
    AnalysisError
        Lengths differ, a value is not finite, an unknown choice.

    Notes
    -----
    Source: Wilcoxon 1945, Biometrics Bull 1:80; Pratt 1959, J Am Stat Assoc 54:655. The exact p
    is twice the smaller tail, at most 1, as in R's exactRankTests.

    Examples
    --------
    >>> found = signed_rank([60, 71, 48, 90, 55], [66, 70, 59, 95, 61])
    >>> found.statistic, found.p_exact
    (14.0, 0.125)
    """
    if zeros not in get_args(Zeros):
        raise UnknownChoiceError("zeros", get_args(Zeros))
    first, second = checked_pairs(before, after, at_least=1)
    differences = _rounded_differences(first, second, digits)
    changed = differences != 0
    if zeros == "wilcoxon":
        ranks = midranks(np.abs(differences[changed]))
    else:
        ranks = midranks(np.abs(differences))[changed]
    statistic = float(ranks[differences[changed] > 0].sum())
    expected, spread = float(ranks.sum()) / 2, float(np.sqrt((ranks**2).sum())) / 2
    distance = statistic - expected
    corrected = distance - np.sign(distance) / 2
    return SignedRank(
        statistic=statistic,
        z=distance / spread if ranks.size else 0.0,
        p_exact=_exact_p(ranks, distance) if ranks.size <= MOST_EXACT else None,
        p_normal=_two_sided(distance, spread),
        p_normal_corrected=_two_sided(float(corrected), spread),
        zeros=zeros,
        n_differences=ranks.size,
        n_zeros=differences.size - ranks.size,
    )


def _two_sided(distance: float, spread: float) -> float:
    if spread == 0:
        return 1.0
    # A continuity correction that reaches over the middle would give more than 1.
    return min(1.0, 2 * float(min(ndtr(distance / spread), ndtr(-distance / spread))))


def _exact_p(ranks: Vector, distance: float) -> float:
    """Return the probability of a sum at least as far from its expectation.

    Midranks are halves, so their doubles add up to whole numbers; adding a rank or not, each with
    probability one half, gives the distribution of the sum rank by rank.
    """
    doubled = np.rint(2 * ranks).astype(np.int64)
    total = int(doubled.sum())
    probability = np.zeros(total + 1)
    probability[0], reached = 1.0, 0
    for rank in np.sort(doubled):
        without = probability[: reached + 1] / 2
        probability[: reached + 1] = without
        probability[rank : reached + rank + 1] += without
        reached += int(rank)
    # The doubled sum that lies as far below the middle as the observed one lies off it.
    tail_end = (total - round(4 * abs(distance))) // 2
    return min(1.0, 2 * float(probability[: tail_end + 1].sum()))


def _rounded_differences(before: Vector, after: Vector, digits: int | None) -> Vector:
    differences = after - before
    if digits is None:
        return differences
    if digits < 1:
        raise OutOfRangeError("digits", "at least 1")
    largest = float(max(np.abs(before).max(), np.abs(after).max()))
    if largest == 0:
        return differences
    return np.asarray(np.round(differences / largest, digits), dtype=np.float64)
