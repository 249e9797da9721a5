"""How far imputed values would have to be off before a difference is no longer clear.

The difference of two means over completed data sets, and the same with the imputed values of
either group shifted (delta adjustment, a pattern-mixture model for values not missing at random).
"""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import brentq

from analysis.checks import Mask, Vector
from analysis.errors import (
    LengthsDifferError,
    NoSpreadError,
    ShapeError,
    TooFewError,
    UnknownChoiceError,
)
from analysis.multiple_imputation import Matrix
from analysis.rubin import Pooled, pool

Group = Literal["first", "second"]


@dataclass(frozen=True, slots=True)
class Completed:
    """One outcome of two groups in several imputed data sets.

    Parameters
    ----------
    values : array_like, shape (n_imputations, n_patients)
    is_first : array_like, shape (n_patients,)
        True for the first group.
    is_imputed : array_like, shape (n_patients,)
        True where the value was not seen.

    Raises
    ------
    TooFewError
        A group of fewer than two patients, or fewer than two imputations.
    AnalysisError
        Shapes or lengths that do not fit.

    Examples
    --------
    >>> Completed([[1, 2, 3, 5], [1, 2, 3, 7]], [1, 1, 0, 0], [0, 0, 0, 1]).n_patients
    (2, 2)
    """

    values: Matrix
    is_first: Mask
    is_imputed: Mask

    def __post_init__(self) -> None:
        """Turn what was given into arrays that fit."""
        values = np.asarray(self.values, dtype=np.float64)
        first, imputed = (np.asarray(mask, dtype=bool) for mask in (self.is_first, self.is_imputed))
        if values.ndim != 2:
            raise ShapeError("values", values.shape, "two-dimensional")
        if not values.shape[1] == first.size == imputed.size:
            raise LengthsDifferError(
                {"values": values.shape[1], "is_first": first.size, "is_imputed": imputed.size}
            )
        for name, array in (("values", values), ("is_first", first), ("is_imputed", imputed)):
            object.__setattr__(self, name, array)
        if min(self.n_patients) < 2:
            raise TooFewError("patients in each group", min(self.n_patients), 2)
        if len(values) < 2:
            raise TooFewError("imputations", len(values), 2)

    @property
    def n_patients(self) -> tuple[int, int]:
        """Patients of the first and second group."""
        n_first = int(self.is_first.sum())
        return n_first, self.is_first.size - n_first

    @property
    def n_imputed(self) -> tuple[int, int]:
        """Patients of the first and second group whose value was not seen."""
        n_first = int((self.is_first & self.is_imputed).sum())
        return n_first, int(self.is_imputed.sum()) - n_first


def pooled_difference(
    completed: Completed,
    *,
    shift_first: float = 0.0,
    shift_second: float = 0.0,
    level: float = 0.95,
) -> Pooled:
    """Pool the difference of means, the imputed values shifted beforehand.

    Parameters
    ----------
    completed : Completed
    shift_first, shift_second : float
        Added to every imputed value of the group, in the outcome's unit; 0 for values missing at
        random.
    level : float
        Confidence level.

    Returns
    -------
    Pooled
        First mean less second; variances of each data set are Welch's, and so are the degrees of
        freedom without missing values, averaged over the data sets.

    Raises
    ------
    NoSpreadError
        Nobody differs from the others of the group.
    AnalysisError
        A level out of range.

    Notes
    -----
    Source: Rubin 1987; delta adjustment: Carpenter and Kenward 2013, Multiple Imputation and its
    Application, chapter 10.

    Examples
    --------
    >>> completed = Completed([[4, 6, 8, 1, 3, 2], [4, 6, 7, 1, 3, 2]], [1, 1, 1, 0, 0, 0],
    ...                       [0, 0, 1, 0, 0, 0])
    >>> pooled_difference(completed).estimate.value
    3.8333333333333335
    >>> pooled_difference(completed, shift_first=-3).estimate.value
    2.8333333333333335
    """
    shift = np.where(completed.is_first, shift_first, shift_second) * completed.is_imputed
    values = completed.values + shift
    first, second = values[:, completed.is_first], values[:, ~completed.is_first]
    share_first, share_second = (
        group.var(axis=1, ddof=1) / group.shape[1] for group in (first, second)
    )
    return pool(
        first.mean(axis=1) - second.mean(axis=1),
        share_first + share_second,
        complete_df=_welch_df(share_first, share_second, completed.n_patients),
        n_patients=completed.n_patients,
        level=level,
    )


