"""Bundles to take apart, and made-up features."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from numpy.typing import NDArray

from data.analytes import study_analytes
from data.cohort import Cohort
from data.outcome import define_responder, stated_outcome
from data.panel import Task
from data.simulate import simulate_cohort
from models.bundle import Bundle, read_bundle, sign_bundle, write_bundle
from models.classifier import Classifier, load_classifier
from models.probation import Probation
from models.registry import Registry
from models.signature import PublicKeys, read_public_keys
from training.config import CandidatesConfig, EvaluationConfig, TrainingConfig
from training.run import train

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
def champion(registry_of_kind: Registry, probation: Probation) -> Classifier:
    """The on-treatment champion of that kind."""
    bundle = registry_of_kind.read(registry_of_kind.champion("on_treatment"))
    return load_classifier(bundle, probation)


@pytest.fixture
def bundle_copy(registry_of_kind: Registry, tmp_path: Path) -> Path:
    """A bundle's folder of that kind that a test may damage."""
    bundle_id = registry_of_kind.champion("on_treatment")
    copied = shutil.copytree(registry_of_kind.bundles / bundle_id, tmp_path / bundle_id)
    return Path(copied)


@pytest.fixture
def private_key(tmp_path: Path) -> Path:
    """A private key made for this test."""
    path = tmp_path / "private.pem"
    key = Ed25519PrivateKey.generate()
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    path.chmod(0o600)
    return path


@pytest.fixture
def public_key_file(private_key: Path) -> Path:
    """Its public key."""
    key = load_pem_private_key(private_key.read_bytes(), None).public_key()
    path = private_key.with_name("public.pem")
    path.write_bytes(key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    return path


@pytest.fixture
def public_keys(public_key_file: Path) -> PublicKeys:
    """What a service with that key accepts."""
    return read_public_keys(public_key_file)


@pytest.fixture
def signed_copy(bundle_copy: Path, private_key: Path) -> Path:
    """A signed bundle's folder of that kind that a test may damage."""
    sign_bundle(bundle_copy, private_key)
    return bundle_copy


@pytest.fixture(scope="session")
def probation() -> Probation:
    """One memory of which boosters were tried; the bundles of fixtures are tried once."""
    return Probation()


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


@pytest.fixture(scope="session")
def new_cohort() -> Cohort:
    """A simulated trial that trained nothing, about 95 treated patients."""
    return simulate_cohort("informative", n=200, seed=7)


@pytest.fixture(scope="session")
def linear(linear_registry: Registry) -> Classifier:
    """The linear on-treatment champion."""
    return load_classifier(linear_registry.read(linear_registry.champion("on_treatment")))


@pytest.fixture(scope="session")
def pretreatment(linear_registry: Registry) -> Classifier:
    """The linear pretreatment champion."""
    return load_classifier(linear_registry.read(linear_registry.champion("pretreatment")))


@pytest.fixture(scope="session")
def stated(cohort: Cohort, tmp_path_factory: pytest.TempPathFactory) -> Classifier:
    """A pretreatment classifier of an outcome that its cohort states."""
    folder, analytes = tmp_path_factory.mktemp("stated"), tuple(study_analytes().values())
    config = TrainingConfig(
        evaluation=EvaluationConfig(
            repeats=2, bootstrap_linear=10, permutations=2, optimism_bootstrap=2
        ),
        candidates=CandidatesConfig(families=("ridge",)),
    )
    outcome, task = stated_outcome("responder"), Task("pretreatment")
    moment = datetime(2026, 1, 3, tzinfo=UTC)
    made = with_stated_outcomes(cohort)
    trained = train(made, task, outcome, analytes, config, seed=1, now=lambda: moment)
    return load_classifier(read_bundle(folder / trained.write(folder)))


@pytest.fixture(scope="session")
def state_outcomes() -> Callable[[Cohort], Cohort]:
    """`state_outcomes(cohort)`: the same patients, their outcomes stated by the table."""
    return with_stated_outcomes


def with_stated_outcomes(cohort: Cohort) -> Cohort:
    """The same patients, their outcomes stated by the table."""
    definition = define_responder()
    patients = (replace(p, responder=p.outcome(definition).responder) for p in cohort.patients)
    return Cohort(tuple(patients), cohort.provenance)
