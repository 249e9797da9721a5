"""What services of the promises are started on."""

import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from serving import Service, new_service

from data.panel import TASK_NAMES
from data.simulate import simulate_cohort
from models.registry import Registry


@pytest.fixture
def make_service(linear_registry: Registry, tmp_path: Path) -> Callable[..., Service]:
    """`make_service(registry=..., database_url=...)`: SQLite where no other database is named."""
    return lambda registry=linear_registry.folder, **given: new_service(registry, tmp_path, **given)


@pytest.fixture
def service(make_service: Callable[..., Service]) -> Service:
    return make_service()


@pytest.fixture(scope="session")
def six_bundles(
    linear_registry: Registry,
    boosted_registry: Registry,
    train_quickly: Callable[..., Any],
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """A folder of three bundles for each task, of which no two give the same answer."""
    folder = tmp_path_factory.mktemp("six") / "bundles"
    for made in (linear_registry, boosted_registry):
        shutil.copytree(made.bundles, folder, dirs_exist_ok=True)
    other = simulate_cohort("informative", n=64, seed=5)
    for task in TASK_NAMES:
        train_quickly(other, task).write(folder)
    return folder


@pytest.fixture
def registry(six_bundles: Path, tmp_path: Path) -> Registry:
    """A registry of six bundles that were all promoted once."""
    registry = Registry(tmp_path / "registry")
    shutil.copytree(six_bundles, registry.bundles)
    for bundle_id in registry.bundle_ids():
        registry.promote(bundle_id, by="tests", reason="", now=datetime.now(UTC))
    return registry
