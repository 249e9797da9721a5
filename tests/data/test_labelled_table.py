"""Any labelled table goes from file to a loaded classifier by configuration alone."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from data.errors import CohortError
from data.measurement import read_measurement
from data.panel import Panel, PanelPair
from models.classifier import load_classifier
from models.registry import Registry
from training.config import TableConfig, TrainingConfig
from training.labelled_table import read_labelled_table

SETTINGS = """
[table]
path = "panel.csv"
id = "patient"
outcome = "steroid_response"
positive = "yes"
unit = "pg/mL"
simulated = true
columns = { "IL-6" = "il6_pg", "TNF" = "tnf" }

[evaluation]
repeats = 2
bootstrap_linear = 20

[candidates]
families = ["ridge"]
"""


def write_table(folder: Path, edit: dict[int, str] | None = None) -> Path:
    """Sixty made-up patients whose IL-6 is higher where steroids work."""
    rng = np.random.default_rng(1)
    lines = ["patient,il6_pg,tnf,steroid_response"]
    for row in range(60):
        response = rng.random() < 0.5
        il6 = np.exp(rng.normal(1 + response, 0.7))
        tnf = "<0.7" if rng.random() < 0.2 else f"{np.exp(rng.normal(0.5, 0.5)):.2f}"
        lines.append(f"R{row},{il6:.2f},{tnf},{'yes' if response else 'no'}")
    for number, line in (edit or {}).items():
        lines[number - 1] = line
    path = folder / "panel.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


def table_config(path: Path) -> TrainingConfig:
    columns = {"IL-6": "il6_pg", "TNF": "tnf"}
    table = TableConfig(
        path=path, id="patient", outcome="steroid_response", positive="yes", unit="pg/mL",
        columns=columns,
    )  # fmt: skip
    return TrainingConfig(table=table)


def test_a_table_goes_from_file_to_an_answering_classifier(tmp_path: Path) -> None:
    write_table(tmp_path)
    (tmp_path / "settings.toml").write_text(SETTINGS)
    command = [
        sys.executable,
        "-m",
        "csf_responder",
        "train",
        "--config",
        "settings.toml",
        "--json",
    ]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    bundle_id = json.loads(done.stdout)["bundle_id"]
    classifier = load_classifier(Registry(tmp_path / "registry").read(bundle_id))
    assert classifier.definition.name == "steroid_response"
    assert [feature.name for feature in classifier.features] == ["log_il6", "log_tnf"]
    answers = []
    for il6 in (1.0, 20.0):
        measurements = (
            read_measurement(classifier.analyte_table, "il-6", il6, unit="pg/mL"),
            read_measurement(classifier.analyte_table, "TNF-alpha", "<0.7", unit="pg/mL"),
        )
        pair = PanelPair("P1", Panel(0, measurements))
        assert classifier.faults(pair.baseline, None) == []
        answers.append(float(classifier.predict_pairs([pair]).scores.probability[0]))
    assert answers[0] < 0.5 < answers[1]
    assert classifier.lead_months(0) is None


@pytest.mark.parametrize(
    ("line", "column", "rule"),
    [
        ("R9,abc,1.0,yes", "il6_pg", "unreadable_result"),
        ("=1+1,2.0,1.0,yes", "patient", "bad_id"),
        ("R1,2.0,1.0,yes", "patient", "duplicate_patient"),
        ("R9,2.0,9999,yes", "tnf", "implausible_value"),
        ("R9,2.0,1.0,maybe", "steroid_response", "not_two_classes"),
    ],
)
def test_each_fault_has_its_row_and_column(
    tmp_path: Path, line: str, column: str, rule: str
) -> None:
    path = write_table(tmp_path, {11: line})
    with pytest.raises(CohortError) as refused:
        read_labelled_table(table_config(path))
    (fault,) = refused.value.faults
    assert (fault.column, fault.rule) == (column, rule)
    assert fault.row in (11, None)


def test_missing_columns_are_all_named(tmp_path: Path) -> None:
    path = write_table(tmp_path, {1: "patient,il6,tnf_pg,steroid_response"})
    with pytest.raises(CohortError) as refused:
        read_labelled_table(table_config(path))
    assert {fault.column for fault in refused.value.faults} == {"il6_pg", "tnf"}


def test_a_positive_outcome_that_nobody_has_is_refused(tmp_path: Path) -> None:
    config = table_config(write_table(tmp_path))
    assert config.table is not None
    wrong = config.model_copy(update={"table": config.table.model_copy(update={"positive": "ja"})})
    with pytest.raises(CohortError, match="no row states the outcome"):
        read_labelled_table(wrong)
