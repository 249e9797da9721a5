"""Nothing of a held-out patient may reach the fits that predict it."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

import training.estimators
from data.analytes import study_analytes
from data.outcome import define_responder
from data.panel import Task
from data.simulate import simulate_cohort
from training.config import CandidatesConfig, EvaluationConfig
from training.estimators import families
from training.fold_aucs import cross_validated_auc
from training.nested_cv import LEAD_IN, PROCEDURE, run_repeat
from training.procedure import assign_inner_folds, run_procedures
from training.standardise import Standardised, standardise
from training.training_set import TrainingSet, make_training_set

Floats = NDArray[np.float64]


@pytest.fixture(scope="module")
def training_set() -> TrainingSet:
    """Eighty simulated patients with a few missing results."""
    cohort = simulate_cohort("informative", n=160, seed=3)
    analytes = tuple(study_analytes().values())
    made = make_training_set(cohort, Task("on_treatment"), define_responder(), analytes, n_folds=5)
    made.features[::7, 1] = np.nan
    return made


def scores_of_trained(features: Floats, training_set: TrainingSet) -> Floats:
    """Scores of the patients who train, when every fifth is held out."""
    weight = np.ones(len(features))
    weight[::5] = 0
    y = training_set.is_responder
    folds = assign_inner_folds(y, None, weight, 5, np.random.default_rng(0))
    candidates = families(CandidatesConfig(), training_set.recipe)
    (result,) = run_procedures(candidates, features, y, weight[np.newaxis], [folds])
    return result.scores[:, weight > 0]


def assert_held_out_patients_change_nothing(training_set: TrainingSet) -> None:
    """Held-out patients are replaced by others, far away and partly missing."""
    strange = training_set.features.copy()
    strange[::5] = 1000.0
    strange[::10] = np.nan
    before = scores_of_trained(training_set.features, training_set)
    after = scores_of_trained(strange, training_set)
    np.testing.assert_array_equal(before, after)


def test_held_out_patients_do_not_reach_imputation_scaling_choice_or_fit(
    training_set: TrainingSet,
) -> None:
    assert_held_out_patients_change_nothing(training_set)


def on_everybody(features: Floats, weights: Floats) -> Standardised:
    """The mistake: medians, means and scales learnt outside the fold."""
    return standardise(features, np.ones_like(weights))


def imputed_on_everybody(features: Floats, weights: Floats) -> Standardised:
    """The same mistake for imputation alone."""
    inside, everybody = standardise(features, weights), on_everybody(features, weights)
    return Standardised(everybody.medians, inside.means, inside.scales)


@pytest.mark.parametrize("mistake", [on_everybody, imputed_on_everybody])
def test_the_leakage_test_fails_when_preprocessing_moves_outside_the_fold(
    training_set: TrainingSet,
    monkeypatch: pytest.MonkeyPatch,
    mistake: Callable[[Floats, Floats], Standardised],
) -> None:
    monkeypatch.setattr(training.estimators, "standardise", mistake)
    with pytest.raises(AssertionError, match="not equal"):
        assert_held_out_patients_change_nothing(training_set)


def test_a_patients_own_label_does_not_reach_its_prediction(training_set: TrainingSet) -> None:
    config = EvaluationConfig(repeats=1)
    candidates = families(CandidatesConfig(families=("ridge",)), training_set.recipe)
    rng = np.random.default_rng(1)
    seeds = np.random.SeedSequence(5).spawn(12)
    aucs = []
    for seed in seeds:
        shuffled = _with_labels(training_set, rng.permutation(training_set.is_responder))
        repeat = run_repeat(shuffled, candidates, config, seed)
        aucs.append(cross_validated_auc(PROCEDURE, shuffled, [repeat]).value)
    error = np.std(aucs, ddof=1) / np.sqrt(len(aucs))
    assert abs(np.mean(aucs) - 0.5) < 3 * error


def _with_labels(training_set: TrainingSet, labels: NDArray[np.bool_]) -> TrainingSet:
    fields = {name: getattr(training_set, name) for name in TrainingSet.__slots__}
    return TrainingSet(**{**fields, "is_responder": labels})


def test_the_lead_in_reference_beats_chance_by_regression_to_the_mean() -> None:
    analytes = tuple(study_analytes().values())
    cohort = simulate_cohort("null", n=600, seed=1)
    made = make_training_set(cohort, Task("pretreatment"), define_responder(), analytes, n_folds=5)
    candidates = families(CandidatesConfig(families=("ridge",)), made.recipe)
    repeat = run_repeat(made, candidates, EvaluationConfig(), np.random.SeedSequence(1))
    scores, y = repeat.scores[LEAD_IN], made.is_responder
    wins = (scores[y][:, np.newaxis] > scores[~y]).mean()
    assert wins > 0.6
