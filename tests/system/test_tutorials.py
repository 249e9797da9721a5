"""The tutorials' commands, typed as they stand in a folder that has a registry."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from models.registry import Registry


@pytest.fixture
def typed(
    type_commands: Callable[..., Any], linear_registry: Registry, tmp_path: Path
) -> Callable[[str], Any]:
    """`typed(page)`: the page's commands, run in a folder of their own; what they said."""

    def typed(page: str) -> Any:
        shutil.copytree(linear_registry.folder, tmp_path / "registry")
        done = type_commands(f"docs/tutorial-{page}.md", tmp_path)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return typed


def test_laboratory_gets_from_a_key_to_an_outcome(typed: Any) -> None:
    said = typed("laboratory")
    for shown in ('"unreadable_result"', '"unit_not_accepted"', '"below_lloq"', '"superseded_by"',
                  '"recorded_at"', "Intact: "):  # fmt: skip
        assert shown in said
    assert '"abc"' not in said


def test_data_scientist_replaces_a_classifier_and_takes_it_back(
    typed: Any, tmp_path: Path, linear_registry: Registry
) -> None:
    said = typed("retrain")
    assert "no faults" in said
    history = Registry(tmp_path / "registry").history()
    assert [change.action for change in history[-2:]] == ["promotion", "rollback"]
    assert Registry(tmp_path / "registry").champions() == linear_registry.champions()
    assert (tmp_path / "validation.json").is_file()


def test_dashboard_gets_the_numbers_and_charts(typed: Any, tmp_path: Path) -> None:
    said = typed("dashboard")
    for shown in ("AUC 0.", '"made_at"', "curve,n_patients,specificity"):
        assert shown in said
    assert '"$schema"' in (tmp_path / "roc.vl.json").read_text()
