"""Who trains, as arrays: patients of arm `msc` with an evaluable outcome and the task's panels.

Everybody who is left out is counted with the reason; controls never train.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
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
    warnings
        What a reader should know about who trains: platforms, missing lead-in slopes.
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
    warnings: tuple[str, ...] = ()

    @property
    def n_patients(self) -> int:
        """Patients who train."""
        return len(self.is_responder)

    @property
    def n_responders(self) -> int:
        """Responders among them."""
        return int(self.is_responder.sum())

    def groups(self, by: Literal["site"] | None) -> NDArray[np.intp] | None:
        """Group number of each patient, None without grouping; no site is a group of one.

        Raises
        ------
        TrainingError
            Nobody has a site.
        """
        if by is None:
            return None
        if not any(self.sites):
            raise TrainingError(
                "grouping by site needs sites among the participants; none is given"
            )
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
        Fewer responders or non-responders than folds: nothing honest can be said then. Or a
        definition over slopes for a cohort that states its outcomes.
    """
    chosen: list[tuple[PanelPair, Outcome, Patient]] = []
    left_out: Counter[str] = Counter()
    if cohort.states_outcomes and not definition.is_stated:
        raise TrainingError(
            "the cohort states its outcomes, so no definition over slopes applies to it"
        )
    for patient in cohort.of_arm("msc"):
        outcome = _outcome(patient, definition)
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
        warnings=tuple(_warnings(pairs, analytes, slopes, definition)),
    )


def _warnings(
    pairs: Sequence[PanelPair],
    analytes: Sequence[Analyte],
    slopes: Sequence[float | None],
    definition: ResponderDefinition,
) -> Iterator[str]:
    for analyte in analytes:
        measured = [pair.baseline.find(analyte.name) for pair in pairs]
        platforms = {m.platform for m in measured if m is not None}
        if len(platforms - {None}) > 1:
            yield f"{analyte.name} was measured on {len(platforms - {None})} platforms, pooled here"
        if None in platforms and len(platforms) > 1:
            yield f"{analyte.name} has results whose platform is not named"
    missing = sum(slope is None for slope in slopes)
    if missing and not definition.is_stated:
        yield f"{missing} patients have no lead-in slope, so there is no lead-in reference model"


def _outcome(patient: Patient, definition: ResponderDefinition) -> Outcome | None:
    """A patient's outcome; None where the table should state it and does not."""
    if definition.is_stated and patient.responder is None:
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
    outcomes = [_outcome(patient, definition) for patient in cohort.of_arm("control")]
    judged = [o.responder for o in outcomes if o is not None and o.responder is not None]
    return sum(judged), len(judged)
