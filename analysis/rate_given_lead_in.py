"""How many patients would respond by chance, given the lead-in slopes that were measured.

The exact companion of the simulation in `analysis.regression_to_mean` for normal true slopes, and
what is to be expected if patients went on as others did.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr

from analysis.checks import Vector, checked_level, checked_pairs
from analysis.errors import LengthsDifferError, TooFewError
from analysis.regression_to_mean import NormalSlopes
from analysis.slope_errors import SlopeErrors

_ROUNDING = 1e-9  # [points/month]: slopes nearer than this are the same


@dataclass(frozen=True, slots=True)
class GivenLeadIn:
    """Responders to be expected among patients whose lead-in slopes are known.

    Parameters
    ----------
    rate : float
        Expected share of responders.
    lower, upper : float
        Between them lies the share in `level` of trials with these lead-in slopes.
    level : float
    as_high : float or None
        Probability of at least as many responders as were observed.
    n : int
        Patients.
    """

    rate: float
    lower: float
    upper: float
    level: float
    as_high: float | None
    n: int


def rate_given_lead_in(
    slopes: NormalSlopes,
    lead_in: ArrayLike,
    least_after: ArrayLike,
    errors: Sequence[SlopeErrors],
    error_variance: float,
    *,
    observed: int | None = None,
    level: float = 0.95,
) -> GivenLeadIn:
    """Expect the share of patients whose measured follow-up slope is at least as wanted.

    Parameters
    ----------
    slopes : NormalSlopes
        True slopes before and after.
    lead_in, least_after : array_like, shape (n_patients,)
        Measured slope before, and the measured slope after that makes a responder
        [points/month].
    errors : sequence of SlopeErrors
        One for each patient.
    error_variance : float
        Of one visit [points^2].
    observed : int, optional
        Responders that were seen.
    level : float
        Share of trials between `lower` and `upper`.

    Returns
    -------
    GivenLeadIn

    Raises
    ------
    TooFewError
        No patient.
    AnalysisError
        Lengths differ or a number is not finite.

    Notes
    -----
    Measured slopes before and after are bivariate normal; given the first, the second is normal.

    Examples
    --------
    Without error and change the follow-up slope is known:

    >>> from analysis.slope_errors import slope_errors
    >>> errors = [slope_errors([-2, 0, 4], 4)] * 2
    >>> same = NormalSlopes(-1.0, -1.0, 0.5, 0.5, 1.0)
    >>> rate_given_lead_in(same, [-1.0, -2.0], [-1.5, -1.0], errors, 0.0).rate
    0.5
    """
    before, wanted = checked_pairs(
        lead_in, least_after, names=("lead_in", "least_after"), at_least=0
    )
    if before.size != len(errors):
        raise LengthsDifferError({"lead_in": before.size, "errors": len(errors)})
    if before.size == 0:
        raise TooFewError("evaluable patients", 0, 1)
    noise = error_variance * np.array([[one.before, one.after, one.shared] for one in errors])
    of_before = slopes.sd_before**2 + noise[:, 0]
    of_after = slopes.sd_after**2 + noise[:, 1]
    shared = slopes.correlation * slopes.sd_before * slopes.sd_after + noise[:, 2]
    pull = shared / np.where(of_before > 0, of_before, 1.0)
    expected = slopes.mean_after + pull * (before - slopes.mean_before)
    spread = np.sqrt(np.maximum(of_after - pull * shared, 0.0))
    distance = expected - wanted
    safe = np.where(spread > 0, spread, 1.0)
    chances = np.where(spread > 0, ndtr(distance / safe), distance >= 0)
    return _of_chances(chances, observed, level)


def rate_as_others(
    lead_in: ArrayLike,
    least_after: ArrayLike,
    others_before: ArrayLike,
    others_after: ArrayLike,
    *,
    observed: int | None = None,
    level: float = 0.95,
) -> GivenLeadIn:
    """Expect the share of patients who respond if they go on as others did.

    Parameters
    ----------
    lead_in, least_after : array_like, shape (n_patients,)
        Measured slope before, and the measured slope after that makes a responder
        [points/month].
    others_before, others_after : array_like, shape (n_others,)
        Measured slopes of the others; at least three of them.
    observed : int, optional
        Responders that were seen.
    level : float
        Share of trials between `lower` and `upper`.

    Returns
    -------
    GivenLeadIn

    Raises
    ------
    TooFewError
        No patient, or fewer than three others.
    AnalysisError
        Lengths differ or a number is not finite.

    Notes
    -----
    The others' follow-up slope is regressed on their lead-in slope by least squares; each patient
    gets the slope on that line with every residual of the others in turn. No shape is assumed,
    only that residuals do not depend on the lead-in. Source: our choice.

    Examples
    --------
    >>> rate_as_others([-1.0, -2.0], [-0.5, -1.0], [-3, -1, -2, 0], [-1.2, -0.4, -0.4, -1.2]).rate
    0.5
    """
    before, wanted = checked_pairs(
        lead_in, least_after, names=("lead_in", "least_after"), at_least=0
    )
    x, y = checked_pairs(
        others_before, others_after, names=("others_before", "others_after"), at_least=3
    )
    if before.size == 0:
        raise TooFewError("evaluable patients", 0, 1)
    x_mean, y_mean = x.mean(), y.mean()
    squares = float(((x - x_mean) ** 2).sum())
    steepness = float((x - x_mean) @ (y - y_mean)) / squares if squares > 0 else 0.0
    residuals = y - y_mean - steepness * (x - x_mean)
    after = y_mean + steepness * (before - x_mean)
    reached = after[:, None] + residuals >= wanted[:, None] - _ROUNDING
    return _of_chances(reached.mean(axis=1), observed, level)


def _of_chances(chances: Vector, observed: int | None, level: float) -> GivenLeadIn:
    """Each patient responds by a chance of their own: the sum is Poisson binomial."""
    tail = (1 - checked_level(level)) / 2
    of_count = np.ones(1)
    for chance in chances:
        of_count = np.convolve(of_count, [1 - chance, chance])
    below = np.cumsum(of_count)
    n = chances.size
    lower, upper = (min(int(np.searchsorted(below, q)), n) for q in (tail, 1 - tail))
    as_high = None if observed is None else float(min(of_count[observed:].sum(), 1.0))
    return GivenLeadIn(float(chances.mean()), lower / n, upper / n, level, as_high, n)
