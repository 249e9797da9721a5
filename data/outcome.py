"""ALSFRS-R slopes and what makes a patient a responder; *not evaluable* is its own outcome.

Definitions are named and never mixed. Slopes are least squares over a patient's visits,
month 0 in both the lead-in and the follow-up.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from data.errors import DefinitionError

NotEvaluable = Literal[
    "too_few_lead_in_visits", "too_few_follow_up_visits", "lead_in_slope_not_negative"
]


_ZERO_SLOPE: Final = 1e-9
"""Slopes [points/month] closer to 0 than this are rounding of a flat line (our choice)."""
_ROUNDING: Final = 1e-9
"""Relative rounding that an improvement equal to the threshold may carry (our choice)."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One ALSFRS-R total (0-48; higher is better) at a month (0 = first injection)."""

    month: float
    total: float


@dataclass(frozen=True, slots=True)
class ResponderDefinition:
    """A named rule over ALSFRS-R slopes.

    With lead-in slope a and follow-up slope b [points/month], improvement is
    ``100 (b - a) / |a|`` percent or ``b - a`` points per month; a patient is a responder when it
    reaches `percent` or `points`. With neither, the outcome is one that a table states
    (`stated_outcome`).

    Attributes
    ----------
    percent
        Least improvement [%] of the slope; needs a lead-in slope below 0.
    points
        Least improvement [points/month].
    horizon_months
        The follow-up slope uses months 0 to here; None only for a stated outcome.
    source
        Where the rule was published.
    """

    name: str
    percent: float | None
    points: float | None
    horizon_months: float | None
    source: str = ""

    def __post_init__(self) -> None:
        if self.percent is not None and self.points is not None:
            raise DefinitionError("a responder definition has percent or points, not both")
        if not self.is_stated and not 0 < self.least < math.inf:
            raise DefinitionError("the improvement that makes a responder must be above 0")
        if self.horizon_months is None and not self.is_stated:
            raise DefinitionError("a definition over slopes needs a horizon")
        if self.horizon_months is not None and not 0 < self.horizon_months < math.inf:
            raise DefinitionError("the horizon must be a number of months above 0")

    @property
    def is_stated(self) -> bool:
        """Whether the outcome is stated by a table instead of following from slopes."""
        return self.percent is None and self.points is None

    @property
    def least(self) -> float:
        """The improvement that makes a responder, in the definition's own measure."""
        least = self.percent if self.percent is not None else self.points
        if least is None:
            raise DefinitionError(f"{self.name} is stated by a table and has no threshold")
        return least


DEFINITIONS: Final[dict[str, ResponderDefinition]] = {
    definition.name: definition
    for definition in (
        ResponderDefinition("oh2018", 50, None, 4, "Oh 2018, Ann Neurol 84:361"),
        ResponderDefinition("petrou2016", 25, None, 6, "Petrou 2016, JAMA Neurol 73:337"),
        ResponderDefinition("karussis2021", 25, None, 6, "Karussis 2021"),
        ResponderDefinition("berry2019", None, 1.5, 4, "Berry 2019, Neurology 93:e2294"),
        ResponderDefinition("cudkowicz2022", None, 1.25, 6.5, "Cudkowicz 2022, at 28 weeks"),
    )
}
"""Published definitions by name; horizons other than oh2018's are our choice where the source
gives weeks or none (decision 6)."""


def define_responder(
    name: str = "oh2018", *, percent: float | None = None, horizon_months: float | None = None
) -> ResponderDefinition:
    """A published definition, with its percent or horizon changed where asked.

    Raises
    ------
    DefinitionError
        Unknown name, or `percent` for a definition that counts points per month.

    Examples
    --------
    >>> define_responder("oh2018", percent=75, horizon_months=6).percent
    75
    """
    if name not in DEFINITIONS:
        raise DefinitionError(f"a responder definition is one of {', '.join(DEFINITIONS)}")
    definition = DEFINITIONS[name]
    if percent is not None:
        if definition.percent is None:
            raise DefinitionError(f"{name} counts points per month, not percent")
        definition = replace(definition, percent=percent)
    if horizon_months is not None:
        definition = replace(definition, horizon_months=horizon_months)
    return definition


def stated_outcome(name: str, *, horizon_months: float | None = None) -> ResponderDefinition:
    """An outcome that a labelled table states in words, under that table's name for it."""
    return ResponderDefinition(name, None, None, horizon_months, "stated by the table")


