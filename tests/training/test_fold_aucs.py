from dataclasses import replace

import numpy as np
import pytest

from training.config import CandidatesConfig, EvaluationConfig
from training.estimators import families
from training.fold_aucs import compare_with, cross_validated_auc, mean_auc, other_aucs
from training.nested_cv import LEAD_IN, PROCEDURE, Repeat, run_repeat
from training.training_set import TrainingSet


@pytest.fixture(scope="module")
def repeats(training_set: TrainingSet) -> list[Repeat]:
    candidates = families(CandidatesConfig(families=("ridge",)), training_set.recipe)
    seeds = np.random.SeedSequence(1).spawn(2)
    return [run_repeat(training_set, candidates, EvaluationConfig(), seed) for seed in seeds]


def test_the_influence_curve_has_the_headlines_value_and_the_ensemble_its_own_name(
    training_set: TrainingSet, repeats: list[Repeat]
) -> None:
    headline = cross_validated_auc(PROCEDURE, training_set, repeats)
    others = other_aucs(training_set, repeats)
    assert others["influence_curve"]["value"] == pytest.approx(headline.value)
    assert others["ensemble"]["method"] == "ensemble_of_repeats_logit_delong"


def test_one_repeat_is_no_ensemble(training_set: TrainingSet, repeats: list[Repeat]) -> None:
    assert other_aucs(training_set, repeats[:1])["ensemble"] is None


def test_a_fold_with_one_class_has_no_influence_curve(
    training_set: TrainingSet, repeats: list[Repeat]
) -> None:
    y = training_set.is_responder
    folds = np.where(y, 0, np.arange(len(y)) % 2)
    grouped = [replace(repeat, folds=folds) for repeat in repeats]
    assert other_aucs(training_set, grouped)["influence_curve"] is None
    assert 0 <= mean_auc(PROCEDURE, training_set, grouped) <= 1


def test_differences_are_those_of_the_means_and_the_chosen_model_differs_by_nothing(
    training_set: TrainingSet, repeats: list[Repeat]
) -> None:
    found = compare_with(["ridge", "prevalence", LEAD_IN], training_set, repeats)
    assert found["ridge"]["difference"]["value"] == 0
    of_procedure = mean_auc(PROCEDURE, training_set, repeats)
    assert found["prevalence"]["difference"]["value"] == pytest.approx(of_procedure - 0.5)
    lead_in = of_procedure - mean_auc(LEAD_IN, training_set, repeats)
    assert found[LEAD_IN]["difference"]["value"] == pytest.approx(lead_in)
