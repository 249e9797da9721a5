"""Who took part: the flow of patients by arm, and how the arms compare before treatment."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from analysis.standardised_difference import largest_by_chance
from data.cohort import ARMS, Arm, Patient
from data.outcome import judge
from trial.baseline import CategoricalVariable, NumericVariable, baseline_variables
from trial.baseline_cytokines import CytokineVariable, baseline_cytokines
from trial.not_computed import NotComputed, computed
from trial.schedule import seen_at, visit_months
from trial.study import Study


@dataclass(frozen=True, slots=True)
class VisitCount:
    """Randomised patients of each arm with and without a visit near a month."""

    month: float
    seen: Mapping[Arm, int]
    missing: Mapping[Arm, int]


@dataclass(frozen=True, slots=True)
class Flow:
    """Patients of each arm, stage by stage; ids of those who did not reach one.

    Attributes
    ----------
    full_analysis_set
        Randomised, with baseline ALSFRS-R and at least one value after it.
    visits
        At every month near which anybody was seen, and at those reported.
    evaluable
        Patients whose response can be judged by the report's definition, by horizon [months].
    """

    with_baseline: Mapping[Arm, int]
    without_baseline: Mapping[Arm, tuple[str, ...]]
    full_analysis_set: Mapping[Arm, int]
    without_later_value: Mapping[Arm, tuple[str, ...]]
    visits: tuple[VisitCount, ...]
    evaluable: Mapping[float, Mapping[Arm, int]]


@dataclass(frozen=True, slots=True)
class ParticipantsResults:
    """Figure 1 and the baseline table.

    Attributes
    ----------
    not_tabulated
        Names of further columns that are neither numbers nor a few categories.
    by_chance
        Standardised difference that randomisation alone stays within, at the report's level.
    """

    randomised: Mapping[Arm, int]
    flow: Flow | NotComputed
    numeric: tuple[NumericVariable, ...]
    categorical: tuple[CategoricalVariable, ...]
    cytokines: tuple[CytokineVariable, ...] | NotComputed
    not_tabulated: tuple[str, ...]
    by_chance: float | NotComputed


def analyse_participants(study: Study) -> ParticipantsResults:
    """Everything of the participants page."""
    patients = study.cohort.patients
    randomised = {arm: len(study.cohort.of_arm(arm)) for arm in ARMS}
    numeric, categorical, left_out = baseline_variables(
        patients, has_visits="alsfrs_r" in study.tables
    )
    return ParticipantsResults(
        randomised=randomised,
        flow=_flow(study) if "alsfrs_r" in study.tables else _absent("alsfrs_r"),
        numeric=numeric,
        categorical=categorical,
        cytokines=(
            baseline_cytokines(patients, study.analytes)
            if "cytokines" in study.tables
            else _absent("cytokines")
        ),
        not_tabulated=left_out,
        by_chance=_by_chance(randomised, study.level),
    )


def _by_chance(randomised: Mapping[Arm, int], level: float) -> float | NotComputed:
    if not all(randomised.values()):
        return NotComputed("How far arms differ by chance needs a patient in each arm.")
    return computed(lambda: largest_by_chance(*randomised.values(), level=level))


def _absent(table: str) -> NotComputed:
    return NotComputed(f"There is no table {table} that could be read.")


def _flow(study: Study) -> Flow:
    patients = study.cohort.patients
    months = visit_months(patients, study.months)
    return Flow(
        with_baseline=_counted(study, _has_baseline),
        without_baseline=_ids(study, lambda patient: not _has_baseline(patient)),
        full_analysis_set=_counted(study, in_full_analysis_set),
        without_later_value=_ids(
            study, lambda patient: _has_baseline(patient) and not in_full_analysis_set(patient)
        ),
        visits=tuple(_visit_count(study, month) for month in months),
        evaluable={month: _evaluable(study, month) for month in study.months},
    )


def _has_baseline(patient: Patient) -> bool:
    return seen_at(patient, 0)


def in_full_analysis_set(patient: Patient) -> bool:
    """Whether a patient has baseline ALSFRS-R and at least one value after it (Oh 2018).

    Examples
    --------
    >>> from data.outcome import Visit
    >>> in_full_analysis_set(Patient("P-1", "msc", visits=(Visit(-1, 41), Visit(0, 40))))
    False
    """
    return _has_baseline(patient) and any(visit.month > 0 for visit in patient.visits)


def _visit_count(study: Study, month: float) -> VisitCount:
    seen = _counted(study, lambda patient: seen_at(patient, month))
    missing = {arm: len(study.cohort.of_arm(arm)) - seen[arm] for arm in ARMS}
    return VisitCount(month, seen, missing)


def _evaluable(study: Study, month: float) -> Mapping[Arm, int]:
    definition = replace(study.definition, horizon_months=month)
    return _counted(study, lambda p: judge(p.visits, definition).responder is not None)


def _counted(study: Study, holds: Callable[[Patient], bool]) -> Mapping[Arm, int]:
    return {arm: len(ids) for arm, ids in _ids(study, holds).items()}


def _ids(study: Study, holds: Callable[[Patient], bool]) -> Mapping[Arm, tuple[str, ...]]:
    return {arm: tuple(p.patient_id for p in study.cohort.of_arm(arm) if holds(p)) for arm in ARMS}
