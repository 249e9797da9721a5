import numpy as np
import pytest
import xgboost

from models.features import Feature
from training.config import CandidatesConfig
from training.estimators import BoostedTrees, PenalisedLogistic, families, lead_in_scores

RNG = np.random.default_rng(0)
FEATURES = RNG.normal(size=(60, 3))
LABELS = RNG.random(60) < 1 / (1 + np.exp(-FEATURES[:, 0]))


def test_families_come_in_the_order_of_preference_that_is_configured() -> None:
    found = families(CandidatesConfig(families=("xgboost", "ridge")), ())
    assert [family.name for family in found] == ["xgboost", "ridge"]


@pytest.mark.parametrize("family", families(CandidatesConfig(), ()), ids=lambda f: f.name)
def test_every_family_scores_everybody_at_every_setting(family: PenalisedLogistic) -> None:
    weights = np.ones((2, 60))
    weights[1, :10] = 0
    scores = family.scores(FEATURES, LABELS, weights)
    assert scores.shape == (2, len(family.settings), 60)
    assert np.isfinite(scores).all()


def test_boosted_scores_are_the_margins_of_a_booster_trained_on_the_training_set_alone() -> None:
    family = BoostedTrees((0, 0, 0))
    weights = np.ones((1, 60))
    weights[0, :10] = 0
    setting = family.settings[-1]
    booster = family.fit(
        FEATURES[10:], LABELS[10:], np.ones(50), setting["depth"], setting["rounds"]
    )
    expected = booster.predict(xgboost.DMatrix(FEATURES), output_margin=True)
    np.testing.assert_array_equal(family.scores(FEATURES, LABELS, weights)[0, -1], expected)


def test_monotone_boosting_moves_only_in_the_stated_direction() -> None:
    recipe = [Feature(f"f{j}", "value", ("x",), "", "lower_is_case") for j in range(3)]
    (family,) = families(CandidatesConfig(families=("xgboost",), monotone=True), recipe)
    grid = np.zeros((50, 3))
    grid[:, 0] = np.linspace(-3, 3, 50)
    everybody = np.concatenate([FEATURES, grid])
    weights = np.concatenate([np.ones(60), np.zeros(50)])[np.newaxis]
    labels = np.concatenate([LABELS, np.zeros(50, dtype=bool)])
    assert (np.diff(family.scores(everybody, labels, weights)[0, -1, 60:]) <= 0).all()


def test_the_lead_in_reference_ranks_by_the_slope_alone() -> None:
    slopes = RNG.normal(-1, 0.5, size=60)
    scores = lead_in_scores(slopes, slopes < -1, np.ones((1, 60)))[0]
    assert (np.argsort(scores) == np.argsort(-slopes)).all()
