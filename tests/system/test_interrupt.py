"""A training run that is interrupted keeps nothing or a whole bundle, and leaves nobody behind."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from data.cohort import Cohort
from data.sources.cohort_folder import write_cohort
from models.registry import Registry

LONG = """
[evaluation]
repeats = 1000
bootstrap_linear = 1000
"""
QUICK = """
[evaluation]
repeats = 2
bootstrap_linear = 20
permutations = 2
optimism_bootstrap = 2

[candidates]
families = ["ridge"]
"""
SECONDS = 30

Process = subprocess.Popen[str]
Start = Callable[..., Process]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, cohort: Cohort) -> Path:
    """A cohort with settings for a long run and for a quick one."""
    folder = tmp_path_factory.mktemp("interrupted")
    write_cohort(cohort, folder / "cohort")
    (folder / "long.toml").write_text(LONG)
    (folder / "quick.toml").write_text(QUICK)
    return folder


@pytest.fixture
def start(folder: Path, tmp_path: Path) -> Iterator[Start]:
    """`start(config, *arguments, under=())`: a training run in a process group of its own."""
    started: list[Process] = []

    def start(config: str, *arguments: str, under: tuple[str, ...] = ()) -> Process:
        train = ["train", "cohort", "--task", "pretreatment", "--config", config, *arguments]
        command = [*under, *command_of(*train, "--registry", str(tmp_path))]
        started.append(group_of_its_own(command, cwd=folder))
        return started[-1]

    yield start
    for process in started:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def group_of_its_own(command: list[str], **options: Any) -> Process:
    pipe = subprocess.PIPE
    return subprocess.Popen(
        command, stdout=pipe, stderr=pipe, text=True, start_new_session=True, **options
    )


def command_of(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "csf_responder", *arguments]


def wait_until(true: Callable[[], bool]) -> bool:
    """Whether it came true in time."""
    deadline = time.monotonic() + SECONDS
    while not (found := true()) and time.monotonic() < deadline:
        time.sleep(0.02)
    return found


def has_begun(run: Process) -> bool:
    """Whether it has its own answer to signals; before that Python is starting."""
    status = Path(f"/proc/{run.pid}/status").read_text()
    caught = int(status.split("SigCgt:")[1].split()[0], base=16)
    return bool(caught >> (signal.SIGTERM - 1) & 1)


def members(group: int) -> list[int]:
    """Processes of a group that still run."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, of_group = path.read_text().rpartition(")")[2].split()[:3]
        except OSError:
            continue  # ended meanwhile
        if int(of_group) == group and state != "Z":
            found.append(int(path.parent.name))
    return found


def has_workers(run: Process) -> bool:
    """Whether its two workers are there, beside it and the trackers of joblib and Python."""
    return len(members(run.pid)) == 5


def listed(folder: Path) -> list[str]:
    """Bundles that `models list` shows, all of them whole."""
    command = command_of("models", "list", "--registry", str(folder), "--json")
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    bundles = json.loads(done.stdout)["bundles"]
    assert not [bundle for bundle in bundles if "damaged" in bundle]
    return [bundle["bundle_id"] for bundle in bundles]


@pytest.mark.parametrize(
    ("number", "code", "send"),
    [(signal.SIGINT, 130, os.killpg), (signal.SIGTERM, 143, os.kill)],
    ids=["Ctrl-C reaches the whole group", "SIGTERM reaches the process alone"],
)
@pytest.mark.parametrize(("jobs", "later"), [(1, 0.0), (1, 1.5), (2, 0.0), (2, 1.5)])
def test_interrupted_it_says_so_and_keeps_nothing(
    start: Start, tmp_path: Path, number: int, code: int, send: Callable[[int, int], None],
    jobs: int, later: float,
) -> None:  # fmt: skip
    run = start("long.toml", "--jobs", str(jobs))
    assert wait_until(lambda: has_begun(run) if jobs == 1 else has_workers(run))
    time.sleep(later)
    send(run.pid, number)
    out, errors = run.communicate(timeout=SECONDS)
    assert (run.returncode, out) == (code, "")
    assert errors.splitlines()[-1] == "Interrupted: nothing was kept."
    assert "Traceback" not in errors
    assert wait_until(lambda: not members(run.pid))
    assert list(tmp_path.iterdir()) == []


def test_interrupted_with_json_it_prints_one_object(start: Start, tmp_path: Path) -> None:
    run = start("long.toml", "--json")
    assert wait_until(lambda: has_begun(run))
    run.terminate()
    out, errors = run.communicate(timeout=SECONDS)
    assert json.loads(out) == {"error": "Interrupted: nothing was kept.", "faults": []}
    assert errors == ""


