"""What else a trial's tables say of simulated patients: who they are, survival, adverse events.

All of it is assumed, and independent of cytokines and of ALSFRS-R.
"""

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

SITES: Final = ("A", "B", "C")
_SITE_SHARES: Final = (0.5, 0.3, 0.2)


class AdverseEventTerm(NamedTuple):
    """One kind of adverse event and how often a patient of each arm has it.

    `by_injection` marks terms that count as related in MSC patients; none of them is serious:
    the study saw no treatment-related serious event (Oh 2018).
    """

    term: str
    msc: float
    control: float
    by_injection: bool = False
    serious: bool = False


ADVERSE_EVENT_TERMS: Final = (
    AdverseEventTerm("Headache", 0.25, 0.06, by_injection=True),
    AdverseEventTerm("Back pain", 0.20, 0.06, by_injection=True),
    AdverseEventTerm("Pyrexia", 0.18, 0.05, by_injection=True),
    AdverseEventTerm("Injection site pain", 0.12, 0.0, by_injection=True),
    AdverseEventTerm("Nausea", 0.12, 0.10),
    AdverseEventTerm("Constipation", 0.10, 0.10),
    AdverseEventTerm("Nasopharyngitis", 0.15, 0.15),
    AdverseEventTerm("Fall", 0.12, 0.12),
    AdverseEventTerm("Pneumonia", 0.05, 0.05, serious=True),
    AdverseEventTerm("Respiratory failure", 0.04, 0.04, serious=True),
)
"""Order of the last axis of `Background.adverse_event_grade`. Terms and rates are assumed."""

_GRADE_SHARES: Final = (0.65, 0.30, 0.05)
_SERIOUS_GRADE: Final = 3
_TRIAL_MONTHS: Final = 6.0
_SURVIVAL_SHAPE, _SURVIVAL_SCALE = 1.5, 45.0
_LAST_CONTACT_MONTHS: Final = (18.0, 72.0)


@dataclass(frozen=True, slots=True)
class Background:
    """One row per patient, shape (n_patients,) unless said.

    Attributes
    ----------
    site
        Index into `SITES`.
    age
        Whole years.
    is_female, is_bulbar_onset
        Otherwise male, limb onset.
    survival_months
        From the first injection to death or tracheostomy, or to the last contact.
    survival_event
        Whether death or tracheostomy was seen.
    adverse_event_grade
        Shape (n_patients, n_terms); 0 where the patient did not have the event.
    """

    site: NDArray[np.int64]
    age: NDArray[np.int64]
    is_female: NDArray[np.bool_]
    is_bulbar_onset: NDArray[np.bool_]
    survival_months: NDArray[np.float64]
    survival_event: NDArray[np.bool_]
    adverse_event_grade: NDArray[np.int64]


def simulate_background(is_msc: NDArray[np.bool_], rng: np.random.Generator) -> Background:
    """Covariates, survival (the same in both arms, as in the study) and adverse events.

    Nobody dies within the trial's 6 months; afterwards the hazard is Weibull.

    Examples
    --------
    >>> background = simulate_background(np.array([True, False]), np.random.default_rng(1))
    >>> background.adverse_event_grade.shape == (2, len(ADVERSE_EVENT_TERMS))
    True
    """
    n = len(is_msc)
    death = _TRIAL_MONTHS + _SURVIVAL_SCALE * rng.weibull(_SURVIVAL_SHAPE, n)
    last_contact = rng.uniform(*_LAST_CONTACT_MONTHS, n)
    return Background(
        site=rng.choice(len(SITES), size=n, p=_SITE_SHARES),
        age=np.clip(np.rint(rng.normal(54, 9, n)), 25, 80).astype(np.int64),
        is_female=rng.random(n) < 0.4,
        is_bulbar_onset=rng.random(n) < 0.2,
        survival_months=np.minimum(death, last_contact).round(1),
        survival_event=death <= last_contact,
        adverse_event_grade=_adverse_event_grade(is_msc, rng),
    )


def _adverse_event_grade(is_msc: NDArray[np.bool_], rng: np.random.Generator) -> NDArray[np.int64]:
    terms = ADVERSE_EVENT_TERMS
    shape = (len(is_msc), len(terms))
    rate = np.where(is_msc[:, None], [t.msc for t in terms], [t.control for t in terms])
    grade = 1 + np.searchsorted(np.cumsum(_GRADE_SHARES)[:-1], rng.random(shape))
    grade = np.where([t.serious for t in terms], _SERIOUS_GRADE, grade)
    return np.where(rng.random(shape) < rate, grade, 0)
