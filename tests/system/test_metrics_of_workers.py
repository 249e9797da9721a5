"""`/metrics` as Prometheus itself reads it, of one worker and of several, one of which dies."""

import os
import re
import signal
import subprocess
import time
from pathlib import Path

import pytest
from serving import JSON, PREDICTIONS, Running, pair, served

from models.registry import Registry

N_PREDICTIONS, SECONDS = 20, 30
POSTED = r'csf_requests_total\{method="POST",route="/v1/predictions",status="201"\} (\S+)'


def predict(service: Running, n: int = N_PREDICTIONS) -> None:
    for _ in range(n):
        service.post(pair())


def metrics(service: Running) -> str:
    answer = service.ask("GET", "/metrics")
    assert answer.status == 200
    return str(answer.content.decode())


def posted(text: str) -> float:
    return sum(map(float, re.findall(POSTED, text)))


@pytest.mark.parametrize("workers", [1, 2])
def test_prometheus_accepts_the_metrics(
    linear_registry: Registry, tmp_path: Path, promtool: str, workers: int
) -> None:
    with served(linear_registry.folder, tmp_path, workers=workers) as service:
        predict(service)
        service.ask("POST", PREDICTIONS, b"{", JSON)
        text = metrics(service)
    said = subprocess.run(
        [promtool, "check", "metrics"], input=text, capture_output=True, text=True, check=False
    )
    assert (said.returncode, said.stdout + said.stderr) == (0, "")
    assert posted(text) == N_PREDICTIONS


def test_counts_of_a_worker_that_dies_are_kept_and_another_takes_its_place(
    linear_registry: Registry, tmp_path: Path
) -> None:
    with served(linear_registry.folder, tmp_path, workers=2) as service:
        predict(service)
        first, deadline = service.workers(), time.monotonic() + SECONDS
        os.kill(first[0], signal.SIGKILL)
        while len(service.workers()) < 2 or set(service.workers()) == set(first):
            assert time.monotonic() < deadline
            time.sleep(0.1)
        predict(service)
        assert posted(metrics(service)) == 2 * N_PREDICTIONS
