"""Real things that many tests need: a simulated cohort, trained bundles, a promoted registry."""

import csv
import json
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import settings
from numpy.typing import NDArray

from data.analytes import study_analytes
from data.cohort import Cohort
from data.outcome import define_responder
from data.panel import TASK_NAMES, Task, TaskName
from data.simulate import simulate_cohort
from models.registry import Registry
from training.config import CandidatesConfig, EvaluationConfig, FamilyName, TrainingConfig
from training.run import Trained, train

# A busy machine must not fail a property.
settings.register_profile("without_deadline", deadline=None)
settings.load_profile("without_deadline")

REFERENCE = Path(__file__).parent / "reference"

Expected = Callable[[str], Any]
Table = Callable[[str], dict[str, NDArray[np.float64]]]

PROMISES = os.environ.get("CSF_PROMISES")
"""A file for the figures that promises reach; where it is named, they are kept at full length."""

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)


def clock(start: datetime = NOON) -> Callable[[], datetime]:
    """A clock that moves by a second each time somebody looks."""
    seconds = iter(range(10**9))
    return lambda: start + timedelta(seconds=next(seconds))


def quick_config(*families: FamilyName) -> TrainingConfig:
    """The real procedure with few repeats, refits, permutations and resamples."""
    return TrainingConfig(
        evaluation=EvaluationConfig(
            repeats=2,
            bootstrap_linear=20,
            bootstrap_boosted=10,
            permutations=2,
            optimism_bootstrap=2,
        ),
        candidates=CandidatesConfig(families=families or ("ridge",)),
    )


def quick_train(
    cohort: Cohort,
    task: TaskName,
    *families: FamilyName,
    start: datetime = NOON,
    jobs: int = 1,
    seed: int = 1,
) -> Trained:
    """Train as `csf-responder train` does, quickly."""
    return train(
        cohort,
        Task(task),
        define_responder(),
        tuple(study_analytes().values()),
        quick_config(*families),
        seed=seed,
        now=clock(start),
        jobs=jobs,
    )


@pytest.fixture(scope="session")
def length() -> Callable[[int, int], int]:
    """`length(short, long)`: the long one under `make soak`."""
    return lambda short, long: short if PROMISES is None else long


@pytest.fixture
def reached(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """`reached(figure)`: what the promise in a test's name came to, for `scripts/promises.py`."""

    def reached(figure: str) -> None:
        promise = request.node.name.removeprefix("test_").replace("_", " ")
        promise = promise.replace("[", " (").replace("]", ")")
        line = {"promise": promise, "figure": figure, "test": request.node.nodeid}
        if PROMISES is not None:
            with Path(PROMISES).open("a") as lines:
                lines.write(json.dumps(line) + "\n")

    return reached


@pytest.fixture(scope="session")
def expected() -> Expected:
    """Numbers from elsewhere, by file name."""
    return lambda name: json.loads((REFERENCE / "expected" / f"{name}.json").read_text())


@pytest.fixture(scope="session")
def table() -> Table:
    """Numeric columns of a reference data set, by file name."""

    def read(name: str) -> dict[str, NDArray[np.float64]]:
        with (REFERENCE / "data" / f"{name}.csv").open(newline="") as lines:
            rows = list(csv.DictReader(lines))
        return {column: np.array([float(row[column]) for row in rows]) for column in rows[0]}

    return read


@pytest.fixture(scope="session")
def train_quickly() -> Callable[..., Trained]:
    """`quick_train(cohort, task, *families, start=NOON, jobs=1, seed=1)`."""
    return quick_train


@pytest.fixture(scope="session")
def cohort() -> Cohort:
    """A simulated trial of 64 patients."""
    return simulate_cohort("informative", n=64, seed=1)


def _promoted(folder: Path, cohort: Cohort, family: FamilyName) -> Registry:
    registry = Registry(folder)
    for task in TASK_NAMES:
        bundle_id = quick_train(cohort, task, family).write(registry.bundles)
        registry.promote(bundle_id, by="tests", reason="fixture", now=NOON)
    return registry


@pytest.fixture(scope="session")
def linear_registry(tmp_path_factory: pytest.TempPathFactory, cohort: Cohort) -> Registry:
    """A registry whose champions are ridge; tests do not change it."""
    return _promoted(tmp_path_factory.mktemp("linear"), cohort, "ridge")


@pytest.fixture(scope="session")
def boosted_registry(tmp_path_factory: pytest.TempPathFactory, cohort: Cohort) -> Registry:
    """A registry whose champions are XGBoost; tests do not change it."""
    return _promoted(tmp_path_factory.mktemp("boosted"), cohort, "xgboost")
