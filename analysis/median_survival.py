"""When survival falls to one half, or another share, with limits from those of the curve."""

from dataclasses import dataclass

import numpy as np

from analysis.checks import Vector
from analysis.errors import OutOfRangeError
from analysis.kaplan_meier import Interval, KaplanMeier, curve_limits

_ROUNDING = float(np.sqrt(np.finfo(np.float64).eps))  # as in R: survival this near to a share is it


@dataclass(frozen=True, slots=True)
class TimeToShare:
    """When survival falls to a share, one half for the median.

    Parameters
    ----------
    share : float
        Of patients without the event.
    time : float or None
        None if survival never falls so far.
    lower, upper : float or None
        When the lower and the upper limit of the curve fall to the share; None if never.
    level : float
        Confidence level.
    interval : Interval
        How the limits of the curve were made.
    """

    share: float
    time: float | None
    lower: float | None
    upper: float | None
    level: float
    interval: Interval


def time_to_share(
    curve: KaplanMeier,
    share: float = 0.5,
    *,
    interval: Interval = "log_log",
    level: float = 0.95,
) -> TimeToShare:
    """Return when survival falls to a share; the median for one half.

    Parameters
    ----------
    curve : KaplanMeier
    share : float
        Of patients without the event, strictly between 0 and 1.
    interval : Interval
        As in `curve_limits`.
    level : float
        Confidence level.

    Returns
    -------
    TimeToShare
        Where the curve stays at exactly the share for a while and then falls, the middle of that
        while (as R does); where it never falls, its beginning.

    Raises
    ------
    OutOfRangeError
        A share or level out of range.
    UnknownChoiceError
        Another interval.

    Notes
    -----
    Source: Brookmeyer and Crowley 1982, Biometrics 38:29 (limits); R's ``print.survfit`` (the
    middle).

    Examples
    --------
    >>> from analysis.kaplan_meier import kaplan_meier
    >>> from analysis.survival_times import survival_times
    >>> time_to_share(kaplan_meier(survival_times([1, 2, 3, 4], [1, 1, 1, 1]))).time
    2.5
    """
    if not 0 < share < 1:
        raise OutOfRangeError("share", "strictly between 0 and 1, as 0.5")
    lower, upper = curve_limits(curve, interval=interval, level=level)
    return TimeToShare(
        share=share,
        time=_first_at_most(curve.times, curve.survival, share),
        lower=_first_at_most(curve.times, lower, share),
        upper=_first_at_most(curve.times, upper, share),
        level=level,
        interval=interval,
    )


def _first_at_most(times: Vector, line: Vector, share: float) -> float | None:
    reached = np.flatnonzero(line < share + _ROUNDING)  # never where the limit is NaN
    if reached.size == 0:
        return None
    first = reached[0]
    below = reached[line[reached] < line[first]]
    if abs(line[first] - share) < _ROUNDING and below.size:
        return float((times[first] + times[below[0]]) / 2)
    return float(times[first])
