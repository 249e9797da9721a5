"""One training run: a cohort in, a bundle out."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np

from charts.chart import Figure
from charts.evaluation.plots import plots_of
from data.analytes import Analyte
from data.cohort import Cohort, cohort_sha256
from data.doubts.doubts import suspicions, warnings
from data.outcome import ResponderDefinition
from data.panel import Task
from models.bundle import write_bundle
from models.classifier import PANELS, library_version
from models.columns import Kind
from models.estimator import BoostedEstimator, LinearEstimator
from models.manifest import (
    CohortFacts,
    GoldenRow,
    Manifest,
    OperatingPoint,
    StoredAnalyte,
    StoredDefinition,
    StoredFeature,
    StoredTask,
    TrainingRange,
)
from models.scorer import score
from training.card import write_card
from training.config import TrainingConfig
from training.contributions import contributions
from training.controls import auc_in_controls
from training.estimators import Family, families
from training.evaluate import evaluate
from training.final_fit import (
    CHUNK,
    Choice,
    Refit,
    choose_on_all,
    fit_boosted,
    fit_linear,
    run_refits,
)
from training.labels import labels
from training.nested_cv import Repeat, run_repeats
from training.progress import Progress, silent
from training.report import write_report
from training.resampled import Work, optimism_by_bootstrap, permutation
from training.stability import stability
from training.training_set import TrainingSet, make_training_set

LIBRARIES: Final = ("numpy", "scipy", "scikit-learn", "xgboost")
N_GOLDEN_ROWS: Final = 8


@dataclass(frozen=True, slots=True)
class Trained:
    """A trained classifier, not yet written; `write` puts it into a registry's folder."""

    manifest: Manifest
    evaluation: dict[str, Any]
    estimator: LinearEstimator | BoostedEstimator

    @property
    def plots(self) -> dict[str, Figure]:
        """Its charts by name; a notebook shows each with its numbers."""
        return plots_of(self.evaluation)

    def _repr_html_(self) -> str:
        """What a notebook shows: how well it tells responders, beside other models."""
        return self.plots["auc"]._repr_html_()

    def write(self, bundles: Path) -> str:
        """Write the bundle in one step and give its id."""
        estimator = self.estimator
        return write_bundle(
            bundles,
            self.manifest,
            evaluation=self.evaluation,
            estimator=estimator.as_json(),
            booster=estimator.ubj if isinstance(estimator, BoostedEstimator) else None,
            card=write_card(self.manifest, self.evaluation),
            report=partial(write_report, self.manifest, self.evaluation),
        )


def train(
    cohort: Cohort,
    task: Task,
    definition: ResponderDefinition,
    analytes: Sequence[Analyte],
    config: TrainingConfig,
    *,
    seed: int,
    now: Callable[[], datetime],
    jobs: int = 1,
    progress: Progress = silent,
) -> Trained:
    """Evaluate the whole procedure, fit it on everybody and draw its bootstrap refits.

    Parameters
    ----------
    seed
        Of all random numbers; the same cohort, config and seed give the same content.
    now
        Tells the time (UTC) for the bundle's id and duration.
    jobs
        Processes; changes the duration, nothing else.

    Raises
    ------
    TrainingError
        The cohort cannot be learnt from, with the reason.
    """
    started = now()
    settings = config.evaluation
    training_set = make_training_set(
        cohort, task, definition, analytes, n_folds=settings.outer_folds
    )
    candidates = families(config.candidates, training_set.recipe)
    of_repeats, of_choice, of_refits, of_golden, of_permutations, of_optimism = (
        np.random.SeedSequence(seed).spawn(6)
    )
    seeds = of_repeats.spawn(settings.repeats)
    repeats: list[Repeat] = list(
        progress(
            run_repeats(training_set, candidates, settings, seeds, jobs=jobs),
            "Evaluating by nested cross-validation",
            len(seeds),
        )
    )
    choice = choose_on_all(training_set, candidates, settings, of_choice)
    refits, redrawn = _refits(training_set, choice.family, config, of_refits, jobs, progress)
    evaluation = evaluate(cohort, training_set, repeats, settings, chosen=choice.described)
    doubts = [*suspicions(cohort), *warnings(cohort, definition)]
    evaluation["warnings"] += [doubt.message for doubt in doubts]
    evaluation["bootstrap"] = {"n_refits": len(refits), "n_redrawn": redrawn}
    estimator = _fit(training_set, choice, refits)
    evaluation["stability"] = stability(
        training_set,
        estimator,
        selects=choice.selects,
        threshold=evaluation["operating_point"]["threshold"],
    )
    evaluation["contributions"] = contributions(training_set, estimator)
    evaluation["labels"] = labels(cohort, training_set)
    evaluation["controls"] = auc_in_controls(cohort, training_set, estimator)
    work = Work(training_set, candidates, settings, jobs, progress)
    evaluation["permutation"] = permutation(work, of_permutations)
    served = score(estimator, training_set.features).probability
    evaluation["optimism"] = optimism_by_bootstrap(work, served, of_optimism)
    manifest = Manifest(
        simulated=cohort.provenance.simulated,
        task=StoredTask(**asdict(task)),
        definition=StoredDefinition(**asdict(definition)),
        analytes=tuple(StoredAnalyte(**asdict(analyte)) for analyte in analytes),
        features=tuple(StoredFeature(**asdict(feature)) for feature in training_set.recipe),
        estimator=choice.family.name,
        operating_point=OperatingPoint.model_validate(evaluation["operating_point"]),
        platforms=training_set.platforms,
        training_ranges=_ranges(training_set),
        golden_rows=_golden_rows(training_set, estimator, np.random.default_rng(of_golden)),
        libraries={name: library_version(name) for name in LIBRARIES},
        cohort=CohortFacts(
            sha256=cohort_sha256(cohort),
            simulated=cohort.provenance.simulated,
            description=cohort.provenance.description,
            n_patients=len(cohort.patients),
        ),
        config={**config.as_manifest(), "seed": seed},
        exploratory=evaluation["exploratory"],
        exploratory_reason=evaluation["exploratory_reason"],
        created_at=started,
        duration_seconds=(now() - started).total_seconds(),
    )
    return Trained(manifest, evaluation, estimator)


