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
Quantity = Literal["change", "adjusted_change", "ls_mean", "follow_up_slope"]
Course = Literal["published", "both_control", "both_msc"]

NULL_COURSES: Final[dict[Course, TrialCourse]] = {
    "both_control": replace(COURSE, msc=COURSE.control),
    "both_msc": replace(COURSE, control=COURSE.msc),
}
"""Nothing differs between the arms: both decline, and leave, as the simulator's controls or its
treated patients do."""
COURSES: Final[tuple[Course, ...]] = ("published", *NULL_COURSES)


class Contrast(NamedTuple):
    """A difference between the arms, MSC minus control, by one method.

    Attributes
    ----------
    quantity
        ``change`` of ALSFRS-R from baseline [points], ``adjusted_change`` for baseline,
        ``ls_mean`` of ALSFRS-R [points], ``follow_up_slope`` [points/month].
    month
        Of the visit; None for the slope.
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
)
"""Order of every axis of contrasts."""
