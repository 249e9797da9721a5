"""`check` in this process; that the real command says the same is in `tests/corpus`."""

import csv
import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from data.commands import app
from data.simulate import simulate_cohort
from data.sources.cohort_folder import write_cohort


def check(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["check", *map(str, arguments)])


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A simulated cohort that tests do not change."""
    folder = tmp_path_factory.mktemp("good")
    write_cohort(simulate_cohort("published", n=64, seed=1), folder)
    return folder


@pytest.fixture
def broken(good: Path, tmp_path: Path) -> Path:
    """The same with a fault in each of two files."""
    for path in good.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    cytokines = tmp_path / "cytokines.csv"
    cytokines.write_text(cytokines.read_text().replace("pg/mL", "canary", 1))
    (tmp_path / "cohort.json").write_text("{}")
    return tmp_path


def as_json(result: Result) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(result.stdout)
    assert set(said) == {"n_patients", "faults", "warnings"}
    return said


def test_a_good_cohort_exits_with_0_and_counts_its_patients(good: Path) -> None:
    result = check(good)
    assert result.exit_code == 0
    assert result.stdout.splitlines()[-1].startswith("64 patients: no faults, ")
    assert as_json(check(good, "--json"))["faults"] == []


def test_faults_exit_with_1_in_every_format(broken: Path) -> None:
    for arguments in ((), ("--json",), ("--format", "json"), ("--format", "csv")):
        result = check(broken, *arguments)
        assert result.exit_code == 1
        assert "unit_not_accepted" in result.stdout
        assert "canary" not in result.stdout


def test_csv_and_json_say_the_same(broken: Path) -> None:
    listed = as_json(check(broken, "--json"))
    rows = list(csv.DictReader(io.StringIO(check(broken, "--format", "csv").stdout)))
    for severity in ("fault", "warning"):
        expected = [
            {"severity": severity, **{k: "" if v is None else str(v) for k, v in found.items()}}
            for found in listed[f"{severity}s"]
        ]
        assert [row for row in rows if row["severity"] == severity] == expected


def test_the_table_fits_80_columns_and_cuts_no_rule(
    broken: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    lines = check(broken).stdout.splitlines()
    assert max(map(len, lines)) <= 80
    assert any(
        line.split()[:4] == ["cytokines.csv", "2", "unit", "unit_not_accepted"] for line in lines
    )


def test_a_single_table_is_checked_like_a_folder(tmp_path: Path) -> None:
    path = tmp_path / "trial.csv"
    path.write_text("patient_id,month,analyte,result,unit,responder\nP-1,0,TNF,1.5,pg/mL,yes\n")
    assert as_json(check(path, "--json"))["n_patients"] == 1


def test_a_file_whose_name_a_terminal_would_obey_is_shown_escaped(tmp_path: Path) -> None:
    result = check(tmp_path / "\x1b[31mred")
    assert (result.exit_code, "\x1b" in result.stdout) == (1, False)
    assert "\\x1b[31mred" in result.stdout


def test_a_pipe_under_the_name_of_a_table_is_not_waited_for(tmp_path: Path) -> None:
    arguments = [sys.executable, "-m", "csf_responder", "check", "/dev/stdin"]
    done = subprocess.run(
        arguments, stdin=subprocess.PIPE, capture_output=True, timeout=60, check=False
    )
    assert (done.returncode, done.stderr) == (1, b"")
    assert b"no_folder" in done.stdout


def test_without_folder_and_table_the_use_is_wrong() -> None:
    assert check().exit_code == 2
