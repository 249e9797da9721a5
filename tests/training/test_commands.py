"""`csf-responder train`, run as a data scientist runs it."""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from data.cohort import Cohort
from data.measurement import read_measurement
from data.panel import Panel, PanelPair
from data.sources.cohort_folder import write_cohort
from models.classifier import load_classifier
from models.registry import Registry

QUICK = """
[evaluation]
repeats = 2
bootstrap_linear = 20
permutations = 2
optimism_bootstrap = 2

[candidates]
families = ["ridge"]
"""


WIDE = f"""
[table]
path = "wide.csv"
outcome = "steroid_response"
positive = "yes"
unit = "pg/mL"
columns = {{ "IL-6" = "il6", "TNF" = "tnf" }}
simulated = true
{QUICK}"""

TIDY = f"""
[table]
path = "single.csv"
layout = "tidy"
id = "patient_id"
outcome = "responder"
positive = "yes"
columns = {{ "TNF" = "TNF", "MCP-1" = "MCP-1" }}
simulated = true
{QUICK}"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, cohort: Cohort) -> Path:
    """A cohort, the same kind of patients in other tables, and quick configurations."""
    folder = tmp_path_factory.mktemp("train")
    write_cohort(cohort, folder / "cohort")
    for name, text in (("quick", QUICK), ("wide", WIDE), ("tidy", TIDY)):
        (folder / f"{name}.toml").write_text(text)
    wide, tidy = ["il6,tnf,steroid_response"], ["patient_id,month,analyte,result,unit,responder"]
    rng = np.random.default_rng(1)
    for number in range(60):
        response, answer = number % 2, "yes" if number % 2 else "no"
        il6, mcp1 = np.exp(rng.normal(1 + response, 0.7)), np.exp(rng.normal(6, 0.5))
        tnf = "<0.7" if rng.random() < 0.2 else f"{np.exp(rng.normal(0.5, 0.5)):.2f}"
        wide.append(f"{il6:.2f},{tnf},{answer}")
        tidy += [
            f"P{number},{month},{analyte},{result},pg/mL,{answer}"
            for month in (0, 1)
            for analyte, result in (("TNF", tnf), ("MCP-1", f"{mcp1 * (1 + month):.1f}"))
        ]
    (folder / "cohort.json").write_text('{"simulated": true}')
    (folder / "wide.csv").write_text("\n".join(wide))
    (folder / "single.csv").write_text("\n".join(tidy))
    censored = [re.sub("TNF,[^,]*", "TNF,<0.7", line) for line in tidy]
    (folder / "censored.csv").write_text("\n".join(censored))
    return folder


Train = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def train(folder: Path, train_in: Train) -> Train:
    """`csf-responder train ...` in this folder."""
    return partial(train_in, folder)


def test_the_installed_command_trains(folder: Path) -> None:
    command = [sys.executable, "-m", "csf_responder", "train", "cohort", "--json"]
    command += ["--task", "on_treatment", "--config", "quick.toml"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["n_patients"] == 32
    assert done.stderr == ""


def test_training_says_n_events_auc_and_how_much_to_believe_it(train: Train) -> None:
    done = train("cohort", "--task", "pretreatment", "--config", "quick.toml")
    assert done.returncode == 0
    assert "SIMULATED DATA" in done.stdout
    assert "32 patients, 21 responders" in done.stdout
    assert "95 % interval" in done.stdout
    assert "How much to believe it: exploratory" in done.stdout
    assert "Evaluating by nested cross-validation" in done.stderr


def test_json_is_one_object_and_nothing_else(folder: Path, train: Train) -> None:
    done = train("cohort", "--task", "pretreatment", "--config", "quick.toml", "--json")
    answer = json.loads(done.stdout)
    assert done.stderr == ""
    bundle = Registry(folder / "registry").read(answer["bundle_id"])
    assert answer["auc"] == bundle.evaluation["auc"]


def test_permutations_and_optimism_can_be_left_out(folder: Path, train: Train) -> None:
    counts = ["--permutations", "0", "--optimism-bootstrap", "0"]
    done = train("cohort", "--task", "pretreatment", "--config", "quick.toml", "--json", *counts)
    answer = json.loads(done.stdout)
    bundle = Registry(folder / "registry").read(answer["bundle_id"])
    assert answer["permutation"] is None
    assert (bundle.evaluation["permutation"], bundle.evaluation["optimism"]) == (None, None)
    assert bundle.manifest.config["evaluation"]["permutations"] == 0


def test_the_command_line_says_how_many_permutations(train: Train) -> None:
    done = train("cohort", "--task", "pretreatment", "--config", "quick.toml",
                 "--permutations", "3")  # fmt: skip
    assert "(3 permutations)" in done.stdout
    assert "Permuting the outcomes" in done.stderr
    assert "Measuring optimism" in done.stderr


def test_percent_and_horizon_change_the_definition(folder: Path, train: Train) -> None:
    arguments = ["--percent", "25", "--horizon", "6", "--config", "quick.toml", "--json"]
    done = train("cohort", "--task", "pretreatment", *arguments)
    bundle = Registry(folder / "registry").read(json.loads(done.stdout)["bundle_id"])
    definition = bundle.evaluation["definition"]
    assert (definition["percent"], definition["horizon_months"]) == (25, 6)


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["cohort"], 2, "--task must be"),
        (["cohort", "--task", "before"], 2, "--task must be"),
        (["cohort", "--task", "pretreatment", "--permutations", "-1"], 2, "--permutations"),
        (["--task", "pretreatment"], 2, "give a cohort folder"),
        (["cohort", "--config", "wide.toml"], 2, "not both"),
        (["--config", "tidy.toml"], 2, "--task must be"),
        (["nowhere", "--task", "pretreatment"], 1, "give a cohort's folder"),
        (["cohort", "--task", "pretreatment", "--definition", "x"], 1, "one of oh2018"),
        (["cohort", "--task", "pretreatment", "--definition", "berry2019", "--percent", "9"],
         1, "points per month"),
        (["cohort", "--task", "pretreatment", "--percent", "5000"], 1, "responders"),
        (["cohort", "--task", "pretreatment", "--config", "none.toml"], 1, "no configuration"),
        (["--config", "wide.toml", "--task", "on_treatment"], 1, "needs follow_up_columns"),
        (["--config", "wide.toml", "--horizon", "4"], 1, "outcomes are stated"),
        (["cohort", "--task", "pretreatment", "--registry", "quick.toml/r"], 1,
         "cannot be written"),
    ],
)  # fmt: skip
def test_what_cannot_be_trained_is_one_clear_sentence(
    folder: Path, train: Train, arguments: list[str], code: int, words: str
) -> None:
    before = sorted((folder / "registry").rglob("*"))
    done = train(*arguments)
    assert done.returncode == code
    assert words in " ".join(done.stderr.replace("\u2502", "").split())
    assert "Traceback" not in done.stderr
    assert sorted((folder / "registry").rglob("*")) == before


def test_a_refused_cohort_leaves_no_registry_behind(folder: Path, train: Train) -> None:
    done = train("cohort", "--task", "pretreatment", "--percent", "5000",
                 "--registry", "elsewhere/registry")  # fmt: skip
    assert done.returncode == 1
    assert not (folder / "elsewhere").exists()


def test_a_refusal_as_json_is_one_object(train: Train) -> None:
    done = train("nowhere", "--task", "pretreatment", "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout)["faults"][0]["rule"] == "no_folder"


def test_a_wide_table_is_trained_by_its_description_alone(folder: Path, train: Train) -> None:
    done = train("--config", "wide.toml", "--json")
    answer = json.loads(done.stdout)
    bundle = Registry(folder / "registry").read(answer["bundle_id"])
    assert bundle.manifest.definition.name == "steroid_response"
    assert [feature.name for feature in bundle.manifest.features] == ["log_il6", "log_tnf"]
    assert answer["auc"]["value"] > 0.6


def test_nothing_is_claimed_of_cells_or_controls_for_a_table(folder: Path, train: Train) -> None:
    bundle_id = json.loads(train("--config", "wide.toml", "--json").stdout)["bundle_id"]
    bundle = Registry(folder / "registry").read(bundle_id)
    assert bundle.evaluation["controls"]["reason"] == "there are no controls"
    assert bundle.evaluation["subgroups"] == []
    card = (folder / "registry" / "bundles" / bundle_id / "card.md").read_text()
    for word in ("stem cells", "ALS", "CSF", "AUC among"):
        assert word not in card


def test_a_classifier_of_a_table_answers_in_the_tables_analytes(folder: Path, train: Train) -> None:
    bundle_id = json.loads(train("--config", "wide.toml", "--json").stdout)["bundle_id"]
    classifier = load_classifier(Registry(folder / "registry").read(bundle_id))
    tnf = read_measurement(classifier.analyte_table, "TNF-alpha", "<0.7", unit="pg/mL")
    pairs = [
        PanelPair("P1", Panel(0, (read_measurement(classifier.analyte_table, "il-6", level,
                                                   unit="ng/mL"), tnf)))
        for level in (0.001, 0.02)
    ]  # fmt: skip
    low, high = classifier.predict_pairs(pairs).scores.probability
    assert low < 0.5 < high
    assert classifier.lead_months(0) is None


def test_a_tidy_table_trains_either_task(folder: Path, train: Train) -> None:
    for task, n_features in (("pretreatment", 2), ("on_treatment", 4)):
        done = train("--config", "tidy.toml", "--task", task, "--json")
        bundle = Registry(folder / "registry").read(json.loads(done.stdout)["bundle_id"])
        assert len(bundle.manifest.features) == n_features


def test_a_cohort_may_be_one_tidy_file(train: Train) -> None:
    arguments = ["--task", "pretreatment", "--config", "quick.toml", "--json"]
    done = train("single.csv", *arguments)
    assert json.loads(done.stdout)["n_patients"] == 60


def test_what_a_reader_should_know_is_noted_and_given_as_json(train: Train) -> None:
    arguments = ["censored.csv", "--task", "pretreatment", "--config", "quick.toml"]
    note = "100% of 60 results of TNF at baseline are censored"
    assert f"Note: {note}." in train(*arguments).stdout.replace("\n", " ")
    assert note in json.loads(train(*arguments, "--json").stdout)["warnings"]


GROUPED = QUICK.replace("repeats = 2", 'repeats = 2\ngroup_by = "site"')


def test_training_can_hold_out_whole_sites(folder: Path, train: Train, cohort: Cohort) -> None:
    sites = tuple(replace(p, site=f"S{n % 8}") for n, p in enumerate(cohort.patients))
    write_cohort(replace(cohort, patients=sites), folder / "eight-sites")
    (folder / "grouped.toml").write_text(GROUPED)
    arguments = ["--task", "pretreatment", "--config", "grouped.toml", "--json"]
    done = train("eight-sites", *arguments)
    bundle = Registry(folder / "registry").read(json.loads(done.stdout)["bundle_id"])
    assert bundle.manifest.config["evaluation"]["group_by"] == "site"
    assert bundle.evaluation["optimism"]["n_resamples"] == 2
    assert 0 < bundle.evaluation["permutation"]["p"] <= 1
