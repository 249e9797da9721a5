import numpy as np
import pytest
from numpy.typing import NDArray

from training.estimators import ELASTIC_NET_STRENGTHS, RIDGE_STRENGTHS, PenalisedLogistic
from training.final_fit import fit_pipeline, resample
from training.standardise import Floats


@pytest.fixture(scope="module")
def data() -> tuple[Floats, NDArray[np.bool_]]:
    """Forty-five patients, collinear features, some missing."""
    rng = np.random.default_rng(4)
    features = rng.normal(size=(45, 4))
    features[:, 3] = features[:, 1] - features[:, 0]
    features[rng.random((45, 4)) < 0.05] = np.nan
    return features, rng.random(45) < 0.6


@pytest.mark.parametrize(
    "family",
    [
        PenalisedLogistic("ridge", RIDGE_STRENGTHS, 0.0),
        PenalisedLogistic("elastic_net", ELASTIC_NET_STRENGTHS, 0.5),
    ],
    ids=lambda family: family.name,
)
def test_the_served_scikit_learn_fit_equals_the_batched_solver_at_every_setting(
    family: PenalisedLogistic, data: tuple[Floats, NDArray[np.bool_]]
) -> None:
    features, y = data
    scores = family.scores(features, y, np.ones((1, len(y))))[0]
    for setting, expected in zip(family.settings, scores, strict=True):
        pipeline = fit_pipeline(features, y, setting)
        np.testing.assert_allclose(pipeline.decision_function(features), expected, atol=1e-6)


def test_a_resample_has_two_different_patients_of_each_class() -> None:
    y = np.arange(12) < 2
    rng = np.random.default_rng(0)
    drawn = [resample(y, None, 5, rng) for _ in range(200)]
    assert all((counts[y] > 0).all() and counts.sum() == 12 for counts, _, _ in drawn)
    assert all((folds[counts > 0] >= 0).all() for counts, folds, _ in drawn)
    assert sum(redrawn for _, _, redrawn in drawn) > 0


def test_a_resample_keeps_two_groups_when_grouping() -> None:
    y = np.arange(12) % 2 == 0
    groups = np.arange(12) // 4
    rng = np.random.default_rng(1)
    drawn = [resample(y, groups, 5, rng) for _ in range(50)]
    assert all(len(set(groups[counts > 0])) >= 2 for counts, _, _ in drawn)
    for counts, folds, _ in drawn:
        for fold in range(folds.max() + 1):
            trained_on = (folds != fold) & (counts > 0)
            assert 0 < y[trained_on].sum() < trained_on.sum()
