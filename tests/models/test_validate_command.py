"""`csf-responder validate` and `models compare`, run as a data scientist runs them."""

import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from csf_responder import main
from data.cohort import Cohort
from data.sources.cohort_folder import write_cohort
from models.registry import Registry
from models.validation_store import validations_of


@pytest.fixture
def home(linear_registry: Registry, new_cohort: Cohort, tmp_path: Path) -> Path:
    """A folder with a registry and the folder of a new cohort."""
    shutil.copytree(linear_registry.folder, tmp_path / "registry")
    write_cohort(new_cohort, tmp_path / "new")
    return tmp_path


@pytest.fixture
def run(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str, str]]:
    """`run(*arguments)` in that folder: exit code, standard output and error."""
    monkeypatch.chdir(home)

    def run(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["csf-responder", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        printed = capsys.readouterr()
        assert isinstance(ended.value.code, int)
        return ended.value.code, printed.out, printed.err

    return run


def test_a_failed_claim_exits_with_1_and_is_written_all_the_same(run, home: Path) -> None:
    arguments = ("validate", "champion:on_treatment", "new", "--out", "validation.json")
    code, printed, errors = run(*arguments)
    assert (code, errors) == (1, "")
    written = json.loads((home / "validation.json").read_text())
    assert printed.startswith("SIMULATED DATA. ")
    assert f"FAILED: {written['verdict_reason']}." in printed
    registry = Registry(home / "registry")
    (kept,) = validations_of(registry.bundles / registry.champion("on_treatment"))
    assert kept.content == written


def test_as_json_it_prints_the_validation_and_nothing_else(run, home: Path) -> None:
    code, printed, errors = run("validate", "champion:pretreatment", "new", "--json")
    validation = json.loads(printed)
    assert (code, errors) == (1 if validation["verdict"] == "failed" else 0, "")
    (kept,) = validations_of(home / "registry" / "bundles" / validation["bundle_id"])
    assert kept.content == validation


def test_an_existing_file_is_never_overwritten_and_nothing_is_kept(run, home: Path) -> None:
    (home / "mine.json").write_text("mine")
    code, _, errors = run("validate", "champion:on_treatment", "new", "--out", "mine.json")
    assert (code, errors[:8]) == (1, "Refused:")
    assert (home / "mine.json").read_text() == "mine"
    assert not (home / "registry" / "validations").exists()


def test_a_bundle_by_its_folder_is_kept_with_its_own_registry(run, home: Path) -> None:
    bundle = next((home / "registry" / "bundles").iterdir())
    run("validate", bundle, "new", "--registry", "other")
    assert len(validations_of(bundle)) == 1
    assert not (home / "other").exists()
    alone = shutil.copytree(bundle, home / "copied")
    assert "Not kept" in run("validate", alone, "new")[1]


def test_two_bundles_are_compared_on_new_patients_and_by_their_folds(run) -> None:
    names = ("models", "compare", "champion:on_treatment", "champion:pretreatment")
    code, shown, errors = run(*names, "new")
    assert (code, errors) == (0, "")
    assert "Their tasks differ" in shown
    assert "Called responder by both" in shown
    on_patients = json.loads(run(*names, "new", "--json")[1])
    assert on_patients["compared_on"] == "same_patients"
    assert json.loads(run(*names, "--json")[1])["compared_on"] == "same_folds"
    assert "10 folds" in run(*names)[1]
