"""How much hangs on what a responder is: other definitions, percents and horizons.

Nothing here is corrected for looking often: it is one question asked in many ways.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from data.cohort import ARMS, Arm
from data.outcome import DEFINITIONS, Outcome, ResponderDefinition, define_responder, judge
from trial.definition_counts import (
    ArmCounts,
    Contrast,
    contrast_all_randomised,
    contrast_evaluable,
    count_arms,
)
from trial.not_computed import NotComputed
from trial.schedule import seen_at
from trial.study import Study

PERCENTS: Final = (25.0, 50.0, 75.0, 100.0)
HORIZONS: Final = (3.0, 4.0, 5.0, 6.0)
"""Of the grid [%, months]; horizons besides those that are reported."""
THRESHOLDS: Final = tuple(float(percent) for percent in range(-50, 155, 5))
"""Of the responder curves [%]."""
_ROUNDING: Final = 1e-7
_OTHERS: Final = ("petrou2016", "berry2019", "cudkowicz2022")  # karussis2021 is petrou2016's rule


@dataclass(frozen=True, slots=True)
class LabelChanges:
    """Patients of both arms whose label is another than by the report's definition.

    Attributes
    ----------
    evaluable_by_both
        Those who have a label by either.
    gained, lost
        Of those: responders only here, and only by the report's definition.
    newly_evaluable, no_longer_evaluable
        Those who have a label only here, and only by the report's definition.
    """

    evaluable_by_both: int
    gained: int
    lost: int
    newly_evaluable: int
    no_longer_evaluable: int


@dataclass(frozen=True, slots=True)
class DefinitionResult:
    """Both arms under one definition.

    Attributes
    ----------
    last_month
        Of the last visit of anybody up to the horizon; None where nobody was seen after month 0.
    evaluable
        Among evaluable patients.
    all_randomised
        Patients who cannot be judged, or who died by the horizon, counted as not responding.
    """

    definition: ResponderDefinition
    last_month: float | None
    arms: Mapping[Arm, ArmCounts]
    evaluable: Contrast | NotComputed
    all_randomised: Contrast | NotComputed
    label_changes: LabelChanges


@dataclass(frozen=True, slots=True)
class ResponderCurve:
    """Share of one arm's evaluable patients who improve by at least each threshold [%]."""

    arm: Arm
    horizon_months: float
    evaluable: int
    thresholds: tuple[float, ...]
    shares: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class DefinitionSensitivity:
    """The arms' difference in responders, looked at in many ways.

    Attributes
    ----------
    definition
        The report's; labels are compared with it.
    published
        Definitions of trials, at their own horizons; `oh2018` at each month reported.
    grid
        Percents by horizons at which anybody was seen.
    """

    definition: ResponderDefinition
    published: tuple[DefinitionResult, ...]
    grid: tuple[DefinitionResult, ...]
    curves: tuple[ResponderCurve, ...]


def analyse_definition_sensitivity(study: Study) -> DefinitionSensitivity:
    """The arms compared under every definition of the page."""
    reference = _judged(study, study.definition)
    return DefinitionSensitivity(
        study.definition,
        tuple(_result(study, one, reference) for one in _published(study)),
        tuple(_result(study, one, reference) for one in _grid(study)),
        tuple(
            curve
            for month in study.months
            for arm in ARMS
            if (curve := _curve(study, arm, month)) is not None
        ),
    )


def _published(study: Study) -> list[ResponderDefinition]:
    found = [study.definition]
    found += [
        define_responder("oh2018", percent=percent, horizon_months=month)
        for month in study.months
        for percent in (50.0, 75.0, 100.0)
    ]
    found += [DEFINITIONS[name] for name in _OTHERS]
    return list(dict.fromkeys(found))


def _grid(study: Study) -> list[ResponderDefinition]:
    horizons = [
        month
        for month in sorted({*study.months, *HORIZONS})
        if any(seen_at(patient, month) for patient in study.cohort.patients)
    ]
    return [
        define_responder("oh2018", percent=percent, horizon_months=month)
        for month in horizons
        for percent in PERCENTS
    ]


def _judged(study: Study, definition: ResponderDefinition) -> list[Outcome]:
    return [judge(patient.visits, definition) for patient in study.cohort.patients]


def _result(
    study: Study, definition: ResponderDefinition, reference: Sequence[Outcome]
) -> DefinitionResult:
    outcomes, horizon = _judged(study, definition), definition.horizon_months or 0.0
    arms = count_arms(study.cohort.patients, outcomes, horizon)
    months = [v.month for p in study.cohort.patients for v in p.visits if 0 < v.month <= horizon]
    return DefinitionResult(
        definition,
        max(months, default=None),
        arms,
        contrast_evaluable(arms, study.level),
        contrast_all_randomised(arms, study.level),
        _changes(outcomes, reference),
    )


def _changes(here: Sequence[Outcome], reference: Sequence[Outcome]) -> LabelChanges:
    pairs = [(a.responder, b.responder) for a, b in zip(here, reference, strict=True)]
    both = [(a, b) for a, b in pairs if a is not None and b is not None]
    return LabelChanges(
        len(both),
        gained=sum(a and not b for a, b in both),
        lost=sum(b and not a for a, b in both),
        newly_evaluable=sum(a is not None and b is None for a, b in pairs),
        no_longer_evaluable=sum(a is None and b is not None for a, b in pairs),
    )


def _curve(study: Study, arm: Arm, month: float) -> ResponderCurve | None:
    definition = define_responder("oh2018", horizon_months=month)
    outcomes = [judge(patient.visits, definition) for patient in study.cohort.of_arm(arm)]
    improvements = np.array([one.improvement for one in outcomes if one.improvement is not None])
    if improvements.size == 0:
        return None
    # Rounding of the slopes aside, as `data.outcome.reaches` has it.
    shares = [float((improvements >= one - _ROUNDING).mean()) for one in THRESHOLDS]
    return ResponderCurve(arm, month, improvements.size, THRESHOLDS, tuple(shares))
