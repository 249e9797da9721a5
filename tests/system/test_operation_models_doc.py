"""The commands of docs/operation-models.md, typed as they stand there."""

import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from models.registry import Registry

PAGE = "docs/operation-models.md"
LATER = datetime(2026, 1, 3, 12, tzinfo=UTC)


@pytest.fixture
def openssl() -> str:
    """The `openssl` program."""
    found = shutil.which("openssl")
    if found is None:
        pytest.fail("openssl is not installed: run scripts/install-debian.sh")
    return found


def test_commands_of_the_page_run(
    openssl: str,
    type_commands: Callable[..., Any],
    linear_registry: Registry,
    cohort: Any,
    train_quickly: Callable[..., Any],
    tmp_path: Path,
) -> None:
    registry = Registry(Path(shutil.copytree(linear_registry.folder, tmp_path / "registry")))
    bundle_id = train_quickly(cohort, "on_treatment", start=LATER).write(registry.bundles)
    typed = type_commands(PAGE, tmp_path)
    assert typed.returncode == 0, typed.stderr
    assert f"Signed: {bundle_id}\nIntact: {bundle_id}" in typed.stdout
    assert "Signature Verified Successfully" in typed.stdout
    assert [c.action for c in registry.history()[-2:]] == ["promotion", "rollback"]
    assert registry.champions() == linear_registry.champions()
