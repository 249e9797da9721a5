from collections.abc import Callable

import pytest

from data.cohort import Cohort
from models.estimator import LinearEstimator
from models.registry import Registry
from training.run import Trained


def test_ridge_and_trees_select_nothing_so_nothing_is_said_of_it(
    linear_registry: Registry, boosted_registry: Registry
) -> None:
    for registry in (linear_registry, boosted_registry):
        stability = registry.read(registry.champion("on_treatment")).evaluation["stability"]
        assert stability["selection"] is None
        moved = stability["predictions"]["mean_absolute_difference"]
        assert 0 < moved["median"] <= moved["quantile_90"] < 1


def test_the_elastic_net_says_how_often_each_feature_is_kept(
    cohort: Cohort, train_quickly: Callable[..., Trained]
) -> None:
    trained = train_quickly(cohort, "pretreatment", "elastic_net")
    stability = trained.evaluation["stability"]
    assert isinstance(trained.estimator, LinearEstimator)
    kept = trained.estimator.refits.coefficients != 0
    frequency = stability["selection"]["frequency"]
    assert list(frequency) == [feature.name for feature in trained.manifest.features]
    assert list(frequency.values()) == pytest.approx(kept.mean(axis=0).tolist())
    assert stability["n_refits"] == len(kept) == 20


def test_flips_are_judged_at_the_served_threshold(linear_registry: Registry) -> None:
    bundle = linear_registry.read(linear_registry.champion("pretreatment"))
    stability = bundle.evaluation["stability"]["predictions"]
    assert stability["threshold"] == bundle.manifest.operating_point.threshold
