"""Two proportions of different patients: Fisher's and the chi-square test, and their difference.

The odds ratio is in `analysis.odds_ratio`.
"""

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import chdtrc

from analysis.checks import Vector
from analysis.errors import OutOfRangeError
from analysis.estimate import Estimate
from analysis.proportions import wilson

_SAME_PROBABILITY = 1 + 1e-7  # as in R: tables this near in probability count as equally likely


@dataclass(frozen=True, slots=True)
class TwoByTwo:
    """How many patients of two groups had an event.

    Parameters
    ----------
    events_first, n_first : int
        Patients of the first group with the event, and all of it.
    events_second, n_second : int
        The second group.

    Raises
    ------
    OutOfRangeError
        A count that is not whole, an empty group, or more events than patients.

    Examples
    --------
    >>> TwoByTwo(29, 33, 25, 31).proportions
    (0.8787878787878788, 0.8064516129032258)
    """

    events_first: int
    n_first: int
    events_second: int
    n_second: int

    def __post_init__(self) -> None:
        """Refuse counts that no two groups can have."""
        for group in ("first", "second"):
            events, n = getattr(self, f"events_{group}"), getattr(self, f"n_{group}")
            if not all(isinstance(count, int | np.integer) for count in (events, n)):
                raise OutOfRangeError(f"events_{group} and n_{group}", "integers")
            if n < 1:
                raise OutOfRangeError(f"n_{group}", "at least 1")
            if not 0 <= events <= n:
                raise OutOfRangeError(f"events_{group}", f"between 0 and n_{group}")

    @property
    def proportions(self) -> tuple[float, float]:
        """Share of either group with the event."""
        return self.events_first / self.n_first, self.events_second / self.n_second

    @property
    def n_events(self) -> int:
        """Events of both groups."""
        return self.events_first + self.events_second

    @property
    def n(self) -> int:
        """Patients of both groups."""
        return self.n_first + self.n_second


@dataclass(frozen=True, slots=True)
class ChiSquare:
    """Pearson's chi-square test of a 2 by 2 table.

    Parameters
    ----------
    statistic, p : float
        With one degree of freedom.
    corrected : bool
        With Yates's continuity correction.
    smallest_expected : float
        Smallest of the four counts expected if the proportions were the same; below 5, Fisher's
        test is the usual choice.
    """

    statistic: float
    p: float
    corrected: bool
    smallest_expected: float


def chi_square(table: TwoByTwo, *, corrected: bool) -> ChiSquare:
    """Test whether two proportions are the same.

    Parameters
    ----------
    table : TwoByTwo
    corrected : bool
        True for Yates's correction: every difference from what is expected is made smaller by
        one half, or by all of it.

    Returns
    -------
    ChiSquare
        If everyone or nobody had the event, the statistic is 0 and p is 1: with these margins no
        other table could have been seen.

    Notes
    -----
    Source: Pearson 1900, Philos Mag 50:157; Yates 1934, J R Stat Soc Suppl 1:217. The same as R's
    ``chisq.test``.

    Examples
    --------
    >>> round(chi_square(TwoByTwo(12, 33, 3, 31), corrected=False).p, 4)
    0.0118
    """
    n, events = table.n, table.n_events
    margins = np.outer([table.n_first, table.n_second], [events, n - events])
    expected = margins / n
    smallest = float(expected.min())
    if smallest == 0:
        return ChiSquare(0.0, 1.0, corrected, smallest)
    # All four distances from what is expected are the same.
    distance = abs(table.events_first * n - table.n_first * events) / n
    if corrected:
        distance = max(distance - 0.5, 0.0)
    statistic = float((distance**2 / expected).sum())
    return ChiSquare(statistic, float(chdtrc(1, statistic)), corrected, smallest)


def fisher_p(table: TwoByTwo) -> float:
    """Return the two-sided p of Fisher's exact test.

    Parameters
    ----------
    table : TwoByTwo

    Returns
    -------
    float
        Probability, with all margins kept, of a table at most as probable as this one. 1 if
        everyone or nobody had the event.

    Notes
    -----
    Source: Fisher 1935, J R Stat Soc 98:39; two-sided as in R's ``fisher.test``.

    Examples
    --------
    >>> round(fisher_p(TwoByTwo(12, 33, 3, 31)), 4)
    0.0174
    """
    support, log_weight = hypergeometric(table)
    weight = np.exp(log_weight)
    probability = weight / weight.sum()
    observed = probability[table.events_first - int(support[0])]
    return min(1.0, float(probability[probability <= observed * _SAME_PROBABILITY].sum()))


def risk_difference(table: TwoByTwo, *, level: float = 0.95) -> Estimate:
    """Estimate the difference of two proportions.

    Parameters
    ----------
    table : TwoByTwo
    level : float
        Confidence level.

    Returns
    -------
    Estimate
        First proportion less second, from -1 to 1; method ``newcombe``; its `n_cases` and
        `n_controls` are the first and second group's patients.

    Raises
    ------
    OutOfRangeError
        A level out of range.

    Notes
    -----
    Source: Newcombe 1998, Stat Med 17:873, method 10 (from both Wilson intervals, without
    continuity correction).

    Examples
    --------
    >>> print(risk_difference(TwoByTwo(12, 33, 3, 31)))
    0.27 (95% CI 0.06-0.45, newcombe, 33 v 31)
    """
    first, second = table.proportions
    low_first, high_first = wilson(table.events_first, table.n_first, level=level)
    low_second, high_second = wilson(table.events_second, table.n_second, level=level)
    value = first - second
    lower = value - math.hypot(first - low_first, high_second - second)
    upper = value + math.hypot(high_first - first, second - low_second)
    limits = max(lower, -1.0), min(upper, 1.0)
    return Estimate(value, *limits, level, "newcombe", table.n_first, table.n_second)


def hypergeometric(table: TwoByTwo) -> tuple[Vector, Vector]:
    """Return how many events of the first group are possible, and how probable each is.

    Parameters
    ----------
    table : TwoByTwo
        Only its margins count.

    Returns
    -------
    tuple of Vector, both of shape (n_possible,)
        Possible numbers of events in the first group, ascending, and the logarithms of weights
        proportional to their probabilities when the proportions are the same; the largest is 0.

    Examples
    --------
    >>> support, log_weight = hypergeometric(TwoByTwo(1, 2, 1, 2))
    >>> support.tolist(), np.exp(log_weight).round(3).tolist()
    ([0.0, 1.0, 2.0], [0.25, 1.0, 0.25])
    """
    least = max(0, table.n_events - table.n_second)
    most = min(table.n_first, table.n_events)
    support = np.arange(least, most + 1, dtype=np.float64)
    events = support[:-1]
    gained = (table.n_first - events) * (table.n_events - events)
    lost = (events + 1) * (table.n_second - table.n_events + events + 1)
    log_weight = np.concatenate(([0.0], np.cumsum(np.log(gained / lost))))
    return support, log_weight - log_weight.max()
