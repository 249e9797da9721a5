"""Repeated nested cross-validation of the whole procedure, one repeat at a time.

A repeat is a pure function of its seed, so that the number of jobs changes nothing.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import joblib
import numpy as np

from analysis.operating_point import choose_youden
from models.scorer import sigmoid
from training.config import EvaluationConfig
from training.errors import TrainingError
from training.estimators import Family, lead_in_scores
from training.procedure import (
    Bools,
    Floats,
    Folds,
    assign_folds,
    assign_inner_folds,
    check_varies,
    run_procedures,
)
from training.training_set import TrainingSet
from training.workers import run_in_workers

PROCEDURE = "procedure"
LEAD_IN = "lead_in_slope"


@dataclass(frozen=True, slots=True)
class Repeat:
    """One repeat: every patient held out once.

    Attributes
    ----------
    folds
        Shape (n_patients,): the fold each patient was held out in.
    scores
        Out-of-fold scores of shape (n_patients,) [log-odds], of the whole procedure, of each
        family and of the lead-in reference model where there are lead-in slopes.
    chosen
        Family and setting chosen for each fold.
    called
        Shape (n_patients,): called a responder by the threshold that the fold's training set
        chose.
    """

    folds: Folds
    scores: Mapping[str, Floats]
    chosen: tuple[tuple[str, Mapping[str, float]], ...]
    called: Bools

    def judged_folds(self, is_responder: Bools) -> list[int]:
        """Folds that held out both classes; others (possible only when grouped) have no AUC."""
        with_cases = set(self.folds[is_responder].tolist())
        return sorted(with_cases & set(self.folds[~is_responder].tolist()))


def run_repeats(
    training_set: TrainingSet,
    candidates: Sequence[Family],
    config: EvaluationConfig,
    seeds: Sequence[np.random.SeedSequence],
    *,
    jobs: int,
) -> Iterator[Repeat]:
    """Run one repeat per seed, in order, `jobs` at a time.

    Raises
    ------
    TrainingError
        No feature differs between patients.
    """
    check_varies(training_set.features)
    tasks = (joblib.delayed(run_repeat)(training_set, candidates, config, seed) for seed in seeds)
    return run_in_workers(tasks, jobs=jobs)


def run_repeat(
    training_set: TrainingSet,
    candidates: Sequence[Family],
    config: EvaluationConfig,
    seed: np.random.SeedSequence,
) -> Repeat:
    """Hold every patient out once and predict them from the others by the whole procedure.

    Raises
    ------
    TrainingError
        Sites that cannot be held out whole: too few of them, or too few folds with both outcomes.
    """
    rng = np.random.default_rng(seed)
    groups = training_set.groups(config.group_by)
    y = training_set.is_responder
    folds = assign_folds(y, groups, config.outer_folds, rng)
    held_out = folds == np.arange(folds.max() + 1)[:, np.newaxis]
    weights = np.where(held_out, 0.0, 1.0)
    inner_folds = [
        assign_inner_folds(y, groups, weight, config.inner_folds, rng) for weight in weights
    ]
    results = run_procedures(candidates, training_set.features, y, weights, inner_folds)
    scores = {PROCEDURE: np.empty(len(y))}
    scores |= {family.name: np.empty(len(y)) for family in candidates}
    called = np.empty(len(y), dtype=np.bool_)
    for test, result in zip(held_out, results, strict=True):
        for family, of_family in zip(candidates, result.scores, strict=True):
            scores[family.name][test] = of_family[test]
        scores[PROCEDURE][test] = result.scores[result.chosen][test]
        inner = result.inner[result.chosen].held_out_scores
        threshold = choose_youden(sigmoid(inner[~test]), y[~test])
        called[test] = sigmoid(scores[PROCEDURE][test]) >= threshold
    if not np.isnan(training_set.lead_in_slopes).any():
        lead_in = lead_in_scores(training_set.lead_in_slopes, y, weights)
        scores[LEAD_IN] = lead_in[folds, np.arange(len(y))]
    chosen = tuple(
        (
            candidates[result.chosen].name,
            candidates[result.chosen].settings[result.inner[result.chosen].setting],
        )
        for result in results
    )
    repeat = Repeat(folds, scores, chosen, called)
    if len(repeat.judged_folds(y)) < 2:
        raise TrainingError(
            "fewer than two folds of whole sites hold out both outcomes, so that no AUC can be "
            "judged: do not group, or use fewer folds"
        )
    return repeat
