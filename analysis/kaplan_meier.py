"""The Kaplan-Meier curve: survival over time, with limits.

Its median is in `analysis.median_survival`, the area under it in `analysis.restricted_mean`,
comparing curves in `analysis.log_rank`.
"""

import math
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from scipy.special import ndtri

from analysis.checks import Vector, checked_level
from analysis.errors import OutOfRangeError, UnknownChoiceError
from analysis.survival_times import SurvivalTimes, risk_table

Interval = Literal["log_log", "log", "plain"]
INTERVALS: tuple[Interval, ...] = get_args(Interval)


@dataclass(frozen=True, slots=True, eq=False)
class KaplanMeier:
    """Share of patients still without the event, a step function.

    Parameters
    ----------
    times : Vector, shape (n_times,)
        Distinct times of events or ends of follow-up, ascending; survival falls at them.
    n_at_risk, n_events, n_censored : Vector, shape (n_times,)
        Patients followed up to each time or longer; those who then have the event; those whose
        follow-up then ends.
    survival : Vector, shape (n_times,)
        From each time until the next.
    hazard_variance : Vector, shape (n_times,)
        Greenwood's sum: variance of the logarithm of survival; infinite where survival is 0.
    """

    times: Vector
    n_at_risk: Vector
    n_events: Vector
    n_censored: Vector
    survival: Vector
    hazard_variance: Vector

    @property
    def n_patients(self) -> int:
        """Patients."""
        return int(self.n_at_risk[0])

    @property
    def standard_error(self) -> Vector:
        """Greenwood's standard error of `survival`; 0 before the first event, NaN at 0."""
        with np.errstate(invalid="ignore"):
            return np.asarray(self.survival * np.sqrt(self.hazard_variance))

    def at_risk(self, time: float) -> int:
        """Patients followed up to a time or longer.

        Parameters
        ----------
        time : float

        Returns
        -------
        int

        Examples
        --------
        >>> from analysis.survival_times import survival_times
        >>> kaplan_meier(survival_times([2, 4, 6], [1, 0, 1])).at_risk(4)
        2
        """
        place = int(np.searchsorted(self.times, time, side="left"))
        return int(self.n_at_risk[place]) if place < self.times.size else 0


@dataclass(frozen=True, slots=True)
class SurvivalAt:
    """Survival at one time.

    Parameters
    ----------
    time : float
    n_at_risk : int
        Patients followed up to this time or longer.
    survival : float
        Share without the event, from 0 to 1.
    standard_error : float or None
        Greenwood's; None where survival is 0.
    lower, upper : float or None
        Limits; None where the interval is not defined: at survival 0, and at 1 for ``log_log``.
    level : float
        Confidence level.
    interval : Interval
        How the limits were made.
    """

    time: float
    n_at_risk: int
    survival: float
    standard_error: float | None
    lower: float | None
    upper: float | None
    level: float
    interval: Interval


def kaplan_meier(followed: SurvivalTimes) -> KaplanMeier:
    """Estimate survival of one group of patients.

    Parameters
    ----------
    followed : SurvivalTimes
        All of one group; compare groups by making it for all patients first, then `of` each.

    Returns
    -------
    KaplanMeier

    Notes
    -----
    Source: Kaplan and Meier 1958, J Am Stat Assoc 53:457; Greenwood 1926 (variance). The same as
    R's ``survfit``. Assumes that those whose follow-up ends fare like those who remain.

    Examples
    --------
    >>> from analysis.survival_times import survival_times
    >>> kaplan_meier(survival_times([1, 2, 3, 4], [1, 1, 0, 1])).survival.tolist()
    [0.75, 0.5, 0.5, 0.0]
    """
    table = risk_table(followed)
    at_risk, events = table.n_at_risk[0], table.n_events[0]
    with np.errstate(divide="ignore"):
        terms = np.where(events > 0, events / (at_risk * (at_risk - events)), 0.0)
    survival = np.cumprod(1 - events / at_risk)
    return KaplanMeier(
        table.times, at_risk, events, table.n_censored[0], survival, np.cumsum(terms)
    )