SWALLOWED = """
import os, signal, sys, time
import csf_responder
class Swallows:
    def __del__(self):
        os.kill(os.getpid(), signal.SIGTERM)
def work(**options):
    Swallows()
    time.sleep(60)
csf_responder.app = work
sys.argv = ["csf-responder", "train"]
csf_responder.main()
"""


def test_a_signal_within_a_finalizer_is_not_swallowed() -> None:
    program = [sys.executable, "-c", SWALLOWED]
    done = subprocess.run(program, capture_output=True, text=True, timeout=SECONDS, check=False)
    assert (done.returncode, done.stderr) == (143, "Interrupted: nothing was kept.\n")


@pytest.mark.parametrize("later", [0.0, 1.5])
def test_killed_it_leaves_no_worker_behind(start: Start, tmp_path: Path, later: float) -> None:
    run = start("long.toml", "--jobs", "2")
    assert wait_until(lambda: has_workers(run))
    time.sleep(later)
    run.kill()
    _, errors = run.communicate(timeout=SECONDS)
    assert errors == ""
    assert wait_until(lambda: not members(run.pid))
    assert list(tmp_path.iterdir()) == []


def test_interrupted_while_writing_it_finishes_and_says_so(
    start: Start, strace: str, tmp_path: Path
) -> None:
    run = start("quick.toml", under=at(strace, "rename:signal=TERM:when=1"))
    out, _ = run.communicate(timeout=SECONDS)
    (bundle_id,) = listed(tmp_path)
    assert run.returncode == 0
    assert f"Bundle {bundle_id}" in out
    assert [path.name for path in (tmp_path / "bundles").iterdir()] == [bundle_id]


def at(strace: str, moment: str) -> tuple[str, ...]:
    """Runs a program that gets a signal at a system call."""
    call = moment.split(":")[0]
    return (strace, "-o", "/dev/null", "-e", f"trace={call}", "-e", f"inject={moment}")


WRITE_AGAIN = """
import sys
from pathlib import Path
from models.bundle import read_bundle, write_bundle
b = read_bundle(Path(sys.argv[1]))
write_bundle(Path(sys.argv[2]), b.manifest, evaluation=b.evaluation, estimator=b.estimator,
             booster=b.booster, card=b.card, report=lambda _: b.report)
"""


def write_again(original: Path, bundles: Path, *, under: tuple[str, ...] = ()) -> int:
    """Write a bundle's content once more, elsewhere, in a process of its own; its exit code."""
    program = [sys.executable, "-c", WRITE_AGAIN, str(original), str(bundles)]
    return subprocess.run([*under, *program], check=False).returncode


@pytest.mark.parametrize("nth", [1, 6, 7, 8, 9])
def test_killed_at_any_fsync_a_bundle_is_whole_or_absent(
    linear_registry: Registry, strace: str, tmp_path: Path, nth: int
) -> None:
    bundle_id = linear_registry.champion("pretreatment")
    original = linear_registry.bundles / bundle_id
    under = at(strace, f"fsync:signal=KILL:when={nth}")
    code = write_again(original, tmp_path / "bundles", under=under)
    n_fsyncs = len(list(original.iterdir())) + len(("the bundle's folder", "the folder above"))
    assert code == (-signal.SIGKILL if nth <= n_fsyncs else 0)
    assert listed(tmp_path) == ([bundle_id] if nth >= n_fsyncs else [])


def test_what_a_killed_run_leaves_is_hidden_and_hinders_none(
    linear_registry: Registry, strace: str, tmp_path: Path
) -> None:
    bundle_id = linear_registry.champion("pretreatment")
    original, bundles = linear_registry.bundles / bundle_id, tmp_path / "bundles"
    under = at(strace, "rename:signal=KILL:when=1")
    assert write_again(original, bundles, under=under) == -signal.SIGKILL
    assert [path.name[0] for path in bundles.iterdir()] == ["."]
    assert write_again(original, bundles) == 0
    assert listed(tmp_path) == [bundle_id]


def test_a_demo_that_is_terminated_leaves_nothing(tmp_path: Path) -> None:
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    demo = group_of_its_own(command_of("demo"), env=environment)
    assert wait_until(lambda: any(tmp_path.iterdir()))
    time.sleep(2)  # it trains
    demo.terminate()
    _, errors = demo.communicate(timeout=SECONDS)
    assert (demo.returncode, errors.splitlines()[-1]) == (143, "Interrupted.")
    assert wait_until(lambda: not members(demo.pid))
    assert list(tmp_path.iterdir()) == []
