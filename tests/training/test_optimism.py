from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pytest

from analysis.resampling import bootstrap_indices
from training.config import CandidatesConfig, EvaluationConfig, FamilyName
from training.estimators import Family, families
from training.optimism import optimism, run_refitted
from training.procedure import Bools, Floats
from training.progress import silent
from training.resampled import Work, optimism_by_bootstrap
from training.training_set import TrainingSet

CONFIG = EvaluationConfig(optimism_bootstrap=20)


def ridge(training_set: TrainingSet) -> tuple[Family, ...]:
    return families(CandidatesConfig(families=("ridge",)), training_set.recipe)


@dataclass(frozen=True)
class Watched:
    """A family that remembers which patients it was fitted to."""

    family: Family
    fitted_to: list[Floats] = field(default_factory=list)

    @property
    def name(self) -> FamilyName:
        return self.family.name

    @property
    def settings(self) -> tuple[dict[str, Any], ...]:
        return self.family.settings

    @property
    def needs_calibration(self) -> bool:
        return self.family.needs_calibration

    def scores(self, features: Floats, is_responder: Bools, weights: Floats) -> Floats:
        self.fitted_to.append(weights)
        return self.family.scores(features, is_responder, weights)


def resampled(
    training_set: TrainingSet, candidates: Sequence[Family], n: int
) -> tuple[np.ndarray, list[Floats | None]]:
    rng = np.random.default_rng(3)
    indices = bootstrap_indices(training_set.n_patients, n_resamples=n, rng=rng)
    seed = np.random.SeedSequence(3)
    chunks = run_refitted(training_set, candidates, CONFIG, indices, seed, jobs=1)
    return indices, [one for chunk in chunks for one in chunk]


def test_all_copies_of_a_patient_are_held_out_of_one_inner_fold(
    training_set: TrainingSet,
) -> None:
    watched = Watched(ridge(training_set)[0])
    indices, _ = resampled(training_set, [watched], 12)
    assert len(watched.fitted_to) == 12
    for rows, (whole, *inner) in zip(indices, watched.fitted_to, strict=True):
        copies = np.bincount(rows, minlength=training_set.n_patients)
        np.testing.assert_array_equal(whole, copies)
        assert copies.max() > 1
        held_out = np.sum([weights == 0 for weights in inner], axis=0)
        assert (held_out[copies > 0] == 1).all()
        assert all(set(weights - whole) <= set(-copies) | {0} for weights in inner)


def test_resamples_that_cannot_be_learnt_from_are_counted(training_set: TrainingSet) -> None:
    rare = np.arange(training_set.n_patients) < 3
    few = replace(training_set, is_responder=rare)
    indices, refitted = resampled(few, ridge(few), 60)
    found = optimism(rare, np.linspace(0.9, 0.1, len(rare)), indices, refitted)
    n_failed = sum(one is None for one in refitted)
    by_fit = {why: n for why, n in found["failures"].items() if why.startswith("fit")}
    assert n_failed > 0
    assert sum(by_fit.values()) == n_failed
    assert found["corrected"]["auc"]["n_resamples"] == found["n_resamples"] - n_failed


def test_the_apparent_numbers_are_those_of_the_served_fit_and_shrink(
    training_set: TrainingSet,
) -> None:
    y, rng = training_set.is_responder, np.random.default_rng(5)
    noisy = replace(training_set, features=rng.normal(size=(len(y), 12)))
    served = np.where(y, 0.7, 0.6)
    work = Work(noisy, ridge(noisy), CONFIG, 1, silent)
    found = optimism_by_bootstrap(work, served, np.random.SeedSequence(1))
    assert found is not None
    auc = found["corrected"]["auc"]
    assert (auc["apparent"], found["point632"]["auc"]["apparent"]) == (1, 1)
    assert auc["optimism"] > 0.05
    assert auc["corrected"] == pytest.approx(1 - auc["optimism"])
    assert found["point632"]["auc"]["out_of_bag"] < 0.75


def test_no_resamples_no_optimism(training_set: TrainingSet) -> None:
    work = Work(training_set, (), EvaluationConfig(optimism_bootstrap=0), 1, silent)
    assert optimism_by_bootstrap(work, np.empty(0), np.random.SeedSequence(1)) is None
