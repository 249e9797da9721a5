"""The exact interval of a difference of two proportions, whatever the proportions are.

Newcombe's interval, which is shorter and nearly always right, is in `analysis.contingency`; the
score statistic that orders the tables here, in `analysis.score_statistic`.
"""

import numpy as np

from analysis.checks import Vector, checked_level
from analysis.contingency import TwoByTwo
from analysis.errors import TooManyError
from analysis.estimate import Estimate
from analysis.score_statistic import least_events, tail_probability

_MOST_PATIENTS = 1000  # of both groups: a second on one core
_DIFFERENCES = 100  # looked at from -1 to the observed difference
_CLOSER = 40  # looked at again in the two steps before the first that is not rejected
_HALVINGS = 34  # to 1e-12
_COARSE, _FINE = 96, 33  # proportions of the second group that are tried


def exact_risk_difference(table: TwoByTwo, *, level: float = 0.95) -> Estimate:
    """Difference of two proportions with an interval that is never too short.

    Parameters
    ----------
    table : TwoByTwo
    level : float
        Confidence level; the coverage is at least this, and each limit alone is wrong in at most
        half of the rest.

    Returns
    -------
    Estimate
        First proportion less second, from -1 to 1; method ``chan_zhang``; its `n_cases` and
        `n_controls` are the first and second group's patients.

    Raises
    ------
    TooManyError
        More than 1000 patients.
    OutOfRangeError
        A level out of range.

    Notes
    -----
    Unconditional: two one-sided exact tests inverted, each ordering all tables by the score
    statistic and taking the largest p over the second group's proportion. The interval runs from
    the smallest to the largest difference that is not rejected, also where one in between is.
    Source: Chan and Zhang 1999, Biometrics 55:1202; as SAS gives with ``riskdiff(method=score)``.

    Examples
    --------
    >>> print(exact_risk_difference(TwoByTwo(22, 32, 5, 27)))
    0.50 (95% CI 0.22-0.70, chan_zhang, 32 v 27)
    """
    tail = (1 - checked_level(level)) / 2
    if table.n > _MOST_PATIENTS:
        raise TooManyError("patients", table.n, _MOST_PATIENTS)
    first, second = table.proportions
    exchanged = TwoByTwo(table.events_second, table.n_second, table.events_first, table.n_first)
    value = first - second
    limits = min(_lower_limit(table, tail), value), max(-_lower_limit(exchanged, tail), value)
    return Estimate(value, *limits, level, "chan_zhang", table.n_first, table.n_second)


def upper_tail_p(table: TwoByTwo, difference: float) -> float:
    """Exact one-sided p of the hypothesis that the difference is at most this.

    Parameters
    ----------
    table : TwoByTwo
    difference : float
        First proportion less second under the hypothesis, from -1 to 1.

    Returns
    -------
    float
        Largest probability, over the second group's proportion, of a table whose score statistic
        is at least the observed.

    Examples
    --------
    >>> round(upper_tail_p(TwoByTwo(7, 12, 1, 12), 0.0), 6)
    0.005139
    """
    least = least_events(table, difference)
    lowest, highest = max(0.0, -difference), min(1.0, 1.0 - difference)
    tried = _spread_out(lowest, highest, _COARSE)
    probability = tail_probability(table, least, tried + difference, tried)
    # The largest of a grid is near a peak; each peak is looked at again, more closely.
    padded = np.concatenate(([-1.0], probability, [-1.0]))
    peaks = np.flatnonzero((probability >= padded[:-2]) & (probability >= padded[2:]))
    peaks = peaks[probability[peaks] > 0.99 * probability.max()]
    largest = float(probability.max())
    for peak in peaks:
        low, high = tried[max(peak - 1, 0)], tried[min(peak + 1, tried.size - 1)]
        for _ in range(3):
            closer = np.linspace(low, high, _FINE)
            found = tail_probability(table, least, closer + difference, closer)
            at = int(found.argmax())
            low, high = closer[max(at - 1, 0)], closer[min(at + 1, _FINE - 1)]
            largest = max(largest, float(found[at]))
    return min(largest, 1.0)


def _lower_limit(table: TwoByTwo, tail: float) -> float:
    """Smallest difference that a one-sided test does not reject."""
    first, second = table.proportions
    differences = np.linspace(-1.0, first - second, _DIFFERENCES)
    at = next((i for i, d in enumerate(differences) if _coarse_p(table, d) > tail), -1)
    if at == 0:
        return -1.0
    # The p value jumps where the order of tables changes, so it may have passed before.
    differences = np.linspace(differences[max(at - 2, 0)], differences[at], _CLOSER)
    at = next((i for i, d in enumerate(differences) if upper_tail_p(table, d) > tail), -1)
    if at == 0:
        return float(differences[0])
    low, high = float(differences[at - 1]), float(differences[at])
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if upper_tail_p(table, middle) > tail:
            high = middle
        else:
            low = middle
    return low


def _coarse_p(table: TwoByTwo, difference: float) -> float:
    tried = _spread_out(max(0.0, -difference), min(1.0, 1.0 - difference), _COARSE)
    least = least_events(table, difference)
    return float(tail_probability(table, least, tried + difference, tried).max())


def _spread_out(lowest: float, highest: float, n: int) -> Vector:
    """Proportions between two, closer together near the ends, where probabilities turn fast."""
    angles = np.linspace(0.0, np.pi, n)
    return np.asarray(lowest + (highest - lowest) * (1 - np.cos(angles)) / 2)
