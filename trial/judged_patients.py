"""Every patient judged by the report's definition: slopes, response, and what the visits miss."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from data.cohort import ARMS, Arm, Patient
from data.outcome import Outcome, ResponderDefinition, judge
from trial.deaths import Deaths, find_deaths
from trial.not_computed import NotComputed
from trial.study import Study
from trial.visits import WINDOW_MONTHS

_ROUNDING: Final = 1e-9


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
        Evaluable patients of each arm whose slope ends more than half a month before the horizon:
        it is from what there is.
    late_visits
        Patients of each arm with a visit up to half a month after the horizon, which no slope up
        to it uses.
    deaths
        Death or tracheostomy up to the horizon.
    """

    definition: ResponderDefinition
    patients: tuple[JudgedPatient, ...]
    not_evaluable: Mapping[str, Mapping[Arm, tuple[str, ...]]]
    ended_early: Mapping[Arm, int]
    late_visits: Mapping[Arm, int]
    deaths: Deaths | NotComputed


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
        not_evaluable={reason: _without_label(judged, reason) for reason in reasons},
        ended_early=_counted(judged, lambda one: _ended_early(one, horizon)),
        late_visits={
            arm: sum(one.arm == arm and _was_late(one, horizon) for one in patients) for arm in ARMS
        },
        deaths=find_deaths(patients, definition),
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


def _without_label(judged: tuple[JudgedPatient, ...], reason: str) -> Mapping[Arm, tuple[str, ...]]:
    return {
        arm: tuple(
            one.patient_id for one in judged if one.arm == arm and one.not_evaluable == reason
        )
        for arm in ARMS
    }


def _counted(
    judged: tuple[JudgedPatient, ...], holds: Callable[[JudgedPatient], bool]
) -> Mapping[Arm, int]:
    return {arm: sum(one.arm == arm and holds(one) for one in judged) for arm in ARMS}


def _ended_early(one: JudgedPatient, horizon: float) -> bool:
    return (
        one.responder is not None
        and one.last_month is not None
        and one.last_month < horizon - WINDOW_MONTHS
    )


def _was_late(patient: Patient, horizon: float) -> bool:
    latest = horizon + WINDOW_MONTHS + _ROUNDING
    return any(horizon < visit.month <= latest for visit in patient.visits)