@dataclass(frozen=True, slots=True)
class Outcome:
    """Whether one patient responded; `responder` is None where `not_evaluable` says why.

    Slopes in points/month (negative: decline), `improvement` in the definition's own measure.
    """

    responder: bool | None
    not_evaluable: NotEvaluable | None
    lead_in_slope: float | None
    follow_up_slope: float | None
    improvement: float | None


def slopes(months: ArrayLike, totals: ArrayLike) -> NDArray[np.float64]:
    """Least-squares slope of each patient over the visits that were made.

    Parameters
    ----------
    months
        Shape (n_visits,) [months].
    totals
        Shape (..., n_visits) ALSFRS-R totals; NaN where a visit is missing.

    Returns
    -------
    Shape (...,) [points/month]; NaN where fewer than two different months were seen.

    Examples
    --------
    >>> slopes([-3, -2, -1, 0], [[43, 39, 40, 40], [40, np.nan, np.nan, np.nan]])
    array([-0.8,  nan])
    """
    y = np.asarray(totals, dtype=np.float64)
    seen = ~np.isnan(y)
    n_seen = seen.sum(axis=-1, keepdims=True)
    x = np.where(seen, np.asarray(months, dtype=np.float64), 0.0)
    y = np.where(seen, y, 0.0)
    divisor = np.maximum(n_seen, 1)
    dx = np.where(seen, x - x.sum(axis=-1, keepdims=True) / divisor, 0.0)
    dy = np.where(seen, y - y.sum(axis=-1, keepdims=True) / divisor, 0.0)
    sxx = (dx * dx).sum(axis=-1)
    steady = sxx > 0
    slope: NDArray[np.float64] = np.where(
        steady, (dx * dy).sum(axis=-1) / np.where(steady, sxx, 1.0), np.nan
    )
    return slope


def lead_in_slope(visits: Sequence[Visit]) -> float | None:
    """Slope over months <= 0 [points/month]; None with fewer than two visits there."""
    return _slope([visit for visit in visits if visit.month <= 0])


def _slope(visits: Sequence[Visit]) -> float | None:
    slope = float(slopes([v.month for v in visits], [v.total for v in visits]))
    return None if math.isnan(slope) else slope


def improvement(
    lead_in: ArrayLike, follow_up: ArrayLike, definition: ResponderDefinition
) -> NDArray[np.float64]:
    """Improvement of slopes in the definition's own measure; NaN where it is undefined.

    Percent is undefined for a lead-in slope of 0 or above: there is no decline to improve.
    """
    before, after = np.asarray(lead_in, np.float64), np.asarray(follow_up, np.float64)
    if definition.points is not None:
        return np.asarray(after - before)
    declining = before < -_ZERO_SLOPE
    safe = np.where(declining, np.abs(before), 1.0)
    return np.asarray(np.where(declining, 100.0 * (after - before) / safe, np.nan))


def judge(visits: Sequence[Visit], definition: ResponderDefinition) -> Outcome:
    """Whether a patient with these visits is a responder by `definition`.

    Examples
    --------
    >>> visits = [Visit(-2, 42), Visit(0, 40), Visit(2, 39.2), Visit(4, 38.4)]
    >>> judge(visits, define_responder()).responder, round(judge(
    ...     visits, define_responder()).improvement)
    (True, 60)
    """
    before = lead_in_slope(visits)
    horizon = definition.horizon_months
    if horizon is None:
        raise DefinitionError(f"{definition.name} is stated by a table; this patient has none")
    after = _slope([visit for visit in visits if 0 <= visit.month <= horizon])
    if before is None:
        return Outcome(None, "too_few_lead_in_visits", None, after, None)
    if after is None:
        return Outcome(None, "too_few_follow_up_visits", before, None, None)
    gained = float(improvement(before, after, definition))
    if math.isnan(gained):
        return Outcome(None, "lead_in_slope_not_negative", before, after, None)
    return Outcome(bool(reaches(gained, definition)), None, before, after, gained)


def reaches(gained: ArrayLike, definition: ResponderDefinition) -> NDArray[np.bool_]:
    """Whether improvements are enough; equal is enough, rounding of the slopes aside."""
    return np.asarray(np.asarray(gained) >= definition.least * (1 - _ROUNDING))
