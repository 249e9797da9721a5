"""How well probabilities agree with outcomes: recalibration model, Brier score, log-loss."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import logit, xlog1py, xlogy

from analysis.checks import Mask, Vector, checked_probabilities, class_sizes
from analysis.errors import OutOfRangeError, SeparatedError
from analysis.logistic import fit_logistic

_SAME_LOG_ODDS = 1e-6  # a range of log-odds within which probabilities count as the same
_LEAST_PROBABILITY = 1e-100


@dataclass(frozen=True, slots=True)
class Recalibration:
    """What a logistic regression of the outcome on the logit of the probability says.

    Parameters
    ----------
    intercept, slope : float or None
        From ONE model with both; 0 and 1 are perfect. A slope below 1: the probabilities are too
        extreme. None, with their standard errors, where all probabilities are the same.
    intercept_se, slope_se : float or None
        Standard errors from the information matrix.
    in_the_large : float
        Calibration in the large [log-odds]: the intercept of the model with the slope fixed at 1
        (offset). Above 0: the probabilities are too low. It is not `intercept`.
    in_the_large_se : float
        Its standard error.
    n_cases, n_controls : int
        Patients.
    """

    intercept: float | None
    intercept_se: float | None
    slope: float | None
    slope_se: float | None
    in_the_large: float
    in_the_large_se: float
    n_cases: int
    n_controls: int

    def as_dict(self) -> dict[str, float | int | None]:
        """Return the fields in order, ready for JSON.

        Returns
        -------
        dict

        Examples
        --------
        >>> recalibrate([0.5, 0.5], [0, 1]).as_dict()["slope"] is None
        True
        """
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


def recalibrate(probabilities: ArrayLike, is_case: ArrayLike) -> Recalibration:
    """Fit the recalibration model and calibration in the large.

    Parameters
    ----------
    probabilities : array_like, shape (n_patients,)
        Probability of being a case, strictly between 0 and 1.
    is_case : array_like, shape (n_patients,)
        True for a case.

    Returns
    -------
    Recalibration
        If all probabilities are the same (a prevalence model) there is no slope to estimate:
        intercept and slope are None, calibration in the large is given.

    Raises
    ------
    OutOfRangeError
        A probability of exactly 0 or 1, whose logit is infinite, or one so small that sums over
        patients lose the others.
    SeparatedError
        A probability separates the classes (up to ties): the slope would be infinite.
    OneClassError
        No case or no control.
    AnalysisError
        Lengths differ, or a probability is not finite.

    Notes
    -----
    Source: Cox 1958, Biometrika 45:562; Van Calster 2016, J Clin Epidemiol 74:167. The same as
    R's ``glm`` and the intercept and slope of ``rms::val.prob``.

    Examples
    --------
    >>> fit = recalibrate([0.1, 0.4, 0.3, 0.8, 0.6], [0, 0, 1, 1, 0])
    >>> round(fit.intercept, 3), round(fit.slope, 3), round(fit.in_the_large, 3)
    (-0.233, 0.803, -0.215)
    """
    log_odds, mask = checked_log_odds(probabilities, is_case)
    n_cases, n_controls = class_sizes(mask)
    ones = np.ones((log_odds.size, 1))
    large = fit_logistic(ones, mask, offset=log_odds)
    intercept = intercept_se = slope = slope_se = None
    if not _same_for_all(log_odds):
        _refuse_separation(log_odds, mask)
        joint = fit_logistic(np.column_stack([ones, log_odds]), mask, offset=0 * log_odds)
        intercept, slope = joint.coefficients.tolist()
        intercept_se, slope_se = joint.standard_errors.tolist()
    return Recalibration(
        intercept,
        intercept_se,
        slope,
        slope_se,
        float(large.coefficients[0]),
        float(large.standard_errors[0]),
        n_cases,
        n_controls,
    )


def brier_score(probabilities: ArrayLike, is_case: ArrayLike) -> float:
    """Mean squared distance of the probabilities from the outcomes.

    Parameters
    ----------
    probabilities : array_like, shape (n_patients,)
        Probability of being a case, from 0 to 1.
    is_case : array_like, shape (n_patients,)
        True for a case.

    Returns
    -------
    float
        From 0 (best) to 1; .25 for a probability of one half for everyone.

    Raises
    ------
    AnalysisError
        As `checked_probabilities`, so also when a class is missing.

    Notes
    -----
    Source: Brier 1950, Mon Weather Rev 78:1, halved as is usual for two outcomes.

    Examples
    --------
    >>> round(brier_score([0.1, 0.8], [0, 1]), 3)
    0.025
    """
    vector, mask = checked_probabilities(probabilities, is_case)
    return float(np.mean((vector - mask) ** 2))


def log_loss(probabilities: ArrayLike, is_case: ArrayLike) -> float:
    """Mean negative log-likelihood of the outcomes.

    Parameters
    ----------
    probabilities : array_like, shape (n_patients,)
        Probability of being a case, from 0 to 1; not moved away from 0 and 1.
    is_case : array_like, shape (n_patients,)
        True for a case.

    Returns
    -------
    float
        In natural logarithms, from 0 (best); infinite if an outcome happened that was given
        probability 0.

    Raises
    ------
    AnalysisError
        As `checked_probabilities`, so also when a class is missing.

    Examples
    --------
    >>> round(log_loss([0.1, 0.8], [0, 1]), 3)
    0.164
    """
    vector, mask = checked_probabilities(probabilities, is_case)
    return float(-np.mean(xlogy(mask, vector) + xlog1py(~mask, -vector)))


def checked_log_odds(probabilities: ArrayLike, is_case: ArrayLike) -> tuple[Vector, Mask]:
    """Return log-odds and classes of the same patients, both classes present.

    Parameters
    ----------
    probabilities : array_like, shape (n_patients,)
        Probability of being a case, strictly between 0 and 1.
    is_case : array_like, shape (n_patients,)
        True for a case.

    Returns
    -------
    tuple of Vector and Mask, both of shape (n_patients,)

    Raises
    ------
    OutOfRangeError
        A probability of exactly 0 or 1: its logit is infinite.
    AnalysisError
        As `checked_probabilities`.

    Examples
    --------
    >>> checked_log_odds([0.5, 0.8], [0, 1])[0].round(3).tolist()
    [0.0, 1.386]
    """
    vector, mask = checked_probabilities(probabilities, is_case)
    if ((vector == 0) | (vector == 1)).any():
        raise OutOfRangeError("probabilities", "strictly between 0 and 1 to have a finite logit")
    if (vector < _LEAST_PROBABILITY).any():
        raise OutOfRangeError("probabilities", f"at least {_LEAST_PROBABILITY:g}")
    return np.asarray(logit(vector), dtype=np.float64), mask


def _same_for_all(log_odds: Vector) -> bool:
    return bool(np.ptp(log_odds) < _SAME_LOG_ODDS)


def _refuse_separation(log_odds: Vector, is_case: Mask) -> None:
    cases, controls = log_odds[is_case], log_odds[~is_case]
    if cases.min() >= controls.max() or cases.max() <= controls.min():
        raise SeparatedError(cases.size, controls.size)