def _refits(
    training_set: TrainingSet,
    family: Family,
    config: TrainingConfig,
    seed: np.random.SeedSequence,
    jobs: int,
    progress: Progress,
) -> tuple[list[Refit], int]:
    settings = config.evaluation
    boosted = family.name == "xgboost"
    seeds = seed.spawn(settings.bootstrap_boosted if boosted else settings.bootstrap_linear)
    chunks = progress(
        run_refits(training_set, family, settings, seeds, jobs=jobs),
        "Refitting on bootstrap resamples",
        -(-len(seeds) // CHUNK),
    )
    refits, redrawn = [], 0
    for of_chunk, redrawn_in_chunk in chunks:
        refits += of_chunk
        redrawn += redrawn_in_chunk
    return refits, redrawn


def _fit(
    training_set: TrainingSet, choice: Choice, refits: Sequence[Refit]
) -> LinearEstimator | BoostedEstimator:
    if choice.family.name == "xgboost":
        return fit_boosted(training_set, choice, refits)
    return fit_linear(training_set, choice, refits)


def _ranges(training_set: TrainingSet) -> tuple[TrainingRange, ...]:
    """Levels seen in training, rounded outwards so that no patient's value is published."""
    ranges = []
    n_panels = 2 if training_set.task.name == "on_treatment" else 1
    for panel_index, panel in enumerate(PANELS[:n_panels]):
        for index, analyte in enumerate(training_set.analytes):
            values = training_set.columns.values[:, panel_index, index]
            reported = training_set.columns.kinds[:, panel_index, index] != Kind.NOT_REPORTED
            if reported.any():
                lower = _two_digits(values[reported].min(), ROUND_FLOOR)
                upper = _two_digits(values[reported].max(), ROUND_CEILING)
                ranges.append(
                    TrainingRange(analyte=analyte.name, panel=panel, lower=lower, upper=upper)
                )
    return tuple(ranges)


def _two_digits(value: float, rounding: str) -> float:
    """The next number beyond `value` with two significant digits, in one direction."""
    exact = Decimal(float(value))
    if not exact:
        return 0.0
    unit = Decimal(1).scaleb(exact.adjusted() - 1)
    rounded = exact.quantize(unit, rounding=rounding)
    if rounded == exact:
        rounded += unit if rounding == ROUND_CEILING else -unit
    return float(rounded)


def _golden_rows(
    training_set: TrainingSet,
    estimator: LinearEstimator | BoostedEstimator,
    rng: np.random.Generator,
) -> tuple[GoldenRow, ...]:
    """Simulated rows around the training mean, one with everything missing, and the answers."""
    known = np.ma.masked_invalid(training_set.features)
    centre, spread = known.mean(axis=0).filled(0.0), known.std(axis=0).filled(0.0)
    features = centre + spread * rng.normal(size=(N_GOLDEN_ROWS, len(centre)))
    features[-1] = np.nan
    answers = score(estimator, features)
    return tuple(
        GoldenRow(
            features=tuple(None if np.isnan(x) else float(x) for x in row),
            score=float(answers.score[index]),
            lower=float(answers.lower[index]),
            upper=float(answers.upper[index]),
        )
        for index, row in enumerate(features)
    )
