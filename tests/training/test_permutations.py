"""The permutation test: small where there is something to find, and only there."""

from dataclasses import replace

import numpy as np
import pytest

from training.config import EvaluationConfig
from training.estimators import RIDGE_STRENGTHS, Family, PenalisedLogistic
from training.permutations import deal
from training.procedure import Floats
from training.progress import silent
from training.resampled import Work, permutation
from training.training_set import TrainingSet

RIDGE = PenalisedLogistic("ridge", RIDGE_STRENGTHS, 0.0)
ELASTIC_NET = PenalisedLogistic("elastic_net", np.array([0.2, 0.05]), 0.5)


def p_of(training_set: TrainingSet, features: Floats, family: Family = RIDGE, n: int = 99) -> float:
    """The test's p for patients with other features."""
    changed = replace(training_set, features=features)
    config = EvaluationConfig(permutations=n)
    found = permutation(Work(changed, (family,), config, 1, silent), np.random.SeedSequence(1))
    assert found is not None
    assert found["interval"]["lower"] <= found["p"] <= found["interval"]["upper"]
    return float(found["p"])


def noise(training_set: TrainingSet, n_features: int) -> Floats:
    return np.random.default_rng(2).normal(size=(training_set.n_patients, n_features))


def test_a_strong_difference_is_never_reached_by_chance(training_set: TrainingSet) -> None:
    features = noise(training_set, 3)
    features[:, 0] += 3 * training_set.is_responder
    assert p_of(training_set, features) == 0.01


def test_noise_is_reached_by_chance(training_set: TrainingSet) -> None:
    assert p_of(training_set, noise(training_set, 3)) > 0.2


def test_selection_inside_the_procedure_is_repeated_in_every_permutation(
    training_set: TrainingSet,
) -> None:
    """Thirty columns of noise: what is selected beforehand looks certain, inside it does not."""
    features, y = noise(training_set, 30), training_set.is_responder
    apart = features[y].mean(axis=0) - features[~y].mean(axis=0)
    best = np.argsort(-np.abs(apart))[:3]
    assert p_of(training_set, features[:, best], n=19) == 1 / 20
    assert p_of(training_set, features, ELASTIC_NET, n=19) > 0.2


def test_features_without_information_give_p_one(training_set: TrainingSet) -> None:
    """Every AUC is one half: ties count as reached."""
    features = np.zeros((training_set.n_patients, 1))
    assert p_of(training_set, features, n=9) == 1.0


def test_no_permutations_no_test(training_set: TrainingSet) -> None:
    work = Work(training_set, (), EvaluationConfig(permutations=0), 1, silent)
    assert permutation(work, np.random.SeedSequence(1)) is None


@pytest.mark.parametrize("seed", range(5))
def test_with_grouping_outcomes_are_dealt_within_sites(
    training_set: TrainingSet, seed: int
) -> None:
    sites = tuple("ABC"[n % 3] if n % 4 else None for n in range(training_set.n_patients))
    at_sites, y = replace(training_set, sites=sites), training_set.is_responder
    dealt = deal(at_sites, "site", np.random.default_rng(seed))
    assert (dealt != y).any()
    for site in ("A", "B", "C", None):
        here = np.array([one == site for one in sites])
        assert dealt[here].sum() == y[here].sum()
    assert deal(at_sites, None, np.random.default_rng(seed)).sum() == y.sum()
