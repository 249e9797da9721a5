"""Rubin's rules: one estimate, interval and test from several imputed data sets.

How values are imputed is in `analysis.multiple_imputation`.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import stdtr, stdtrit

from analysis.checks import checked_level, checked_pairs
from analysis.errors import NoSpreadError, OutOfRangeError
from analysis.estimate import Estimate


@dataclass(frozen=True, slots=True)
class Pooled:
    """An estimate pooled over imputations.

    Parameters
    ----------
    estimate : Estimate
        Mean of the imputed data sets' estimates; method ``rubin``.
    standard_error, t, df, p : float
        Of the total variance; Barnard and Rubin's degrees of freedom; two-sided p.
    within, between : float
        Mean variance within an imputed data set, and variance between their estimates.
    relative_increase : float
        How much larger the variance is than it would be without anything missing; 0 or above.
    missing_information : float
        Fraction of the information on the estimate that is missing, 0 to 1.
    n_imputations : int
    """

    estimate: Estimate
    standard_error: float
    t: float
    df: float
    p: float
    within: float
    between: float
    relative_increase: float
    missing_information: float
    n_imputations: int


def pool(
    estimates: ArrayLike,
    variances: ArrayLike,
    *,
    complete_df: float,
    n_patients: tuple[int, int],
    level: float = 0.95,
) -> Pooled:
    """Pool the estimates of several imputed data sets.

    Parameters
    ----------
    estimates, variances : array_like, shape (n_imputations,)
        Each data set's estimate and its squared standard error; at least two data sets.
    complete_df : float
        Degrees of freedom that the analysis would have with nothing missing; may be infinite.
    n_patients : tuple of int
        Patients of the first and second group, imputed ones included.
    level : float
        Confidence level.

    Returns
    -------
    Pooled
        If all estimates agree, nothing is missing and only `complete_df` limits the degrees of
        freedom, which are then a little below it, as Barnard and Rubin have it.

    Raises
    ------
    TooFewError
        Fewer than two imputations.
    OutOfRangeError
        A variance below 0, degrees of freedom not above 0, a level out of range.
    NoSpreadError
        All variances are 0.
    AnalysisError
        Lengths differ or a number is not finite.

    Notes
    -----
    Source: Rubin 1987, Multiple Imputation for Nonresponse in Surveys, equations 3.1.2-3.1.10;
    Barnard and Rubin 1999, Biometrika 86:948.

    Examples
    --------
    >>> found = pool([2, 3, 4], [1, 1, 1], complete_df=20, n_patients=(12, 10))
    >>> print(found.estimate)
    3.00 (95% CI -1.53 to 7.53, rubin, 12 v 10)
    >>> round(found.df, 3), round(found.missing_information, 3)
    (3.436, 0.705)
    """
    means, squares = checked_pairs(estimates, variances, names=("estimates", "variances"))
    if (squares < 0).any():
        raise OutOfRangeError("variances", "0 or above")
    if not complete_df > 0:
        raise OutOfRangeError("complete_df", "above 0")
    m = means.size
    within, between = float(squares.mean()), float(means.var(ddof=1))
    if within == 0:
        raise NoSpreadError("the values within each imputed data set")
    added = (1 + 1 / m) * between
    total = within + added
    df = _degrees_of_freedom(added / total, m, complete_df)
    value, standard_error = float(means.mean()), float(np.sqrt(total))
    half_width = float(stdtrit(df, (1 + checked_level(level)) / 2)) * standard_error
    t = value / standard_error
    return Pooled(
        Estimate(value, value - half_width, value + half_width, level, "rubin", *n_patients),
        standard_error,
        t,
        df,
        float(2 * stdtr(df, -abs(t))),
        within,
        between,
        added / within,
        (added + 2 * within / (df + 3)) / total if added > 0 else 0.0,
        m,
    )


def _degrees_of_freedom(share: float, m: int, complete_df: float) -> float:
    """Barnard and Rubin's; `share` is the part of the variance that imputation adds."""
    of_imputations = share**2 / (m - 1)
    if np.isinf(complete_df):
        return 1 / of_imputations if share > 0 else float("inf")
    of_patients = (complete_df + 1) / (complete_df + 3) * complete_df * (1 - share)
    return 1 / (of_imputations + 1 / of_patients)
