"""Who responded, by which rule and until when; who could not be judged, and why.

Responders follow from ALSFRS-R here, also where the participants' table states an outcome: a
stated outcome has neither percent nor horizon. It is counted beside them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from data.cohort import ARMS, Arm, Patient
from data.outcome import Outcome, ResponderDefinition, define_responder, judge
from trial.not_computed import NotComputed
from trial.responder_test import Responders, ResponderTest, compare_responders
from trial.study import Study
from trial.visits import WINDOW_MONTHS

PERCENTS: Final = (50.0, 75.0, 100.0)
"""Least improvements [%] that the study counts (Oh 2018, Table 3)."""


@dataclass(frozen=True, slots=True)
class ResponderCount:
    """One rule at one horizon: responders of both arms."""

    definition: ResponderDefinition
    arms: Mapping[Arm, Responders]
    comparison: ResponderTest | NotComputed


@dataclass(frozen=True, slots=True)
class JudgedPatient:
    """Slopes of one patient up to a horizon [points/month; negative is decline].

    Attributes
    ----------
    improvement
        In the definition's measure: percent of the lead-in slope, or points/month.
    responder
        None where `not_evaluable` says why.
    last_month
        Of the last visit up to the horizon; None without one.
    """

    patient_id: str
    arm: Arm
    lead_in_slope: float | None
    follow_up_slope: float | None
    improvement: float | None
    responder: bool | None
    not_evaluable: str | None
    last_month: float | None


@dataclass(frozen=True, slots=True)
class Judged:
    """Every patient judged by one definition.

    Attributes
    ----------
    not_evaluable
        Ids of the patients of each arm, by reason.
    ended_early
        Evaluable patients of each arm whose last visit was more than half a month before the
        horizon: their slope is from what there is.
    """

    definition: ResponderDefinition
    patients: tuple[JudgedPatient, ...]
    not_evaluable: Mapping[str, Mapping[Arm, tuple[str, ...]]]
    ended_early: Mapping[Arm, int]


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
    judged = [(p.arm, judge(p.visits, definition).responder) for p in study.cohort.patients]
    arms = {
        arm: Responders(
            sum(responder is True for its, responder in judged if its == arm),
            sum(responder is not None for its, responder in judged if its == arm),
        )
        for arm in ARMS
    }
    return ResponderCount(definition, arms, compare_responders(arms, level=study.level))


def judge_patients(study: Study) -> tuple[Judged, ...]:
    """Every patient by the report's definition at each month reported, and at its own horizon."""
    horizons = {*study.months, study.definition.horizon_months or study.months[0]}
    return tuple(
        _judged(study.cohort.patients, replace(study.definition, horizon_months=horizon))
        for horizon in sorted(horizons)
    )


def _judged(patients: tuple[Patient, ...], definition: ResponderDefinition) -> Judged:
    horizon = definition.horizon_months or 0.0
    judged = tuple(_patient(patient, definition, horizon) for patient in patients)
    reasons = sorted({one.not_evaluable for one in judged if one.not_evaluable})
    return Judged(
        definition,
        judged,
        not_evaluable={
            reason: {
                arm: tuple(
                    one.patient_id
                    for one in judged
                    if one.arm == arm and one.not_evaluable == reason
                )
                for arm in ARMS
            }
            for reason in reasons
        },
        ended_early={
            arm: sum(
                one.responder is not None
                and one.last_month is not None
                and one.last_month < horizon - WINDOW_MONTHS
                for one in judged
                if one.arm == arm
            )
            for arm in ARMS
        },
    )


def _patient(patient: Patient, definition: ResponderDefinition, horizon: float) -> JudgedPatient:
    found: Outcome = judge(patient.visits, definition)
    return JudgedPatient(
        patient.patient_id,
        patient.arm,
        found.lead_in_slope,
        found.follow_up_slope,
        found.improvement,
        found.responder,
        found.not_evaluable,
        max((visit.month for visit in patient.visits if visit.month <= horizon), default=None),
    )


def stated_outcomes(study: Study) -> StatedOutcomes | None:
    """Responders as the participants' table states them; None where it does not."""
    if not study.cohort.states_outcomes:
        return None
    stated = [(p, p.responder) for p in study.cohort.patients if p.responder is not None]
    arms = {
        arm: Responders(
            sum(responder for patient, responder in stated if patient.arm == arm),
            sum(patient.arm == arm for patient, _ in stated),
        )
        for arm in ARMS
    }
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
