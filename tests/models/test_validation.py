import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import brier_score_loss, roc_auc_score

from analysis.estimate import Estimate
from data.cohort import Cohort, Patient
from data.simulate import simulate_cohort
from models.bundle import read_bundle
from models.classifier import Classifier, load_classifier
from models.errors import EvaluationError
from models.validation import judge, validate
from training.run import Trained

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
Train = Callable[..., Trained]


def estimate(value: float, lower: float, upper: float) -> Estimate:
    return Estimate(value, lower, upper, 0.95, "logit_delong", 60, 50)


@pytest.fixture(scope="module")
def validation(linear: Classifier, new_cohort: Cohort) -> dict:
    return validate(linear, new_cohort, now=NOON)


def test_numbers_are_those_of_scikit_learn_on_the_answers(
    validation: dict, linear: Classifier, new_cohort: Cohort
) -> None:
    from models.answered import answer_cohort

    answered = answer_cohort(linear, new_cohort)
    y, probability = answered.is_responder, answered.probability
    assert validation["auc"]["value"] == pytest.approx(roc_auc_score(y, probability), abs=1e-12)
    brier = brier_score_loss(y, probability)
    assert validation["calibration"]["brier"] == pytest.approx(brier, abs=1e-12)
    assert (validation["n_patients"], validation["n_responders"]) == (len(y), y.sum())


def test_it_says_who_was_asked_and_what_was_claimed(validation: dict, linear: Classifier) -> None:
    assert validation["format"] == 1
    assert validation["bundle_id"] == linear.bundle_id
    assert validation["content_sha256"] == linear.bundle.content_sha256
    assert validation["validated_at"] == "2026-03-04T12:00:00Z"
    assert validation["claimed_auc"] == linear.bundle.evaluation["auc"]
    assert validation["definition"] == linear.bundle.evaluation["definition"]
    assert validation["cohort"]["n_patients"] == 200
    assert validation["control_responders"]["n"] > 50
    assert validation["simulated"] is True
    assert validation["exploratory"] is True


def test_counts_threshold_and_curve_belong_to_the_same_patients(
    validation: dict, linear: Classifier
) -> None:
    point, (curve,) = validation["operating_point"], validation["roc"]
    assert sum(point["counts"].values()) == validation["n_patients"] == curve["n_patients"]
    assert point["threshold"] == linear.threshold
    x = [1 - point["specificity"] for point in curve["points"]]
    y = [point["sensitivity"] for point in curve["points"]]
    assert np.trapezoid(y, x) == pytest.approx(validation["auc"]["value"], abs=1e-12)


def test_case_mix_of_new_patients_stands_beside_trainings(
    validation: dict, linear: Classifier
) -> None:
    mix = validation["case_mix"]
    assert set(mix["features"]) == {feature.name for feature in linear.features}
    assert mix["prevalence"]["training"]["n"] == linear.bundle.evaluation["n_patients"]
    assert mix["score"]["new"]["n"] == validation["n_patients"]
    assert mix["score"]["training"]["sd"] > 0


def test_a_bundle_from_before_case_mix_is_validated_all_the_same(
    linear: Classifier, new_cohort: Cohort, validation: dict
) -> None:
    old = {k: v for k, v in linear.bundle.evaluation.items() if k not in ("case_mix", "folds")}
    before = replace(linear, bundle=replace(linear.bundle, evaluation=old))
    found = validate(before, new_cohort, now=NOON)
    assert found["auc"] == validation["auc"]
    assert found["case_mix"]["score"]["training"] is None
    assert found["case_mix"]["prevalence"]["training"]["n"] == old["n_patients"]


def test_no_patients_id_or_value_is_in_it(validation: dict, new_cohort: Cohort) -> None:
    text = json.dumps(validation, allow_nan=False)
    assert not [p.patient_id for p in new_cohort.patients if p.patient_id in text]
    levels = {m.value for p in new_cohort.of_arm("msc") for x in p.panels for m in x.measurements}
    exact = {repr(np.log(value)) for value in levels if value is not None}
    assert not [number for number in exact if number in text]


def test_verdicts_follow_the_interval() -> None:
    assert judge(estimate(0.72, 0.61, 0.81), 0.75)[0] == "confirmed"
    assert judge(estimate(0.90, 0.80, 0.95), 0.75)[0] == "confirmed"
    assert judge(estimate(0.72, 0.61, 0.81), 0.82)[0] == "failed"
    assert judge(estimate(0.50, 0.30, 0.70), 0.60)[0] == "failed"
    assert judge(estimate(0.60, 0.48, 0.71), 0.65)[0] == "inconclusive"
    assert "60 responders and 50 non-responders" in judge(estimate(0.60, 0.48, 0.71), 0.65)[1]


def test_one_outcome_only_is_one_sentence(linear: Classifier, new_cohort: Cohort) -> None:
    definition = linear.definition
    responders = [p for p in new_cohort.of_arm("msc") if p.outcome(definition).responder]
    with pytest.raises(EvaluationError, match="and 0 non-responders can be judged") as refused:
        validate(linear, Cohort(tuple(responders), new_cohort.provenance), now=NOON)
    assert "at least one of each" in str(refused.value)


def test_two_patients_are_enough_to_say_that_nothing_can_be_said(
    linear: Classifier, new_cohort: Cohort
) -> None:
    treated, definition = new_cohort.of_arm("msc"), linear.definition
    two = [next(p for p in treated if p.outcome(definition).responder is r) for r in (True, False)]
    found = validate(linear, Cohort(tuple(two), new_cohort.provenance), now=NOON)
    assert found["case_mix"]["score"]["new"] == {"n": 2, "mean": None, "sd": None}
    assert found["verdict"] in ("failed", "inconclusive")


def swap_months(patient: Patient) -> Patient:
    """Baseline and follow-up tubes mixed up, as a mislabelled freezer box would."""
    months = [panel.month for panel in patient.panels]
    panels = [
        replace(p, month=month) for p, month in zip(patient.panels, months[::-1], strict=True)
    ]
    return replace(patient, panels=tuple(sorted(panels, key=lambda panel: panel.month)))


def test_a_model_of_swapped_months_fails_where_the_right_one_does_not(
    train_quickly: Train, tmp_path: Path
) -> None:
    good, new = (simulate_cohort("informative", n=400, seed=seed) for seed in (1, 101))
    swapped = Cohort(tuple(map(swap_months, good.patients)), good.provenance)
    verdicts = []
    for cohort in (good, swapped):
        bundle_id = train_quickly(cohort, "on_treatment").write(tmp_path)
        classifier = load_classifier(read_bundle(tmp_path / bundle_id))
        verdicts.append(validate(classifier, new, now=NOON)["verdict"])
    assert verdicts == ["confirmed", "failed"]
