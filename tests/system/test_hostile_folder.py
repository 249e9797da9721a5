"""Run from a folder whose files have the names of our packages, nothing of them is imported."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from data.cohort import Cohort
from data.sources.cohort_folder import write_cohort

HOSTILE = """
from pathlib import Path
Path({mark!r}).write_text(__name__)
raise RuntimeError("imported")
"""
MODULES = ("models.py", "training.py", "analysis.py", "data/__init__.py", "service/__init__.py")
QUICK = """
[evaluation]
repeats = 2
bootstrap_linear = 20
permutations = 2
optimism_bootstrap = 2

[candidates]
families = ["ridge"]
"""
LAUNCHERS = {
    "installed": [str(Path(sys.executable).with_name("csf-responder"))],
    "module": [sys.executable, "-m", "csf_responder"],
}
COMMANDS = (
    ("--help",),
    ("simulate", "another", "--n", "8"),
    ("check", "cohort"),
    ("train", "cohort", "--task", "pretreatment", "--config", "quick.toml", "--jobs", "2"),
    ("models", "list"),
)


@pytest.fixture
def launcher(request: pytest.FixtureRequest, folder: Path) -> list[str]:
    """The command as it is installed, or `python -m`, which finds a `csf_responder.py` itself."""
    if request.param == "installed":
        (folder / "csf_responder.py").write_text(HOSTILE.format(mark=str(folder / "OWNED")))
    return LAUNCHERS[request.param]


@pytest.fixture
def folder(tmp_path: Path, cohort: Cohort) -> Path:
    """A laboratory's folder: a cohort, settings, and modules that mark it when imported."""
    write_cohort(cohort, tmp_path / "cohort")
    (tmp_path / "quick.toml").write_text(QUICK)
    for name in MODULES:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(HOSTILE.format(mark=str(tmp_path / "OWNED")))
    return tmp_path


each_launcher = pytest.mark.parametrize("launcher", LAUNCHERS, indirect=True)


@each_launcher
@pytest.mark.parametrize("arguments", COMMANDS, ids=lambda arguments: arguments[0])
def test_no_command_imports_from_the_working_folder(
    folder: Path, launcher: list[str], arguments: tuple[str, ...]
) -> None:
    done = subprocess.run(
        [*launcher, *arguments], cwd=folder, capture_output=True, text=True, check=False
    )
    assert (done.returncode, (folder / "OWNED").exists()) == (0, False), done.stderr


@each_launcher
@pytest.mark.parametrize("workers", [1, 2])
def test_the_service_imports_nothing_from_the_working_folder(
    folder: Path, launcher: list[str], workers: int
) -> None:
    arguments = ["serve", "--port", "0", "--workers", str(workers)]
    environment = os.environ | {"CSF_ALLOW_ANONYMOUS": "1"}
    process = subprocess.Popen(
        [*launcher, *arguments], cwd=folder, env=environment, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    first = process.stdout.readline()
    process.terminate()
    process.communicate(timeout=30)
    assert first.startswith("Serving on http://127.0.0.1:")
    assert not (folder / "OWNED").exists()


@pytest.mark.parametrize("launcher", ["installed"], indirect=True)
def test_the_commands_that_the_demo_starts_import_nothing_from_there(
    folder: Path, launcher: list[str]
) -> None:
    process = subprocess.Popen(
        [*launcher, "demo", "--once"], cwd=folder, stdout=subprocess.PIPE, text=True,
        start_new_session=True,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        # All are started alike; the first has succeeded once the next one is shown.
        assert any("$ csf-responder train" in line for line in process.stdout)
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.communicate(timeout=30)
    assert not (folder / "OWNED").exists()


def test_the_folder_of_these_tests_is_hostile(folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import models"], cwd=folder, env={}, stderr=subprocess.DEVNULL,
        check=False,
    )  # fmt: skip
    assert (done.returncode, (folder / "OWNED").read_text()) == (1, "models")
