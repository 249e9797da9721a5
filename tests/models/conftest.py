"""Bundles to take apart, and made-up features."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from models.bundle import Bundle, read_bundle, write_bundle
from models.classifier import Classifier, load_classifier
from models.registry import Registry

Floats = NDArray[np.float64]


@pytest.fixture(params=["linear", "boosted"])
def kind(request: pytest.FixtureRequest) -> str:
    """Both kinds of estimator."""
    return str(request.param)


@pytest.fixture
def registry_of_kind(kind: str, linear_registry: Registry, boosted_registry: Registry) -> Registry:
    """The registry of that kind; tests do not change it."""
    return {"linear": linear_registry, "boosted": boosted_registry}[kind]


@pytest.fixture
def champion(registry_of_kind: Registry) -> Classifier:
    """The on-treatment champion of that kind."""
    return load_classifier(registry_of_kind.read(registry_of_kind.champion("on_treatment")))


@pytest.fixture
def bundle_copy(registry_of_kind: Registry, tmp_path: Path) -> Path:
    """A bundle's folder of that kind that a test may damage."""
    bundle_id = registry_of_kind.champion("on_treatment")
    copied = shutil.copytree(registry_of_kind.bundles / bundle_id, tmp_path / bundle_id)
    return Path(copied)


@pytest.fixture
def rewritten(tmp_path: Path) -> Callable[..., Bundle]:
    """`rewritten(bundle, **changes)`: the same bundle with other entries in its manifest."""

    def rewrite(bundle: Bundle, **changes: Any) -> Bundle:
        bundle_id = write_bundle(
            tmp_path,
            bundle.manifest.model_copy(update=changes),
            evaluation=bundle.evaluation,
            estimator=bundle.estimator,
            booster=bundle.booster,
            card=bundle.card,
        )
        return read_bundle(tmp_path / bundle_id)

    return rewrite


@pytest.fixture
def made_up_features(champion: Classifier) -> Callable[[int], Floats]:
    """`made_up_features(n)`: n rows near the golden ones, a tenth missing."""

    def make(n: int) -> Floats:
        golden = np.array(champion.manifest.golden_rows[0].features, dtype=np.float64)
        rng = np.random.default_rng(n)
        features = golden + rng.normal(size=(n, len(golden)))
        features[rng.random(features.shape) < 0.1] = np.nan
        return np.asarray(features)

    return make
