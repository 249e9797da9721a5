"""Did decline slow: ALSFRS-R change, change of slope and responders, by arm."""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from analysis.checks import Vector
from analysis.estimate import Estimate
from analysis.paired import paired_t
from data.cohort import ARMS, Arm, Patient
from data.outcome import lead_in_slope, slopes
from trial.arm_comparison import ArmComparison, compare_arms
from trial.judged_patients import Judged, judge_patients
from trial.not_computed import NotComputed
from trial.responders import (
    ResponderCount,
    StatedOutcomes,
    count_responders,
    stated_outcomes,
)
from trial.schedule import visit_months
from trial.spread import computed_with_spread
from trial.study import Study
from trial.visits import change_to, total_at

_FEWEST: Final = 2
"""Patients from whom a spread can be told."""


@dataclass(frozen=True, slots=True)
class AtMonth:
    """A measure of the patients up to one month, compared between the arms."""

    month: float
    comparison: ArmComparison


@dataclass(frozen=True, slots=True)
class MeanChange:
    """Mean ALSFRS-R change from baseline of one arm at one visit [points; below 0 is decline].

    Attributes
    ----------
    n
        Patients with baseline and this visit.
    mean
        None where there is nobody.
    interval
        One-sample t interval; None at baseline, where every change is 0.
    """

    arm: Arm
    month: float
    n: int
    mean: float | None
    interval: Estimate | NotComputed | None


@dataclass(frozen=True, slots=True)
class EfficacyResults:
    """The study's Table 3 and Figure 2A; every difference is MSC less control.

    Attributes
    ----------
    changes
        ALSFRS-R change from baseline [points]; adjusted for ``baseline_alsfrs_r``.
    slope_changes
        Follow-up slope less lead-in slope [points/month]; adjusted for ``baseline_alsfrs_r`` and,
        apart, for ``lead_in_slope``.
    mean_changes
        By arm and visit, from the baseline on.
    judged
        Every patient's slopes and response by the report's definition.
    """

    changes: tuple[AtMonth, ...]
    slope_changes: tuple[AtMonth, ...]
    mean_changes: tuple[MeanChange, ...]
    responders: tuple[ResponderCount, ...]
    judged: tuple[Judged, ...]
    stated: StatedOutcomes | None


def analyse_efficacy(study: Study) -> EfficacyResults:
    """Everything of the efficacy page."""
    return EfficacyResults(
        changes=tuple(AtMonth(month, _change(study, month)) for month in study.months),
        slope_changes=tuple(AtMonth(month, _slope_change(study, month)) for month in study.months),
        mean_changes=_mean_changes(study),
        responders=count_responders(study),
        judged=judge_patients(study),
        stated=stated_outcomes(study),
    )


def _baseline(patient: Patient) -> float | None:
    return total_at(patient.visits, 0)


def _change(study: Study, month: float) -> ArmComparison:
    return compare_arms(
        study.cohort.patients,
        lambda patient: change_to(patient.visits, month),
        {"baseline_alsfrs_r": _baseline},
        level=study.level,
    )


def _lead_in(patient: Patient) -> float | None:
    return lead_in_slope(patient.visits)


def _slope_change(study: Study, month: float) -> ArmComparison:
    return compare_arms(
        study.cohort.patients,
        lambda patient: slope_change(patient, month),
        {"baseline_alsfrs_r": _baseline, "lead_in_slope": _lead_in},
        level=study.level,
    )


def slope_change(patient: Patient, horizon: float) -> float | None:
    """Slope from month 0 to a horizon less the lead-in slope [points/month]; above 0 is better.

    None with fewer than two visits on either side; month 0 counts in both.

    Examples
    --------
    >>> from data.outcome import Visit
    >>> visits = Visit(-2, 42), Visit(0, 40), Visit(2, 39), Visit(4, 38)
    >>> slope_change(Patient("P-1", "msc", visits=visits), 4)
    0.5
    """
    before = lead_in_slope(patient.visits)
    until = [visit for visit in patient.visits if 0 <= visit.month <= horizon]
    after = float(slopes([visit.month for visit in until], [visit.total for visit in until]))
    return None if before is None or math.isnan(after) else after - before


def _mean_changes(study: Study) -> tuple[MeanChange, ...]:
    patients = study.cohort.patients
    months = [month for month in visit_months(patients, study.months) if month >= 0]
    return tuple(
        _mean_change(study.cohort.of_arm(arm), arm, month, study.level)
        for arm in ARMS
        if study.cohort.of_arm(arm)
        for month in months
    )


def _mean_change(patients: tuple[Patient, ...], arm: Arm, month: float, level: float) -> MeanChange:
    found = ((total_at(p.visits, 0), total_at(p.visits, month)) for p in patients)
    pairs = [(before, after) for before, after in found if before is not None and after is not None]
    before, after = np.array(pairs, dtype=np.float64).reshape(-1, 2).T
    mean = float((after - before).mean()) if pairs else None
    if month == 0:
        return MeanChange(arm, month, len(pairs), mean, None)
    return MeanChange(arm, month, len(pairs), mean, _interval(before, after, level))


def _interval(before: Vector, after: Vector, level: float) -> Estimate | NotComputed:
    if before.size < _FEWEST:
        return NotComputed(
            f"A mean change has no interval where fewer than {_FEWEST} patients of the arm have a"
            " baseline and that visit."
        )
    return computed_with_spread(
        lambda: paired_t(before, after, level=level).change,
        "A mean change has no interval where all patients of the arm changed by the same.",
    )
