"""Adjusting several p values for having been several."""

from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from analysis.checks import Vector, checked_vector
from analysis.errors import OutOfRangeError, UnknownChoiceError

Adjustment = Literal["holm", "bonferroni", "hochberg", "benjamini_hochberg", "benjamini_yekutieli"]


def adjust(p_values: ArrayLike, *, method: Adjustment) -> Vector:
    """Adjust p values so that each can be compared with the level for all together.

    Parameters
    ----------
    p_values : array_like, shape (n_tests,)
        From 0 to 1, every test that was made, in any order. None at all gives none back.
    method : Adjustment
        ``holm`` and ``bonferroni`` bound the chance of any false finding whatever the dependence
        (Holm is never the worse); ``hochberg`` does for independent or positively dependent
        tests. ``benjamini_hochberg`` bounds the expected share of false findings for independent
        or positively dependent tests, ``benjamini_yekutieli`` for any.

    Returns
    -------
    Vector, shape (n_tests,)
        In the order received; at least the p received, at most 1.

    Raises
    ------
    OutOfRangeError
        A p outside 0 and 1.
    AnalysisError
        A p is not finite, an unknown method.

    Notes
    -----
    Source: Holm 1979, Scand J Stat 6:65; Hochberg 1988, Biometrika 75:800; Benjamini and Hochberg
    1995, J R Stat Soc B 57:289; Benjamini and Yekutieli 2001, Ann Stat 29:1165.

    Examples
    --------
    >>> adjust([0.01, 0.04, 0.02], method="holm").tolist()
    [0.03, 0.04, 0.04]
    """
    if method not in get_args(Adjustment):
        raise UnknownChoiceError("method", get_args(Adjustment))
    vector = checked_vector("p_values", p_values)
    if ((vector < 0) | (vector > 1)).any():
        raise OutOfRangeError("p_values", "between 0 and 1")
    n = vector.size
    rank = np.arange(1, n + 1)
    order = np.argsort(vector, kind="stable")
    adjusted = np.empty(n)
    if method == "bonferroni":
        adjusted[:] = n * vector
    elif method == "holm":
        adjusted[order] = np.maximum.accumulate((n - rank + 1) * vector[order])
    else:
        factor = {
            "hochberg": n - rank + 1.0,
            "benjamini_hochberg": n / rank,
            "benjamini_yekutieli": n / rank * (1 / rank).sum(),
        }[method]
        falling = (factor * vector[order])[::-1]
        adjusted[order] = np.minimum.accumulate(falling)[::-1]
    return np.minimum(adjusted, 1.0)
