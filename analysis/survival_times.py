"""Times to an event or to the end of follow-up: what is accepted, and who is at risk when.

One count of patients at risk is under Kaplan-Meier, log-rank test and Cox model, so that no two
of them disagree about ties.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.checks import Mask, Vector, checked_vector
from analysis.errors import LengthsDifferError, OutOfRangeError, ShapeError, TooFewError

_SAME_TIME = float(np.sqrt(np.finfo(np.float64).eps))  # as in R's survival, `aeqSurv`


@dataclass(frozen=True, slots=True, eq=False)
class SurvivalTimes:
    """Follow-up of each patient, times that differ by rounding alone made the same.

    Make one with `survival_times`.

    Parameters
    ----------
    times : Vector, shape (n_patients,)
        From 0, in any unit.
    is_event : Mask, shape (n_patients,)
        True where the time is that of the event, False where follow-up ended without it. Somebody
        censored at the time of an event counts as at risk at that event.
    """

    times: Vector
    is_event: Mask

    @property
    def n_patients(self) -> int:
        """Patients."""
        return int(self.times.size)

    @property
    def n_events(self) -> int:
        """Patients who had the event."""
        return int(np.count_nonzero(self.is_event))

    @property
    def largest(self) -> float:
        """The longest follow-up."""
        return float(self.times.max())

    def of(self, chosen: Mask) -> "SurvivalTimes":
        """Some of the patients.

        Parameters
        ----------
        chosen : Mask, shape (n_patients,)
            True for those wanted.

        Returns
        -------
        SurvivalTimes

        Examples
        --------
        >>> survival_times([3, 5], [1, 0]).of(np.array([False, True])).times.tolist()
        [5.0]
        """
        return SurvivalTimes(self.times[chosen], self.is_event[chosen])

    def reversed(self) -> "SurvivalTimes":
        """Censoring as the event: how long patients were followed, had nobody had the event.

        Returns
        -------
        SurvivalTimes

        Notes
        -----
        Source: Schemper and Smith 1996, Control Clin Trials 17:343.

        Examples
        --------
        >>> survival_times([3, 5], [1, 0]).reversed().is_event.tolist()
        [False, True]
        """
        return SurvivalTimes(self.times, ~self.is_event)


@dataclass(frozen=True, slots=True, eq=False)
class RiskTable:
    """How many patients of each group are at risk at each time, and what happens then.

    Parameters
    ----------
    times : Vector, shape (n_times,)
        Distinct times of events or ends of follow-up, ascending.
    n_at_risk, n_events, n_censored : Vector, shape (n_groups, n_times)
        Patients followed up to the time or longer; those who have the event then; those whose
        follow-up ends then without it.
    """

    times: Vector
    n_at_risk: Vector
    n_events: Vector
    n_censored: Vector


def survival_times(times: ArrayLike, is_event: ArrayLike) -> SurvivalTimes:
    """Check follow-up times, and make those the same that differ by rounding alone.

    Parameters
    ----------
    times : array_like, shape (n_patients,)
        From 0, in any unit.
    is_event : array_like, shape (n_patients,)
        True or 1 for the event, False or 0 for the end of follow-up without it.

    Returns
    -------
    SurvivalTimes

    Raises
    ------
    TooFewError
        No patient.
    OutOfRangeError
        A time below 0; an event that is neither true nor false.
    LengthsDifferError
        Not one of each for each patient.
    AnalysisError
        A time is not finite, a shape is wrong.

    Notes
    -----
    Source of the rounding rule: R's survival, vignette "Round off error and tied times": a gap
    of at most 1.5e-8, absolute or beside the mean of the distinct times, is none; of tied times
    the earliest stands for all.

    Examples
    --------
    >>> survival_times([0.1 + 0.2, 0.3, 1], [1, 0, 1]).times.tolist()
    [0.3, 0.3, 1.0]
    """
    given = checked_vector("times", times)
    events = _checked_events(is_event)
    if given.size != events.size:
        raise LengthsDifferError({"times": given.size, "is_event": events.size})
    if given.size == 0:
        raise TooFewError("patients", 0, 1)
    if (given < 0).any():
        raise OutOfRangeError("times", "0 or above")
    return SurvivalTimes(_without_rounding(given), events)


def risk_table(
    followed: SurvivalTimes, group: NDArray[np.intp] | None = None, n_groups: int = 1
) -> RiskTable:
    """Count patients at risk, events and ends of follow-up at each distinct time.

    Parameters
    ----------
    followed : SurvivalTimes
    group : array of int, shape (n_patients,), optional
        Number of each patient's group, from 0; all in one group if not given.
    n_groups : int
        How many groups there are.

    Returns
    -------
    RiskTable

    Examples
    --------
    >>> table = risk_table(survival_times([2, 2, 5], [1, 0, 1]))
    >>> table.times.tolist(), table.n_at_risk.tolist(), table.n_events.tolist()
    ([2.0, 5.0], [[3.0, 1.0]], [[1.0, 1.0]])
    """
    distinct, place = np.unique(followed.times, return_inverse=True)
    of_group = np.zeros(followed.n_patients, dtype=np.intp) if group is None else group

    def counted(chosen: Mask) -> Vector:
        counts = np.zeros((n_groups, distinct.size))
        np.add.at(counts, (of_group[chosen], place[chosen]), 1.0)
        return counts

    events, censored = counted(followed.is_event), counted(~followed.is_event)
    at_risk = np.cumsum((events + censored)[:, ::-1], axis=1)[:, ::-1]
    return RiskTable(distinct, at_risk, events, censored)


def _checked_events(is_event: ArrayLike) -> Mask:
    given = np.asarray(is_event)
    if given.ndim != 1:
        raise ShapeError("is_event", given.shape, "one-dimensional")
    if given.dtype.kind not in "biuf" or not ((given == 0) | (given == 1)).all():
        raise OutOfRangeError("is_event", "true or 1 for the event and false or 0 without it")
    return given.astype(np.bool_)


def _without_rounding(times: Vector) -> Vector:
    """Replace each time by the earliest of those that it is chained to by gaps of rounding."""
    distinct = np.unique(times)
    gaps = np.diff(distinct)
    mean = float(distinct.mean())
    relative = gaps / mean if mean > 0 else np.full_like(gaps, np.inf)
    is_own = np.concatenate(([True], (gaps > _SAME_TIME) & (relative > _SAME_TIME)))
    kept = distinct[is_own]
    return np.asarray(kept[np.searchsorted(kept, times, side="right") - 1], dtype=np.float64)
