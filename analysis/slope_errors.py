"""How far a measured slope is from the true one: error variances of least-squares slopes.

Lead-in slopes use visits at months <= 0, follow-up slopes those from 0 to a horizon; a visit at
month 0 is in both, so that their errors are negatively correlated.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from analysis.checks import Mask, Vector, checked_pairs, checked_vector
from analysis.errors import TooFewError


@dataclass(frozen=True, slots=True)
class SlopeErrors:
    """Error variances of one patient's two slopes, for visits with an error variance of 1.

    Parameters
    ----------
    before, after : float
        Variance of the lead-in and of the follow-up slope [1/month^2].
    shared : float
        Their covariance [1/month^2]; 0 or below.
    """

    before: float
    after: float
    shared: float


def slope_errors(months: ArrayLike, horizon: float) -> SlopeErrors | None:
    """Tell the error variances from the months of a patient's visits.

    Parameters
    ----------
    months : array_like, shape (n_visits,)
        Months of all visits, 0 = first injection.
    horizon : float
        Last month of the follow-up slope.

    Returns
    -------
    SlopeErrors or None
        None where either slope has fewer than two different months.

    Raises
    ------
    AnalysisError
        A month is not finite.

    Notes
    -----
    A least-squares slope is a weighted sum of totals, the weights
    ``(month - mean) / sum of squares``; variances and covariance are sums of products of
    weights.

    Examples
    --------
    >>> found = slope_errors([-3, -2, -1, 0, 1, 2, 3, 4], 4)
    >>> round(found.before, 6), round(found.after, 6), round(found.shared, 6)
    (0.2, 0.1, -0.06)
    >>> slope_errors([0, 1, 2], 4) is None
    True
    """
    month = checked_vector("months", months)
    before = _weights(month, month <= 0)
    after = _weights(month, (month >= 0) & (month <= horizon))
    if before is None or after is None:
        return None
    return SlopeErrors(float(before @ before), float(after @ after), float(before @ after))


def _weights(month: Vector, used: Mask) -> Vector | None:
    """Weights of all visits in the slope over some of them."""
    if np.unique(month[used]).size < 2:
        return None
    distance = np.where(used, month - month[used].mean(), 0.0)
    spread = distance @ distance
    return np.asarray(distance / spread) if spread > 0 else None


@dataclass(frozen=True, slots=True)
class ErrorVariance:
    """Variance of one visit's total about its patient's line.

    Parameters
    ----------
    variance, sd : float
        [points^2] and [points].
    df : int
        Residual degrees of freedom that it rests on.
    n_patients : int
        Patients with at least three visits, who alone tell of it.
    """

    variance: float
    sd: float
    df: int
    n_patients: int


def error_variance(months: Sequence[ArrayLike], totals: Sequence[ArrayLike]) -> ErrorVariance:
    """Pool the residual variance of straight lines, one for each patient.

    Parameters
    ----------
    months, totals : sequence of array_like, each of shape (n_visits of that patient,)
        Only the visits over which the course is taken to be straight.

    Returns
    -------
    ErrorVariance

    Raises
    ------
    TooFewError
        Nobody has three visits at two or more different months.
    AnalysisError
        Lengths differ or a number is not finite.

    Examples
    --------
    >>> error_variance([[-2, -1, 0], [-1, 0]], [[42, 40, 41], [40, 39]])
    ErrorVariance(variance=1.5, sd=1.224744871391589, df=1, n_patients=1)
    """
    squares, df, n_patients = 0.0, 0, 0
    for visited, total in zip(months, totals, strict=True):
        x, y = checked_pairs(visited, total, names=("months", "totals"), at_least=0)
        if x.size < 3 or np.ptp(x) == 0:
            continue
        x, y = x - x.mean(), y - y.mean()
        if x @ x == 0:
            continue
        residual = y - x * (x @ y) / (x @ x)
        squares, df, n_patients = (
            squares + float(residual @ residual),
            df + x.size - 2,
            n_patients + 1,
        )
    if n_patients == 0:
        raise TooFewError("patients with three visits", n_patients, 1)
    variance = squares / df
    return ErrorVariance(variance, variance**0.5, df, n_patients)
