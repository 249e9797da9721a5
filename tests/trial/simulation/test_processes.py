import math
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from contextlib import closing

import pytest

from trial.simulation.processes import run_in_processes

HOLD = """
import multiprocessing, sys, time
from trial.simulation.processes import run_in_processes
results = run_in_processes(time.sleep, [0, 300], jobs=2)
next(results)
print("at work", flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize("jobs", [1, 2])
def test_results_come_in_the_tasks_order(jobs: int) -> None:
    tasks = [float(task) for task in range(20)]
    assert list(run_in_processes(math.sqrt, tasks, jobs=jobs)) == [math.sqrt(x) for x in tasks]


def test_an_error_of_a_task_comes_out_and_nobody_is_left() -> None:
    before = set(multiprocessing.active_children())  # other tests' own
    with pytest.raises(ValueError, match=r"math domain error|nonnegative"):
        list(run_in_processes(math.sqrt, [4.0, -1.0, 9.0], jobs=2))
    assert set(multiprocessing.active_children()) <= before


def test_closed_early_it_drops_what_has_not_begun() -> None:
    start, before = time.monotonic(), set(multiprocessing.active_children())
    with closing(run_in_processes(time.sleep, [0.0, *[0.5] * 200], jobs=2)) as results:
        next(results)
    assert time.monotonic() - start < 30
    assert set(multiprocessing.active_children()) <= before


def test_the_settings_of_linear_algebra_are_as_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    monkeypatch.delenv("OPENBLAS_NUM_THREADS", raising=False)
    found = list(run_in_processes(os.getenv, ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"], jobs=2))
    assert found == ["1", "1"]
    assert os.environ["OMP_NUM_THREADS"] == "3"
    assert "OPENBLAS_NUM_THREADS" not in os.environ


def test_workers_end_with_a_process_that_is_killed() -> None:
    command = [sys.executable, "-c", HOLD]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "at work\n"
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=60)  # ends when the last worker has let go of the pipes
    assert process.returncode == -signal.SIGKILL
