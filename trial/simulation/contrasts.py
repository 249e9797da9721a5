"""Which differences between the arms are estimated, and in which simulated trials."""

from dataclasses import replace
from typing import Final, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from data.simulation.alsfrs import COURSE, TrialCourse
from trial import study

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Method = Literal["welch", "student", "ancova", "mixed_model"]
Quantity = Literal["change", "adjusted_change", "ls_mean", "follow_up_slope", "slope_change"]
Course = Literal["published", "both_control", "both_msc", "noisy_visits"]

NOISY_SD: Final = 2.0
"""SD of a noisy visit about the patient's course [points] (assumed): three times the simulator's,
as where many sites and raters score."""
ALIKE_SKEW: Final = 0.3
"""Of the lead-in's decline there (assumed): its SD between patients is then .5 points/month, about
that of the follow-up, where the simulator's 1.3 would stand out from any noise."""

NULL_COURSES: Final[dict[Course, TrialCourse]] = {
    "both_control": replace(COURSE, msc=COURSE.control),
    "both_msc": replace(COURSE, control=COURSE.msc),
    "noisy_visits": replace(COURSE, control=COURSE.msc, noise_sd=NOISY_SD, lead_in_skew=ALIKE_SKEW),
}
"""Nothing differs between the arms: both decline, and leave, as the simulator's controls or its
treated patients do. With noisy visits as the latter, and fits become singular."""
COURSES: Final[tuple[Course, ...]] = ("published", *NULL_COURSES)


class Contrast(NamedTuple):
    """A difference between the arms, MSC minus control, by one method.

    Attributes
    ----------
    quantity
        ``change`` of ALSFRS-R from baseline [points], ``adjusted_change`` for baseline,
        ``ls_mean`` of ALSFRS-R [points], ``follow_up_slope`` and ``slope_change``, follow-up less
        lead-in [points/month].
    month
        Of the visit; None for slopes.
    """

    method: Method
    quantity: Quantity
    month: float | None


_T_TESTS: Final[tuple[Method, ...]] = ("welch", "student")
CONTRASTS: Final = (
    *(Contrast(method, "change", month) for method in _T_TESTS for month in study.MONTHS),
    *(Contrast("ancova", "adjusted_change", month) for month in study.MONTHS),
    *(Contrast("mixed_model", "ls_mean", month) for month in study.MONTHS),
    Contrast("mixed_model", "follow_up_slope", None),
    Contrast("mixed_model", "slope_change", None),
)
"""Order of every axis of contrasts."""
