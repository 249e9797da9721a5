"""The numbers of the safety page: adverse events of any kind, by grade and by term."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from data.cohort import ARMS, AdverseEvent, Arm
from trial.event_risk import EventOfPatient, EventRisk, RiskComparison, event_risk
from trial.event_terms import SEVERE, TermRisk, term_risks
from trial.not_computed import NotComputed
from trial.study import Study

_GRADES: Final = (1, 2, 3, 4, 5)

_INCOMPLETE: Final = NotComputed(
    "The arms are not compared: rows of adverse_events are left out because of faults, so every"
    " count here is too small, perhaps more so in one arm."
)

_RELATED: Final = "Any related to treatment"
_SERIOUS_RELATED: Final = "Any serious and related"

_KINDS: Final[Mapping[str, Callable[[AdverseEvent], bool]]] = {
    "Any adverse event": lambda event: True,
    "Any serious": lambda event: event.serious,
    _RELATED: lambda event: event.related,
    _SERIOUS_RELATED: lambda event: event.serious and event.related,
    f"Any of grade {SEVERE} or above": lambda event: event.grade >= SEVERE,
}


@dataclass(frozen=True, slots=True)
class GradeCount:
    """Of one arm and CTCAE grade: patients whose worst event has it, and events that have it."""

    arm: Arm
    grade: int
    n_with_worst: int
    n_events: int


@dataclass(frozen=True, slots=True)
class SafetyResults:
    """All of the safety page.

    Attributes
    ----------
    n_patients
        All of each arm: the denominators.
    n_events
        Of each arm.
    kinds
        Any event, any serious, any related, any serious and related, any of grade 3 or above.
        Related ones are not compared where no control has any: only the treated were injected, so
        that "related" means little else than the arm.
    terms
        Those that most patients had first.
    grades
        Each arm, from grade 1 to 5.
    """

    n_patients: Mapping[Arm, int]
    n_events: Mapping[Arm, int]
    kinds: tuple[EventRisk, ...]
    terms: tuple[TermRisk, ...]
    grades: tuple[GradeCount, ...]


def analyse_safety(study: Study) -> SafetyResults:
    """Count adverse events by arm and compare the arms.

    Examples
    --------
    >>> from data.simulate import simulate_cohort
    >>> results = analyse_safety(Study(simulate_cohort("published", 64, 1)))
    >>> results.kinds[0].name, results.n_patients
    ('Any adverse event', {'msc': 33, 'control': 31})
    """
    events = [
        EventOfPatient(patient.arm, patient.patient_id, event)
        for patient in study.cohort.patients
        for event in patient.adverse_events
    ]
    n_patients = {arm: len(study.cohort.of_arm(arm)) for arm in ARMS}
    kinds = _kinds(events, n_patients, study.level)
    terms = term_risks(events, n_patients, level=study.level)
    if study.left_out_of("adverse_events"):
        kinds = tuple(replace(kind, comparison=_INCOMPLETE) for kind in kinds)
        terms = tuple(
            replace(term, risk=replace(term.risk, comparison=_INCOMPLETE)) for term in terms
        )
    return SafetyResults(
        n_patients=n_patients,
        n_events={arm: sum(one.arm == arm for one in events) for arm in ARMS},
        kinds=kinds,
        terms=terms,
        grades=tuple(_grades(events)),
    )


def _kinds(
    events: Sequence[EventOfPatient], n_patients: Mapping[Arm, int], level: float
) -> tuple[EventRisk, ...]:
    kinds = tuple(
        event_risk(name, [one for one in events if is_it(one.event)], n_patients, level=level)
        for name, is_it in _KINDS.items()
    )
    if any(one.event.related for one in events if one.arm == "control"):
        return kinds
    return tuple(
        replace(kind, comparison=None)
        if kind.name in (_RELATED, _SERIOUS_RELATED) and isinstance(kind.comparison, RiskComparison)
        else kind
        for kind in kinds
    )


def _grades(events: Sequence[EventOfPatient]) -> Iterator[GradeCount]:
    worst: dict[tuple[Arm, str], int] = {}
    for one in events:
        patient = one.arm, one.patient_id
        worst[patient] = max(one.event.grade, worst.get(patient, 0))
    for arm in ARMS:
        of_arm = [one.event.grade for one in events if one.arm == arm]
        of_patients = [grade for (whose, _), grade in worst.items() if whose == arm]
        for grade in _GRADES:
            yield GradeCount(arm, grade, of_patients.count(grade), of_arm.count(grade))
