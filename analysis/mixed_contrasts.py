"""Least-squares means, differences and other combinations of a mixed model's coefficients.

Each comes with its standard error, Satterthwaite's degrees of freedom, t test and interval.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import stdtr, stdtrit

from analysis.checks import Vector, checked_level
from analysis.mixed_model import MixedFit
from analysis.satterthwaite import checked_contrasts, satterthwaite_df


@dataclass(frozen=True, slots=True, eq=False)
class MixedContrasts:
    """Combinations of coefficients, all arrays of shape (n_contrasts,).

    Parameters
    ----------
    value, standard_error : Vector
        In the unit of the values, times that of the contrast.
    df : Vector
        Satterthwaite's degrees of freedom.
    t, p : Vector
        Test against zero, two-sided.
    lower, upper : Vector
        Limits by Student's t.
    level : float
        Confidence level of the limits.
    """

    value: Vector
    standard_error: Vector
    df: Vector
    t: Vector
    p: Vector
    lower: Vector
    upper: Vector
    level: float


def mixed_contrasts(fit: MixedFit, contrasts: ArrayLike, *, level: float = 0.95) -> MixedContrasts:
    """Estimate and test combinations of the coefficients.

    Parameters
    ----------
    fit : MixedFit
        Fitted by REML.
    contrasts : array_like, shape (n_contrasts, p)
        Each row multiplies the coefficients: the row of fixed columns of somebody gives that
        one's least-squares mean, the difference of two rows the difference.
    level : float
        Confidence level.

    Returns
    -------
    MixedContrasts

    Raises
    ------
    AnalysisError
        A shape is wrong, a number is not finite, a level out of range.

    Examples
    --------
    >>> from analysis.mixed_model import fit_mixed_model
    >>> ones = np.ones((6, 1))
    >>> fit = fit_mixed_model([1, 2, 5, 6, 8, 10], ones, ones, ["a", "a", "b", "b", "c", "c"])
    >>> found = mixed_contrasts(fit, [[1]])
    >>> [round(float(x[0]), 3) for x in (found.value, found.lower, found.upper, found.p)]
    [5.333, -3.989, 14.656, 0.133]
    """
    rows, tail = checked_contrasts(fit, contrasts), (1 - checked_level(level)) / 2
    value = rows @ fit.coefficients
    error = np.sqrt(np.einsum("ip,pq,iq->i", rows, fit.covariance, rows))
    df = satterthwaite_df(fit, rows)
    with np.errstate(invalid="ignore", divide="ignore"):
        t = value / error
    half = -stdtrit(df, tail) * error
    return MixedContrasts(
        value, error, df, t, 2 * stdtr(df, -np.abs(t)), value - half, value + half, level
    )
