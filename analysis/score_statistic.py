"""The score statistic of a difference of two proportions, and which tables it puts above another.

The interval that follows from it is in `analysis.exact_risk_difference`.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaln, xlog1py, xlogy

from analysis.checks import Vector
from analysis.contingency import TwoByTwo

_TIED = 1e-7  # tables whose statistics are this near count as equally extreme
_FLAT = 1e-12  # a variance that is rounding


def score_statistic(
    events_first: ArrayLike,
    n_first: int,
    events_second: ArrayLike,
    n_second: int,
    difference: float,
) -> Vector:
    """Distance of observed proportions from a difference, in its standard errors.

    Parameters
    ----------
    events_first, events_second : array_like, shape (n_tables,)
        Patients with the event in either group.
    n_first, n_second : int
        Patients of either group.
    difference : float
        First proportion less second under the hypothesis, from -1 to 1.

    Returns
    -------
    Vector, shape (n_tables,)
        Above 0 where the observed difference is larger. The standard error is that of the most
        likely proportions with this difference; where it is 0, the statistic is 0 or infinite.

    Notes
    -----
    Source: Miettinen and Nurminen 1985, Stat Med 4:213, appendix 1 (the cubic equation);
    Farrington and Manning 1990, Stat Med 9:1447. Without the factor n / (n - 1) of the first,
    which does not change the order of tables.

    Examples
    --------
    >>> score_statistic([22, 5], 32, [5, 5], 27, 0.0).round(3).tolist()
    [3.858, -0.295]
    """
    x = np.asarray(events_first, dtype=np.float64)
    y = np.asarray(events_second, dtype=np.float64)
    second = _most_likely(x, n_first, y, n_second, difference)
    first = np.clip(second + difference, 0.0, 1.0)
    variance = first * (1 - first) / n_first + second * (1 - second) / n_second
    apart = x / n_first - y / n_second - difference
    flat = variance <= _FLAT
    beyond = np.where(np.abs(apart) <= _TIED, 0.0, np.copysign(np.inf, apart))
    return np.asarray(np.where(flat, beyond, apart / np.sqrt(np.where(flat, 1.0, variance))))


def _most_likely(x: Vector, n_first: int, y: Vector, n_second: int, difference: float) -> Vector:
    """Second group's proportion where the likelihood with this difference is largest."""
    n, events = n_first + n_second, x + y
    a = ((n_first + 2 * n_second) * difference - n - events) / (3 * n)
    b = ((n_second * difference - n - 2 * y) * difference + events) / (3 * n)
    c = y * difference * (1 - difference) / (2 * n)
    q = a**3 - 3 * a * b / 2 + c
    p = np.copysign(np.sqrt(np.maximum(a**2 - b, 0.0)), q)
    cosine = np.divide(q, p**3, out=np.zeros_like(q), where=p != 0)
    angle = (np.pi + np.arccos(np.clip(cosine, -1.0, 1.0))) / 3
    lowest, highest = max(0.0, -difference), min(1.0, 1.0 - difference)
    return np.asarray(np.clip(2 * p * np.cos(angle) - a, lowest, highest))


def least_events(table: TwoByTwo, difference: float) -> NDArray[np.int64]:
    """Fewest events of the first group that are at least as extreme as a table.

    Parameters
    ----------
    table : TwoByTwo
        What was observed.
    difference : float
        As in `score_statistic`.

    Returns
    -------
    NDArray[np.int64], shape (n_second + 1,)
        For each number of events of the second group; ``n_first + 1`` where no number is. More
        events of the first group, or fewer of the second, are always more extreme.

    Examples
    --------
    >>> least_events(TwoByTwo(3, 4, 1, 3), 0.0).tolist()
    [2, 3, 4, 5]
    """
    sizes = table.n_first, table.n_second
    observed = score_statistic(
        [table.events_first], sizes[0], [table.events_second], sizes[1], difference
    )
    second = np.arange(table.n_second + 1)
    low, high = np.zeros_like(second), np.full_like(second, table.n_first + 1)
    while (low < high).any():
        middle = (low + high) // 2
        tried = np.minimum(middle, table.n_first)
        at_least = score_statistic(tried, sizes[0], second, sizes[1], difference)
        extreme = (at_least >= observed - _TIED) & (middle <= table.n_first)
        high = np.where(extreme, middle, high)
        low = np.where(extreme, low, np.minimum(middle + 1, high))
    return low


def tail_probability(
    table: TwoByTwo, least: NDArray[np.int64], first: Vector, second: Vector
) -> Vector:
    """Probability of a table in the tail that `least_events` found.

    Parameters
    ----------
    table : TwoByTwo
        Only the groups' sizes count.
    least : NDArray[np.int64], shape (n_second + 1,)
        The tail.
    first, second : Vector, shape (n_tried,)
        True proportions of both groups.

    Returns
    -------
    Vector, shape (n_tried,)

    Examples
    --------
    >>> table, half = TwoByTwo(3, 4, 1, 3), np.array([0.5])
    >>> tail_probability(table, least_events(table, 0.0), half, half).tolist()
    [0.2265625]
    """
    of_first = _binomial(table.n_first, first)
    at_least = np.cumsum(of_first[:, ::-1], axis=1)[:, ::-1]
    at_least = np.column_stack((at_least, np.zeros(first.size)))
    return np.asarray((_binomial(table.n_second, second) * at_least[:, least]).sum(axis=1))


def _binomial(n: int, proportion: Vector) -> Vector:
    """Probability of 0 to n events, shape (n_tried, n + 1)."""
    events, p = np.arange(n + 1.0), np.clip(proportion, 0.0, 1.0)[:, None]
    log_ways = gammaln(n + 1) - gammaln(events + 1) - gammaln(n - events + 1)
    return np.asarray(np.exp(log_ways + xlogy(events, p) + xlog1py(n - events, -p)))
