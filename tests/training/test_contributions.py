import numpy as np
import pytest

from models.classifier import load_classifier
from models.registry import Registry
from training.contributions import contributions
from training.training_set import TrainingSet


def test_coefficients_are_the_served_ones_and_refits_lie_around_them(
    linear_registry: Registry, training_set: TrainingSet
) -> None:
    bundle = linear_registry.read(linear_registry.champion("pretreatment"))
    estimator = load_classifier(bundle).estimator
    found = contributions(training_set, estimator)
    assert found == bundle.evaluation["contributions"]
    values = [one["per_sd"]["value"] for one in found["features"].values()]
    assert values == estimator.coefficients.tolist()
    assert all(one["per_sd"]["lower"] < one["per_sd"]["upper"]
               for one in found["features"].values())  # fmt: skip


def test_a_terms_size_is_its_coefficients_times_the_features_spread(
    linear_registry: Registry, training_set: TrainingSet
) -> None:
    bundle = linear_registry.read(linear_registry.champion("pretreatment"))
    estimator = load_classifier(bundle).estimator
    standard = np.abs((training_set.features - estimator.means) / estimator.scales).mean(axis=0)
    found = contributions(training_set, estimator)["features"].values()
    expected = np.abs(estimator.coefficients) * standard
    assert [one["mean_absolute"] for one in found] == pytest.approx(expected)


def test_trees_have_no_coefficients(boosted_registry: Registry, training_set: TrainingSet) -> None:
    bundle = boosted_registry.read(boosted_registry.champion("pretreatment"))
    found = bundle.evaluation["contributions"]["features"].values()
    assert all(one["per_sd"] is None and one["mean_absolute"] >= 0 for one in found)
