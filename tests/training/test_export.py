import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import joblib
import numpy as np
import pytest
from numpy.typing import NDArray

from csf_responder import main
from models.classifier import Classifier, load_classifier
from models.registry import Registry
from models.scorer import score
from training.errors import TrainingError
from training.export import export, write_joblib

TOLERANCE = {"linear": 1e-12, "boosted": 1e-6}


@pytest.fixture(params=["linear", "boosted"])
def kind(request: pytest.FixtureRequest) -> str:
    """Both kinds of estimator."""
    return str(request.param)


@pytest.fixture
def registry(kind: str, linear_registry: Registry, boosted_registry: Registry) -> Registry:
    """The registry of that kind; tests do not change it."""
    return {"linear": linear_registry, "boosted": boosted_registry}[kind]


@pytest.fixture
def classifier(registry: Registry) -> Classifier:
    """The on-treatment champion of that kind."""
    return load_classifier(registry.read(registry.champion("on_treatment")))


def rows(classifier: Classifier, n: int = 1000) -> NDArray[np.float64]:
    """Features far and near, a fifth missing, one row without any."""
    golden = np.array(classifier.manifest.golden_rows[0].features, dtype=np.float64)
    rng = np.random.default_rng(0)
    features = golden + rng.normal(scale=2, size=(n, len(golden)))
    features[rng.random(features.shape) < 0.2] = np.nan
    features[0] = np.nan
    return np.asarray(features)


def test_the_file_gives_the_classifiers_probabilities(
    kind: str, classifier: Classifier, tmp_path: Path
) -> None:
    write_joblib(export(classifier), tmp_path / "model.joblib")
    estimator = joblib.load(tmp_path / "model.joblib")["estimator"]
    features = rows(classifier)
    expected = score(classifier.estimator, features).probability
    found = estimator.predict_proba(features)
    np.testing.assert_allclose(found[:, 1], expected, rtol=0, atol=TOLERANCE[kind])
    np.testing.assert_allclose(found.sum(axis=1), 1, atol=1e-6)
    assert np.ptp(expected) > 0.1


WITHOUT_US = """
import sys
for name in ("models", "training", "data", "analysis", "service"):
    sys.modules[name] = None  # importing it now raises ModuleNotFoundError
import joblib
estimator = joblib.load(sys.argv[1])["estimator"]
print(estimator.predict_proba([[float("nan")] * estimator.n_features_in_])[0, 1])
"""


def test_the_file_answers_where_this_project_is_not_installed(
    classifier: Classifier, tmp_path: Path
) -> None:
    write_joblib(export(classifier), tmp_path / "model.joblib")
    command = [sys.executable, "-W", "error", "-c", WITHOUT_US, str(tmp_path / "model.joblib")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    nothing = np.full((1, len(classifier.features)), np.nan)
    expected = score(classifier.estimator, nothing).probability[0]
    assert float(done.stdout) == pytest.approx(expected, abs=1e-6)


def test_what_the_columns_and_answers_mean_is_in_the_file(classifier: Classifier) -> None:
    exported = export(classifier)
    features = exported["features"]
    assert [f["name"] for f in features] == [f.name for f in classifier.features]
    assert set(features[0]) == {"name", "function", "analytes", "unit", "direction"}
    assert exported["bundle_id"] == classifier.bundle_id
    assert exported["content_sha256"] == classifier.bundle.content_sha256
    assert exported["threshold"] == classifier.threshold
    assert exported["classes"] == ["nonresponder", "responder"]
    assert exported["simulated"] is True
    assert "runs code" in exported["note"]


def test_an_existing_file_is_never_overwritten(classifier: Classifier, tmp_path: Path) -> None:
    (tmp_path / "model.joblib").write_text("mine")
    with pytest.raises(TrainingError, match="not overwritten"):
        write_joblib(export(classifier), tmp_path / "model.joblib")
    assert (tmp_path / "model.joblib").read_text() == "mine"


@pytest.fixture
def run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str, str]]:
    """`run(*arguments)`: exit code, standard output and error of `models export`."""

    def run(*arguments: object) -> tuple[int, str, str]:
        words = ["csf-responder", "models", "export", *map(str, arguments)]
        monkeypatch.setattr(sys, "argv", words)
        with pytest.raises(SystemExit) as ended:
            main()
        printed = capsys.readouterr()
        assert isinstance(ended.value.code, int)
        return ended.value.code, printed.out, printed.err

    return run


def test_the_command_writes_a_verified_bundle_and_says_that_loading_runs_code(
    run, linear_registry: Registry, tmp_path: Path
) -> None:
    out = tmp_path / "model.joblib"
    options = ("--registry", linear_registry.folder, "--out", out, "--format", "joblib")
    code, printed, errors = run("champion:pretreatment", *options, "--json")
    assert (code, errors) == (0, "")
    assert json.loads(printed)["bundle_id"] == joblib.load(out)["bundle_id"]
    assert "runs code" in " ".join(run("--help")[1].split())


def test_a_changed_bundle_is_not_exported(run, linear_registry: Registry, tmp_path: Path) -> None:
    bundle = linear_registry.bundles / linear_registry.champion("pretreatment")
    copy = Path(shutil.copytree(bundle, tmp_path / bundle.name))
    estimator = copy / "estimator.json"
    estimator.write_bytes(estimator.read_bytes().replace(b"0.", b"1.", 1))
    code, _, errors = run(copy, "--out", tmp_path / "model.joblib")
    assert (code, errors[:15]) == (1, "Refused: bundle")
    assert not (tmp_path / "model.joblib").exists()
