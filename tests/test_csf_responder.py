import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from csf_responder import COMMANDS, main

Done = subprocess.CompletedProcess[str]
Run = Callable[..., Done]

ROOT = Path(__file__).parents[1]
LIBRARIES = ("sklearn", "joblib", "xgboost", "pyarrow", "pandas", "scipy", "fastapi")

EXTRA = ("sklearn", "joblib", "pyarrow", "httpx", "pandas")
WITHOUT = f"""
import sys
for name in {EXTRA}:
    sys.modules[name] = None  # importing it now raises ModuleNotFoundError
import csf_responder
csf_responder.main()
"""
IMPORTED = f"""
import sys
import csf_responder
try:
    csf_responder.main()
except SystemExit as ended:
    assert ended.code == 0
print([name for name in {LIBRARIES} if name in sys.modules])
"""


def python(*arguments: str, **environment: str) -> Done:
    settings = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", **environment}
    return subprocess.run(
        [sys.executable, *arguments],
        capture_output=True,
        check=False,
        encoding="utf-8",
        env=settings,
        timeout=60,
    )


def command(*arguments: object) -> Done:
    """The real thing, in a process of its own."""
    return python("-W", "error", "-m", "csf_responder", *map(str, arguments))


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """The same in this process, for the many cases where starting one shows nothing more."""

    def run(*arguments: object) -> Done:
        monkeypatch.setattr(sys, "argv", ["csf-responder", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        printed = capsys.readouterr()
        code = ended.value.code
        assert isinstance(code, int)
        return Done(sys.argv, code, printed.out, printed.err)

    return run


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A simulated cohort that tests do not change."""
    folder = tmp_path_factory.mktemp("cohorts") / "good"
    done = command("simulate", folder, "--n", 6)
    assert (done.returncode, done.stderr) == (0, "")
    return folder


@pytest.fixture
def broken(good: Path, tmp_path: Path) -> Path:
    """The same cohort with two faults."""
    for path in good.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    participants = tmp_path / "participants.csv"
    participants.write_text(participants.read_text().replace("SIM-002,", "=canary,", 1))
    (tmp_path / "cohort.json").write_text("{}")
    return tmp_path


def test_help_lists_every_command() -> None:
    done = command("--help")
    assert done.returncode == 0
    assert [name for name in COMMANDS if f" {name} " not in done.stdout] == []
    assert "Not a medical device" in done.stdout


def test_help_works_without_the_libraries() -> None:
    done = python("-c", WITHOUT, "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert "train" in done.stdout


@pytest.mark.parametrize("arguments", [("--help",), ("check", "--help")])
def test_help_imports_none_of_the_libraries(arguments: tuple[str, ...]) -> None:
    done = python("-c", IMPORTED, *arguments)
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "[]")


def test_check_and_simulate_work_without_the_libraries(tmp_path: Path) -> None:
    assert python("-c", WITHOUT, "simulate", str(tmp_path / "c"), "--n", "4").returncode == 0
    assert python("-c", WITHOUT, "check", str(tmp_path / "c")).returncode == 0


def test_train_without_its_libraries_says_what_to_install(tmp_path: Path) -> None:
    done = python("-c", WITHOUT, "train", str(tmp_path), "--task", "pretreatment")
    assert done.returncode == 1
    assert done.stderr.startswith("Refused: train needs ")
    assert "pip install 'csf-responder[training]'" in done.stderr


def test_models_export_alone_of_its_group_needs_trainings_libraries(tmp_path: Path) -> None:
    listed = python("-c", IMPORTED, "models", "list", "--registry", str(tmp_path))
    assert (listed.returncode, listed.stdout.splitlines()[-1]) == (0, "[]")
    assert python("-c", WITHOUT, "models", "--help").stdout.count(" export ") == 1
    done = python("-c", WITHOUT, "models", "export", "x", "--out", str(tmp_path / "x"))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("Refused: export needs ")
    assert "pip install 'csf-responder[training]'" in done.stderr


@pytest.mark.parametrize("name", [*COMMANDS, "models compare", "models export"])
def test_every_command_has_its_own_help(run: Run, name: str) -> None:
    done = run(*name.split(), "--help")
    assert done.returncode == 0
    assert f" {name} " in done.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ("nosuch",),
        ("--nosuch",),
        (),
        ("check",),
        ("check", "x", "y"),
        ("check", "x", "--nosuch"),
        ("check", "x", "--format", "xml"),
        ("simulate",),
        ("simulate", "x", "--scenario", "nosuch"),
        ("simulate", "x", "--n", "many"),
        ("simulate", "x", "--n", "0"),
        ("simulate", "x", "--seed", "-1"),
    ],
)
def test_wrong_usage_exits_with_2(run: Run, arguments: tuple[str, ...], tmp_path: Path) -> None:
    done = run(*arguments)
    assert done.returncode == 2
    assert "Usage:" in done.stderr + done.stdout


def test_an_unknown_command_exits_with_2() -> None:
    done = command("nosuch")
    assert (done.returncode, done.stdout) == (2, "")
    assert "No such command" in done.stderr


@pytest.mark.parametrize(
    "option", [("--json",), ("--format", "json"), ("--json", "--format", "csv")]
)
def test_check_prints_one_json_object_and_nothing_else(
    run: Run, broken: Path, option: tuple[str, ...]
) -> None:
    done = run("check", broken, *option)
    faults = json.loads(done.stdout)["faults"]
    assert (done.returncode, done.stderr) == (1, "")
    assert [fault["rule"] for fault in faults if fault["file"] == "cohort.json"] == [
        "not_provenance"
    ]
    assert set(faults[0]) == {"file", "row", "column", "rule", "message"}
    assert "canary" not in done.stdout


@pytest.mark.parametrize("name", ["nowhere", "n\u00fcx [bold] :smile:"])
def test_check_of_no_folder_exits_with_1(run: Run, tmp_path: Path, name: str) -> None:
    done = run("check", tmp_path / name)
    assert done.returncode == 1
    assert name in done.stdout
    assert "no_folder" in done.stdout


def test_check_prints_on_a_terminal_without_unicode_and_cuts_no_rule(broken: Path) -> None:
    cytokines = broken / "cytokines.csv"
    cytokines.write_text(cytokines.read_text().replace("pg/mL", "pmol/L", 1))
    arguments = ("-m", "csf_responder", "check", str(broken))
    done = python(*arguments, PYTHONUTF8="0", PYTHONIOENCODING="ascii", COLUMNS="20")
    assert (done.returncode, done.stderr) == (1, "")
    assert "unit_not_accepted" in done.stdout


def test_simulate_says_that_it_is_simulated(run: Run, tmp_path: Path) -> None:
    done = run("simulate", tmp_path / "c", "--n", 4, "--scenario", "null", "--seed", 3)
    assert "Wrote 4 simulated patients (scenario null, seed 3)" in done.stdout
    assert json.loads((tmp_path / "c" / "cohort.json").read_text())["simulated"] is True


def test_simulate_gives_the_same_files_for_the_same_seed(
    run: Run, good: Path, tmp_path: Path
) -> None:
    assert run("simulate", tmp_path / "same", "--n", 6, "--seed", 1).returncode == 0
    assert run("simulate", tmp_path / "other", "--n", 6, "--seed", 2).returncode == 0
    written = [
        {path.name: path.read_bytes() for path in folder.iterdir()}
        for folder in (good, tmp_path / "same", tmp_path / "other")
    ]
    assert written[0] == written[1] != written[2]


def test_simulate_as_json_prints_one_object(run: Run, tmp_path: Path) -> None:
    done = run("simulate", tmp_path / "c", "--n", 4, "--json")
    stated = {"folder": str(tmp_path / "c"), "n": 4, "scenario": "published", "seed": 1}
    assert json.loads(done.stdout) == stated


def test_simulate_refuses_to_overwrite(good: Path) -> None:
    before = {path.name: path.read_bytes() for path in good.iterdir()}
    done = command("simulate", good, "--n", 4, "--seed", 9)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("Refused: ")
    assert "not overwritten" in done.stderr
    assert {path.name: path.read_bytes() for path in good.iterdir()} == before


def test_simulate_refuses_a_file_as_folder(run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    for folder in (tmp_path / "file", tmp_path / "file" / "below"):
        done = run("simulate", folder, "--n", 4)
        assert (done.returncode, done.stderr[:8]) == (1, "Refused:")


def test_a_refusal_as_json_is_one_object(good: Path) -> None:
    done = command("simulate", good, "--n", 4, "--json")
    refusal = json.loads(done.stdout)
    assert (done.returncode, done.stderr) == (1, "")
    assert {fault["rule"] for fault in refusal["faults"]} == {"file_exists"}
    assert "not overwritten" in refusal["error"]


def test_one_patient_is_no_trial(run: Run, tmp_path: Path) -> None:
    done = run("simulate", tmp_path / "c", "--n", 1)
    assert (done.returncode, done.stderr[:8]) == (1, "Refused:")
    assert not (tmp_path / "c").exists()


@pytest.mark.parametrize(
    "arguments", [("train", "x", "--task", "foo"), ("simulate", "x", "--n", "0"), ("nope",)]
)
def test_wrong_usage_as_json_is_one_object_too(run: Run, arguments: tuple[str, ...]) -> None:
    done = run(*arguments, "--json")
    assert done.returncode == 2
    assert set(json.loads(done.stdout)) == {"error", "faults"}
    assert done.stderr == ""
