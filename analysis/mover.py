"""The difference of two independent estimates, from the interval of each (MOVER)."""

import math

from analysis.errors import OutOfRangeError
from analysis.estimate import Estimate


def difference_of_estimates(first: Estimate, second: Estimate) -> Estimate:
    """Subtract an estimate of other patients, with an interval as uneven as theirs.

    Parameters
    ----------
    first, second : Estimate
        Of different patients, in one unit, at one level; each with its own analytic interval.

    Returns
    -------
    Estimate
        First less second; method ``mover``; its `n_cases` and `n_controls` are the `n_cases` of
        the first and of the second.

    Raises
    ------
    OutOfRangeError
        Two levels.

    Notes
    -----
    Method of variance estimates recovery: each limit takes the spread that both intervals show on
    their sides towards it. With two even intervals it is the root of the sum of squares. Source:
    Zou and Donner 2008, Stat Med 27:1693, equation 4.

    Examples
    --------
    >>> first = Estimate(0.5, 0.2, 0.8, 0.95, "profile_likelihood", 19, 19)
    >>> second = Estimate(0.1, -0.3, 0.5, 0.95, "profile_likelihood", 14, 14)
    >>> print(difference_of_estimates(first, second))
    0.40 (95% CI -0.10 to 0.90, mover, 19 v 14)
    """
    if first.level != second.level:
        raise OutOfRangeError("level", "the same for both estimates")
    value = first.value - second.value
    lower = value - math.hypot(first.value - first.lower, second.upper - second.value)
    upper = value + math.hypot(first.upper - first.value, second.value - second.lower)
    return Estimate(value, lower, upper, first.level, "mover", first.n_cases, second.n_cases)
