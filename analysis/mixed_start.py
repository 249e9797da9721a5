"""Where the search for variances begins, and whether the data can tell them apart at all.

The variances are estimated without iteration, by setting quadratic forms of the residuals equal
to their expectations (MIVQUE). Their equations are singular where variances are confounded.
"""

import numpy as np

from analysis.checks import Vector
from analysis.mixed_deviance import factor_entries
from analysis.mixed_errors import NotIdentifiedError
from analysis.mixed_moments import MixedMoments
from analysis.mixed_regression import MixedRegression, mixed_regression

_CONFOUNDED = 1e-9  # eigenvalue of the equations' correlations below which two are the same
_TAKEN = 1e-6  # share of a variance's information that fixed columns may leave, rounding apart
_LEAST = 0.1  # random over residual SD from which the search can still find its way to zero
_MOST = 1e3  # the same where next to no residual is left


def starting_factor(moments: MixedMoments, *, around: float = 1.0) -> Vector:
    """Estimate the relative Cholesky factor without iteration.

    Parameters
    ----------
    moments : MixedMoments
        The data.
    around : float
        Random over residual SD that the weights assume; another one gives another start.

    Returns
    -------
    Vector, shape (q, q)
        Lower triangular, of full rank.

    Raises
    ------
    NotIdentifiedError
        Different variances give the same distribution of the values.

    Notes
    -----
    Source: Searle, Casella and McCulloch 1992, Variance Components, section 11.3.

    Examples
    --------
    >>> from analysis.mixed_moments import mixed_moments
    >>> ones = [[1], [1], [1], [1]]
    >>> data = mixed_moments([1, 2, 6, 9], ones, ones, ["a", "a", "b", "b"])
    >>> round(float(starting_factor(data)[0, 0]) ** 2, 6)
    6.7
    """
    q = moments.n_random
    information, forms, unadjusted = _equations(
        moments, mixed_regression(moments, around * np.eye(q))
    )
    size = np.sqrt(np.maximum(np.diag(information), _TAKEN * unadjusted))
    apart = np.linalg.eigvalsh(information / np.outer(size, size)) > _CONFOUNDED
    if not apart.all():
        counts = moments.n_rows, moments.n_patients
        raise NotIdentifiedError(int(apart.sum()), apart.size, *counts)
    variances = np.linalg.solve(information, forms)
    covariance = np.zeros((q, q))
    row, column = factor_entries(q)
    covariance[row, column] = covariance[column, row] = variances[:-1]
    spread, axes = np.linalg.eigh(covariance)
    least = _LEAST**2 * moments.total[-1, -1] / moments.n_rows
    residual = max(variances[-1], spread[-1] / _MOST**2, least / _MOST**2)
    spread = np.maximum(spread / residual, _LEAST**2)
    factor: Vector = np.linalg.cholesky((axes * spread) @ axes.T)
    return factor


def _equations(moments: MixedMoments, at: MixedRegression) -> tuple[Vector, Vector, Vector]:
    """Return tr(P V_k P V_l) and y'P V_k P y for all covariances and, last, the residual.

    Third come the traces of k with itself as they would be without fixed columns.

    P takes the fixed columns out, V_k is the derivative of the values' covariance. The residual's
    own follow from P V P = P, V being the sum of all V_k at their present values.
    """
    n, q, _ = at.left.shape
    p = moments.n_fixed
    seen = at.left @ np.append(-at.shift, 1.0)
    flat = at.left[:, :, :p].reshape(n, q * p)
    spread: Vector = (flat.T @ flat).reshape(q, p, q, p).transpose(0, 2, 1, 3)
    taken = at.left[:, :, :p] @ at.inverse @ at.left[:, :, :p].transpose(0, 2, 1)
    pairs = _products(at.weight - 2 * taken, at.weight)
    scaled = (at.inverse @ spread).reshape(q * q, p, p)
    pairs = (pairs + pairs.T) / 2 + np.einsum("kij,lji->kl", scaled, scaled)
    basis = _symmetric_basis(q)
    unadjusted = np.diag(basis @ _products(at.weight, at.weight) @ basis.T)
    between = basis @ pairs @ basis.T
    trace = basis @ (at.weight - taken).sum(axis=0).ravel()
    forms = basis @ (seen.T @ seen).ravel()
    row, column = factor_entries(q)
    present = (at.factor @ at.factor.T)[row, column]
    with_residual = trace - between @ present
    residual = moments.n_rows - p - 2 * trace @ present + present @ between @ present
    information = np.block([[between, with_residual[:, None]], [with_residual, residual]])
    return (
        information,
        np.append(forms, at.residual_sum - present @ forms),
        np.append(unadjusted, moments.n_rows),
    )


def _products(first: Vector, second: Vector) -> Vector:
    """Return the sum over patients of the products of any two entries, shape (q * q, q * q)."""
    n, q, _ = first.shape
    products = first.reshape(n, -1).T @ second.reshape(n, -1)
    by_entry: Vector = products.reshape(q, q, q, q).transpose(1, 2, 3, 0)
    return by_entry.reshape(q * q, q * q)


def _symmetric_basis(q: int) -> Vector:
    """Return the matrices that each covariance multiplies, shape (k, q * q)."""
    row, column = factor_entries(q)
    basis = np.zeros((row.size, q, q))
    entry = np.arange(row.size)
    basis[entry, row, column] = basis[entry, column, row] = 1.0
    return basis.reshape(row.size, -1)
