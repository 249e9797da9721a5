"""How often labels without any meaning reach the AUC that was found: a permutation test.

The outcomes are dealt anew among the patients and the *whole* nested procedure (imputation,
scaling, penalty, family) runs again, so that nothing it adapts to can pass for a finding.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import joblib
import numpy as np

from training.config import EvaluationConfig
from training.errors import TrainingError
from training.estimators import Family
from training.fold_aucs import mean_auc
from training.nested_cv import PROCEDURE, run_repeat
from training.training_set import TrainingSet

CHUNK = 5
"""Permutations in one task."""

MAX_TRIES = 100
"""Deals of the outcomes until every fold can be learnt from (only grouped folds may fail)."""


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
    results: Iterator[list[float]] = joblib.Parallel(n_jobs=jobs, return_as="generator")(tasks)
    return results


def observed_auc(
    training_set: TrainingSet,
    candidates: Sequence[Family],
    config: EvaluationConfig,
    seed: np.random.SeedSequence,
) -> float:
    """The procedure's AUC, over as many repeats as each permutation takes."""
    repeats = [
        run_repeat(training_set, candidates, config, child)
        for child in seed.spawn(config.permutation_repeats)
    ]
    return mean_auc(PROCEDURE, training_set, repeats)


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
    of_labels, of_folds = seed.spawn(2)
    rng = np.random.default_rng(of_labels)
    for _ in range(MAX_TRIES):
        dealt = rng.permutation(training_set.is_responder)
        # Without lead-in slopes the reference model, which is not tested, is not fitted.
        shuffled = replace(
            training_set,
            is_responder=dealt,
            lead_in_slopes=np.full(training_set.n_patients, np.nan),
        )
        try:
            return observed_auc(shuffled, candidates, config, of_folds)
        except TrainingError:
            continue
    raise TrainingError("permuted outcomes leave folds with one class; do not group, or use fewer")
