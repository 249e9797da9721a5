"""What a linear mixed model needs to know of its data: one small table per patient.

The columns are made orthogonal first, so that neither units nor the origin of time cost digits;
`MixedMoments` keeps the way back. The likelihood is in `analysis.mixed_deviance`.
"""

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.checks import Vector, checked_vector
from analysis.errors import (
    LengthsDifferError,
    NotFiniteError,
    RankDeficientError,
    ShapeError,
    TooFewError,
)

_DEPENDENT = 1e-9  # part of a column that those before it leave, below which it repeats them


@dataclass(frozen=True, slots=True, eq=False)
class MixedMoments:
    """Cross-products per patient of the random columns with all columns and with the values.

    Parameters
    ----------
    within : Vector, shape (n_patients, q, q)
        Z'Z of each patient, Z being the random columns made orthogonal over all rows.
    across : Vector, shape (n_patients, q, p + 1)
        Z' times the fixed columns made orthogonal, and the residuals of least squares.
    total : Vector, shape (p + 1, p + 1)
        Cross-products of fixed columns and residuals over all rows.
    least_squares : Vector, shape (p,)
        Coefficients of ordinary least squares in the caller's columns.
    to_fixed : Vector, shape (p, p)
        Turns coefficients of the orthogonal fixed columns into the caller's.
    to_random : Vector, shape (q, q)
        The same for random effects.
    log_scale : float
        Log determinant of `to_fixed`.
    length : float
        Of the values as a vector, beside which a residual is rounding.
    n_rows : int
        Values.
    """

    within: Vector
    across: Vector
    total: Vector
    least_squares: Vector
    to_fixed: Vector
    to_random: Vector
    log_scale: float
    length: float
    n_rows: int

    @property
    def n_patients(self) -> int:
        """Patients with at least one value."""
        return len(self.within)

    @property
    def n_fixed(self) -> int:
        """Fixed columns."""
        return len(self.total) - 1

    @property
    def n_random(self) -> int:
        """Random columns."""
        return len(self.to_random)

    def turned(self, axes: Vector) -> "MixedMoments":
        """Return the same data with the random columns combined anew.

        Parameters
        ----------
        axes : Vector, shape (q, q)
            Orthogonal; each column is a new random column's make-up.

        Returns
        -------
        MixedMoments
        """
        return replace(
            self,
            within=axes.T @ self.within @ axes,
            across=axes.T @ self.across,
            to_random=self.to_random @ axes,
        )


def mixed_moments(
    values: ArrayLike, fixed: ArrayLike, random: ArrayLike, patient: ArrayLike
) -> MixedMoments:
    """Check the columns of a mixed model and take their cross-products.

    Parameters
    ----------
    values : array_like, shape (n_rows,)
        The outcome.
    fixed : array_like, shape (n_rows, p)
        Columns with a coefficient for everybody; a column of ones is the caller's to give.
    random : array_like, shape (n_rows, q)
        Columns with a coefficient for each patient.
    patient : array_like, shape (n_rows,)
        Whose row it is: ids of any kind, in any order.

    Returns
    -------
    MixedMoments

    Raises
    ------
    RankDeficientError
        Fixed or random columns repeat each other.
    TooFewError
        No more rows than fixed columns.
    AnalysisError
        A shape is wrong, lengths differ, a number is not finite.

    Examples
    --------
    >>> ones = [[1], [1], [1]]
    >>> mixed_moments([1, 2, 6], ones, ones, ["a", "a", "b"]).least_squares.round(9).tolist()
    [3.0]
    """
    y = checked_vector("values", values)
    x, z = _checked_columns("fixed", fixed), _checked_columns("random", random)
    who = np.asarray(patient)
    if not y.size == x.shape[0] == z.shape[0] == who.size:
        sizes = {"values": y.size, "fixed": x.shape[0], "random": z.shape[0], "patient": who.size}
        raise LengthsDifferError(sizes)
    if y.size <= x.shape[1]:
        raise TooFewError("rows", y.size, x.shape[1] + 1)
    (x, to_fixed), (z, to_random) = _orthogonal(x), _orthogonal(z)
    projected = x.T @ y / y.size
    columns = np.column_stack([x, y - x @ projected])
    order, first = _patients(who)
    z, columns = z[order], columns[order]
    products = z[:, :, None] * np.column_stack([z, columns])[:, None, :]
    summed = np.add.reduceat(products, first, axis=0)
    return MixedMoments(
        within=summed[:, :, : z.shape[1]],
        across=np.ascontiguousarray(summed[:, :, z.shape[1] :]),
        total=columns.T @ columns,
        least_squares=to_fixed @ projected,
        to_fixed=to_fixed,
        to_random=to_random,
        log_scale=float(np.log(np.abs(np.diag(to_fixed))).sum()),
        length=float(np.linalg.norm(y)),
        n_rows=y.size,
    )


def _checked_columns(name: str, columns: ArrayLike) -> Vector:
    table: Vector = np.asarray(columns, dtype=np.float64)
    if table.ndim != 2 or table.shape[1] == 0:
        raise ShapeError(name, table.shape, "(n_rows, n_columns) with at least one column")
    n_finite = int(np.count_nonzero(np.isfinite(table)))
    if n_finite < table.size:
        raise NotFiniteError(name, table.size - n_finite, table.size)
    return table


def _orthogonal(columns: Vector) -> tuple[Vector, Vector]:
    """Return columns of mean square 1 at right angles, and the way back for coefficients."""
    length = np.sqrt((columns**2).sum(axis=0))
    unit = np.where(length > 0, length, 1.0)
    q, r = np.linalg.qr(columns / unit)
    left = np.abs(np.diag(r)) > _DEPENDENT
    if left.sum() < columns.shape[1]:
        raise RankDeficientError(int(left.sum()), columns.shape[1])
    root = math.sqrt(columns.shape[0])
    back: Vector = np.linalg.inv(r) * root / unit[:, None]
    return q * root, back


def _patients(who: NDArray[np.generic]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the order that puts each patient's rows together, and where each begins."""
    _, number = np.unique(who, return_inverse=True)
    order = np.argsort(number, kind="stable")
    starts = np.flatnonzero(np.diff(number[order], prepend=-1))
    return order, starts
