"""Calibration in bins of patients: expected calibration error, Hosmer and Lemeshow's test.

Both depend on where the bins end, and are here because readers ask for them; slope, intercept and
the smooth (`analysis.smooth_calibration`) say more.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import chdtrc

from analysis.checks import Vector, checked_probabilities
from analysis.errors import OutOfRangeError, TooFewError


@dataclass(frozen=True, slots=True)
class HosmerLemeshow:
    """Hosmer and Lemeshow's test.

    Parameters
    ----------
    chi_squared : float
        Sum over groups of the squared distance of observed from expected cases, in units of their
        binomial variance.
    n_groups : int
        Groups that there were; fewer than asked for where probabilities are tied.
    p_fitted : float
        With ``n_groups - 2`` degrees of freedom: for the patients the model was fitted to.
    p_validation : float
        With ``n_groups``: for patients it has not seen.
    """

    chi_squared: float
    n_groups: int
    p_fitted: float
    p_validation: float


def hosmer_lemeshow(
    probabilities: ArrayLike, is_case: ArrayLike, *, n_groups: int = 10
) -> HosmerLemeshow:
    """Compare observed and expected cases in groups of equal size.

    Parameters
    ----------
    probabilities : array_like, shape (n_patients,)
        Probability of being a case, from 0 to 1.
    is_case : array_like, shape (n_patients,)
        True for a case.
    n_groups : int
        At least 3.

    Returns
    -------
    HosmerLemeshow

    Raises
    ------
    TooFewError
        Fewer than three groups, asked for or left by ties.
    OutOfRangeError
        In some group every probability is 0, or every one is 1.
    AnalysisError
        As `checked_probabilities`.

    Notes
    -----
    Source: Hosmer and Lemeshow 1980, Commun Stat A 9:1043. Groups end at quantiles of type 7, the
    upper end included, so equal probabilities stay together.

    Examples
    --------
    >>> p = [0.1, 0.2, 0.3, 0.4, 0.6, 0.8]
    >>> round(hosmer_lemeshow(p, [0, 0, 1, 0, 1, 1], n_groups=3).chi_squared, 4)
    1.4079
    """
    if n_groups < 3:
        raise TooFewError("groups", n_groups, 3)
    vector, mask = checked_probabilities(probabilities, is_case)
    ends = np.unique(np.quantile(vector, np.arange(1, n_groups) / n_groups))
    group = np.searchsorted(ends, vector, side="left")
    sizes, expected, observed = _per_bin(group, vector, mask.astype(np.float64))
    if sizes.size < 3:
        raise TooFewError("groups of different probabilities", sizes.size, 3)
    variance = expected * (1 - expected / sizes)
    if not (variance > 0).all():
        raise OutOfRangeError("probabilities", "above 0 and below 1 for somebody of each group")
    chi_squared = float(((observed - expected) ** 2 / variance).sum())
    fitted, validation = chdtrc([sizes.size - 2, sizes.size], chi_squared).tolist()
    return HosmerLemeshow(chi_squared, sizes.size, fitted, validation)


def expected_calibration_error(
    probabilities: ArrayLike, is_case: ArrayLike, *, n_bins: int = 10
) -> float:
    """Mean distance of the cases' share from the mean probability over bins of equal width.

    Parameters
    ----------
    probabilities : array_like, shape (n_patients,)
        Probability of being a case, from 0 to 1.
    is_case : array_like, shape (n_patients,)
        True for a case.
    n_bins : int
        Bins from 0 to 1, their upper end included (0 belongs to the first).

    Returns
    -------
    float
        From 0 to 1, bins weighted by their patients; above 0 for a perfect model too.

    Raises
    ------
    TooFewError
        No bin.
    AnalysisError
        As `checked_probabilities`.

    Notes
    -----
    Source: Naeini 2015, Proc AAAI 29:2901.

    Examples
    --------
    >>> round(expected_calibration_error([0.1, 0.3, 0.35, 0.8], [0, 0, 1, 1]), 4)
    0.3125
    """
    if n_bins < 1:
        raise TooFewError("bins", n_bins, 1)
    vector, mask = checked_probabilities(probabilities, is_case)
    ends = np.linspace(0, 1, n_bins + 1)[1:-1]
    group = np.searchsorted(ends, vector, side="left")
    _, expected, observed = _per_bin(group, vector, mask.astype(np.float64))
    return float(np.abs(observed - expected).sum() / vector.size)


def _per_bin(group: NDArray[np.intp], *columns: Vector) -> list[Vector]:
    """Return patients, then the sum of each column, over the bins that have patients."""
    everybody = np.ones(group.size)
    sums = [np.bincount(group, weights=column) for column in (everybody, *columns)]
    return [total[sums[0] > 0].astype(np.float64) for total in sums]
