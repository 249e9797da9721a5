"""The deviance of a linear mixed model as a function of the random effects' covariance.

Fixed effects and the residual variance are at their best for that covariance ("profiled");
gradient and Hessian are exact. The search for the lowest deviance is in `analysis.mixed_search`.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.checks import Vector
from analysis.mixed_moments import MixedMoments
from analysis.mixed_regression import MixedRegression, mixed_regression

_LOG_2PI = math.log(2 * math.pi)


@dataclass(frozen=True, slots=True, eq=False)
class MixedDeviance:
    """The deviance at one covariance of the random effects, and how it changes around it.

    Derivatives are in the k = q (q + 1) / 2 entries of the relative Cholesky factor, column by
    column as `factor_entries` lists them.

    Parameters
    ----------
    regression : MixedRegression
        The fixed effects there.
    reml : bool
        Restricted likelihood, else likelihood.
    value : float
        -2 log-likelihood.
    divisor : int
        Rows, with REML less fixed columns; the residual variance is the residual sum over it.
    gradient, hessian : Vector, shape (k,) and (k, k)
        Of `value`.
    covariance_gradient : Vector, shape (q, q)
        Of `value` in the relative covariance itself; symmetric.
    residual_sum_gradient : Vector, shape (k,)
        Of the regression's `residual_sum`.
    precision_gradient : Vector, shape (k, p, p)
        Of the inverse of the regression's `inverse`.
    """

    regression: MixedRegression
    reml: bool
    value: float
    divisor: int
    gradient: Vector
    hessian: Vector
    covariance_gradient: Vector
    residual_sum_gradient: Vector
    precision_gradient: Vector

    @property
    def residual_variance(self) -> float:
        """At its best for this covariance."""
        return self.regression.residual_sum / self.divisor


def factor_entries(n_random: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return rows and columns of a lower triangle, column by column as lme4's theta.

    Parameters
    ----------
    n_random : int
        Random columns.

    Returns
    -------
    tuple of arrays, shape (n_random * (n_random + 1) / 2,)

    Examples
    --------
    >>> [entries.tolist() for entries in factor_entries(2)]
    [[0, 1, 1], [0, 0, 1]]
    """
    column, row = np.triu_indices(n_random)
    return row, column


def mixed_deviance(moments: MixedMoments, factor: Vector, *, reml: bool) -> MixedDeviance:
    """Evaluate the profiled deviance with its first and second derivatives.

    Parameters
    ----------
    moments : MixedMoments
        The data.
    factor : Vector, shape (q, q)
        Relative Cholesky factor: lower triangular, may be singular.
    reml : bool
        Restricted likelihood, else the likelihood.

    Returns
    -------
    MixedDeviance

    Notes
    -----
    In the relative covariance G, with S the weighted cross-products of [X r] and P, H as in
    `MixedRegression`: d log|I + A G| = tr(H dG), dS = -sum (left' dG left) and dH = -H dG H.

    Source: Bates, Maechler, Bolker and Walker 2015, J Stat Softw 67(1), equations 34 and 41;
    the derivatives are ours, and tests hold them against differences.

    Examples
    --------
    >>> from analysis.mixed_moments import mixed_moments
    >>> ones = [[1], [1], [1], [1]]
    >>> data = mixed_moments([1, 2, 6, 9], ones, ones, ["a", "a", "b", "b"])
    >>> round(mixed_deviance(data, np.array([[2.0]]), reml=True).value, 3)
    15.393
    """
    at = mixed_regression(moments, factor)
    n, q, width = at.left.shape
    divisor = moments.n_rows - reml * moments.n_fixed
    value = at.log_patients + divisor * (1 + _LOG_2PI + math.log(at.residual_sum / divisor))
    flat = at.left.reshape(n, q * width)
    by_entry = (flat.T @ flat).reshape(q, width, q, width).transpose(0, 2, 1, 3)
    spread = by_entry.reshape(q * q, width * width)
    pull = _pull(at, divisor, reml=reml)
    slope = at.weight.sum(axis=0) - (spread @ pull.ravel()).reshape(q, q)
    moves = _moves(factor)
    change = -(moves @ spread).reshape(-1, width, width)
    contrast = np.append(-at.shift, 1.0)
    return MixedDeviance(
        regression=at,
        reml=reml,
        value=value + reml * at.log_precision,
        divisor=divisor,
        gradient=moves @ slope.ravel(),
        hessian=_curvature(at, pull, slope, moves) - _profiled(at, change, divisor, reml=reml),
        covariance_gradient=slope,
        residual_sum_gradient=change @ contrast @ contrast,
        precision_gradient=change[:, :-1, :-1],
    )


def _pull(at: MixedRegression, divisor: int, *, reml: bool) -> Vector:
    """Return the gradient of the deviance in the weighted cross-products."""
    contrast = np.append(-at.shift, 1.0)
    pull = np.outer(contrast, contrast) * (divisor / at.residual_sum)
    if reml:
        pull[:-1, :-1] += at.inverse
    return pull


def _moves(factor: Vector) -> Vector:
    """Return the derivative of the relative covariance in each entry, shape (k, q * q)."""
    row, column = factor_entries(factor.shape[0])
    entry = np.arange(row.size)
    moves = np.zeros((row.size, *factor.shape))
    moves[entry, row, :] = factor.T[column]
    moves[entry, :, row] += factor.T[column]
    flat: Vector = moves.reshape(row.size, -1)
    return flat


def _curvature(at: MixedRegression, pull: Vector, slope: Vector, moves: Vector) -> Vector:
    """Return second derivatives with the fixed effects and their precision held."""
    n, q, _ = at.left.shape
    pulled = at.left @ pull @ at.left.transpose(0, 2, 1)
    pairs = (2 * pulled - at.weight).reshape(n, -1).T @ at.weight.reshape(n, -1)
    pairs = pairs.reshape(q, q, q, q).transpose(1, 2, 3, 0).reshape(q * q, q * q)
    curvature = moves @ pairs @ moves.T
    row, column = factor_entries(q)
    bent = 2 * slope[np.ix_(row, row)] * (column[:, None] == column)
    both: Vector = (curvature + curvature.T) / 2 + bent
    return both


def _profiled(at: MixedRegression, change: Vector, divisor: int, *, reml: bool) -> Vector:
    """Return what the fixed effects, the residual variance and the precision take off."""
    contrast = np.append(-at.shift, 1.0)
    turned = change @ contrast
    summed = turned @ contrast
    turned = turned[:, :-1]
    precision = divisor / at.residual_sum
    off: Vector = 2 * precision * turned @ at.inverse @ turned.T
    off += precision / at.residual_sum * np.outer(summed, summed)
    if reml:
        scaled = at.inverse @ change[:, :-1, :-1]
        off += np.einsum("kij,lji->kl", scaled, scaled)
    return off
