"""The line that the recalibration model draws: observed over stated probability, with errors."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import expit, logit

from analysis.calibration import checked_log_odds, recalibrate
from analysis.checks import Vector, checked_vector
from analysis.errors import NoSpreadError, OutOfRangeError


@dataclass(frozen=True, slots=True, eq=False)
class RecalibrationLine:
    """Log-odds of being a case at each stated probability, and their standard errors.

    All of shape (n_points,); the log-odds lie on a straight line over those stated.
    """

    log_odds: Vector
    standard_errors: Vector


def recalibration_line(
    probabilities: ArrayLike, is_case: ArrayLike, at: ArrayLike
) -> RecalibrationLine:
    """Fit the recalibration model and follow its line.

    Parameters
    ----------
    probabilities : array_like, shape (n_patients,)
        Probability of being a case, strictly between 0 and 1.
    is_case : array_like, shape (n_patients,)
        True for a case.
    at : array_like, shape (n_points,)
        Stated probabilities, strictly between 0 and 1, at which to look.

    Returns
    -------
    RecalibrationLine

    Raises
    ------
    NoSpreadError
        All probabilities are the same.
    OutOfRangeError
        A probability, or a point, of 0 or 1.
    AnalysisError
        As `analysis.calibration.recalibrate`.

    Notes
    -----
    Source: Cox 1958, Biometrika 45:562; Wald errors of the linear predictor, as R's
    ``predict.glm(se.fit = TRUE)``.

    Examples
    --------
    >>> p = [0.1, 0.4, 0.3, 0.8, 0.6]
    >>> line = recalibration_line(p, [0, 0, 1, 1, 0], [0.5])
    >>> line.log_odds.round(3).tolist(), line.standard_errors.round(3).tolist()
    ([-0.233], [1.006])
    """
    fit = recalibrate(probabilities, is_case)
    if fit.slope is None or fit.intercept is None:
        raise NoSpreadError("probabilities")
    points = checked_vector("at", at)
    if ((points <= 0) | (points >= 1)).any():
        raise OutOfRangeError("at", "strictly between 0 and 1")
    log_odds, _ = checked_log_odds(probabilities, is_case)
    design, where = _with_ones(log_odds), _with_ones(np.asarray(logit(points)))
    fitted = fit.intercept + fit.slope * log_odds
    information = design.T @ (design * (expit(fitted) * expit(-fitted))[:, np.newaxis])
    variances = np.einsum("pi,ij,pj->p", where, np.linalg.inv(information), where)
    return RecalibrationLine(fit.intercept + fit.slope * where[:, 1], np.sqrt(variances))


def _with_ones(column: Vector) -> Vector:
    return np.column_stack([np.ones_like(column), column])