def _welch_df(first: Vector, second: Vector, n_patients: tuple[int, int]) -> float:
    """Welch's, averaged over data sets, from the squared standard errors of both means."""
    total = first + second
    if (total == 0).any():
        raise NoSpreadError("the values of at least one group")
    squares = (first / total) ** 2 / (n_patients[0] - 1)
    squares += (second / total) ** 2 / (n_patients[1] - 1)
    return float((1 / squares).mean())


def tipping_shift(
    completed: Completed, group: Group, *, farthest: float, level: float = 0.95
) -> float | None:
    """Find the shift against the difference at which the interval meets 0.

    Parameters
    ----------
    completed : Completed
    group : Group
        Whose imputed values are shifted towards the other group: down if its mean is the higher
        one, up if it is the lower one.
    farthest : float
        Largest shift that is looked at, above 0, in the outcome's unit.
    level : float
        Confidence level of the interval.

    Returns
    -------
    float or None
        The shift at which the limit nearer to 0 is 0; None if the interval still excludes 0 at the
        farthest, as it always does where nobody of the group was imputed; 0 if it includes 0
        without any shift.

    Raises
    ------
    UnknownChoiceError
        Another group.
    AnalysisError
        As `pooled_difference`.

    Notes
    -----
    The lower limit is concave in the shift, the upper one convex, but for the change of degrees of
    freedom, so that it crosses 0 once. Source: Yan 2009, J Biopharm Stat 19:1085; Permutt 2016,
    Stat Med 35:2876.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> values = np.concatenate([rng.normal(3, 1, (20, 15)), rng.normal(0, 1, (20, 15))], axis=1)
    >>> values[:, 5:] = values[0, 5:]
    >>> completed = Completed(values, np.arange(30) < 15, np.arange(30) < 5)
    >>> round(tipping_shift(completed, "first", farthest=48), 1)
    -4.7
    >>> swapped = Completed(values, np.arange(30) >= 15, np.arange(30) < 5)
    >>> round(tipping_shift(swapped, "second", farthest=48), 1)
    -4.7
    """
    if group not in get_args(Group):
        raise UnknownChoiceError("group", get_args(Group))
    found = pooled_difference(completed, level=level).estimate
    if found.lower <= 0 <= found.upper:
        return 0.0
    sign = 1.0 if found.lower > 0 else -1.0
    name, direction = ("shift_first", -sign) if group == "first" else ("shift_second", sign)

    def nearer_limit(distance: float) -> float:
        """Above 0 while the interval excludes 0."""
        shift = {name: direction * distance}
        moved = pooled_difference(completed, **shift, level=level).estimate
        return moved.lower if sign > 0 else -moved.upper

    if nearer_limit(farthest) > 0:
        return None
    return direction * float(brentq(nearer_limit, 0.0, farthest, xtol=1e-9))


def pooled_grid(
    completed: Completed,
    shifts_first: ArrayLike,
    shifts_second: ArrayLike,
    *,
    level: float = 0.95,
) -> list[list[Pooled]]:
    """Pool the difference for every pair of shifts.

    Parameters
    ----------
    completed : Completed
    shifts_first, shifts_second : array_like, shape (n_first,) and (n_second,)
        Added to the imputed values of either group.
    level : float
        Confidence level.

    Returns
    -------
    list of list of Pooled
        Row i, column j: shift i of the first group, shift j of the second.

    Raises
    ------
    AnalysisError
        As `pooled_difference`.

    Notes
    -----
    Source: Liublinska and Rubin 2014, Stat Med 33:4170.

    Examples
    --------
    >>> completed = Completed([[4, 6, 8, 1, 3, 2], [4, 6, 7, 1, 3, 2]], [1, 1, 1, 0, 0, 0],
    ...                       [0, 0, 1, 0, 0, 0])
    >>> [[round(cell.estimate.value, 2) for cell in row]
    ...  for row in pooled_grid(completed, [-3, 0], [0])]
    [[2.83], [3.83]]
    """
    first, second = (
        np.atleast_1d(np.asarray(s, np.float64)) for s in (shifts_first, shifts_second)
    )
    return [
        [
            pooled_difference(
                completed, shift_first=float(one), shift_second=float(other), level=level
            )
            for other in second
        ]
        for one in first
    ]
