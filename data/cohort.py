"""A trial's patients as they are analysed: panels, ALSFRS-R visits, arm and outcome.

How a cohort is read from files is in `data/sources`; how one is made up, in `simulate.py`.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, get_args

from data.errors import CsfError
from data.outcome import Outcome, ResponderDefinition, Visit, judge, lead_in_slope
from data.panel import Panel

Arm = Literal["msc", "control"]
ARMS: tuple[Arm, ...] = get_args(Arm)


@dataclass(frozen=True, slots=True)
class Survival:
    """Months from the first injection to death or tracheostomy, or to the last contact."""

    months: float
    event: bool


@dataclass(frozen=True, slots=True)
class AdverseEvent:
    """One adverse event: term, CTCAE grade 1-5, seriousness, relatedness to treatment."""

    term: str
    grade: int
    serious: bool
    related: bool


@dataclass(frozen=True, slots=True)
class Patient:
    """One participant; `panels` and `visits` in order of month.

    Attributes
    ----------
    responder
        The outcome where the cohort's table states it; None where it follows from ALSFRS-R.
    covariates
        Further columns of `participants.csv` as text (age, sex, onset_region, ...).
    """

    patient_id: str
    arm: Arm
    panels: tuple[Panel, ...] = ()
    visits: tuple[Visit, ...] = ()
    responder: bool | None = None
    site: str | None = None
    covariates: Mapping[str, str] = field(default_factory=dict)
    survival: Survival | None = None
    adverse_events: tuple[AdverseEvent, ...] = ()

    def outcome(self, definition: ResponderDefinition) -> Outcome:
        """The stated outcome where there is one, else the definition applied to the visits."""
        if self.responder is not None:
            return Outcome(self.responder, None, lead_in_slope(self.visits), None, None)
        return judge(self.visits, definition)


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a cohort comes from; `simulated` follows it into every artefact made from it."""

    simulated: bool
    description: str = ""


@dataclass(frozen=True, slots=True)
class Cohort:
    """All participants of a trial, in the order of the participants' table.

    Raises
    ------
    CsfError
        When two patients share an id.
    """

    patients: tuple[Patient, ...]
    provenance: Provenance

    def __post_init__(self) -> None:
        if len({patient.patient_id for patient in self.patients}) < len(self.patients):
            raise CsfError("every patient of a cohort has an id of their own")

    @property
    def states_outcomes(self) -> bool:
        """Whether its table states outcomes; those are then the outcomes, for everybody."""
        return any(patient.responder is not None for patient in self.patients)

    def of_arm(self, arm: Arm) -> tuple[Patient, ...]:
        """The patients of one arm."""
        return tuple(patient for patient in self.patients if patient.arm == arm)


def cohort_sha256(cohort: Cohort) -> str:
    """SHA-256 of everything a cohort says, whatever file format it was read from."""
    digest = hashlib.sha256(_canonical(asdict(cohort.provenance)))
    for patient in cohort.patients:
        digest.update(_canonical(asdict(patient)))
    return digest.hexdigest()


def _canonical(value: Mapping[str, Any]) -> bytes:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return text.encode() + b"\n"
