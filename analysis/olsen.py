"""A normal regression of left-censored values, in the parameters that make it concave.

With the coefficients and 1, both over the standard deviation, as parameters the log-likelihood has
one maximum, which Newton's steps reach (Olsen 1978, Econometrica 46:1211).
"""

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import log_ndtr

from analysis.checks import Mask, Vector
from analysis.errors import NotConvergedError

_MOST_STEPS = 200
_CONVERGED = 1e-20  # squared Newton decrement: the last step is 1e-10 standard errors
_ROUNDING = 1e-9  # a fall of the log-likelihood that is not worth halving a step for


@dataclass(frozen=True, slots=True, eq=False)
class CensoredNormal:
    """A normal regression fitted to left-censored values.

    Parameters
    ----------
    means : Vector, shape (n_columns,)
        Coefficients of the mean.
    sd : float
        Residual standard deviation.
    errors : Vector, shape (n_columns + 1,)
        Standard errors of the coefficients, then of the logarithm of `sd`.
    log_likelihood : float
    """

    means: Vector
    sd: float
    errors: Vector
    log_likelihood: float


def fit_censored_normal(design: Vector, values: Vector, censored: Mask) -> CensoredNormal:
    """Maximise the likelihood of left-censored values by Newton's steps.

    Parameters
    ----------
    design : Vector, shape (n_patients, n_columns)
        Its first column is all ones.
    values : Vector, shape (n_patients,)
        Measured values, or limits.
    censored : Mask, shape (n_patients,)
        True where the value lies below its limit. The caller has refused data without a maximum.

    Returns
    -------
    CensoredNormal

    Raises
    ------
    NotConvergedError
        The maximum was not reached.

    Examples
    --------
    >>> values = np.array([1.0, 2.0, 3.0, 6.0])
    >>> fit = fit_censored_normal(np.ones((4, 1)), values, np.full(4, False))
    >>> round(float(fit.means[0]), 9), round(fit.sd, 9)
    (3.0, 1.870828693)
    """
    measured = values[~censored]
    middle, unit = float(measured.mean()), float(values.std()) or 1.0
    at = np.zeros(design.shape[1] + 1)
    at[-1] = 1.0
    rows = np.column_stack([-design, (values - middle) / unit])
    for _ in range(_MOST_STEPS):
        gradient, information = olsen_derivatives(at, rows, censored)
        step = np.linalg.solve(information, gradient)
        promised = float(step @ gradient)
        if promised < _CONVERGED:
            at = at + step
            break
        here, part = olsen_log_likelihood(at, rows, censored) - _ROUNDING, 1.0
        while not olsen_log_likelihood(at + part * step, rows, censored) >= here:
            part /= 2
        at = at + part * step
    else:
        raise NotConvergedError("the censored likelihood's maximum")
    _, information = olsen_derivatives(at, rows, censored)
    scale = float(at[-1])
    # From (mean/sd, 1/sd) to (mean, log sd).
    change = np.eye(at.size) / scale
    change[:, -1] = -at / scale**2
    change[-1, -1] = -1 / scale
    errors = np.sqrt(np.diag(change @ np.linalg.inv(information) @ change.T))
    means = unit * at[:-1] / scale
    means[0] += middle
    errors[:-1] *= unit
    log_likelihood = olsen_log_likelihood(at, rows, censored) - measured.size * math.log(unit)
    return CensoredNormal(means, unit / scale, errors, log_likelihood)


def olsen_log_likelihood(at: Vector, rows: Vector, censored: Mask) -> float:
    """Return the log-likelihood in Olsen's parameters.

    Parameters
    ----------
    at : Vector, shape (n_columns + 1,)
        Coefficients of the mean over the standard deviation, then 1 over the standard deviation.
    rows : Vector, shape (n_patients, n_columns + 1)
        The design with its sign changed, then the values or limits; ``rows @ at`` are residuals.
    censored : Mask, shape (n_patients,)
        True where the value lies below its limit.

    Returns
    -------
    float
        Minus infinity where the standard deviation would not be above zero.

    Examples
    --------
    >>> rows = np.array([[-1.0, 0.0], [-1.0, 0.0]])
    >>> round(olsen_log_likelihood(np.array([0.0, 1.0]), rows, np.array([True, False])), 6)
    -1.612086
    """
    if not at[-1] > 0:
        return -math.inf
    residual = rows @ at
    measured = residual[~censored]
    constant = measured.size * (math.log(at[-1]) - math.log(2 * math.pi) / 2)
    below = float(log_ndtr(residual[censored]).sum())
    return float(constant - (measured**2).sum() / 2 + below)


def olsen_derivatives(at: Vector, rows: Vector, censored: Mask) -> tuple[Vector, Vector]:
    """Return the gradient of `olsen_log_likelihood`, and its second derivatives, negated.

    Parameters
    ----------
    at, rows, censored
        As `olsen_log_likelihood`.

    Returns
    -------
    tuple of Vector, of shape (n_columns + 1,) and (n_columns + 1, n_columns + 1)

    Examples
    --------
    >>> rows = np.array([[-1.0, 0.0], [-1.0, 0.0]])
    >>> at, censored = np.array([0.0, 1.0]), np.array([True, False])
    >>> olsen_derivatives(at, rows, censored)[0].round(6).tolist()
    [-0.797885, 1.0]
    """
    residual = rows @ at
    # The density over the distribution function, without dividing zero by zero far below.
    ratio = np.exp(-(residual**2) / 2 - math.log(2 * math.pi) / 2 - log_ndtr(residual))
    first = np.where(censored, ratio, -residual)
    second = np.where(censored, np.clip(ratio * (ratio + residual), 0.0, 1.0), 1.0)
    n_measured = int((~censored).sum())
    gradient = rows.T @ first
    gradient[-1] += n_measured / at[-1]
    information = rows.T @ (rows * second[:, None])
    information[-1, -1] += n_measured / at[-1] ** 2
    return gradient, information
