"""The fixed effects of a linear mixed model once the covariance of its random effects is given.

This is generalised least squares, patient by patient; how good that covariance is, and in which
direction a better one lies, is in `analysis.mixed_deviance`.
"""

from dataclasses import dataclass

import numpy as np

from analysis.checks import Vector
from analysis.mixed_moments import MixedMoments


@dataclass(frozen=True, slots=True, eq=False)
class MixedRegression:
    """Generalised least squares in the orthogonal columns of `MixedMoments`.

    Parameters
    ----------
    factor : Vector, shape (q, q)
        Lower triangular; G = factor @ factor.T is the covariance of the random effects in units
        of the residual variance.
    inverse : Vector, shape (p, p)
        Covariance of the coefficients in units of the residual variance.
    shift : Vector, shape (p,)
        Coefficients less those of ordinary least squares.
    residual_sum : float
        Weighted sum of squares of the residuals.
    log_patients : float
        Sum over patients of log |I + A G|, with A = Z'Z.
    log_precision : float
        Log determinant of X'V^-1X in the caller's columns, in units of the residual variance.
    weight : Vector, shape (n_patients, q, q)
        H = (I + A G)^-1 A.
    left : Vector, shape (n_patients, q, p + 1)
        (I + A G)^-1 Z'[X r]: what predicted random effects leave of the cross-products.
    """

    factor: Vector
    inverse: Vector
    shift: Vector
    residual_sum: float
    log_patients: float
    log_precision: float
    weight: Vector
    left: Vector


def mixed_regression(moments: MixedMoments, factor: Vector) -> MixedRegression:
    """Fit the fixed effects.

    Parameters
    ----------
    moments : MixedMoments
        The data.
    factor : Vector, shape (q, q)
        Lower triangular; may be singular.

    Returns
    -------
    MixedRegression

    Notes
    -----
    With C = Z'[X r] and K = (G^-1 + A)^-1, the weighted cross-products are [X r]'[X r] - sum C'KC;
    K = factor (I + factor' A factor)^-1 factor' also where G has no inverse.

    Source: Bates, Maechler, Bolker and Walker 2015, J Stat Softw 67(1), section 3.

    Examples
    --------
    >>> from analysis.mixed_moments import mixed_moments
    >>> ones = [[1], [1], [1]]
    >>> data = mixed_moments([1, 2, 6], ones, ones, ["a", "a", "b"])
    >>> fit = mixed_regression(data, np.array([[100.0]]))
    >>> (data.least_squares + data.to_fixed @ fit.shift).round(2).tolist()
    [3.75]
    """
    a, c, p = moments.within, moments.across, moments.n_fixed
    n, q, width = c.shape
    inner = np.eye(q) + factor.T @ a @ factor
    k = factor @ np.linalg.inv(inner) @ factor.T
    left_over = np.eye(q) - a @ k
    products = moments.total - c.reshape(n * q, width).T @ (k @ c).reshape(n * q, width)
    root = np.linalg.cholesky(products[:p, :p])
    half = np.linalg.inv(root)
    inverse = half.T @ half
    shift = inverse @ products[:p, p]
    return MixedRegression(
        factor=factor,
        inverse=inverse,
        shift=shift,
        residual_sum=float(products[p, p] - shift @ products[:p, p]),
        log_patients=float(np.log(np.linalg.det(inner)).sum()),
        log_precision=2 * float(np.log(np.diag(root)).sum() - moments.log_scale),
        weight=left_over @ a,
        left=left_over @ c,
    )
