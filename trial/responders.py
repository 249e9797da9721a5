"""Responders of both arms: by which rule, until when, and where death is no response.

Responders follow from ALSFRS-R here, also where the participants' table states an outcome: a
stated outcome has neither percent nor horizon. It is counted beside them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from data.cohort import ARMS, Arm
from data.outcome import ResponderDefinition, define_responder, judge
from trial.deaths import DEATHS_UNKNOWN, deaths_are_known, died_by
from trial.not_computed import NotComputed
from trial.responder_test import Responders, ResponderTest, compare_responders
from trial.study import Study

PERCENTS: Final = (50.0, 75.0, 100.0)
"""Least improvements [%] that the study counts (Oh 2018, Table 3)."""


@dataclass(frozen=True, slots=True)
class DeathIsNoResponse:
    """Responders where death or tracheostomy by the horizon is no response.

    `evaluable` then are also those who died and whom the definition could not judge.
    """

    arms: Mapping[Arm, Responders]
    comparison: ResponderTest | NotComputed


@dataclass(frozen=True, slots=True)
class ResponderCount:
    """One rule at one horizon: responders of both arms.

    Attributes
    ----------
    arms, comparison
        By visits alone, as the study counts.
    """

    definition: ResponderDefinition
    arms: Mapping[Arm, Responders]
    comparison: ResponderTest | NotComputed
    death_is_no_response: DeathIsNoResponse | NotComputed


@dataclass(frozen=True, slots=True)
class StatedOutcomes:
    """The outcome that the participants' table states.

    Attributes
    ----------
    agreeing, both
        Patients with a stated outcome and one by the report's definition, and those of them where
        both say the same.
    """

    arms: Mapping[Arm, Responders]
    comparison: ResponderTest | NotComputed
    agreeing: int
    both: int


def count_responders(study: Study) -> tuple[ResponderCount, ...]:
    """Responders at 50, 75 and 100 % at each month reported, and by the report's definition."""
    definitions = [
        define_responder("oh2018", percent=percent, horizon_months=month)
        for month in study.months
        for percent in PERCENTS
    ]
    if study.definition not in definitions:
        definitions.append(study.definition)
    return tuple(_count(study, definition) for definition in definitions)


def _count(study: Study, definition: ResponderDefinition) -> ResponderCount:
    patients, month = study.cohort.patients, definition.horizon_months or 0.0
    judged = [(p, judge(p.visits, definition).responder) for p in patients]
    arms = _by_arm((p.arm, responder) for p, responder in judged)
    alive = _by_arm((p.arm, False if died_by(p, month) else responder) for p, responder in judged)
    found = compare_responders(arms, level=study.level)
    if not deaths_are_known(patients):
        return ResponderCount(definition, arms, found, DEATHS_UNKNOWN)
    same = found if alive == arms else compare_responders(alive, level=study.level)
    return ResponderCount(definition, arms, found, DeathIsNoResponse(alive, same))


def _by_arm(judged: Iterable[tuple[Arm, bool | None]]) -> Mapping[Arm, Responders]:
    labels = list(judged)
    return {
        arm: Responders(
            sum(responder is True for its, responder in labels if its == arm),
            sum(responder is not None for its, responder in labels if its == arm),
        )
        for arm in ARMS
    }


def stated_outcomes(study: Study) -> StatedOutcomes | None:
    """Responders as the participants' table states them; None where it does not."""
    if not study.cohort.states_outcomes:
        return None
    stated = [(p, p.responder) for p in study.cohort.patients if p.responder is not None]
    arms = _by_arm((patient.arm, responder) for patient, responder in stated)
    by_slopes = [
        (judge(p.visits, study.definition).responder, responder) for p, responder in stated
    ]
    both = [(slopes, table) for slopes, table in by_slopes if slopes is not None]
    return StatedOutcomes(
        arms,
        compare_responders(arms, level=study.level),
        agreeing=sum(slopes == table for slopes, table in both),
        both=len(both),
    )
