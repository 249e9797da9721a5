"""One Newton step of many penalised regressions: the minimum of their quadratic models.

Coordinate descent finds which coefficients are zero, elimination solves for the others. All
problems of a batch advance together; none depends on another, to the last bit.
"""

import numpy as np
from numpy.typing import NDArray

from training.standardise import Floats

COLLINEAR = 1e-11
"""Share of itself added to each curvature, so that exactly collinear features can be solved."""

TINY = 1e-16
"""Stands in for a curvature of zero."""

Bools = NDArray[np.bool_]


def minimise_quadratic(
    coefficients: Floats, gradient: Floats, hessian: Floats, *, ridge: Floats, lasso: Floats
) -> Floats:
    """Lower the penalised quadratic model of the loss; where no sign changes, minimise it.

    Parameters
    ----------
    coefficients, gradient
        Where the model was made, and its slope there; (features + 1, b), intercept first.
    hessian
        (features + 1, features + 1, b).
    ridge, lasso
        Penalty of each coefficient, (features + 1, b); 0 for the intercept.

    Returns
    -------
    (features + 1, b)

    Notes
    -----
    A sweep of coordinate descent lets coefficients leave or reach zero. Newton steps follow
    with these zeros and signs; a step that would change a sign ends there, that coefficient
    becomes 0, and its problem takes another.
    """
    target = coefficients.copy()
    slope = gradient + ridge * coefficients
    matrix = hessian.copy()
    diagonal = np.arange(len(matrix))
    matrix[diagonal, diagonal] += ridge
    if not lasso.any():
        return target + _solve_free(matrix, -slope, np.ones_like(slope, dtype=np.bool_))
    _sweep(target, slope, matrix, lasso)
    cut = _step_within_signs(target, slope, matrix, lasso)
    going = np.arange(target.shape[1])
    while cut.any():
        going = going[cut]
        parts = [rows[..., going] for rows in (target, slope, matrix, lasso)]
        cut = _step_within_signs(*parts)
        target[:, going], slope[:, going] = parts[:2]
    return target


def _sweep(target: Floats, slope: Floats, matrix: Floats, lasso: Floats) -> None:
    """Minimise along each coefficient in turn; updates `target` and its smooth `slope`."""
    for j, row in enumerate(matrix):
        curvature = np.maximum(row[j], TINY)
        pull = curvature * target[j] - slope[j]
        shrunk = np.sign(pull) * np.maximum(np.abs(pull) - lasso[j], 0.0) / curvature
        slope += row * (shrunk - target[j])
        target[j] = shrunk


def _step_within_signs(target: Floats, slope: Floats, matrix: Floats, lasso: Floats) -> Bools:
    """Newton step, up to the first change of sign; returns which problems (b,) were cut short.

    Updates `target`, and for the problems cut short its smooth `slope`.
    """
    free = (target != 0) | (lasso == 0)
    direction = _solve_free(matrix, -(slope + lasso * np.sign(target)), free)
    reached = target + direction
    crosses = (lasso > 0) & (target * reached < 0)
    cut: Bools = np.logical_or.reduce(crosses, axis=0)
    if cut.any():
        share = np.where(crosses, target, 1.0) / np.where(crosses, -direction, 1.0)
        shortest = share.min(axis=0)
        first = crosses & (share == shortest)
        reached = np.where(cut, np.where(first, 0.0, target + shortest * direction), reached)
        for row, move in zip(matrix, reached - target, strict=True):
            slope += row * move
    target[:] = reached
    return cut


def _solve_free(matrix: Floats, right: Floats, free: Bools) -> Floats:
    """Solve each problem's symmetric equations in its free unknowns; the others are 0.

    Elimination without pivoting: stable, since `COLLINEAR` makes the matrix positive definite.
    """
    work = matrix * (free[:, None] & free[None])
    solution = np.where(free, right, 0.0)
    pivots = np.empty_like(right)
    for j, diagonal in enumerate(np.einsum("jjb->jb", matrix)):
        slack = np.maximum(COLLINEAR * diagonal, TINY)
        pivots[j] = np.where(free[j], np.maximum(work[j, j] + slack, slack), 1.0)
        factors = work[j, j + 1 :] / pivots[j]
        work[j + 1 :, j + 1 :] -= factors[:, None] * work[j, j + 1 :]
        solution[j + 1 :] -= factors * solution[j]
    for j in reversed(range(len(matrix))):
        solution[j] /= pivots[j]
        solution[:j] -= work[:j, j] * solution[j]
    return solution
