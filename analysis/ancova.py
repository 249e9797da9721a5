"""The difference of two means adjusted for one covariate: analysis of covariance.

Both groups share one regression line's slope; `slope_difference` checks that they may. The
unadjusted difference is in `analysis.mean_difference`.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import stdtr, stdtrit

from analysis.checks import Vector, checked_level, checked_pairs
from analysis.errors import NoSpreadError, TooFewError
from analysis.estimate import Estimate
from analysis.mean_difference import MeanDifference

_ROUNDING = 4e-15  # a spread this small beside the values that it was calculated from is rounding


@dataclass(frozen=True, slots=True)
class Ancova:
    """Two means compared at the same value of a covariate.

    Parameters
    ----------
    comparison : MeanDifference
        First adjusted mean minus second, in the outcome's unit, with its t test; method
        ``ancova``.
    adjusted_first, adjusted_second : Estimate
        Means of the outcome for a patient with the covariate's mean over both groups.
    covariate_mean : float
        That mean, in the covariate's unit.
    slope : float
        Change of the outcome per unit of the covariate, the same in both groups.
    residual_sd : float
        Standard deviation around the two parallel lines.
    """

    comparison: MeanDifference
    adjusted_first: Estimate
    adjusted_second: Estimate
    covariate_mean: float
    slope: float
    residual_sd: float


@dataclass(frozen=True, slots=True)
class _Group:
    """Outcome and covariate of one group, both around their means."""

    n: int
    mean: float
    covariate_mean: float
    outcome: Vector
    covariate: Vector

    @property
    def spread(self) -> float:
        """Sum of squares of the covariate."""
        return float(self.covariate @ self.covariate)

    @property
    def product(self) -> float:
        """Sum of products with the outcome."""
        return float(self.covariate @ self.outcome)


def ancova(
    first: ArrayLike,
    second: ArrayLike,
    covariate_first: ArrayLike,
    covariate_second: ArrayLike,
    *,
    level: float = 0.95,
) -> Ancova:
    """Compare two means, adjusted for a covariate by least squares.

    Parameters
    ----------
    first, second : array_like, shape (n_first,) and (n_second,)
        Outcome of different patients.
    covariate_first, covariate_second : array_like, shape (n_first,) and (n_second,)
        The same patients' covariate, measured before treatment.
    level : float
        Confidence level.

    Returns
    -------
    Ancova
        With n - 3 degrees of freedom. For a change from baseline adjusted for the baseline, the
        comparison is the same as for the later value itself.

    Raises
    ------
    TooFewError
        A group of fewer than two patients.
    NoSpreadError
        The covariate is the same for everybody in each group, or all outcomes lie on the lines.
    AnalysisError
        Lengths differ, a value is not finite, a level out of range.

    Notes
    -----
    Assumes parallel lines, and the same normal spread around them in both groups. Source: Fisher
    1932, Statistical Methods for Research Workers, 4th edition, section 49.1; the same as R's
    ``lm(outcome ~ group + covariate)``.

    Examples
    --------
    >>> found = ancova([-1, -2, -4, -1], [-3, -5, -6, -4], [40, 38, 33, 41], [41, 37, 35, 39])
    >>> print(found.comparison.difference)
    2.50 (95% CI 2.12-2.88, ancova, 4 v 4)
    """
    checked_level(level)
    groups = _group(first, covariate_first), _group(second, covariate_second)
    one, other = groups
    spread = _covariate_spread(one, other)
    slope = (one.product + other.product) / spread
    df = one.n + other.n - 3
    residual_sd = _residual_sd(groups, (slope, slope), df)
    apart = one.covariate_mean - other.covariate_mean
    standard_error = residual_sd * math.sqrt(1 / one.n + 1 / other.n + apart**2 / spread)
    value = one.mean - other.mean - slope * apart
    everybody = (one.n * one.covariate_mean + other.n * other.covariate_mean) / (one.n + other.n)
    adjusted_first, adjusted_second = (
        _estimate(
            group.mean + slope * (everybody - group.covariate_mean),
            residual_sd * math.sqrt(1 / group.n + (everybody - group.covariate_mean) ** 2 / spread),
            df,
            level,
            (group.n, group.n),
        )
        for group in groups
    )
    comparison = _comparison(value, standard_error, df, level, (one.n, other.n))
    return Ancova(comparison, adjusted_first, adjusted_second, everybody, slope, residual_sd)


def slope_difference(
    first: ArrayLike,
    second: ArrayLike,
    covariate_first: ArrayLike,
    covariate_second: ArrayLike,
    *,
    level: float = 0.95,
) -> MeanDifference:
    """Check that both groups' lines are parallel, as `ancova` assumes.

    Parameters
    ----------
    first, second, covariate_first, covariate_second, level
        As `ancova`.

    Returns
    -------
    MeanDifference
        First group's slope minus the second's [outcome per covariate], with its t test on n - 4
        degrees of freedom; method ``ancova``. In small groups a large p is no proof of parallel
        lines.

    Raises
    ------
    TooFewError
        A group of fewer than two patients, or of both fewer than five.
    NoSpreadError
        The covariate is the same for everybody in a group, or all outcomes lie on the lines.
    AnalysisError
        As `ancova`.

    Notes
    -----
    The interaction of R's ``lm(outcome ~ group * covariate)``.

    Examples
    --------
    >>> found = slope_difference([-1, -2, -4, -1], [-3, -5, -6, -4], [40, 38, 33, 41],
    ...                          [41, 37, 35, 39])
    >>> print(found.difference)
    -0.11 (95% CI -0.21 to 0.00, ancova, 4 v 4)
    """
    checked_level(level)
    groups = _group(first, covariate_first), _group(second, covariate_second)
    one, other = groups
    for group in groups:
        _covariate_spread(group)
    slopes = one.product / one.spread, other.product / other.spread
    df = one.n + other.n - 4
    residual_sd = _residual_sd(groups, slopes, df)
    standard_error = residual_sd * math.sqrt(1 / one.spread + 1 / other.spread)
    return _comparison(slopes[0] - slopes[1], standard_error, df, level, (one.n, other.n))


def _group(outcome: ArrayLike, covariate: ArrayLike) -> _Group:
    y, x = checked_pairs(outcome, covariate, names=("outcome", "covariate"))
    return _Group(y.size, float(y.mean()), float(x.mean()), y - y.mean(), x - x.mean())


def _covariate_spread(*groups: _Group) -> float:
    """Sum of squares within groups; refused where it is rounding."""
    largest = max(float(np.abs(group.covariate).max()) for group in groups)
    if largest <= _ROUNDING * max(abs(group.covariate_mean) for group in groups):
        raise NoSpreadError("The covariate within a group")
    spread = sum(group.spread for group in groups)
    if spread == 0:  # squares too small for a number
        raise NoSpreadError("The covariate within a group")
    return spread


def _residual_sd(groups: tuple[_Group, _Group], slopes: tuple[float, float], df: int) -> float:
    if df < 1:
        raise TooFewError("patients in both groups", sum(group.n for group in groups), 5)
    left = [group.outcome - b * group.covariate for group, b in zip(groups, slopes, strict=True)]
    residual_sd = math.sqrt(sum(float(part @ part) for part in left) / df)
    largest = max(abs(group.mean) + float(np.abs(group.outcome).max()) for group in groups)
    if residual_sd <= _ROUNDING * largest:
        raise NoSpreadError("The outcome around the groups' lines")
    return residual_sd


def _estimate(
    value: float, standard_error: float, df: int, level: float, n: tuple[int, int]
) -> Estimate:
    half_width = float(stdtrit(df, (1 + level) / 2)) * standard_error
    return Estimate(value, value - half_width, value + half_width, level, "ancova", *n)


def _comparison(
    value: float, standard_error: float, df: int, level: float, n: tuple[int, int]
) -> MeanDifference:
    t = value / standard_error
    return MeanDifference(
        difference=_estimate(value, standard_error, df, level, n),
        standard_error=standard_error,
        t=t,
        df=float(df),
        p=float(2 * stdtr(df, -abs(t))),
    )
