"""`csf-responder train`, run as a data scientist runs it."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from data.cohort import Cohort
from data.cohort_folder import write_cohort
from models.registry import Registry

QUICK = """
[evaluation]
repeats = 2
bootstrap_linear = 20

[candidates]
families = ["ridge"]
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, cohort: Cohort) -> Path:
    """A cohort and a quick configuration, side by side."""
    folder = tmp_path_factory.mktemp("train")
    write_cohort(cohort, folder / "cohort")
    (folder / "quick.toml").write_text(QUICK)
    return folder


def train(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "csf_responder", "train", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_training_says_n_events_auc_and_how_much_to_believe_it(folder: Path) -> None:
    done = train(folder, "cohort", "--task", "pretreatment", "--config", "quick.toml")
    assert done.returncode == 0
    assert "SIMULATED DATA" in done.stdout
    assert "32 patients, 21 responders" in done.stdout
    assert "95 % interval" in done.stdout
    assert "How much to believe it: exploratory" in done.stdout
    assert "Evaluating by nested cross-validation" in done.stderr


def test_json_is_one_object_and_nothing_else(folder: Path) -> None:
    done = train(folder, "cohort", "--task", "pretreatment", "--config", "quick.toml", "--json")
    answer = json.loads(done.stdout)
    assert done.stderr == ""
    bundle = Registry(folder / "registry").read(answer["bundle_id"])
    assert answer["auc"] == bundle.evaluation["auc"]


def test_percent_and_horizon_change_the_definition(folder: Path) -> None:
    arguments = ["--percent", "25", "--horizon", "6", "--config", "quick.toml", "--json"]
    done = train(folder, "cohort", "--task", "pretreatment", *arguments)
    bundle = Registry(folder / "registry").read(json.loads(done.stdout)["bundle_id"])
    definition = bundle.evaluation["definition"]
    assert (definition["percent"], definition["horizon_months"]) == (25, 6)


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["cohort"], 2, "--task must be"),
        (["--task", "pretreatment"], 2, "give a cohort folder"),
        (["nowhere", "--task", "pretreatment"], 1, "no such folder"),
        (["cohort", "--task", "pretreatment", "--definition", "x"], 1, "one of oh2018"),
        (["cohort", "--task", "pretreatment", "--definition", "berry2019", "--percent", "9"],
         1, "points per month"),
        (["cohort", "--task", "pretreatment", "--percent", "5000"], 1, "responders"),
        (["cohort", "--task", "pretreatment", "--config", "none.toml"], 1, "no configuration"),
    ],
)  # fmt: skip
def test_what_cannot_be_trained_is_one_clear_sentence(
    folder: Path, arguments: list[str], code: int, words: str
) -> None:
    done = train(folder, *arguments)
    assert done.returncode == code
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_a_refusal_as_json_is_one_object(folder: Path) -> None:
    done = train(folder, "nowhere", "--task", "pretreatment", "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout)["faults"][0]["rule"] == "no_folder"


GROUPED = QUICK.replace("repeats = 2", 'repeats = 2\ngroup_by = "site"')


def test_training_can_hold_out_whole_sites(folder: Path, cohort: Cohort) -> None:
    sites = tuple(replace(p, site=f"S{n % 8}") for n, p in enumerate(cohort.patients))
    write_cohort(replace(cohort, patients=sites), folder / "eight-sites")
    (folder / "grouped.toml").write_text(GROUPED)
    arguments = ["--task", "pretreatment", "--config", "grouped.toml", "--json"]
    done = train(folder, "eight-sites", *arguments)
    bundle = Registry(folder / "registry").read(json.loads(done.stdout)["bundle_id"])
    assert bundle.manifest.config["evaluation"]["group_by"] == "site"


def test_sites_that_cannot_be_held_out_whole_are_one_sentence(folder: Path) -> None:
    (folder / "three.toml").write_text(GROUPED)
    done = train(folder, "cohort", "--task", "pretreatment", "--config", "three.toml")
    assert done.returncode == 1
    assert "at least 5 groups" in done.stderr
