"""What tests estimate in a population without end, and how near the simulator is to the study.

Both are means over large trials.
"""

import math
from dataclasses import dataclass
from typing import Final

from data.cohort import ARMS, Arm
from data.simulation.moments import MOMENTS
from trial.simulation.batches import MEASURES, SimulatedTrials
from trial.simulation.characteristic import MOST_ERRORS, Verdict, verdict_on
from trial.simulation.contrasts import CONTRASTS, Floats

PRINTED: Final = 0.005
"""Half a unit of the last decimal that Oh 2018 prints."""


@dataclass(frozen=True, slots=True)
class PopulationValue:
    """What a test estimates in a population without end: the mean over the large trials."""

    quantity: str
    method: str
    month: float | None
    value: float
    standard_error: float


@dataclass(frozen=True, slots=True)
class SimulatedMoment:
    """A number of the study's Table 3, and the simulator's.

    Attributes
    ----------
    margin
        The departure that the large trials detect: three standard errors, or half a unit of what
        is printed if that is more.
    verdict
        ``compatible`` within the margin: no proof that they agree.
    """

    measure: str
    arm: Arm
    published: float
    simulated: float
    standard_error: float
    margin: float
    verdict: Verdict


def published_moment(measure: str, arm: Arm) -> float:
    """A number of the study's Table 3.

    Examples
    --------
    >>> published_moment("change_4_mean", "msc")
    -1.69
    """
    return next(m.published for m in MOMENTS if (m.measure, m.arm) == (measure, arm))


def published_difference(month: float) -> float:
    """Difference in the change of ALSFRS-R, MSC minus control [points].

    Examples
    --------
    >>> published_difference(4.0), published_difference(6.0)
    (2.98, 3.38)
    """
    means = [published_moment(f"change_{month:g}_mean", arm) for arm in ARMS]
    return round(means[0] - means[1], 2)


def population_values(trials: SimulatedTrials) -> tuple[PopulationValue, ...]:
    """The mean of each contrast over the large trials, with its standard error."""
    values, errors = mean_and_error(trials.population)
    return tuple(
        PopulationValue(c.quantity, str(c.method), c.month, float(value), float(error))
        for c, value, error in zip(CONTRASTS, values, errors, strict=True)
        if c.method != "student"
    )


def simulated_moments(trials: SimulatedTrials) -> tuple[SimulatedMoment, ...]:
    """Table 3 of the large trials beside the published one."""
    values, errors = mean_and_error(trials.moments)
    found = []
    for moment in MOMENTS:
        place = ARMS.index(moment.arm), MEASURES.index(moment.measure)
        value, error = float(values[place]), float(errors[place])
        margin = max(PRINTED, MOST_ERRORS * error)
        verdict = verdict_on(value, moment.published, margin)
        found.append(SimulatedMoment(*moment[:3], value, error, margin, verdict))
    return tuple(found)


def mean_and_error(values: Floats) -> tuple[Floats, Floats]:
    """Over the large trials, the first axis."""
    error: Floats = values.std(axis=0, ddof=1) / math.sqrt(len(values))
    return values.mean(axis=0), error
