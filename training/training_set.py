"""Who trains, as arrays: the evaluable patients of a cohort with their features.

Who that is, `data.evaluable` says; here it is checked that there are enough of both classes.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from data.analytes import Analyte
from data.cohort import Cohort
from data.evaluable import choose_evaluable
from data.outcome import ResponderDefinition
from data.panel import PanelPair, Task
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
    covariates
        Of each patient, by column, the site among them.
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
    covariates: tuple[Mapping[str, str], ...]
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

    @property
    def platforms(self) -> dict[str, tuple[str, ...]]:
        """Platforms seen of each analyte, "" for unnamed ones; none where nobody names any."""
        platforms = {}
        for analyte in self.analytes:
            found = [pair.baseline.find(analyte.name) for pair in self.pairs]
            names = {m.platform or "" for m in found if m is not None}
            if names - {""}:
                platforms[analyte.name] = tuple(sorted(names))
        return platforms

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
        Fewer responders or non-responders than folds: nothing honest can be said then.
    DefinitionError
        A definition over slopes for a cohort that states its outcomes.
    """
    chosen = choose_evaluable(cohort, task, definition)
    _check_classes(chosen.is_responder, chosen.left_out, n_folds)
    columns = columns_of_pairs(chosen.pairs, analytes)
    features = recipe(task.name, analytes)
    slopes = [outcome.lead_in_slope for outcome in chosen.outcomes]
    return TrainingSet(
        task=task,
        definition=definition,
        analytes=tuple(analytes),
        recipe=features,
        pairs=chosen.pairs,
        columns=columns,
        features=compute(features, columns),
        is_responder=chosen.is_responder,
        lead_in_slopes=np.array([np.nan if s is None else s for s in slopes], dtype=np.float64),
        sites=tuple(patient.site for patient in chosen.patients),
        covariates=tuple({**p.covariates, "site": p.site or ""} for p in chosen.patients),
        not_evaluable=chosen.left_out,
        warnings=tuple(_warnings(chosen.pairs, analytes, slopes, definition)),
    )


def _warnings(
    pairs: Sequence[PanelPair],
    analytes: Sequence[Analyte],
    slopes: Sequence[float | None],
    definition: ResponderDefinition,
) -> Iterator[str]:
    for analyte in analytes:
        measured = [pair.baseline.find(analyte.name) for pair in pairs]
        results = {(m.value, m.limit) for m in measured if m is not None} - {(None, None)}
        if len(results) < 2:
            what = "the same result in everybody" if results else "no result"
            yield f"{analyte.name} has {what} at baseline, so its level counts for nothing"
        platforms = {m.platform for m in measured if m is not None}
        if len(platforms - {None}) > 1:
            yield f"{analyte.name} was measured on {len(platforms - {None})} platforms, pooled here"
        if None in platforms and len(platforms) > 1:
            yield f"{analyte.name} has results whose platform is not named"
    missing = sum(slope is None for slope in slopes)
    if missing and not definition.is_stated:
        yield f"{missing} patients have no lead-in slope, so there is no lead-in reference model"


def _check_classes(
    is_responder: NDArray[np.bool_], left_out: Mapping[str, int], n_folds: int
) -> None:
    n_responders = int(is_responder.sum())
    n_others = len(is_responder) - n_responders
    if min(n_responders, n_others) >= n_folds:
        return
    if not len(is_responder) and not left_out:
        raise TrainingError("the cohort has no patient of arm msc, and controls never train")
    reasons = ", ".join(f"{n} {reason}" for reason, n in left_out.items()) or "nobody"
    raise TrainingError(
        f"{n_responders} responders and {n_others} non-responders can train (left out: {reasons}); "
        f"at least {n_folds} of each are needed, one for every fold"
    )
