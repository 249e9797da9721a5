"""How often labels without any meaning reach the AUC that was found: a permutation test.

The outcomes are dealt anew among the patients and the *whole* nested procedure (imputation,
scaling, penalty, family) runs again, so that nothing it adapts to can pass for a finding.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Literal

import joblib
import numpy as np

from training.config import EvaluationConfig
from training.errors import TrainingError
from training.estimators import Family
from training.fold_aucs import mean_auc
from training.nested_cv import PROCEDURE, run_repeat
from training.procedure import Bools
from training.training_set import TrainingSet
from training.workers import run_in_workers

CHUNK = 5
"""Permutations in one task."""

MAX_TRIES = 100
"""Draws of folds until each can be learnt from; only folds of whole sites ever need a second."""


def run_permutations(
    training_set: TrainingSet,
    candidates: Sequence[Family],
    config: EvaluationConfig,
    seeds: Sequence[np.random.SeedSequence],
    *,
    jobs: int,
) -> Iterator[list[float]]:
    """AUCs of the procedure under permuted outcomes, one per seed, in chunks of `CHUNK`.

    Each permutation takes `config.permutation_repeats` repeats, as `observed_auc` does, so that
    under the null hypothesis both are draws of the same number.
    """
    chunks = [seeds[start : start + CHUNK] for start in range(0, len(seeds), CHUNK)]
    tasks = (
        joblib.delayed(_permuted_aucs)(training_set, candidates, config, chunk) for chunk in chunks
    )
    return run_in_workers(tasks, jobs=jobs)


def observed_auc(
    training_set: TrainingSet,
    candidates: Sequence[Family],
    config: EvaluationConfig,
    seed: np.random.SeedSequence,
) -> float:
    """The procedure's AUC, over as many repeats as each permutation takes.

    Raises
    ------
    TrainingError
        Whole sites never fall into folds that can be learnt from.
    """
    for draw in seed.spawn(MAX_TRIES):
        try:
            repeats = [
                run_repeat(training_set, candidates, config, child)
                for child in draw.spawn(config.permutation_repeats)
            ]
        except TrainingError:
            continue
        return mean_auc(PROCEDURE, training_set, repeats)
    raise TrainingError(
        f"{MAX_TRIES} draws of folds of whole sites all leave one with a single outcome: do not "
        "group, or use fewer folds"
    )


def deal(
    training_set: TrainingSet, group_by: Literal["site"] | None, rng: np.random.Generator
) -> Bools:
    """The outcomes dealt anew among all patients; with grouping, within each site.

    Patients of one site are alike in what nobody asks about, so only within a site are their
    outcomes exchangeable. Patients without a site count as one site here.

    Returns
    -------
    Shape (n_patients,): a permutation of the outcomes.
    """
    y = training_set.is_responder
    if group_by is None:
        return rng.permutation(y)
    sites = np.unique([site or "" for site in training_set.sites], return_inverse=True)[1]
    dealt = np.empty_like(y)
    dealt[np.argsort(sites, kind="stable")] = y[np.lexsort((rng.random(len(y)), sites))]
    return dealt


def _permuted_aucs(
    training_set: TrainingSet,
    candidates: Sequence[Family],
    config: EvaluationConfig,
    seeds: Sequence[np.random.SeedSequence],
) -> list[float]:
    return [_permuted_auc(training_set, candidates, config, seed) for seed in seeds]


def _permuted_auc(
    training_set: TrainingSet,
    candidates: Sequence[Family],
    config: EvaluationConfig,
    seed: np.random.SeedSequence,
) -> float:
    of_outcomes, of_folds = seed.spawn(2)
    shuffled = replace(
        training_set,
        is_responder=deal(training_set, config.group_by, np.random.default_rng(of_outcomes)),
        # Without lead-in slopes the reference model, which is not tested, is not fitted.
        lead_in_slopes=np.full(training_set.n_patients, np.nan),
    )
    return observed_auc(shuffled, candidates, config, of_folds)
