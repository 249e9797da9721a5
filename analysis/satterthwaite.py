"""Degrees of freedom of combinations of a mixed model's coefficients, by Satterthwaite.

The variance of a combination is itself an estimate; its degrees of freedom are those of the
chi-square with the same mean and variance. Tests and intervals are in `analysis.mixed_contrasts`.
"""

import numpy as np
from numpy.typing import ArrayLike

from analysis.checks import Vector
from analysis.errors import NotFiniteError, ShapeError
from analysis.mixed_deviance import MixedDeviance
from analysis.mixed_model import MixedFit

_FLAT = 1e-8  # eigenvalue, beside the largest, of a direction that changes nothing


def satterthwaite_df(fit: MixedFit, contrasts: ArrayLike) -> Vector:
    """Return the degrees of freedom of each contrast.

    Parameters
    ----------
    fit : MixedFit
        Fitted by REML, as lmerTest's default; by ML the same formula applies.
    contrasts : array_like, shape (n_contrasts, p)
        Each row multiplies the coefficients.

    Returns
    -------
    Vector, shape (n_contrasts,)
        Not whole numbers; infinite for a row of zeros.

    Raises
    ------
    ShapeError
        Not one column per coefficient.
    NotFiniteError
        NaN or infinity.

    Notes
    -----
    ``df = 2 v**2 / (g' A g)``: v is the contrast's variance, g its gradient in the Cholesky factor
    and the residual variance, A their asymptotic covariance, twice the inverse of the deviance's
    Hessian. All derivatives are exact. Variances on the boundary are held there.

    Source: Kuznetsova, Brockhoff and Christensen 2017, J Stat Softw 82(13), section 2.3; the
    Hessian is the deviance's own, as in lmerTest, not its expectation.

    Examples
    --------
    >>> from analysis.mixed_model import fit_mixed_model
    >>> ones = np.ones((6, 1))
    >>> fit = fit_mixed_model([1, 2, 5, 6, 8, 10], ones, ones, ["a", "a", "b", "b", "c", "c"])
    >>> round(float(satterthwaite_df(fit, [[1]])[0]), 6)
    2.0
    """
    rows = checked_contrasts(fit, contrasts)
    at = fit.minimum.deviance
    turned = rows @ fit.moments.to_fixed @ at.regression.inverse
    variance = np.einsum("ip,ip->i", turned, rows @ fit.moments.to_fixed)
    slopes = -np.einsum("ip,kpq,iq->ik", turned, at.precision_gradient, turned)
    gradient = np.column_stack([slopes, variance])
    spread = np.einsum("ij,jk,ik->i", gradient, _variance_covariance(at), gradient)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(variance > 0, 2 * variance**2 / spread, np.inf)


def checked_contrasts(fit: MixedFit, contrasts: ArrayLike) -> Vector:
    """Return contrasts as a table with one column per coefficient.

    Parameters
    ----------
    fit : MixedFit
        Whose coefficients they multiply.
    contrasts : array_like, shape (n_contrasts, p)
        Finite.

    Returns
    -------
    Vector, shape (n_contrasts, p)

    Raises
    ------
    ShapeError
        Not one column per coefficient.
    NotFiniteError
        NaN or infinity.

    Examples
    --------
    >>> from analysis.mixed_model import fit_mixed_model
    >>> ones = [[1], [1], [1], [1]]
    >>> fit = fit_mixed_model([1, 2, 5, 6], ones, ones, ["a", "a", "b", "b"])
    >>> checked_contrasts(fit, [[2]]).tolist()
    [[2.0]]
    """
    rows: Vector = np.asarray(contrasts, dtype=np.float64)
    if rows.ndim != 2 or rows.shape[1] != fit.coefficients.size:
        raise ShapeError("contrasts", rows.shape, f"(n_contrasts, {fit.coefficients.size})")
    n_finite = int(np.count_nonzero(np.isfinite(rows)))
    if n_finite < rows.size:
        raise NotFiniteError("contrasts", rows.size - n_finite, rows.size)
    return rows


def _variance_covariance(at: MixedDeviance) -> Vector:
    """Return the covariance of the factor's entries and the log residual variance.

    `at.hessian` has the residual variance at its best for each factor; here it is free again.
    """
    slope = at.residual_sum_gradient / at.regression.residual_sum
    hessian = at.hessian + at.divisor * np.outer(slope, slope)
    mixed = -at.divisor * slope
    joint = np.block([[hessian, mixed[:, None]], [mixed, np.array(float(at.divisor))]])
    size = np.sqrt(np.maximum(np.diag(joint), np.finfo(float).tiny))
    curvature, axes = np.linalg.eigh(joint / np.outer(size, size))
    seen = curvature > _FLAT * curvature[-1]
    half = axes[:, seen] / np.sqrt(curvature[seen]) / size[:, None]
    covariance: Vector = 2 * half @ half.T
    return covariance
