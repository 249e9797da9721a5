"""Optimism of the whole procedure by the bootstrap: secondary, never the headline.

The headline is cross-validated. This tells, for a reader used to it, what Harrell's correction
and the .632 estimate would have said; copies of one patient stay in one inner fold. Patients are
resampled, also where sites are held out whole, so that it says nothing of new sites.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import joblib
import numpy as np
from numpy.typing import ArrayLike

from analysis.errors import TooFewError
from analysis.optimism import Corrected, Point632, correct_optimism, weigh_out_of_bag
from analysis.resampled_performance import resampled_performance
from analysis.resampling import Indices
from models.scorer import sigmoid
from training.config import EvaluationConfig
from training.errors import TrainingError
from training.estimators import Family
from training.procedure import Bools, Floats, assign_inner_folds, run_procedures
from training.training_set import TrainingSet
from training.workers import run_in_workers

CHUNK = 5
"""Resamples in one task."""


def run_refitted(
    training_set: TrainingSet,
    candidates: Sequence[Family],
    config: EvaluationConfig,
    indices: Indices,
    seed: np.random.SeedSequence,
    *,
    jobs: int,
) -> Iterator[list[Floats | None]]:
    """Everybody's probability by the whole procedure on each resample, in chunks of `CHUNK`.

    None where a resample cannot be learnt from.

    Parameters
    ----------
    indices
        Shape (n_resamples, n_patients): rows as `analysis.resampling` draws them.
    """
    seeds = seed.spawn(len(indices))
    tasks = (
        joblib.delayed(_refitted)(
            training_set, candidates, config, indices[at : at + CHUNK], seeds[at : at + CHUNK]
        )
        for at in range(0, len(indices), CHUNK)
    )
    return run_in_workers(tasks, jobs=jobs)


def _refitted(
    training_set: TrainingSet,
    candidates: Sequence[Family],
    config: EvaluationConfig,
    resamples: Indices,
    seeds: Sequence[np.random.SeedSequence],
) -> list[Floats | None]:
    y, groups = training_set.is_responder, training_set.groups(config.group_by)
    found: list[Floats | None] = []
    for rows, seed in zip(resamples, seeds, strict=True):
        copies = np.bincount(rows, minlength=len(y)).astype(np.float64)
        rng = np.random.default_rng(seed)
        try:
            folds = assign_inner_folds(y, groups, copies, config.inner_folds, rng)
            (result,) = run_procedures(
                candidates, training_set.features, y, copies[np.newaxis], [folds]
            )
        except TrainingError:
            found.append(None)
        else:
            found.append(sigmoid(result.scores[result.chosen]))
    return found


def optimism(
    is_responder: Bools,
    served: Floats,
    indices: Indices,
    refitted: Sequence[Floats | None],
) -> dict[str, Any]:
    """Apparent, optimism and corrected AUC, Brier score, slope and intercept; .632 beside.

    Resamples that could not be fitted or judged are counted by reason.

    Parameters
    ----------
    is_responder, served
        Shape (n_patients,); `served` are the probabilities by the fit that is served.
    indices, refitted
        The resamples, and everybody's probability by each, as `run_refitted` gives them.
    """
    everybody = np.arange(len(is_responder))
    by_rows = {rows.tobytes(): found for rows, found in zip(indices, refitted, strict=True)}

    def probabilities(rows: Indices, _everybody: Indices) -> ArrayLike:
        found = served if np.array_equal(rows, everybody) else by_rows[rows.tobytes()]
        if found is None:
            raise TooFewError("patients of the rarer outcome in a resample", 1, 2)
        return found

    performance = resampled_performance(probabilities, is_responder, indices)
    return {
        "n_resamples": len(indices),
        "failures": dict(sorted(performance.failures.items())),
        "corrected": {
            name: _corrected(found) for name, found in correct_optimism(performance).items()
        },
        "point632": {
            name: _point632(weigh_out_of_bag(performance, name)) for name in ("auc", "brier")
        },
    }


def _corrected(found: Corrected) -> dict[str, Any]:
    return {
        "apparent": found.apparent,
        "optimism": found.optimism,
        "corrected": found.corrected,
        "n_resamples": found.n_resamples,
    }


def _point632(found: Point632) -> dict[str, Any]:
    return {
        "apparent": found.apparent,
        "out_of_bag": found.out_of_bag,
        "point632": found.point632,
        "point632_plus": found.point632_plus,
        "n_resamples": found.n_resamples,
    }
