"""What the evaluation says where little can be said."""

import numpy as np
import pytest

from data.cohort import Cohort
from training.config import EvaluationConfig
from training.evaluate import evaluate
from training.nested_cv import PROCEDURE, Repeat
from training.procedure import Floats
from training.training_set import TrainingSet

CONFIG = EvaluationConfig(repeats=1)


def evaluated(cohort: Cohort, training_set: TrainingSet, scores: Floats) -> dict:
    y = training_set.is_responder
    folds = np.empty(len(y), dtype=np.intp)
    folds[y], folds[~y] = np.arange(y.sum()) % 5, np.arange((~y).sum()) % 5
    repeat = Repeat(folds, {PROCEDURE: scores}, (("ridge", {}),) * 5, scores > 0)
    return evaluate(cohort, training_set, [repeat], CONFIG, chosen={"family": "ridge"})


def test_scores_that_only_differ_between_folds_get_no_calibration_slope(
    cohort: Cohort, training_set: TrainingSet
) -> None:
    nearly = np.random.default_rng(0).normal(0.4, 0.01, training_set.n_patients)
    calibration = evaluated(cohort, training_set, nearly)["calibration"]
    assert calibration["slope"] is None
    assert calibration["in_the_large"] is not None
    assert calibration["repeats_without_slope"] == {"probabilities_nearly_constant": 1}


def test_separated_classes_are_said_and_one_outlier_does_not_stop_the_run(
    cohort: Cohort, training_set: TrainingSet
) -> None:
    y = training_set.is_responder
    separated = evaluated(cohort, training_set, np.where(y, 3.0, -3.0))["calibration"]
    assert separated["repeats_without_slope"] == {"classes_separated": 1}
    scores = np.random.default_rng(0).normal(size=len(y))
    scores[0] = 1e6
    assert evaluated(cohort, training_set, scores)["calibration"]["slope"] is not None


def test_the_operating_point_counts_patients_not_patients_times_repeats(
    cohort: Cohort, training_set: TrainingSet
) -> None:
    scores = np.random.default_rng(1).normal(size=training_set.n_patients)
    point = evaluated(cohort, training_set, scores)["operating_point"]
    n_cases = int(training_set.is_responder.sum())
    called = (scores > 0)[training_set.is_responder].sum()
    assert point["sensitivity"]["value"] == pytest.approx(called / n_cases)
    assert point["sensitivity"]["n_cases"] == n_cases
    assert 0 < point["threshold"] < 1


def test_fold_aucs_average_to_the_headline_and_the_digest_is_of_patients_and_folds(
    cohort: Cohort, training_set: TrainingSet
) -> None:
    scores = np.random.default_rng(2).normal(size=training_set.n_patients)
    found = evaluated(cohort, training_set, scores)
    folds = found["folds"]
    assert np.mean(folds["aucs"][PROCEDURE]) == pytest.approx(found["auc"]["value"])
    assert folds["n_train"] + folds["n_test"] == training_set.n_patients
    again = evaluated(cohort, training_set, -scores)["folds"]
    assert again["sha256"] == folds["sha256"]
    fields = {name: getattr(training_set, name) for name in TrainingSet.__slots__}
    turned = TrainingSet(**{**fields, "is_responder": ~training_set.is_responder})
    assert evaluated(cohort, turned, scores)["folds"]["sha256"] != folds["sha256"]


def test_case_mix_is_of_those_who_trained(cohort: Cohort, training_set: TrainingSet) -> None:
    scores = np.random.default_rng(3).normal(size=training_set.n_patients)
    mix = evaluated(cohort, training_set, scores)["case_mix"]
    assert mix["score"]["mean"] == pytest.approx(scores.mean())
    assert mix["prevalence"]["n_responders"] == training_set.n_responders
    assert set(mix["features"]) == {feature.name for feature in training_set.recipe}
