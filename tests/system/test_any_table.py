"""The commands of docs/any-table.md: a real table of tumours, from file to served prediction."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from models.classifier import load_classifier
from models.registry import Registry


@pytest.fixture(scope="module")
def typed(
    type_commands: "Callable[[str, Path], subprocess.CompletedProcess[str]]",
    tmp_path_factory: pytest.TempPathFactory,
) -> "tuple[Path, subprocess.CompletedProcess[str]]":
    """The folder that the page's commands were typed in, and what they printed."""
    folder = tmp_path_factory.mktemp("any-table")
    return folder, type_commands("docs/any-table.md", folder)


Typed = tuple[Path, "subprocess.CompletedProcess[str]"]


def test_the_commands_work_as_they_stand(typed: Typed) -> None:
    _, done = typed
    assert done.returncode == 0, done.stderr
    assert "569 patients: no faults" in done.stdout
    assert "SIMULATED" not in done.stdout
    assert "Traceback" not in done.stderr


def test_a_malignant_looking_tumour_scores_above_a_benign_looking_one(typed: Typed) -> None:
    lines = typed[1].stdout.splitlines()
    answers = [json.loads(line) for line in lines if line.startswith('{"prediction_id"')]
    malignant, benign = (answer["probability"] for answer in answers)
    assert lines.count("201") == 2
    assert benign < 0.5 < malignant


def test_the_bundle_is_about_the_tables_own_analytes_and_outcome(typed: Typed) -> None:
    registry = Registry(typed[0] / "registry")
    classifier = load_classifier(registry.read(registry.champions()["pretreatment"]))
    assert classifier.definition.name == "diagnosis"
    assert [analyte.scale for analyte in classifier.analytes] == ["as_is"] * 8
    assert classifier.bundle.evaluation["auc"]["value"] > 0.9
