"""Logistic regression by maximum likelihood, for the few parameters of a calibration model.

It trusts its caller to have ruled out separated classes and collinear columns; models with
features are fitted in `training`, which penalises them.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from analysis.checks import Mask, Vector
from analysis.errors import SeparatedError

_MOST_STEPS = 100
_CONVERGED = 1e-20  # squared Newton decrement: the last step is 1e-10 standard errors
_ROUNDING = 1e-8  # a fall of the log-likelihood that is not worth halving a step for


@dataclass(frozen=True, slots=True, eq=False)
class LogisticFit:
    """A fitted logistic regression.

    Parameters
    ----------
    coefficients, standard_errors : Vector, shape (n_columns,)
        In the order of the design's columns; standard errors from the information matrix.
    log_likelihood : float
        At its maximum, in natural logarithms.
    """

    coefficients: Vector
    standard_errors: Vector
    log_likelihood: float


def fit_logistic(design: Vector, is_case: Mask, *, offset: Vector) -> LogisticFit:
    """Fit by Newton steps, halved while they overshoot.

    Parameters
    ----------
    design : Vector, shape (n_patients, n_columns)
        With its own column of ones; the columns are linearly independent.
    is_case : Mask, shape (n_patients,)
        True for a case; no combination of the columns separates the classes.
    offset : Vector, shape (n_patients,)
        Part of the log-odds with a coefficient of 1.

    Returns
    -------
    LogisticFit

    Raises
    ------
    SeparatedError
        No convergence. Not every separated sample ends here, hence the caller's promise.

    Examples
    --------
    >>> fit = fit_logistic(np.ones((4, 1)), np.array([True, False, True, True]), offset=np.zeros(4))
    >>> fit.coefficients.round(4).tolist(), round(fit.log_likelihood, 4)
    ([1.0986], -2.2493)
    """
    sign = np.where(is_case, 1.0, -1.0)
    coefficients = np.zeros(design.shape[1])
    for _ in range(_MOST_STEPS):
        linear = offset + design @ coefficients
        # The product of both tails is accurate where 1 - fitted would have been rounded to 0.
        information = design.T @ (design * (expit(linear) * expit(-linear))[:, None])
        step = np.linalg.solve(information, design.T @ (sign * expit(-sign * linear)))
        promised = step @ information @ step
        if promised < _CONVERGED:
            errors = np.sqrt(np.diag(np.linalg.inv(information)))
            found = coefficients + step
            return LogisticFit(found, errors, log_likelihood(offset + design @ found, is_case))
        here, part = log_likelihood(linear, is_case) - _ROUNDING, 1.0
        while log_likelihood(linear + part * (design @ step), is_case) < here + part * promised / 4:
            part /= 2
        coefficients = coefficients + part * step
    raise SeparatedError(int(is_case.sum()), int((~is_case).sum()))


def log_likelihood(log_odds: Vector, is_case: Mask) -> float:
    """Return the log-likelihood of log-odds, without forming their probabilities.

    Parameters
    ----------
    log_odds : Vector, shape (n_patients,)
        Finite.
    is_case : Mask, shape (n_patients,)
        True for a case.

    Returns
    -------
    float
        In natural logarithms, at most 0.

    Examples
    --------
    >>> round(log_likelihood(np.array([0.0, 2.0]), np.array([False, True])), 4)
    -0.8201
    """
    return -float(np.logaddexp(0.0, np.where(is_case, -log_odds, log_odds)).sum())
