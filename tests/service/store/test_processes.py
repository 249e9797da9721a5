import subprocess
import sys
from pathlib import Path

import pytest

from models.canonical import sha256
from service.store.audit import verify_audit
from service.store.reading import PredictionFilter, recorded_predictions

WRITER = Path(__file__).with_name("writer.py")
MOST_SECONDS = 2.5
"""Two for one's turn, and the commit."""


@pytest.fixture
def start(url, store, tmp_path):
    """`start(processes, callers, records, *more)`: writers on the store of this test."""
    started = []

    def start(*arguments):
        command = [sys.executable, str(WRITER), url, str(tmp_path / "pepper"), *arguments]
        process = subprocess.Popen([*map(str, command)], stdout=subprocess.PIPE, text=True)
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()
        process.stdout.close()


def lines_of(process):
    printed, _ = process.communicate(timeout=100)
    assert process.returncode == 0
    return [line.split() for line in printed.splitlines()]


def answers(store):
    """Digest of the answer of each prediction that is kept."""
    kept = recorded_predictions(store, PredictionFilter())
    return {one.prediction_id: sha256(one.answer) for one in kept}


def lost_in_a_kill(start, store, *more):
    """Predictions that were acknowledged before a SIGKILL and are not there after it."""
    process = start(1, 16, 10**6, *more)
    acknowledged = [process.stdout.readline().split() for _ in range(200)]
    process.kill()
    printed, _ = process.communicate()
    acknowledged += [line.split() for line in printed.splitlines()]
    assert not [line for line in acknowledged if line[1] == "-"]
    kept = answers(store)
    return [one for one, digest, _ in acknowledged if kept.get(one) != digest]


def test_what_was_acknowledged_survives_kill_9(start, store):
    assert [lost_in_a_kill(start, store) for _ in range(3)] == [[], [], []]
    assert not verify_audit(store).faults


def test_a_store_that_acknowledges_before_it_commits_is_caught(start, store):
    assert any(lost_in_a_kill(start, store, "--wrong") for _ in range(3))


def test_thirty_two_posts_of_one_key_in_four_processes_are_one_record(start, store):
    for key in ("first", "second"):
        printed = lines_of(start(4, 8, 1, "--key", key))
        assert len(printed) == 32
        assert len({tuple(line[:2]) for line in printed}) == 1
    assert len(answers(store)) == 2


def test_sixteen_writers_take_turns_and_nobody_is_locked_out(start, store, length, reached):
    n_records = length(10, 200)
    printed = lines_of(start(16, 4, n_records))
    assert not [line for line in printed if line[1] == "-"]
    assert len(printed) == len(answers(store)) == 16 * 4 * n_records
    longest = max(float(line[2]) for line in printed)
    assert longest < MOST_SECONDS
    assert not verify_audit(store).faults
    reached(f"{len(printed):,} writes of 16 processes: 0 refused, longest wait {longest:.1f} s")
