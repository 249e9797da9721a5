"""The median of values of which some are below a limit, without assuming a distribution."""

import numpy as np
from numpy.typing import ArrayLike

from analysis.checks import checked_scores

_SAME_SHARE = 1.5e-8  # as in R: a share of one half up to the rounding of a product


def censored_median(values: ArrayLike, is_censored: ArrayLike) -> float | None:
    """Return the median of left-censored values by Kaplan and Meier's method turned round.

    Parameters
    ----------
    values : array_like, shape (n_patients,)
        Measured values; for a censored patient the limit.
    is_censored : array_like, shape (n_patients,)
        True where the value lies below that limit.

    Returns
    -------
    float or None
        In the values' unit. None where at least half of the distribution lies below the limits.
        Where exactly one half lies at or above a value, the middle between it and the next
        measured one below.

    Raises
    ------
    AnalysisError
        Lengths differ, a value is not finite.

    Notes
    -----
    Source: Helsel 2012, Statistics for Censored Environmental Data, chapter 6: larger values are
    earlier times, so that "below" becomes "later". A limit equal to a measured value counts as
    below it.

    Examples
    --------
    >>> censored_median([0.7, 0.7, 1.1, 2.5, 4.0], [1, 1, 0, 0, 0])
    1.1
    """
    vector, censored = checked_scores(values, is_censored)
    measured = np.unique(vector[~censored])[::-1]
    at_risk = np.searchsorted(np.sort(vector), measured, side="right")
    events = np.searchsorted(np.sort(vector[~censored]), measured, side="right")
    events = events - np.searchsorted(np.sort(vector[~censored]), measured, side="left")
    share_below = np.cumprod(1 - events / at_risk)
    reached = np.flatnonzero(share_below < 0.5 + _SAME_SHARE)
    if reached.size == 0:
        return None
    first = int(reached[0])
    if abs(share_below[first] - 0.5) < _SAME_SHARE and first + 1 < measured.size:
        return float(measured[first] + measured[first + 1]) / 2
    return float(measured[first])
