"""Restricted mean survival time: the area under the Kaplan-Meier curve up to a stated time."""

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri

from analysis.checks import checked_level
from analysis.errors import NoSpreadError, OutOfRangeError
from analysis.estimate import Estimate
from analysis.kaplan_meier import KaplanMeier
from analysis.survival_errors import NoEventsBeforeError


@dataclass(frozen=True, slots=True)
class RestrictedMean:
    """Mean time without the event up to `tau`.

    Parameters
    ----------
    tau : float
        Up to when.
    mean : Estimate
        From 0 to `tau`, in the unit of time; method ``greenwood``, its limits within 0 and `tau`;
        `n_cases` and `n_controls` are both the number of patients.
    standard_error : float
        0 if nobody had the event before `tau`: the data then say nothing of its precision, and
        the limits of `mean`, both `tau`, are none.
    n_events : int
        Events before `tau`, on which all of its precision rests.
    """

    tau: float
    mean: Estimate
    standard_error: float
    n_events: int


@dataclass(frozen=True, slots=True)
class RestrictedMeanDifference:
    """Two restricted means compared.

    Parameters
    ----------
    tau : float
        Up to when.
    difference : Estimate
        First mean less second, in the unit of time: above 0 the first lives longer without the
        event; method ``greenwood``; `n_cases` and `n_controls` are the first and second group.
    standard_error, z, p : float
        Of the difference; the normal test, two-sided.
    """

    tau: float
    difference: Estimate
    standard_error: float
    z: float
    p: float


def restricted_mean(curve: KaplanMeier, tau: float, *, level: float = 0.95) -> RestrictedMean:
    """Estimate the mean time without the event up to a stated time.

    Parameters
    ----------
    curve : KaplanMeier
    tau : float
        Above 0, at most the longest follow-up, or later if nobody is left.
    level : float
        Confidence level.

    Returns
    -------
    RestrictedMean

    Raises
    ------
    OutOfRangeError
        `tau` or level out of range.

    Notes
    -----
    Source: Royston and Parmar 2013, BMC Med Res Methodol 13:152. The same mean and standard error
    as R's ``print(survfit(...), rmean = tau)``.

    Examples
    --------
    >>> from analysis.kaplan_meier import kaplan_meier
    >>> from analysis.survival_times import survival_times
    >>> found = restricted_mean(kaplan_meier(survival_times([2, 4, 6, 8], [1, 0, 1, 0])), 6)
    >>> found.mean.value, round(found.standard_error, 4)
    (5.0, 0.866)
    """
    z = float(ndtri((1 + checked_level(level)) / 2))
    if not (0 < tau <= curve.times[-1] or (0 < tau < math.inf and curve.survival[-1] == 0)):
        raise OutOfRangeError("tau", "above 0 and at most the longest follow-up of each group")
    is_before = curve.times < tau
    edges = np.concatenate(([0.0], curve.times[is_before], [tau]))
    areas = np.diff(edges) * np.concatenate(([1.0], curve.survival[is_before]))
    after = np.cumsum(areas[::-1])[::-1][1:]  # area from each time on
    at_risk, events = curve.n_at_risk[is_before], curve.n_events[is_before]
    survivors = at_risk - events
    # Where nobody survives no area is left, and with it no variance.
    terms = events / (at_risk * np.maximum(survivors, 1))
    mean = min(float(areas.sum()), float(tau))
    error = math.sqrt(float((np.where(survivors > 0, after**2, 0.0) * terms).sum()))
    limits = max(mean - z * error, 0.0), min(mean + z * error, float(tau))
    n = curve.n_patients
    estimate = Estimate(mean, *limits, level, "greenwood", n, n)
    return RestrictedMean(tau, estimate, error, int(events.sum()))


def restricted_mean_difference(
    first: KaplanMeier, second: KaplanMeier, tau: float, *, level: float = 0.95
) -> RestrictedMeanDifference:
    """Compare the mean time without the event of two groups.

    Parameters
    ----------
    first, second : KaplanMeier
        Of different patients.
    tau : float
        The same for both.
    level : float
        Confidence level.

    Returns
    -------
    RestrictedMeanDifference
        First less second; needs no proportional hazards.

    Raises
    ------
    NoEventsBeforeError
        Nobody of a group had the event before `tau`: the precision of its mean is not known.
    NoSpreadError
        Neither mean has any variance.
    OutOfRangeError
        As `restricted_mean`.

    Examples
    --------
    >>> from analysis.kaplan_meier import kaplan_meier
    >>> from analysis.survival_times import survival_times
    >>> curve = kaplan_meier(survival_times([2, 4, 6, 8], [1, 0, 1, 0]))
    >>> other = kaplan_meier(survival_times([1, 3, 5, 7], [1, 1, 0, 0]))
    >>> print(restricted_mean_difference(curve, other, 6).difference)
    1.00 (95% CI -1.68 to 3.68, greenwood, 4 v 4)
    """
    one, other = (restricted_mean(curve, tau, level=level) for curve in (first, second))
    for mean in (one, other):
        if mean.n_events == 0:
            raise NoEventsBeforeError(mean.mean.n_cases)
    error = math.hypot(one.standard_error, other.standard_error)
    if error == 0:
        raise NoSpreadError("times to the event up to tau")
    value = one.mean.value - other.mean.value
    half_width = float(ndtri((1 + level) / 2)) * error
    difference = Estimate(
        value,
        value - half_width,
        value + half_width,
        level,
        "greenwood",
        first.n_patients,
        second.n_patients,
    )
    z = value / error
    return RestrictedMeanDifference(tau, difference, error, z, float(2 * ndtr(-abs(z))))
