from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import brier_score_loss, log_loss, roc_auc_score

from data.cohort import Cohort
from models.answered import answer_cohort
from models.classifier import Classifier
from models.comparison import compare_folds, compare_on_patients
from models.errors import EvaluationError


@pytest.fixture(scope="module")
def comparison(linear: Classifier, pretreatment: Classifier, new_cohort: Cohort) -> dict:
    return compare_on_patients(linear, pretreatment, new_cohort)


def test_each_side_is_scikit_learns_number_on_the_shared_patients(
    comparison: dict, linear: Classifier, new_cohort: Cohort
) -> None:
    answered = answer_cohort(linear, new_cohort)
    y, probability = answered.is_responder, answered.probability
    assert comparison["n_patients"] == len(y)
    for name, score in (
        ("auc", roc_auc_score),
        ("brier", brier_score_loss),
        ("log_loss", log_loss),
    ):
        found = comparison[name]
        assert found["first"] == pytest.approx(score(y, probability), abs=1e-12)
        difference = found["difference"]
        assert difference["value"] == pytest.approx(found["first"] - found["second"], abs=1e-12)
        assert (difference["lower"] > 0 or difference["upper"] < 0) == (found["p"] < 0.05)


def test_tasks_may_differ_and_it_is_said(comparison: dict) -> None:
    assert comparison["same_task"] is False
    assert comparison["compared_on"] == "same_patients"
    decisions = {k: n for k, n in comparison["decisions"].items() if k != "agreement"}
    assert sum(decisions.values()) == comparison["n_patients"]


def test_only_patients_whom_both_answer_count(
    linear: Classifier, pretreatment: Classifier, new_cohort: Cohort
) -> None:
    treated = list(new_cohort.of_arm("msc"))
    cut = [replace(p, panels=p.panels[:1]) for p in treated[:12]]
    cohort = Cohort((*cut, *treated[12:]), new_cohort.provenance)
    found = compare_on_patients(linear, pretreatment, cohort)
    both = answer_cohort(linear, cohort)
    assert found["n_patients"] == len(both.pairs)
    assert found["answered_by_first_only"] == 0
    assert 0 < found["answered_by_second_only"] <= 12


def test_a_classifier_equals_itself(linear: Classifier, new_cohort: Cohort) -> None:
    found = compare_on_patients(linear, linear, new_cohort)
    assert (found["auc"]["difference"]["method"], found["auc"]["p"]) == ("same_placements", 1.0)
    assert (found["brier"]["difference"]["value"], found["brier"]["p"]) == (0.0, 1.0)
    assert found["decisions"]["agreement"] == 1.0


def test_swapping_the_two_turns_every_sign(
    comparison: dict, linear: Classifier, pretreatment: Classifier, new_cohort: Cohort
) -> None:
    turned = compare_on_patients(pretreatment, linear, new_cohort)
    for name in ("auc", "brier", "log_loss"):
        there, back = comparison[name]["difference"], turned[name]["difference"]
        assert back["value"] == pytest.approx(-there["value"], abs=1e-15)
        assert back["upper"] == pytest.approx(-there["lower"], abs=1e-15)
    assert comparison["decisions"]["first_only"] == turned["decisions"]["second_only"]


def test_a_cohort_that_trained_one_of_them_is_refused(
    linear: Classifier, pretreatment: Classifier, cohort: Cohort
) -> None:
    with pytest.raises(EvaluationError, match="this very cohort"):
        compare_on_patients(linear, pretreatment, cohort)


def test_definitions_must_be_the_same(
    pretreatment: Classifier, stated: Classifier, new_cohort: Cohort
) -> None:
    with pytest.raises(EvaluationError, match="define a responder differently"):
        compare_on_patients(pretreatment, stated, new_cohort)
    with pytest.raises(EvaluationError, match="define a responder differently"):
        compare_folds(pretreatment.bundle, stated.bundle)


def test_too_few_of_a_class_is_one_sentence(
    linear: Classifier, pretreatment: Classifier, new_cohort: Cohort
) -> None:
    treated, definition = new_cohort.of_arm("msc"), linear.definition
    others = [p for p in treated if p.outcome(definition).responder is False]
    few = [next(p for p in treated if p.outcome(definition).responder), *others]
    for patients in (few, others):
        with pytest.raises(EvaluationError, match=r"at least (one|two) of each"):
            compare_on_patients(
                linear, pretreatment, Cohort(tuple(patients), new_cohort.provenance)
            )


def test_bundles_of_the_same_folds_are_compared_fold_by_fold(
    linear: Classifier, pretreatment: Classifier
) -> None:
    found = compare_folds(linear.bundle, pretreatment.bundle)
    folds = [c.bundle.evaluation["folds"]["aucs"]["procedure"] for c in (linear, pretreatment)]
    assert found["n_folds"] == len(folds[0]) == 10
    assert found["auc"]["difference"]["value"] == pytest.approx(
        np.mean(folds[0]) - np.mean(folds[1])
    )
    assert found["auc"]["first"] == pytest.approx(linear.bundle.evaluation["auc"]["value"])
    assert found["auc"]["degrees_of_freedom"] == 9


def test_other_folds_or_bundles_without_them_need_a_folder_of_patients(
    linear: Classifier, pretreatment: Classifier
) -> None:
    evaluation = dict(pretreatment.bundle.evaluation)
    other = evaluation | {"folds": {**evaluation["folds"], "sha256": "0" * 64}}
    old = {name: value for name, value in evaluation.items() if name != "folds"}
    for changed in (other, old):
        with pytest.raises(EvaluationError, match="a folder of patients that neither has seen"):
            compare_folds(linear.bundle, replace(pretreatment.bundle, evaluation=changed))
