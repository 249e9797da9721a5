"""Who of a cohort can be judged for a task: treated patients with an outcome and the panels.

Everybody who cannot is counted with the reason. Whoever trains a classifier, and whoever
validates one, asks here, so that both mean the same patients.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data.cohort import Cohort, Patient
from data.errors import DefinitionError
from data.outcome import Outcome, ResponderDefinition
from data.panel import Panel, PanelPair, Task, choose_pair


@dataclass(frozen=True, slots=True)
class Evaluable:
    """The patients who can be judged, in the cohort's order; one entry each.

    Attributes
    ----------
    pairs
        The panels that the task uses of each.
    outcomes
        Of each; `responder` is never None here.
    left_out
        Number of `msc` patients who cannot be judged, by reason.
    """

    patients: tuple[Patient, ...]
    pairs: tuple[PanelPair, ...]
    outcomes: tuple[Outcome, ...]
    left_out: Mapping[str, int]

    @property
    def is_responder(self) -> NDArray[np.bool_]:
        """Shape (n_patients,)."""
        return np.array([outcome.responder for outcome in self.outcomes], dtype=np.bool_)


def choose_evaluable(cohort: Cohort, task: Task, definition: ResponderDefinition) -> Evaluable:
    """Choose the patients of arm `msc` with an evaluable outcome and the task's panels.

    Parameters
    ----------
    definition
        With one over slopes, a panel after its horizon is not used.

    Raises
    ------
    DefinitionError
        A definition over slopes for a cohort that states its outcomes.

    Examples
    --------
    >>> from data.outcome import define_responder
    >>> from data.simulate import simulate_cohort
    >>> cohort = simulate_cohort("informative", 64, 1)
    >>> found = choose_evaluable(cohort, Task("pretreatment"), define_responder())
    >>> len(found.patients), int(found.is_responder.sum()), dict(found.left_out)
    (32, 21, {'lead_in_slope_not_negative': 1})
    """
    if cohort.states_outcomes and not definition.is_stated:
        raise DefinitionError(
            "the cohort states its outcomes, so no definition over slopes applies to it"
        )
    chosen: list[tuple[Patient, PanelPair, Outcome]] = []
    left_out: Counter[str] = Counter()
    for patient in cohort.of_arm("msc"):
        outcome = outcome_of(patient, definition)
        reason = outcome.not_evaluable if outcome is not None else "outcome_not_stated"
        panels = [panel for panel in patient.panels if _reports(panel)]
        pair = choose_pair(
            patient.patient_id, panels, task, horizon_months=definition.horizon_months
        )
        if reason is not None or outcome is None:
            left_out[str(reason)] += 1
        elif pair is None:
            left_out["panel_missing"] += 1
        else:
            chosen.append((patient, pair, outcome))
    return Evaluable(
        patients=tuple(patient for patient, _, _ in chosen),
        pairs=tuple(pair for _, pair, _ in chosen),
        outcomes=tuple(outcome for _, _, outcome in chosen),
        left_out=dict(sorted(left_out.items())),
    )


def _reports(panel: Panel) -> bool:
    """Whether anything was measured in a panel; blanks alone are no specimen."""
    return any("not_reported" not in measurement.flags for measurement in panel.measurements)


def outcome_of(patient: Patient, definition: ResponderDefinition) -> Outcome | None:
    """A patient's outcome; None where the table should state it and does not."""
    if definition.is_stated and patient.responder is None:
        return None
    return patient.outcome(definition)


def controls_responding(cohort: Cohort, definition: ResponderDefinition) -> tuple[int, int]:
    """Responders and evaluable patients among the controls: what no treatment gives."""
    outcomes = [outcome_of(patient, definition) for patient in cohort.of_arm("control")]
    judged = [o.responder for o in outcomes if o is not None and o.responder is not None]
    return sum(judged), len(judged)
