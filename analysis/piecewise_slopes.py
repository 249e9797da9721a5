"""Columns of a line with a knot at the first injection: one slope before month 0, one after.

What a mixed model of such lines needs, and the rows whose product with its coefficients is a
mean of an arm at a month. The model itself is in `analysis.mixed_model`.
"""

from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from analysis.checks import Vector, checked_vector
from analysis.errors import LengthsDifferError, UnknownChoiceError

RandomStructure = Literal["two_slopes", "intercept_slope", "intercept"]
RANDOM_STRUCTURES: tuple[RandomStructure, ...] = get_args(RandomStructure)
FIXED_TERMS = ("intercept", "arm", "lead_in", "follow_up", "arm:lead_in", "arm:follow_up")


def fixed_columns(month: ArrayLike, is_treated: ArrayLike | None = None) -> Vector:
    """Return intercept, lead-in and follow-up slope, each with its difference between arms.

    Parameters
    ----------
    month : array_like, shape (n_rows,)
        Months since the first injection; negative in the lead-in.
    is_treated : array_like, shape (n_rows,), optional
        True in the arm whose coefficients are the differences; without it there is one arm.

    Returns
    -------
    Vector, shape (n_rows, 6) or, with one arm, (n_rows, 3)
        With two arms in the order of `FIXED_TERMS`.

    Raises
    ------
    AnalysisError
        A shape is wrong, lengths differ, a month is not finite.

    Notes
    -----
    Source: Oh et al. 2018, Ann Neurol 84:361 (piecewise linear mixed model, Figure 2B).

    Examples
    --------
    >>> fixed_columns([-2, 4], [True, True]).tolist()
    [[1.0, 1.0, -2.0, 0.0, -2.0, 0.0], [1.0, 1.0, 0.0, 4.0, 0.0, 4.0]]
    """
    time = random_columns(month, "two_slopes")
    if is_treated is None:
        return time
    treated = checked_vector("is_treated", np.asarray(is_treated, dtype=np.float64))
    if treated.size != time.shape[0]:
        raise LengthsDifferError({"month": time.shape[0], "is_treated": treated.size})
    both = np.column_stack([time, time * treated[:, None]])
    return both[:, [0, 3, 1, 2, 4, 5]]


def random_columns(month: ArrayLike, structure: RandomStructure) -> Vector:
    """Return the columns in which patients differ.

    Parameters
    ----------
    month : array_like, shape (n_rows,)
        Months since the first injection.
    structure : {"two_slopes", "intercept_slope", "intercept"}
        Intercept with a slope before and a slope after month 0, with one slope throughout, or
        alone.

    Returns
    -------
    Vector, shape (n_rows, 3), (n_rows, 2) or (n_rows, 1)

    Raises
    ------
    UnknownChoiceError
        Another structure.
    AnalysisError
        A shape is wrong, a month is not finite.

    Examples
    --------
    >>> random_columns([-2, 4], "two_slopes").tolist()
    [[1.0, -2.0, 0.0], [1.0, 0.0, 4.0]]
    """
    time = checked_vector("month", month)
    before, after = np.minimum(time, 0.0), np.maximum(time, 0.0)
    columns = {"two_slopes": (before, after), "intercept_slope": (time,), "intercept": ()}
    if structure not in columns:
        raise UnknownChoiceError("structure", RANDOM_STRUCTURES)
    return np.column_stack([np.ones_like(time), *columns[structure]])
