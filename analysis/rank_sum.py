"""Wilcoxon's rank-sum test (Mann and Whitney's) of two groups, exact also with ties."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr

from analysis.checks import Vector, checked_vector
from analysis.errors import TooFewError
from analysis.ranks import midranks, tie_sizes

MOST_EXACT = 200
"""Patients up to which the exact distribution is worked out; its cost is their fourth power."""


@dataclass(frozen=True, slots=True)
class RankSum:
    """Mann and Whitney's U with its p values, all two-sided.

    Parameters
    ----------
    statistic : float
        U: pairs of patients of whom the first group's has the larger value; ties count half.
        Over the product of both sizes it is the AUC.
    z : float
        Its standardised distance from what is expected, without continuity correction.
    p_exact : float or None
        From all ways to choose who is in the first group, ties included. None with more patients
        than `MOST_EXACT`.
    p_normal, p_normal_corrected : float
        From the normal approximation with variance corrected for ties, without and with
        continuity correction.
    n_first, n_second : int
        Patients.
    """

    statistic: float
    z: float
    p_exact: float | None
    p_normal: float
    p_normal_corrected: float
    n_first: int
    n_second: int


def rank_sum(first: ArrayLike, second: ArrayLike) -> RankSum:
    """Test whether one group tends to larger values.

    Parameters
    ----------
    first, second : array_like, shape (n_first,) and (n_second,)
        Values of different patients.

    Returns
    -------
    RankSum
        If all values are the same, every p is 1.

    Raises
    ------
    TooFewError
        An empty group.
    AnalysisError
        A value is not finite.

    Notes
    -----
    Source: Mann and Whitney 1947, Ann Math Stat 18:50; ties: Lehmann 1975, Nonparametrics,
    section 1.4. The exact p is the share of choices whose sum of ranks lies at least as far from
    its mean, as in R's coin; without ties that is twice the smaller tail.

    Examples
    --------
    >>> found = rank_sum([5, 7, 9], [1, 2, 6])
    >>> found.statistic, found.p_exact
    (8.0, 0.2)
    """
    groups = checked_vector("first", first), checked_vector("second", second)
    for name, group in zip(("patients in first", "patients in second"), groups, strict=True):
        if group.size == 0:
            raise TooFewError(name, 0, 1)
    values = np.concatenate(groups)
    n_first, n = groups[0].size, values.size
    ranks, ties = midranks(values), tie_sizes(values).astype(np.float64)
    n_pairs = n_first * (n - n_first)
    statistic = float(ranks[:n_first].sum()) - n_first * (n_first + 1) / 2
    distance = statistic - n_pairs / 2
    lost = float((ties**3 - ties).sum()) / (n * (n - 1))
    spread = float(np.sqrt(n_pairs / 12 * max(n + 1 - lost, 0.0))) if ties.size > 1 else 0.0
    return RankSum(
        statistic=statistic,
        z=distance / spread if spread else 0.0,
        p_exact=_exact_p(ranks, n_first, distance) if n <= MOST_EXACT else None,
        p_normal=_two_sided(distance, spread),
        p_normal_corrected=_two_sided(distance - float(np.sign(distance)) / 2, spread),
        n_first=n_first,
        n_second=n - n_first,
    )


def _two_sided(distance: float, spread: float) -> float:
    return 2 * float(ndtr(-abs(distance) / spread)) if spread else 1.0


def _exact_p(ranks: Vector, n_first: int, distance: float) -> float:
    """Return the share of choices of `n_first` ranks at least as far from the mean sum.

    Midranks are halves, so their doubles add up to whole numbers; rank by rank, ways are counted
    by how many were chosen and what they add up to. Floats hold the counts, which are below
    1e59, to a share of 1e-14.
    """
    doubled = np.sort(np.rint(2 * ranks).astype(np.int64))
    # Choices of the smaller group are mirrored by those of the larger.
    n_chosen = min(n_first, doubled.size - n_first)
    most = int(doubled[doubled.size - n_chosen :].sum())
    ways = np.zeros((n_chosen + 1, most + 1))
    ways[0, 0] = 1.0
    for rank in doubled.tolist():
        ways[1:, rank:] += ways[:-1, : most + 1 - rank].copy()
    mean = n_chosen * (doubled.size + 1)
    off = np.abs(np.arange(most + 1) - mean)
    beyond = off >= round(2 * abs(distance))
    return min(1.0, float(ways[-1, beyond].sum() / ways[-1].sum()))
