"""Whether two groups of patients differ in a correlation, or in the slope of a regression line."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr, stdtr, stdtrit

from analysis.checks import (
    Vector,
    checked_level,
    checked_magnitude,
    checked_pairs,
    checked_scores,
    checked_spread,
)
from analysis.correlation import fisher_limits
from analysis.errors import OutOfRangeError, TooFewError
from analysis.estimate import Estimate


@dataclass(frozen=True, slots=True)
class CorrelationDifference:
    """Difference of two independent correlations.

    Parameters
    ----------
    difference : Estimate
        First less second; method ``zou``; its `n_cases` and `n_controls` are the first and second
        group's patients.
    z, p : float
        Difference of Fisher's z in its standard error, and two-sided p.
    """

    difference: Estimate
    z: float
    p: float


@dataclass(frozen=True, slots=True)
class Coefficient:
    """One coefficient of a linear regression.

    Parameters
    ----------
    value, lower, upper : float
        With its limits, in the unit of y (intercepts) or of y per x (slopes).
    standard_error, t, p : float
        And its two-sided t test against zero.
    """

    value: float
    lower: float
    upper: float
    standard_error: float
    t: float
    p: float


@dataclass(frozen=True, slots=True)
class Interaction:
    """The regression y ~ x * group: a line for each group, with one residual variance.

    Parameters
    ----------
    intercept, slope : Coefficient
        Of the group whose members are False.
    intercept_difference, slope_difference : Coefficient
        True less False. `slope_difference` is the interaction.
    df : int
        Residual degrees of freedom.
    level : float
        Confidence level of the limits.
    n_in_group, n_others : int
        Patients who are True and False.
    """

    intercept: Coefficient
    slope: Coefficient
    intercept_difference: Coefficient
    slope_difference: Coefficient
    df: int
    level: float
    n_in_group: int
    n_others: int


def correlation_difference(
    r_first: float, n_first: int, r_second: float, n_second: int, *, level: float = 0.95
) -> CorrelationDifference:
    """Compare the correlations of two independent groups.

    Parameters
    ----------
    r_first, r_second : float
        Pearson correlations, strictly between -1 and 1.
    n_first, n_second : int
        Patients, at least 4 each.
    level : float
        Confidence level.

    Returns
    -------
    CorrelationDifference

    Raises
    ------
    TooFewError
        Fewer than four patients in a group.
    OutOfRangeError
        A correlation or the level out of range.

    Notes
    -----
    Source: Fisher 1921, Metron 1:3 (test); Zou 2007, Psychol Methods 12:399 (interval, from both
    correlations' own Fisher limits).

    Examples
    --------
    >>> found = correlation_difference(-0.68, 19, 0.27, 14)
    >>> print(found.difference, round(found.p, 3))
    -0.95 (95% CI -1.42 to -0.28, zou, 19 v 14) 0.005
    """
    checked_level(level)
    groups = (("r_first", r_first, n_first), ("r_second", r_second, n_second))
    for name, r, n in groups:
        if not -1 < r < 1:
            raise OutOfRangeError(name, "strictly between -1 and 1")
        if n < 4:
            raise TooFewError("patients in each group", n, 4)
    standard_error = math.sqrt(1 / (n_first - 3) + 1 / (n_second - 3))
    z = (math.atanh(r_first) - math.atanh(r_second)) / standard_error
    limits = [fisher_limits(r, 1 / (n - 3), level=level) for _, r, n in groups]
    (low_first, high_first), (low_second, high_second) = limits
    value = r_first - r_second
    lower = value - math.hypot(r_first - low_first, high_second - r_second)
    upper = value + math.hypot(high_first - r_first, r_second - low_second)
    difference = Estimate(value, lower, upper, level, "zou", n_first, n_second)
    return CorrelationDifference(difference, z, float(2 * ndtr(-abs(z))))


def interaction(
    x: ArrayLike, y: ArrayLike, in_group: ArrayLike, *, level: float = 0.95
) -> Interaction:
    """Compare the slopes of y on x between two groups.

    Parameters
    ----------
    x, y : array_like, shape (n_patients,)
        One complete pair for each patient.
    in_group : array_like, shape (n_patients,)
        True for one group, False for the other.
    level : float
        Confidence level.

    Returns
    -------
    Interaction
        The same as R's ``lm(y ~ x * in_group)``.

    Raises
    ------
    TooFewError
        Fewer than two patients in a group, or fewer than five in all.
    NoSpreadError
        x is the same for a whole group, or all points lie on the two lines.
    AnalysisError
        Lengths differ, a value is not finite, a level out of range.

    Examples
    --------
    >>> fit = interaction([1, 2, 3, 1, 2, 3], [2, 4, 7, 3, 3, 2], [1, 1, 1, 0, 0, 0])
    >>> round(fit.slope_difference.value, 3), round(fit.slope_difference.p, 3)
    (3.0, 0.018)
    """
    checked_level(level)
    first, second = checked_pairs(x, y, names=("x", "y"), at_least=5)
    for name, values in (("x", first), ("y", second)):
        checked_magnitude(name, values)
    _, mask = checked_scores(first, in_group, name="x")
    lines = [_Line.through(first[group], second[group]) for group in (~mask, mask)]
    df = first.size - 4
    residuals = np.concatenate([line.residuals for line in lines])
    largest = float(np.abs(second).max())
    checked_spread("the distances from both lines", residuals, magnitude=largest)
    sigma = math.sqrt(float((residuals**2).sum()) / df)
    half = float(stdtrit(df, (1 + level) / 2))

    def coefficient(value: float, root: float) -> Coefficient:
        error = sigma * root
        t = value / error
        p = float(2 * stdtr(df, -abs(t)))
        return Coefficient(value, value - half * error, value + half * error, error, t, p)

    other, own = lines
    return Interaction(
        coefficient(other.intercept, other.intercept_root),
        coefficient(other.slope, other.slope_root),
        coefficient(
            own.intercept - other.intercept, math.hypot(own.intercept_root, other.intercept_root)
        ),
        coefficient(own.slope - other.slope, math.hypot(own.slope_root, other.slope_root)),
        df,
        level,
        int(mask.sum()),
        int((~mask).sum()),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Line:
    """A least-squares line; the roots times the residual deviation are standard errors."""

    intercept: float
    slope: float
    intercept_root: float
    slope_root: float
    residuals: Vector

    @classmethod
    def through(cls, x: Vector, y: Vector) -> "_Line":
        if x.size < 2:
            raise TooFewError("patients in each group", x.size, 2)
        checked_spread("x in each group", x)
        mean_x, mean_y = float(x.mean()), float(y.mean())
        centred = x - mean_x
        sum_of_squares = float((centred**2).sum())
        slope = float(centred @ (y - mean_y)) / sum_of_squares
        return cls(
            intercept=mean_y - slope * mean_x,
            slope=slope,
            intercept_root=math.sqrt(1 / x.size + mean_x**2 / sum_of_squares),
            slope_root=1 / math.sqrt(sum_of_squares),
            residuals=y - mean_y - slope * centred,
        )
