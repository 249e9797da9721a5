"""The difference of two independent means by Student's or Welch's t, from data or from a paper."""

import math
from dataclasses import dataclass
from typing import Literal, get_args

from numpy.typing import ArrayLike
from scipy.special import stdtr, stdtrit

from analysis.checks import checked_level
from analysis.errors import NoSpreadError, UnknownChoiceError
from analysis.estimate import Estimate
from analysis.summary import Summary, summarise

Variances = Literal["unequal", "equal"]

_ROUNDING = 4e-15  # a standard error this small beside the means is rounding


@dataclass(frozen=True, slots=True)
class MeanDifference:
    """Difference of two means with its t test.

    Parameters
    ----------
    difference : Estimate
        First mean minus second, in the quantity's unit; method ``student`` or ``welch``; its
        `n_cases` and `n_controls` are the first and second group's patients.
    standard_error : float
        Of the difference.
    t, df, p : float
        Statistic, degrees of freedom and two-sided p.
    """

    difference: Estimate
    standard_error: float
    t: float
    df: float
    p: float


def two_sample_t(
    first: ArrayLike,
    second: ArrayLike,
    *,
    variances: Variances = "unequal",
    level: float = 0.95,
) -> MeanDifference:
    """Compare the means of two independent groups.

    Parameters
    ----------
    first, second : array_like, shape (n_first,) and (n_second,)
        Values of different patients.
    variances : Variances
        ``unequal`` (Welch, default) or ``equal`` (Student).
    level : float
        Confidence level.

    Returns
    -------
    MeanDifference

    Raises
    ------
    TooFewError
        A group of fewer than two patients.
    NoSpreadError
        Neither group has any spread.
    AnalysisError
        A value is not finite; an unknown choice; a level out of range.

    Examples
    --------
    >>> print(two_sample_t([4, 6, 8, 6], [1, 3, 2, 2]).difference)
    4.00 (95% CI 1.56-6.44, welch, 4 v 4)
    """
    return t_from_summaries(summarise(first), summarise(second), variances=variances, level=level)


def t_from_summaries(
    first: Summary,
    second: Summary,
    *,
    variances: Variances = "unequal",
    level: float = 0.95,
) -> MeanDifference:
    """Compare two independent means of which only a summary is known.

    Parameters
    ----------
    first, second : Summary
        Size, mean and standard deviation of each group.
    variances : Variances
        ``unequal`` (Welch, default) or ``equal`` (Student).
    level : float
        Confidence level.

    Returns
    -------
    MeanDifference

    Raises
    ------
    NoSpreadError
        Neither group has any spread.
    AnalysisError
        An unknown choice; a level out of range.

    Notes
    -----
    Source: Welch 1947, Biometrika 34:28; degrees of freedom by Satterthwaite 1946, Biometrics
    2:110.

    Examples
    --------
    The trial's ALSFRS-R change to 4 months, as printed:

    >>> msc, control = Summary(32, -1.69, 2.51), Summary(27, -4.67, 3.25)
    >>> print(t_from_summaries(msc, control, variances="equal").difference)
    2.98 (95% CI 1.48-4.48, student, 32 v 27)
    """
    if variances not in get_args(Variances):
        raise UnknownChoiceError("variances", get_args(Variances))
    checked_level(level)
    standard_error, df = _spread(first, second, variances)
    if standard_error <= _ROUNDING * max(abs(first.mean), abs(second.mean)):
        raise NoSpreadError("the values of at least one group")
    value = first.mean - second.mean
    half_width = float(stdtrit(df, (1 + level) / 2)) * standard_error
    t = value / standard_error
    method = "welch" if variances == "unequal" else "student"
    difference = Estimate(
        value, value - half_width, value + half_width, level, method, first.n, second.n
    )
    return MeanDifference(difference, standard_error, t, df, float(2 * stdtr(df, -abs(t))))


def _spread(first: Summary, second: Summary, variances: Variances) -> tuple[float, float]:
    """Return the difference's standard error and degrees of freedom."""
    if variances == "equal":
        df = float(first.n + second.n - 2)
        pooled = math.hypot(
            first.sd * math.sqrt((first.n - 1) / df), second.sd * math.sqrt((second.n - 1) / df)
        )
        return pooled * math.sqrt(1 / first.n + 1 / second.n), df
    standard_error = math.hypot(first.standard_error, second.standard_error)
    if standard_error == 0:
        return 0.0, first.n + second.n - 2
    shares = [(one.standard_error / standard_error) ** 2 for one in (first, second)]
    df = 1 / (shares[0] ** 2 / (first.n - 1) + shares[1] ** 2 / (second.n - 1))
    return standard_error, df