def curve_limits(
    curve: KaplanMeier, *, interval: Interval = "log_log", level: float = 0.95
) -> tuple[Vector, Vector]:
    """Return limits of survival at each time of a curve, each time taken alone.

    Parameters
    ----------
    curve : KaplanMeier
    interval : Interval
        ``log_log`` (default: best coverage in small groups), ``log`` (R's default) or ``plain``:
        the scale on which the estimate is taken as normal.
    level : float
        Confidence level.

    Returns
    -------
    tuple of Vector, both of shape (n_times,)
        Lower and upper limits within 0 and 1; NaN where survival is 0, and for ``log_log`` where
        it is 1.

    Raises
    ------
    UnknownChoiceError
        Another interval.
    OutOfRangeError
        A level out of range.

    Notes
    -----
    Source: Kalbfleisch and Prentice 1980, The Statistical Analysis of Failure Time Data, 14
    (log_log); Borgan and Liestol 1990, Scand J Stat 17:35 (comparison).

    Examples
    --------
    >>> from analysis.survival_times import survival_times
    >>> curve = kaplan_meier(survival_times([1, 2, 3, 4], [1, 1, 0, 0]))
    >>> [limits.round(3).tolist() for limits in curve_limits(curve, interval="log")]
    [[0.426, 0.188, 0.188, 0.188], [1.0, 1.0, 1.0, 1.0]]
    """
    if interval not in INTERVALS:
        raise UnknownChoiceError("interval", INTERVALS)
    z = float(ndtri((1 + checked_level(level)) / 2))
    with np.errstate(all="ignore"):  # where survival is 0 or 1 the scales have no value
        log_error = np.sqrt(curve.hazard_variance)
        if interval == "plain":
            half_width = z * curve.standard_error
            lower, upper = curve.survival - half_width, curve.survival + half_width
        elif interval == "log":
            lower, upper = (curve.survival * np.exp(sign * z * log_error) for sign in (-1, 1))
        else:
            log_survival = np.log(curve.survival)
            spread = z * log_error / log_survival
            lower, upper = (np.exp(log_survival * np.exp(sign * spread)) for sign in (-1, 1))
    undefined = (curve.survival == 0) | ((curve.survival == 1) & (interval == "log_log"))
    return (
        np.where(undefined, np.nan, np.maximum(lower, 0.0)),
        np.where(undefined, np.nan, np.minimum(upper, 1.0)),
    )


def survival_at(
    curve: KaplanMeier, time: float, *, interval: Interval = "log_log", level: float = 0.95
) -> SurvivalAt:
    """Read a curve at one time.

    Parameters
    ----------
    curve : KaplanMeier
    time : float
        From 0 to the longest follow-up; also beyond it if nobody is left.
    interval : Interval
        As in `curve_limits`.
    level : float
        Confidence level.

    Returns
    -------
    SurvivalAt

    Raises
    ------
    OutOfRangeError
        A time below 0 or beyond what was followed.
    AnalysisError
        As `curve_limits`.

    Examples
    --------
    >>> from analysis.survival_times import survival_times
    >>> found = survival_at(kaplan_meier(survival_times([2, 4, 6, 8], [1, 0, 1, 0])), 5)
    >>> found.n_at_risk, found.survival, round(found.lower, 3), round(found.upper, 3)
    (2, 0.75, 0.128, 0.961)
    """
    lower, upper = curve_limits(curve, interval=interval, level=level)
    if not (0 <= time <= curve.times[-1] or (time > 0 and curve.survival[-1] == 0)):
        raise OutOfRangeError("time", "between 0 and the longest follow-up")
    place = int(np.searchsorted(curve.times, time, side="right")) - 1
    if place < 0:
        end = None if interval == "log_log" else 1.0
        return SurvivalAt(float(time), curve.n_patients, 1.0, 0.0, end, end, level, interval)
    return SurvivalAt(
        time=float(time),
        n_at_risk=curve.at_risk(time),
        survival=float(curve.survival[place]),
        standard_error=_number(curve.standard_error[place]),
        lower=_number(lower[place]),
        upper=_number(upper[place]),
        level=level,
        interval=interval,
    )


def _number(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
