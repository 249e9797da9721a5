"""Who died, or had a tracheostomy, by the month at which response is judged.

The study's rule judges by visits alone, so that a patient who died can be a responder. What the
arms' responders are where death is no response is in `trial.responders`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from data.cohort import ARMS, Arm, Patient
from data.outcome import ResponderDefinition, judge
from trial.not_computed import NotComputed

DEATHS_UNKNOWN: Final = NotComputed(
    "Who died or had a tracheostomy is not known, because no survival time could be read: whoever"
    " died early may count as a responder."
)


@dataclass(frozen=True, slots=True)
class Deaths:
    """Patients of each arm who died, or had a tracheostomy, at or before a horizon: their ids.

    Attributes
    ----------
    evaluable
        Those of them whom the definition judges all the same, by their visits until then.
    responders
        Those of them whom it calls responders.
    unknown
        Number of patients without a survival time, or last in contact before the horizon.
    """

    died: Mapping[Arm, tuple[str, ...]]
    evaluable: Mapping[Arm, tuple[str, ...]]
    responders: Mapping[Arm, tuple[str, ...]]
    unknown: Mapping[Arm, int]


def died_by(patient: Patient, month: float) -> bool:
    """Whether a patient is known to have died, or had a tracheostomy, at or before a month.

    False where the survival table does not say.

    Examples
    --------
    >>> from data.cohort import Survival
    >>> patient = Patient("P-1", "msc", survival=Survival(1.3, event=True))
    >>> died_by(patient, 1), died_by(patient, 1.3), died_by(Patient("P-2", "msc"), 4)
    (False, True, False)
    """
    survival = patient.survival
    return survival is not None and survival.event and survival.months <= month


def deaths_are_known(patients: Iterable[Patient]) -> bool:
    """Whether a survival time is known of anybody."""
    return any(patient.survival is not None for patient in patients)


def find_deaths(
    patients: tuple[Patient, ...], definition: ResponderDefinition
) -> Deaths | NotComputed:
    """Deaths up to the definition's horizon, or that they are unknown."""
    if not deaths_are_known(patients):
        return DEATHS_UNKNOWN
    month = definition.horizon_months or 0.0
    died = [patient for patient in patients if died_by(patient, month)]
    responses = {p.patient_id: judge(p.visits, definition).responder for p in died}
    return Deaths(
        died=_by_arm(died),
        evaluable=_by_arm(p for p in died if responses[p.patient_id] is not None),
        responders=_by_arm(p for p in died if responses[p.patient_id]),
        unknown={
            arm: sum(patient.arm == arm and _is_unknown(patient, month) for patient in patients)
            for arm in ARMS
        },
    )


def _is_unknown(patient: Patient, month: float) -> bool:
    survival = patient.survival
    return survival is None or (not survival.event and survival.months < month)


def _by_arm(patients: Iterable[Patient]) -> dict[Arm, tuple[str, ...]]:
    found = list(patients)
    return {arm: tuple(one.patient_id for one in found if one.arm == arm) for arm in ARMS}
