"""Whether groups have the event at the same rate: the log-rank test and its weighted relatives."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import chdtrc

from analysis.checks import Vector
from analysis.errors import LengthsDifferError, OutOfRangeError, ShapeError, TooFewError
from analysis.survival_errors import NoComparisonError, NoEventsError
from analysis.survival_times import RiskTable, SurvivalTimes, risk_table


@dataclass(frozen=True, slots=True)
class LogRank:
    """A test of equal hazards.

    Parameters
    ----------
    groups : tuple of str
        Names, sorted; the tuples below are in this order.
    n_patients : tuple of int
        Patients of each group.
    observed, expected : tuple of float
        Events, and events expected with equal hazards; weighted where `rho` is not 0.
    chi_square, p : float
        Statistic and its p from the chi-square distribution.
    df : int
        Groups that could have had events, less one.
    rho : float
        0 for the log-rank test, 1 for Peto and Peto's test, which weighs early events more.
    """

    groups: tuple[str, ...]
    n_patients: tuple[int, ...]
    observed: tuple[float, ...]
    expected: tuple[float, ...]
    chi_square: float
    df: int
    p: float
    rho: float


def log_rank(followed: SurvivalTimes, groups: ArrayLike, *, rho: float = 0.0) -> LogRank:
    """Test whether groups have the event at the same rate.

    Parameters
    ----------
    followed : SurvivalTimes
    groups : array_like, shape (n_patients,)
        Name of each patient's group; at least two.
    rho : float
        Weight of an event: survival of all patients just before it, to this power. At least 0.

    Returns
    -------
    LogRank
        Two-sided, from the permutation-type (hypergeometric) variance.

    Raises
    ------
    NoEventsError
        Nobody had the event.
    NoComparisonError
        No event happened while two groups were at risk.
    TooFewError
        One group only.
    AnalysisError
        Lengths differ, a shape or `rho` is out of range.

    Notes
    -----
    Source: Mantel 1966, Cancer Chemother Rep 50:163; Harrington and Fleming 1982, Biometrika
    69:553 (weights). The same as R's ``survdiff``.

    Examples
    --------
    >>> from analysis.survival_times import survival_times
    >>> followed = survival_times([1, 2, 3, 4, 5, 6], [1, 1, 1, 1, 0, 1])
    >>> test = log_rank(followed, ["a", "a", "b", "a", "b", "b"])
    >>> [round(expected, 2) for expected in test.expected], round(test.p, 3)
    ([1.48, 3.52], 0.11)
    """
    given = np.asarray(groups)
    if given.ndim != 1:
        raise ShapeError("groups", given.shape, "one-dimensional")
    if given.size != followed.n_patients:
        raise LengthsDifferError({"times": followed.n_patients, "groups": given.size})
    if not 0 <= rho < np.inf:
        raise OutOfRangeError("rho", "finite and at least 0")
    names, group = np.unique(given, return_inverse=True)
    if names.size < 2:
        raise TooFewError("groups", names.size, 2)
    if followed.n_events == 0:
        raise NoEventsError(followed.n_patients)
    table = risk_table(followed, group, names.size)
    weight = _survival_before(table) ** rho
    observed = (weight * table.n_events).sum(axis=1)
    share = table.n_at_risk / table.n_at_risk.sum(axis=0)
    expected = (weight * share * table.n_events.sum(axis=0)).sum(axis=1)
    chi_square, df = _statistic(observed, expected, _variance(table, share, weight))
    return LogRank(
        groups=tuple(str(name) for name in names),
        n_patients=tuple(np.bincount(group).tolist()),
        observed=tuple(observed.tolist()),
        expected=tuple(expected.tolist()),
        chi_square=chi_square,
        df=df,
        p=float(chdtrc(df, chi_square)),
        rho=float(rho),
    )


def _survival_before(table: RiskTable) -> Vector:
    """Survival of all patients just before each time."""
    at_risk, events = table.n_at_risk.sum(axis=0), table.n_events.sum(axis=0)
    after = np.cumprod(1 - events / at_risk)
    return np.concatenate(([1.0], after[:-1]))


def _variance(table: RiskTable, share: Vector, weight: Vector) -> Vector:
    """Covariance of observed less expected, shape (n_groups, n_groups)."""
    at_risk, events = table.n_at_risk.sum(axis=0), table.n_events.sum(axis=0)
    # One patient at risk has the event for certain: no variance.
    scale = weight**2 * events * (at_risk - events) / np.maximum(at_risk - 1, 1)
    return np.asarray(np.diag((scale * share).sum(axis=1)) - (scale * share) @ share.T)


def _statistic(observed: Vector, expected: Vector, variance: Vector) -> tuple[float, int]:
    """Return chi-square and degrees of freedom over the groups that were ever at risk."""
    seen = np.flatnonzero(expected > 0)[1:]
    if seen.size == 0 or (np.diag(variance)[seen] <= 0).any():
        raise NoComparisonError
    excess = (observed - expected)[seen]
    return float(excess @ np.linalg.solve(variance[np.ix_(seen, seen)], excess)), int(seen.size)
