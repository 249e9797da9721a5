"""The odds ratio of a 2 by 2 table: conditional maximum likelihood with its exact interval."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq

from analysis.checks import Vector, checked_level
from analysis.contingency import TwoByTwo, hypergeometric


@dataclass(frozen=True, slots=True)
class OddsRatio:
    """Odds of the first group over odds of the second.

    Parameters
    ----------
    value : float or None
        Conditional maximum-likelihood estimate, from 0 to infinity; None if everyone or nobody
        had the event, for then the table says nothing.
    lower, upper : float
        Exact limits; 0 or infinite where the data set none.
    level : float
        Confidence level.
    sample_value : float or None
        The cross-product ratio, which is not quite `value`; None for zero by zero.
    method : str
        ``conditional_exact``.
    n_first, n_second : int
        Patients.
    """

    value: float | None
    lower: float
    upper: float
    level: float
    sample_value: float | None
    method: str
    n_first: int
    n_second: int


def odds_ratio(table: TwoByTwo, *, level: float = 0.95) -> OddsRatio:
    """Estimate the odds ratio given all margins of the table.

    Parameters
    ----------
    table : TwoByTwo
    level : float
        Confidence level; each limit leaves half of ``1 - level`` in its tail.

    Returns
    -------
    OddsRatio

    Raises
    ------
    OutOfRangeError
        A level out of range.

    Notes
    -----
    Source: Cornfield 1956, Proc 3rd Berkeley Symp 4:135. R's ``fisher.test`` gives the same to
    about 4 digits, where its search stops.

    Examples
    --------
    >>> found = odds_ratio(TwoByTwo(12, 33, 3, 31))
    >>> round(found.value, 3), round(found.lower, 3), round(found.upper, 2)
    (5.198, 1.195, 32.32)
    """
    tail = (1 - checked_level(level)) / 2
    support, log_weight = hypergeometric(table)
    observed, is_least, is_most = table.events_first, support[0], support[-1]

    def weights(log_odds: float) -> Vector:
        exponent = log_weight + support * log_odds
        weight = np.exp(exponent - exponent.max())
        return np.asarray(weight / weight.sum(), dtype=np.float64)

    def excess(log_odds: float) -> float:
        return float(weights(log_odds) @ (support - observed))

    def above(log_odds: float) -> float:
        return float(weights(log_odds)[support >= observed].sum()) - tail

    def below(log_odds: float) -> float:
        return tail - float(weights(log_odds)[support <= observed].sum())

    at_least, at_most = observed == is_least, observed == is_most
    value: float | None
    if at_least and at_most:
        value = None
    elif at_least or at_most:
        value = 0.0 if at_least else math.inf
    else:
        value = _solved(excess)
    return OddsRatio(
        value=value,
        lower=0.0 if at_least else _solved(above),
        upper=math.inf if at_most else _solved(below),
        level=level,
        sample_value=_cross_product(table),
        method="conditional_exact",
        n_first=table.n_first,
        n_second=table.n_second,
    )


def _cross_product(table: TwoByTwo) -> float | None:
    for_first = table.events_first * (table.n_second - table.events_second)
    for_second = table.events_second * (table.n_first - table.events_first)
    if for_second > 0:
        return for_first / for_second
    return math.inf if for_first > 0 else None


def _solved(rising: Callable[[float], float]) -> float:
    """Return the odds ratio at whose logarithm a rising function is zero."""
    reach = 1.0
    while not rising(-reach) < 0 < rising(reach):
        reach *= 2
    return math.exp(brentq(rising, -reach, reach, xtol=1e-14, rtol=1e-14))
