"""Who trains, as arrays: patients of arm `msc` with an evaluable outcome and the task's panels.

Everybody who is left out is counted with the reason; controls never train.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from data.analytes import Analyte
from data.cohort import Cohort, Patient
from data.outcome import Outcome, ResponderDefinition
from data.panel import PanelPair, Task, choose_pair
from models.columns import PairColumns, columns_of_pairs
from models.features import Feature, compute, recipe
from training.errors import TrainingError

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class TrainingSet:
    """Arrays over the n patients who train, in the cohort's order.

    Attributes
    ----------
    recipe
        The features, in order.
    features
        Shape (n_patients, n_features); NaN is missing.
    is_responder
        Shape (n_patients,), bool.
    lead_in_slopes
        Shape (n_patients,) [points/month]; NaN where the outcome was stated without visits.
    sites
        One per patient, None where not recorded.
    not_evaluable
        Number of `msc` patients left out, by reason.
    """

    task: Task
    definition: ResponderDefinition
    analytes: tuple[Analyte, ...]
    recipe: tuple[Feature, ...]
    pairs: tuple[PanelPair, ...]
    columns: PairColumns
    features: Floats
    is_responder: NDArray[np.bool_]
    lead_in_slopes: Floats
    sites: tuple[str | None, ...]
    not_evaluable: Mapping[str, int]

    @property
    def n_patients(self) -> int:
        """Patients who train."""
        return len(self.is_responder)

    @property
    def n_responders(self) -> int:
        """Responders among them."""
        return int(self.is_responder.sum())

    def groups(self, by: Literal["site"] | None) -> NDArray[np.intp] | None:
        """Group number of each patient, None without grouping; no site is a group of one."""
        if by is None:
            return None
        names = [site or f"\0{number}" for number, site in enumerate(self.sites)]
        return np.unique(names, return_inverse=True)[1]


def make_training_set(
    cohort: Cohort,
    task: Task,
    definition: ResponderDefinition,
    analytes: Sequence[Analyte],
    *,
    n_folds: int,
) -> TrainingSet:
    """Choose who trains and compute their features.

    Raises
    ------
    TrainingError
        Fewer responders or non-responders than folds: nothing honest can be said then.
    """
    chosen: list[tuple[PanelPair, Outcome, Patient]] = []
    left_out: Counter[str] = Counter()
    stated = _is_stated(cohort, definition)
    for patient in cohort.of_arm("msc"):
        outcome = _outcome(patient, definition, stated=stated)
        reason = outcome.not_evaluable if outcome is not None else "outcome_not_stated"
        pair = choose_pair(
            patient.patient_id, patient.panels, task, horizon_months=definition.horizon_months
        )
        if reason is not None or outcome is None:
            left_out[str(reason)] += 1
        elif pair is None:
            left_out["panel_missing"] += 1
        else:
            chosen.append((pair, outcome, patient))
    is_responder = np.array([outcome.responder for _, outcome, _ in chosen], dtype=np.bool_)
    _check_classes(is_responder, left_out, n_folds)
    pairs = tuple(pair for pair, _, _ in chosen)
    columns = columns_of_pairs(pairs, analytes)
    features = recipe(task.name, analytes)
    slopes = [outcome.lead_in_slope for _, outcome, _ in chosen]
    return TrainingSet(
        task=task,
        definition=definition,
        analytes=tuple(analytes),
        recipe=features,
        pairs=pairs,
        columns=columns,
        features=compute(features, columns),
        is_responder=is_responder,
        lead_in_slopes=np.array([np.nan if s is None else s for s in slopes], dtype=np.float64),
        sites=tuple(patient.site for _, _, patient in chosen),
        not_evaluable=dict(sorted(left_out.items())),
    )


def _is_stated(cohort: Cohort, definition: ResponderDefinition) -> bool:
    """Whether outcomes are those that the cohort's table states: for everybody, or for nobody."""
    return definition.is_stated or any(p.responder is not None for p in cohort.patients)


def _outcome(patient: Patient, definition: ResponderDefinition, *, stated: bool) -> Outcome | None:
    """A patient's outcome; None where the table should state it and does not."""
    if stated and patient.responder is None:
        return None
    return patient.outcome(definition)


def _check_classes(
    is_responder: NDArray[np.bool_], left_out: Mapping[str, int], n_folds: int
) -> None:
    n_responders = int(is_responder.sum())
    n_others = len(is_responder) - n_responders
    if min(n_responders, n_others) >= n_folds:
        return
    reasons = ", ".join(f"{n} {reason}" for reason, n in left_out.items()) or "nobody"
    raise TrainingError(
        f"{n_responders} responders and {n_others} non-responders can train (left out: {reasons}); "
        f"at least {n_folds} of each are needed, one for every fold"
    )


def controls_responding(cohort: Cohort, definition: ResponderDefinition) -> tuple[int, int]:
    """Responders and evaluable patients among the controls: what no treatment gives."""
    stated = _is_stated(cohort, definition)
    outcomes = [_outcome(p, definition, stated=stated) for p in cohort.of_arm("control")]
    judged = [o.responder for o in outcomes if o is not None and o.responder is not None]
    return sum(judged), len(judged)
