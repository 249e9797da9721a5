"""ALSFRS-R totals of simulated patients: courses, visits, rounding and leaving.

One model per arm, the same in every scenario; its constants are found by
`scripts/calibrate_simulator.py --fit`, which also prints what they achieve.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from data.outcome import define_responder, improvement, reaches, slopes

MONTHS: Final = (-3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0)
"""Visits [months]: 3 months of lead-in and 6 of follow-up (Oh 2018); monthly is assumed."""
MAX_TOTAL: Final = 48
"""Best ALSFRS-R total."""

_START_MEAN, _START_SD, _START_RANGE = 41.0, 3.0, (31.0, 46.0)
"""Total at the start of the lead-in (assumed)."""
_STEEPEST_LEAD_IN: Final = 5.0
"""No patient loses more than this in the lead-in [points/month] (assumed)."""


@dataclass(frozen=True, slots=True)
class ArmCourse:
    """How the patients of one arm decline; all in points and months.

    The lead-in declines by ``slowest + LogNormal`` points/month. A share of patients is
    stable after month 0; the others' mean slope over months 0 to 4 follows a reflected
    three-parameter log-normal, tied to the lead-in by `correlation`. All bend alike: after
    month 0 the change is ``slope * t + bend * t * (t - 4)``.

    Attributes
    ----------
    change_4, change_6
        Mean true change from month 0; published mean corrected for the limits 0 and 48.
    lead_in_decline
        Mean decline before month 0, before the steepest are held back [points/month].
    slope_sd, slope_skew
        SD and log-SD (skewness) of the follow-up slope of patients who are not stable.
    correlation
        Between the normal scores of the lead-in and follow-up slopes.
    stable
        Share of patients whose slope over months 0 to 4 is 0.
    never_followed, left_late
        Probability of no visit after month 0, and of those followed, of a last visit at
        month 4 or 5.
    """

    change_4: float
    change_6: float
    lead_in_decline: float
    slope_sd: float
    slope_skew: float
    correlation: float
    stable: float
    never_followed: float
    left_late: float

    @property
    def slope(self) -> float:
        """Mean slope over months 0 to 4 [points/month]."""
        return self.change_4 / 4

    @property
    def bend(self) -> float:
        """Curvature after month 0 [points/month^2]; 0 would be one straight line."""
        return (self.change_6 / 6 - self.change_4 / 4) / 2


@dataclass(frozen=True, slots=True)
class TrialCourse:
    """Both arms' courses and what they share.

    Attributes
    ----------
    slowest_lead_in
        Least true decline in the lead-in [points/month].
    lead_in_skew
        Log-SD of the lead-in decline above the slowest.
    noise_sd
        SD of one total about the patient's course [points]; rounding adds .29 (assumed).
    """

    msc: ArmCourse
    control: ArmCourse
    slowest_lead_in: float
    lead_in_skew: float
    noise_sd: float = 0.65

    def by_arm(self, is_msc: NDArray[np.bool_], name: str) -> NDArray[np.float64]:
        """Each patient's own arm's constant, shape (n_patients,)."""
        constant: NDArray[np.float64] = np.where(
            is_msc, getattr(self.msc, name), getattr(self.control, name)
        )
        return constant


COURSE: Final = TrialCourse(
    msc=ArmCourse(
        change_4=-1.6894,
        change_6=-3.0988,
        lead_in_decline=2.02,
        slope_sd=0.61,
        slope_skew=0.06,
        correlation=0.41,
        stable=0.40,
        never_followed=1 / 33,  # 32 of 33 analysed at 4 months (Oh 2018, Table 3)
        left_late=1 / 32,  # 31 at 6 months
    ),
    control=ArmCourse(
        change_4=-4.693,
        change_6=-6.559,
        lead_in_decline=1.40,
        slope_sd=0.86,
        slope_skew=1.18,
        correlation=0.11,
        stable=0.05,
        never_followed=4 / 31,  # 27 of 31 analysed at 4 months
        left_late=2 / 27,  # 25 at 6 months
    ),
    slowest_lead_in=0.47,
    lead_in_skew=1.49,
)
"""Found by `scripts/calibrate_simulator.py --fit`; published and achieved moments are in
`data/simulation/moments.py`. The arms differ before month 0 because the study's did: its slope
changes imply lead-in slopes of -1.55 (MSC) and -1.20 (control) points/month."""


def simulate_alsfrs(
    is_msc: NDArray[np.bool_], rng: np.random.Generator, *, course: TrialCourse = COURSE
) -> NDArray[np.float64]:
    """Totals as recorded: integers 0-48, NaN after a patient has left.

    Leaving is completely at random and for good.

    Parameters
    ----------
    is_msc
        Shape (n_patients,).

    Returns
    -------
    Shape (n_patients, n_visits), visits at `MONTHS`.

    Examples
    --------
    >>> simulate_alsfrs(np.array([True, False]), np.random.default_rng(1)).shape
    (2, 10)
    """
    totals = _true_totals(is_msc, rng, course)
    totals += course.noise_sd * rng.standard_normal(totals.shape)
    np.clip(np.rint(totals, out=totals), 0, MAX_TOTAL, out=totals)
    totals[np.array(MONTHS) > _last_visit(is_msc, rng, course)[:, None]] = np.nan
    return totals


def _true_totals(
    is_msc: NDArray[np.bool_], rng: np.random.Generator, course: TrialCourse
) -> NDArray[np.float64]:
    """Totals without noise, rounding or limits, shape (n_patients, n_visits)."""
    n = len(is_msc)
    start = np.clip(_START_MEAN + _START_SD * rng.standard_normal(n), *_START_RANGE)
    z_before, z_new = rng.standard_normal(n), rng.standard_normal(n)
    correlation = course.by_arm(is_msc, "correlation")
    z_after = correlation * z_before + np.sqrt(1 - correlation**2) * z_new
    lead_in = _lead_in_slope(is_msc, z_before, course)
    slope = _follow_up_slope(is_msc, z_after, rng.random(n), course)
    before, after = np.minimum(MONTHS, 0.0), np.maximum(MONTHS, 0.0)
    at_zero = start - lead_in * MONTHS[0]
    totals: NDArray[np.float64] = at_zero[:, None] + lead_in[:, None] * before
    totals += slope[:, None] * after
    totals += course.by_arm(is_msc, "bend")[:, None] * (after * (after - 4))
    return totals


def _lead_in_slope(
    is_msc: NDArray[np.bool_], z: NDArray[np.float64], course: TrialCourse
) -> NDArray[np.float64]:
    skew = course.lead_in_skew
    above = course.by_arm(is_msc, "lead_in_decline") - course.slowest_lead_in
    decline = course.slowest_lead_in + above * np.exp(skew * z - skew**2 / 2)
    return -np.minimum(decline, _STEEPEST_LEAD_IN)


def _follow_up_slope(
    is_msc: NDArray[np.bool_],
    z: NDArray[np.float64],
    uniform: NDArray[np.float64],
    course: TrialCourse,
) -> NDArray[np.float64]:
    """Slope over months 0 to 4 [points/month]; its mean in each arm is `ArmCourse.slope`."""
    stable = course.by_arm(is_msc, "stable")
    mean = course.by_arm(is_msc, "slope") / (1 - stable)
    sd, skew = course.by_arm(is_msc, "slope_sd"), course.by_arm(is_msc, "slope_skew")
    return np.where(uniform < stable, 0.0, mean - sd * _standard_log_normal(z, skew))


def _standard_log_normal(z: NDArray[np.float64], skew: NDArray[np.float64]) -> NDArray[np.float64]:
    """Log-normal with mean 0, SD 1 and log-SD `skew`, from normal scores `z`."""
    standard: NDArray[np.float64] = (np.exp(skew * z - skew**2 / 2) - 1) / np.sqrt(
        np.expm1(skew**2)
    )
    return standard


def _last_visit(
    is_msc: NDArray[np.bool_], rng: np.random.Generator, course: TrialCourse
) -> NDArray[np.float64]:
    """Month of each patient's last visit: 0, 4, 5 or 6."""
    n = len(is_msc)
    late = np.where(rng.random(n) < 0.5, 4.0, 5.0)
    last = np.where(rng.random(n) < course.by_arm(is_msc, "left_late"), late, 6.0)
    return np.where(rng.random(n) < course.by_arm(is_msc, "never_followed"), 0.0, last)


def improvement_percent(
    totals: NDArray[np.float64], *, horizon_months: float = 4
) -> NDArray[np.float64]:
    """Slope improvement [%] of `oh2018` for many patients; NaN where not evaluable.

    The same as `data.outcome.judge`, patient by patient.

    Parameters
    ----------
    totals
        Shape (n_patients, n_visits), visits at `MONTHS`.

    Examples
    --------
    >>> improvement_percent(np.array([[43, 42, 41, 40, 40, 39, 39, 38, 38, 37]])).round()
    array([50.])
    """
    months = np.array(MONTHS)
    definition = define_responder("oh2018", horizon_months=horizon_months)
    before = months <= 0
    after = (months >= 0) & (months <= horizon_months)
    return improvement(
        slopes(months[before], totals[:, before]),
        slopes(months[after], totals[:, after]),
        definition,
    )


def is_good_responder(percent: NDArray[np.float64]) -> NDArray[np.bool_]:
    """At least 50 % improvement (`oh2018`); False where not evaluable (NaN)."""
    return reaches(percent, define_responder("oh2018"))
