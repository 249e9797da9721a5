"""Calibration and net benefit out of fold, also where nothing varies."""

import json
from dataclasses import replace

import numpy as np
import pytest

from analysis.calibration import brier_score
from models.scorer import sigmoid
from training.nested_cv import PROCEDURE, Repeat
from training.out_of_fold import calibration, net_benefit, proportion
from training.procedure import Floats
from training.training_set import TrainingSet


def repeats_of(training_set: TrainingSet, *scores: Floats) -> list[Repeat]:
    folds = np.arange(training_set.n_patients) % 5
    return [Repeat(folds, {PROCEDURE: one}, (), one > 0) for one in scores]


@pytest.fixture(scope="module")
def many(training_set: TrainingSet) -> TrainingSet:
    """As many patients as a smooth calibration is shown for."""
    return replace(training_set, is_responder=np.tile(training_set.is_responder, 4))


def test_the_scaled_brier_score_is_the_share_saved_of_the_prevalences(
    training_set: TrainingSet,
) -> None:
    rng, y = np.random.default_rng(0), training_set.is_responder
    scores = rng.normal(size=(2, len(y))) + y
    found = calibration(training_set, repeats_of(training_set, *scores))
    brier = np.mean([brier_score(sigmoid(one), y) for one in scores])
    assert found["scaled_brier"]["value"] == pytest.approx(1 - brier / found["brier_of_prevalence"])
    assert found["scaled_brier"]["method"] == "mean_over_repeats_delta"


def test_distances_from_a_smooth_are_shown_from_a_hundred_patients(
    training_set: TrainingSet, many: TrainingSet
) -> None:
    rng = np.random.default_rng(0)
    few = calibration(training_set, repeats_of(training_set, rng.normal(size=32)))
    assert (few["ici"], few["e50"], few["emax"]) == (None, None, None)
    enough = calibration(many, repeats_of(many, rng.normal(size=128)))
    assert 0 < enough["e50"] <= enough["emax"] < 1
    assert enough["e50"] < enough["ici"] * 2


@pytest.mark.parametrize("values", [[0.0] * 5, [0.1, 0.2, 0.1, 0.3, 0.2], [40.0, -40, 1, 2, 3]])
def test_scores_that_hardly_vary_or_are_far_out_leave_no_nan(
    many: TrainingSet, values: list[float]
) -> None:
    repeats = repeats_of(many, np.array(values)[np.arange(128) % 5])
    found = {**calibration(many, repeats), **net_benefit(many, repeats)}
    json.dumps(found, allow_nan=False)


def test_net_benefit_of_nobody_treated_is_zero_and_of_everybody_is_treat_all(
    training_set: TrainingSet,
) -> None:
    nobody = net_benefit(training_set, repeats_of(training_set, np.full(32, -9.0)))
    everybody = net_benefit(training_set, repeats_of(training_set, np.full(32, 9.0)))
    assert {point["model"]["value"] for point in nobody["points"]} == {0}
    for point in everybody["points"]:
        assert point["over_treat_all"]["value"] == 0
        assert point["model"]["value"] == pytest.approx(point["treat_all"]["value"])
    assert [point["threshold"] for point in nobody["points"]][::6] == [0.05, 0.35, 0.65, 0.95]


def test_a_sum_of_means_a_rounding_above_n_is_all_of_them() -> None:
    assert proportion(5 + 1e-15 * 8, 5, n_cases=5, n_controls=7)["value"] == 1
