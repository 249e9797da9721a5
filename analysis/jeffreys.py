"""The likelihood of a logistic regression times Jeffreys's prior, and the way to its maximum."""

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from analysis.checks import Mask, Vector
from analysis.errors import NotConvergedError

_MOST_STEPS = 500
_CONVERGED = 1e-24  # squared step in standard errors
_NEARLY = 1e-16  # below this a squared step that no longer shrinks is rounding
_ROUNDING = 1e-10  # a fall of the log-likelihood that is not worth halving a step for
_LONGEST_STEP = 5.0  # on the scale of log-odds, for any patient
_CELLS = 4_000_000  # numbers of a table that are worked on at a time


@dataclass(frozen=True, slots=True, eq=False)
class Point:
    """Everything about one vector of coefficients.

    Parameters
    ----------
    at : Vector, shape (n_columns,)
        The coefficients.
    fitted, weight : Vector, shape (n_patients,)
        Probability of being a case, and its variance.
    q : Vector, shape (n_patients, n_columns)
        Orthonormal basis of the weighted design.
    leverage : Vector, shape (n_patients,)
        Diagonal of the hat matrix.
    residual : Vector, shape (n_patients,)
        Firth's: its product with the design is the slope of `penalised`.
    log_likelihood, penalised : float
        Without and with half the log determinant of the information.
    """

    at: Vector
    fitted: Vector
    weight: Vector
    q: Vector
    leverage: Vector
    residual: Vector
    log_likelihood: float
    penalised: float


def point(design: Vector, is_case: Mask, at: Vector) -> Point:
    """Work out everything about one vector of coefficients.

    Parameters
    ----------
    design : Vector, shape (n_patients, n_columns)
        Of full rank.
    is_case : Mask, shape (n_patients,)
        True for a case.
    at : Vector, shape (n_columns,)
        Coefficients.

    Returns
    -------
    Point

    Examples
    --------
    >>> here = point(np.ones((4, 1)), np.array([True, True, True, False]), np.zeros(1))
    >>> here.leverage.tolist(), round(here.penalised, 6)
    ([0.25, 0.25, 0.25, 0.25], -2.772589)
    """
    linear = design @ at
    fitted = expit(linear)
    # The product of both tails is accurate where 1 - fitted would have been rounded to 0.
    weight = fitted * expit(-linear)
    q, r = np.linalg.qr(np.sqrt(weight)[:, None] * design)
    leverage = (q**2).sum(axis=1)
    diagonal = np.abs(np.diag(r))
    log_likelihood = -float(np.logaddexp(0.0, np.where(is_case, -linear, linear)).sum())
    half_log_determinant = float(np.log(diagonal).sum()) if diagonal.min() > 0 else -math.inf
    return Point(
        at=at,
        fitted=fitted,
        weight=weight,
        q=q,
        leverage=leverage,
        residual=np.where(is_case, expit(-linear), -fitted) + leverage * (0.5 - fitted),
        log_likelihood=log_likelihood,
        penalised=log_likelihood + half_log_determinant,
    )


def climb(design: Vector, is_case: Mask, start: Vector, *, fixed: Vector | None = None) -> Point:
    """Maximise the penalised likelihood by Newton's steps, halved while they overshoot.

    Parameters
    ----------
    design : Vector, shape (n_patients, n_columns)
        Of full rank.
    is_case : Mask, shape (n_patients,)
        True for a case; both classes are there.
    start : Vector, shape (n_columns,)
        Coefficients to begin with.
    fixed : Vector, shape (n_columns,), optional
        Weights of a sum of the coefficients that keeps the value it starts with.

    Returns
    -------
    Point

    Raises
    ------
    NotConvergedError
        The maximum was not reached.

    Notes
    -----
    Source: Firth 1993, Biometrika 80:27.

    Examples
    --------
    >>> top = climb(np.ones((4, 1)), np.array([True, True, True, False]), np.zeros(1))
    >>> bool(np.isclose(top.at[0], np.log(3.5 / 1.5)))
    True
    """
    here, previous = point(design, is_case, start), math.inf
    free = np.eye(start.size) if fixed is None else _orthogonal_to(fixed)
    if free.shape[1] == 0:
        return here
    for _ in range(_MOST_STEPS):
        step, squared = _step(design @ free, here)
        if squared < _CONVERGED or previous <= squared < _NEARLY:
            return here
        previous, step = squared, free @ step
        part = min(1.0, _LONGEST_STEP / float(np.abs(design @ step).max()))
        there = point(design, is_case, here.at + part * step)
        while not there.penalised >= here.penalised - _ROUNDING:
            part /= 2
            there = point(design, is_case, here.at + part * step)
        here = there
    raise NotConvergedError("the penalised likelihood's maximum")


def covariance(design: Vector, weight: Vector) -> Vector:
    """Return the inverse of the information.

    Parameters
    ----------
    design : Vector, shape (n_patients, n_columns)
        Of full rank.
    weight : Vector, shape (n_patients,)
        Above zero.

    Returns
    -------
    Vector, shape (n_columns, n_columns)

    Examples
    --------
    >>> covariance(np.ones((4, 1)), np.full(4, 0.25)).tolist()
    [[1.0]]
    """
    root = _root_of_covariance(design, weight)
    return np.asarray(root @ root.T, dtype=np.float64)


def _step(design: Vector, here: Point) -> tuple[Vector, float]:
    """Return Newton's step, and the squared length of the score in its standard errors.

    All is done in the basis in which the information is the unit matrix. Where the penalised
    likelihood is not concave the step is Fisher's, which needs the information only.
    """
    to_basis = _root_of_covariance(design, here.weight)
    basis = design @ to_basis
    score = basis.T @ here.residual
    lean = 0.5 - here.fitted
    cubes = _cubes(basis * lean[:, None], here.q)
    curving = here.weight * (1 + here.leverage) - 2 * lean**2 * here.leverage
    curvature = basis.T @ (basis * curving[:, None]) + 2 * cubes @ cubes.T
    is_concave = bool(np.linalg.eigvalsh(curvature)[0] > 0)
    direction = np.linalg.solve(curvature, score) if is_concave else score
    return np.asarray(to_basis @ direction, dtype=np.float64), float(score @ score)


def _cubes(basis: Vector, q: Vector) -> Vector:
    """Return the sums over patients of basis times all products of two columns of q."""
    n, width = q.shape
    total = np.zeros((basis.shape[1], width * width))
    for rows in np.array_split(np.arange(n), 1 + n * width**2 // _CELLS):
        squares = q[rows, :, None] * q[rows, None, :]
        total += basis[rows].T @ squares.reshape(rows.size, -1)
    return total


def _root_of_covariance(design: Vector, weight: Vector) -> Vector:
    """Return the inverse of the triangle whose square is the information."""
    r = np.linalg.qr(np.sqrt(weight)[:, None] * design, mode="r")
    return np.linalg.inv(np.asarray(r, dtype=np.float64))


def _orthogonal_to(direction: Vector) -> Vector:
    """Return orthonormal columns that are orthogonal to a direction."""
    q, _ = np.linalg.qr((direction / np.abs(direction).max())[:, None], mode="complete")
    return np.asarray(q[:, 1:], dtype=np.float64)
