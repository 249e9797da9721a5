"""The two evaluations that run the whole procedure many times more: permutations and optimism."""

from collections import Counter
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from analysis.permutation_p import interval_of_permutation_p, p_of_permutations
from analysis.resampling import bootstrap_indices
from training.config import EvaluationConfig
from training.estimators import Family
from training.optimism import CHUNK as RESAMPLES_A_TASK
from training.optimism import optimism, run_refitted
from training.permutations import CHUNK as PERMUTATIONS_A_TASK
from training.permutations import observed_auc, run_permutations
from training.procedure import Floats
from training.progress import Progress
from training.training_set import TrainingSet

ROUNDING: Final = 1e-12
"""Means of equal AUCs may differ by so much when they are added in another order."""
HISTOGRAM_STEP: Final = 0.02
"""Width of the bars in which permuted AUCs are kept."""


@dataclass(frozen=True, slots=True)
class Work:
    """What is to be resampled, and with how many processes."""

    training_set: TrainingSet
    candidates: tuple[Family, ...]
    config: EvaluationConfig
    jobs: int
    progress: Progress


def permutation(work: Work, seed: np.random.SeedSequence) -> dict[str, Any] | None:
    """The permutation test of the procedure's AUC; None where no permutations are asked for.

    p = (b + 1) / (m + 1), b of m permuted AUCs at or above the observed one.
    """
    n = work.config.permutations
    if not n:
        return None
    of_observed, *seeds = seed.spawn(n + 1)
    chunks = run_permutations(
        work.training_set, work.candidates, work.config, seeds, jobs=work.jobs
    )
    n_chunks = -(-n // PERMUTATIONS_A_TASK)
    permuted = np.concatenate(list(work.progress(chunks, "Permuting the outcomes", n_chunks)))
    observed = observed_auc(work.training_set, work.candidates, work.config, of_observed)
    b = int((permuted >= observed - ROUNDING).sum())
    lower, upper = interval_of_permutation_p(b, n)
    return {
        "n_permutations": n,
        "n_repeats": work.config.permutation_repeats,
        "observed_auc": observed,
        "mean_permuted_auc": float(permuted.mean()),
        "p": p_of_permutations(b, n),
        "histogram": _histogram(permuted),
        "interval": {"lower": lower, "upper": upper, "level": 0.95},
    }


def _histogram(permuted: Floats) -> list[dict[str, Any]]:
    """How many permuted AUCs lie in each step of `HISTOGRAM_STEP`; steps without any left out.

    An AUC between two steps belongs to the upper one.
    """
    steps = np.floor(permuted / HISTOGRAM_STEP + ROUNDING).astype(int)
    return [
        {"lower": round(step * HISTOGRAM_STEP, 2), "n": n}
        for step, n in sorted(Counter(steps.tolist()).items())
    ]


def optimism_by_bootstrap(
    work: Work, served: Floats, seed: np.random.SeedSequence
) -> dict[str, Any] | None:
    """Optimism-corrected and .632 measures; None where no resamples are asked for.

    `served` are the probabilities of all patients by the fit that is served, (n_patients,).
    """
    n = work.config.optimism_bootstrap
    if not n:
        return None
    of_indices, of_folds = seed.spawn(2)
    indices = bootstrap_indices(
        work.training_set.n_patients, n_resamples=n, rng=np.random.default_rng(of_indices)
    )
    chunks = run_refitted(
        work.training_set, work.candidates, work.config, indices, of_folds, jobs=work.jobs
    )
    n_chunks = -(-n // RESAMPLES_A_TASK)
    refitted = [
        probabilities
        for chunk in work.progress(chunks, "Measuring optimism by the bootstrap", n_chunks)
        for probabilities in chunk
    ]
    return optimism(work.training_set.is_responder, served, indices, refitted)
