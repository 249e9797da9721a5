"""Survival of one arm: its Kaplan-Meier curve and everything that is read from it."""

import math
from dataclasses import dataclass

from analysis.checks import Vector
from analysis.kaplan_meier import (
    INTERVALS,
    Interval,
    KaplanMeier,
    SurvivalAt,
    curve_limits,
    kaplan_meier,
    survival_at,
)
from analysis.median_survival import TimeToShare, time_to_share
from analysis.restricted_mean import RestrictedMean, restricted_mean
from analysis.survival_times import SurvivalTimes
from data.cohort import Arm
from trial.not_computed import NotComputed


@dataclass(frozen=True, slots=True, eq=False)
class CurveLimits:
    """Pointwise limits at each time of a curve; NaN where there are none."""

    interval: Interval
    lower: Vector
    upper: Vector


@dataclass(frozen=True, slots=True, eq=False)
class ArmSurvival:
    """Survival of one arm; times in months from the first injection.

    Attributes
    ----------
    n_patients
        Those with a survival time, on whom everything here rests.
    n_without_time
        Patients of the arm of whom no survival time is known.
    n_events, n_censored
        Deaths and tracheostomies; follow-up that ended before either.
    longest
        Longest follow-up.
    curve, limits
        Kaplan-Meier, with limits of each kind.
    medians
        When half have had the event, with limits of each kind.
    at
        Survival at the months asked for, as far as this arm was followed; limits of each kind.
    median_follow_up
        Reverse Kaplan-Meier: how long patients were followed had nobody had the event.
    restricted_mean
        Mean months without the event up to the same time for all arms; not computed where nobody
        had the event before it, because then nothing tells how precise that mean is.
    """

    arm: Arm
    n_patients: int
    n_without_time: int
    n_events: int
    n_censored: int
    longest: float
    curve: KaplanMeier
    limits: tuple[CurveLimits, ...]
    medians: tuple[TimeToShare, ...]
    at: tuple[SurvivalAt, ...]
    median_follow_up: TimeToShare
    restricted_mean: RestrictedMean | NotComputed

    def n_events_before(self, month: float) -> int:
        """Patients who had the event before a month."""
        return int(self.curve.n_events[self.curve.times < month].sum())


def survival_of_arm(
    arm: Arm,
    followed: SurvivalTimes,
    *,
    n_without_time: int,
    months: tuple[float, ...],
    tau: float,
    level: float,
) -> ArmSurvival:
    """Estimate survival of one arm.

    Parameters
    ----------
    followed
        Its patients of whom a time is known, at least one.
    n_without_time
        Its patients of whom none is.
    months
        At which survival is read.
    tau
        Up to where mean survival is taken [months].
    """
    curve = kaplan_meier(followed)
    last = math.inf if curve.survival[-1] == 0 else followed.largest
    return ArmSurvival(
        arm=arm,
        n_patients=followed.n_patients,
        n_without_time=n_without_time,
        n_events=followed.n_events,
        n_censored=followed.n_patients - followed.n_events,
        longest=followed.largest,
        curve=curve,
        limits=tuple(
            CurveLimits(interval, *curve_limits(curve, interval=interval, level=level))
            for interval in INTERVALS
        ),
        medians=tuple(
            time_to_share(curve, interval=interval, level=level) for interval in INTERVALS
        ),
        at=tuple(
            survival_at(curve, month, interval=interval, level=level)
            for month in months
            if month <= last
            for interval in INTERVALS
        ),
        median_follow_up=time_to_share(kaplan_meier(followed.reversed()), level=level),
        restricted_mean=_mean(arm, curve, tau, level),
    )


def _mean(arm: Arm, curve: KaplanMeier, tau: float, level: float) -> RestrictedMean | NotComputed:
    if tau == 0:
        return NotComputed(
            "Follow-up of an arm ends at month 0 already, so there is no mean survival to compare."
        )
    found = restricted_mean(curve, tau, level=level)
    if found.n_events == 0:
        return NotComputed(
            f"Nobody of arm {arm} had the event before month {tau:g}, so the precision of its mean"
            " survival up to then is not known."
        )
    return found
