"""The numbers of the safety page: adverse events of any kind, by grade and by term."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from data.cohort import ARMS, AdverseEvent, Arm
from trial.event_risk import EventOfPatient, EventRisk, event_risk
from trial.event_terms import SEVERE, TermRisk, term_risks
from trial.study import Study

_GRADES: Final = (1, 2, 3, 4, 5)

_KINDS: Final[Mapping[str, Callable[[AdverseEvent], bool]]] = {
    "Any adverse event": lambda event: True,
    "Any serious": lambda event: event.serious,
    "Any related to treatment": lambda event: event.related,
    "Any serious and related": lambda event: event.serious and event.related,
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
    return SafetyResults(
        n_patients=n_patients,
        n_events={arm: sum(one.arm == arm for one in events) for arm in ARMS},
        kinds=tuple(
            event_risk(
                name, [one for one in events if is_it(one.event)], n_patients, level=study.level
            )
            for name, is_it in _KINDS.items()
        ),
        terms=term_risks(events, n_patients, level=study.level),
        grades=tuple(_grades(events)),
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
