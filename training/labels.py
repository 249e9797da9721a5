"""How much hangs on the outcome's rule: responders at other bars, and labels one point away."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from data.cohort import Cohort, Patient
from data.evaluable import choose_evaluable
from data.outcome import ResponderDefinition, Visit, judge, reaches
from training.training_set import TrainingSet

SHARES: Final = (0.5, 0.75, 1.0, 1.25, 1.5)
"""Of the improvement that makes a responder: the bars at which responders are counted."""
BEST_TOTAL: Final = 48


def labels(cohort: Cohort, training_set: TrainingSet) -> dict[str, Any] | None:
    """Counts over the patients who train; None where a table states the outcome.

    Returns
    -------
    `responders_at`: `least` improvement in the definition's own measure and `n_responders`;
    `n_one_point_away`: patients who would have the other label had the last ALSFRS-R total up to
    the horizon been one point higher or lower.
    """
    definition = training_set.definition
    if definition.is_stated or cohort.states_outcomes:
        return None
    found = choose_evaluable(cohort, training_set.task, definition)
    gained = [outcome.improvement for outcome in found.outcomes]
    bars = [definition.least * share for share in SHARES]
    return {
        "responders_at": [
            {"least": bar, "n_responders": _n_reaching(gained, definition, bar)} for bar in bars
        ],
        "n_one_point_away": sum(_is_one_point_away(p, definition) for p in found.patients),
    }


def _n_reaching(gained: Sequence[float | None], definition: ResponderDefinition, bar: float) -> int:
    is_percent = definition.percent is not None
    at_bar = replace(definition, percent=bar) if is_percent else replace(definition, points=bar)
    return sum(bool(reaches(one, at_bar)) for one in gained if one is not None)


def _is_one_point_away(patient: Patient, definition: ResponderDefinition) -> bool:
    """Whether one point at the last visit that counts decides."""
    horizon = definition.horizon_months or 0.0
    last = max(visit.month for visit in patient.visits if visit.month <= horizon)
    seen = judge(patient.visits, definition).responder
    return any(judge(_moved(patient.visits, last, by), definition).responder != seen
               for by in (-1, 1))  # fmt: skip


def _moved(visits: Sequence[Visit], month: float, by: int) -> list[Visit]:
    """The visits, the total at one month higher or lower, within the scale."""
    return [
        replace(visit, total=min(max(visit.total + by, 0.0), BEST_TOTAL))
        if visit.month == month
        else visit
        for visit in visits
    ]
