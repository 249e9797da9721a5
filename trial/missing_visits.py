"""Missing visits: multiple imputation of the change, and the tipping point of what it says."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

import numpy as np

from analysis.errors import NoSpreadError
from analysis.mean_difference import MeanDifference, two_sample_t
from analysis.rubin import Pooled
from analysis.tipping_point import Completed, pooled_difference
from data.cohort import ARMS, Arm, Patient
from trial.imputation import ImputationModel, ImputedVisits, impute_visits
from trial.not_computed import NotComputed, computed
from trial.study import Study
from trial.tipping_points import (
    CompletedChanges,
    ShiftGrid,
    TippingPoint,
    shift_grid,
    tipping_point,
)
from trial.visits import change_to, total_at

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class ArmVisits:
    """Who of one arm was seen at a month.

    Attributes
    ----------
    with_baseline
        Of those randomised; only they have a change.
    seen, missing
        Of those with a baseline.
    died
        Of those missing, who had died (or had a tracheostomy) by then, as far as the survival
        table says.
    seen_mean, imputed_mean
        Mean change of those seen, and mean imputed change of those missing [points].
    """

    randomised: int
    with_baseline: int
    seen: int
    missing: int
    died: int
    seen_mean: float | None
    imputed_mean: float | None


@dataclass(frozen=True, slots=True)
class MonthWithGaps:
    """The change from baseline to one month; differences are MSC less control [points].

    Attributes
    ----------
    n_missing
        Patients of both arms with a baseline who were not seen.
    seen
        Welch's t of the patients who were seen.
    imputed
        All patients with a baseline, by Rubin's rules, missing at random; this and what follows
        from it is None where nobody was missed.
    """

    month: float
    n_missing: int
    arms: Mapping[Arm, ArmVisits]
    seen: MeanDifference | NotComputed
    imputed: Pooled | NotComputed | None
    tipping_points: Mapping[Arm, TippingPoint | NotComputed | None]
    grid: ShiftGrid | NotComputed | None


@dataclass(frozen=True, slots=True)
class MissingVisits:
    """Each month reported, and the imputation that they share."""

    model: ImputationModel | NotComputed
    months: tuple[MonthWithGaps, ...]


def analyse_missing_visits(study: Study) -> MissingVisits:
    """What missing visits may change."""
    imputed = computed(lambda: impute_visits(study))
    return MissingVisits(
        imputed if isinstance(imputed, NotComputed) else imputed.model,
        tuple(_month(study, month, imputed) for month in study.months),
    )


def _month(study: Study, month: float, imputed: ImputedVisits | NotComputed) -> MonthWithGaps:
    n_missing = sum(
        change_to(patient.visits, month) is None
        for patient in study.cohort.patients
        if total_at(patient.visits, 0) is not None
    )
    completed = _completed(month, imputed) if n_missing else None
    return MonthWithGaps(
        month,
        n_missing,
        {arm: _arm(study.cohort.of_arm(arm), month, completed) for arm in ARMS},
        _seen(study, month),
        _of(completed, lambda filled: pooled_difference(filled.changes, level=study.level)),
        {arm: _of(completed, partial(tipping_point, arm=arm, level=study.level)) for arm in ARMS},
        _of(completed, lambda filled: shift_grid(filled, study.level)),
    )


def _completed(
    month: float, imputed: ImputedVisits | NotComputed
) -> CompletedChanges | NotComputed:
    if isinstance(imputed, NotComputed):
        return imputed
    if month not in imputed.totals:
        return NotComputed(f"Too few patients were seen at month {month:g} to impute the others.")
    is_msc = imputed.is_msc()
    if few := [arm for arm in ARMS if (is_msc == (arm == "msc")).sum() < 2]:
        return NotComputed(
            f"Fewer than two patients of arm {' and of arm '.join(few)} have a baseline, so imputed"
            " changes are not compared."
        )
    changes = imputed.totals[month] - imputed.baseline
    gaps = np.isnan(imputed.seen[month])
    return computed(lambda: CompletedChanges(Completed(changes, is_msc, gaps), imputed.baseline))


def _of(
    completed: CompletedChanges | NotComputed | None, function: Callable[[CompletedChanges], Result]
) -> Result | NotComputed | None:
    if completed is None or isinstance(completed, NotComputed):
        return completed
    return computed(lambda: function(completed))


def _arm(
    patients: tuple[Patient, ...], month: float, completed: CompletedChanges | NotComputed | None
) -> ArmVisits:
    with_baseline = [p for p in patients if total_at(p.visits, 0) is not None]
    changes = [change_to(patient.visits, month) for patient in with_baseline]
    seen = [change for change in changes if change is not None]
    missing = [p for p, change in zip(with_baseline, changes, strict=True) if change is None]
    died = [p for p in missing if p.survival and p.survival.event and p.survival.months <= month]
    filled = completed if isinstance(completed, CompletedChanges) and patients else None
    return ArmVisits(
        len(patients),
        len(with_baseline),
        len(seen),
        len(missing),
        len(died),
        sum(seen) / len(seen) if seen else None,
        None if filled is None else filled.imputed_mean(patients[0].arm),
    )


def _seen(study: Study, month: float) -> MeanDifference | NotComputed:
    msc, control = (
        [c for p in study.cohort.of_arm(arm) if (c := change_to(p.visits, month)) is not None]
        for arm in ARMS
    )
    for arm, values in zip(ARMS, (msc, control), strict=True):
        if len(values) < 2:
            return NotComputed(
                f"Fewer than two patients of arm {arm} were seen at month {month:g}, so the arms"
                " are not compared."
            )
    try:
        return two_sample_t(msc, control, level=study.level)
    except NoSpreadError:
        return NotComputed(
            f"In each arm all patients seen at month {month:g} changed by the same, so there is no"
            " spread to compare the arms by."
        )
