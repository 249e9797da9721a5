"""Intervals of what `analysis.calibration` estimates: slope, calibration in the large, O/E."""

import math
from collections.abc import Callable
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import brentq
from scipy.special import expit, ndtri

from analysis.auc_limits import Limits
from analysis.calibration import checked_log_odds, recalibrate
from analysis.checks import Vector, checked_level, checked_probabilities, class_sizes
from analysis.errors import NoSpreadError, OutOfRangeError, UnknownChoiceError
from analysis.estimate import Estimate
from analysis.logistic import fit_logistic, log_likelihood

_LEAST_PROFILED = 1e-4  # standard errors

CalibrationMethod = Literal["profile_likelihood", "wald"]


def calibration_slope_interval(
    probabilities: ArrayLike,
    is_case: ArrayLike,
    *,
    level: float = 0.95,
    method: CalibrationMethod = "profile_likelihood",
) -> Estimate:
    """Estimate the calibration slope.

    Parameters
    ----------
    probabilities : array_like, shape (n_patients,)
        Probability of being a case, strictly between 0 and 1.
    is_case : array_like, shape (n_patients,)
        True for a case.
    level : float
        Confidence level.
    method : CalibrationMethod
        ``profile_likelihood`` (default) or ``wald``.

    Returns
    -------
    Estimate
        1 is perfect; below 1 the probabilities are too extreme.

    Raises
    ------
    NoSpreadError
        All probabilities are the same.
    AnalysisError
        As `recalibrate`; an unknown method; a level out of range.

    Notes
    -----
    Source: Cox 1958, Biometrika 45:562. The profile is solved for its two ends; R's ``confint``
    interpolates it by a spline and differs in the fifth decimal.

    Examples
    --------
    >>> p = [0.1, 0.4, 0.3, 0.8, 0.6]
    >>> print(calibration_slope_interval(p, [0, 0, 1, 1, 0]))
    0.80 (95% CI -0.80 to 3.47, profile_likelihood, 2 v 3)
    """
    _checked_choices(level, method)
    log_odds, mask = checked_log_odds(probabilities, is_case)
    fit = recalibrate(probabilities, is_case)
    if fit.slope is None or fit.slope_se is None:
        raise NoSpreadError("probabilities")

    def loss(slope: float) -> float:
        offset = slope * log_odds
        return -log_likelihood(offset + _best_intercept(offset, fit.n_cases), mask)

    limits = _limits(loss, fit.slope, fit.slope_se, level, method)
    return Estimate(fit.slope, *limits, level, method, fit.n_cases, fit.n_controls)


def in_the_large_interval(
    probabilities: ArrayLike,
    is_case: ArrayLike,
    *,
    level: float = 0.95,
    method: CalibrationMethod = "profile_likelihood",
) -> Estimate:
    """Estimate calibration in the large: the intercept with the slope fixed at 1.

    Parameters
    ----------
    probabilities, is_case, level, method
        As `calibration_slope_interval`.

    Returns
    -------
    Estimate
        In log-odds; 0 is perfect, above 0 the probabilities are too low.

    Raises
    ------
    AnalysisError
        As `recalibrate`; an unknown method; a level out of range.

    Examples
    --------
    >>> print(in_the_large_interval([0.4] * 5, [0, 1, 1, 1, 0], method="wald"))
    0.81 (95% CI -0.98 to 2.60, wald, 3 v 2)
    """
    _checked_choices(level, method)
    log_odds, mask = checked_log_odds(probabilities, is_case)
    n_cases, n_controls = class_sizes(mask)
    fit = fit_logistic(np.ones((log_odds.size, 1)), mask, offset=log_odds)
    value, error = float(fit.coefficients[0]), float(fit.standard_errors[0])

    def loss(intercept: float) -> float:
        return -log_likelihood(intercept + log_odds, mask)

    limits = _limits(loss, value, error, level, method)
    return Estimate(value, *limits, level, method, n_cases, n_controls)


def observed_expected_ratio(
    probabilities: ArrayLike, is_case: ArrayLike, *, level: float = 0.95
) -> Estimate:
    """Estimate how many cases there are for each case that was predicted.

    Parameters
    ----------
    probabilities : array_like, shape (n_patients,)
        Probability of being a case, from 0 to 1, not all of them 0.
    is_case : array_like, shape (n_patients,)
        True for a case.
    level : float
        Confidence level.

    Returns
    -------
    Estimate
        1 is perfect, above 1 the probabilities are too low. Method ``log_binomial``: symmetric in
        the logarithm, the observed number binomial, the expected one fixed.

    Raises
    ------
    OutOfRangeError
        Every probability is 0; a level out of range.
    AnalysisError
        As `checked_probabilities`.

    Notes
    -----
    Source: Debray 2017, BMJ 356:i6460, appendix: the variance of the logarithm is
    ``(1 - prevalence) / n_cases``.

    Examples
    --------
    >>> print(observed_expected_ratio([0.2, 0.3, 0.3, 0.4], [0, 1, 0, 1]))
    1.67 (95% CI 0.63-4.44, log_binomial, 2 v 2)
    """
    vector, mask = checked_probabilities(probabilities, is_case)
    n_cases, n_controls = class_sizes(mask)
    expected = float(vector.sum())
    if expected == 0:
        raise OutOfRangeError("probabilities", "above 0 for at least one patient")
    value = n_cases / expected
    error = math.sqrt(n_controls / (mask.size * n_cases))
    factor = math.exp(float(ndtri((1 + checked_level(level)) / 2)) * error)
    return Estimate(
        value, value / factor, value * factor, level, "log_binomial", n_cases, n_controls
    )


def _limits(
    loss: Callable[[float], float],
    value: float,
    error: float,
    level: float,
    method: CalibrationMethod,
) -> Limits:
    z = float(ndtri((1 + level) / 2))
    # Next to the maximum the two agree, and further in the profile is all rounding.
    if method == "wald" or not _LEAST_PROFILED < z < math.inf:
        return value - z * error, value + z * error

    best = loss(value)

    def beyond(at: float) -> float:
        return 2 * (loss(at) - best) - z**2

    def end(step: float) -> float:
        while beyond(value + step) < 0:
            step *= 2
        return float(brentq(beyond, value, value + step, xtol=1e-13))

    return end(-z * error), end(z * error)


def _best_intercept(offset: Vector, n_cases: int) -> float:
    """Return the intercept at which as many cases are expected as there are."""
    reach = math.log(offset.size) + 1  # beyond it less than one case, or one control, is expected

    def surplus(intercept: float) -> float:
        return float(expit(offset + intercept).sum()) - n_cases

    return float(brentq(surplus, -offset.max() - reach, reach - offset.min(), xtol=1e-12))


def _checked_choices(level: float, method: str) -> None:
    checked_level(level)
    if method not in get_args(CalibrationMethod):
        raise UnknownChoiceError("method", get_args(CalibrationMethod))
