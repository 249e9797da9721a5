"""`/metrics` as Prometheus itself reads it, of one worker and of several, one of which dies."""

import json
import os
import re
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from models.registry import Registry

N_PREDICTIONS, SECONDS = 20, 30
POSTED = r'csf_requests_total\{method="POST",route="/v1/predictions",status="201"\} (\S+)'


def predict(serving: Any, service: Any, n: int = N_PREDICTIONS) -> None:
    content = json.dumps(serving.pair()).encode()
    for _ in range(n):
        assert service.ask("POST", serving.PREDICTIONS, content, serving.JSON).status == 201


def metrics(service: Any) -> str:
    answer = service.ask("GET", "/metrics")
    assert answer.status == 200
    return str(answer.content.decode())


def posted(text: str) -> float:
    return sum(map(float, re.findall(POSTED, text)))


@pytest.mark.parametrize("workers", [1, 2])
def test_prometheus_accepts_the_metrics(
    serving: Any, linear_registry: Registry, tmp_path: Path, promtool: str, workers: int
) -> None:
    with serving.served(linear_registry.folder, tmp_path, workers=workers) as service:
        predict(serving, service)
        service.ask("POST", serving.PREDICTIONS, b"{", serving.JSON)
        text = metrics(service)
    said = subprocess.run(
        [promtool, "check", "metrics"], input=text, capture_output=True, text=True, check=False
    )
    assert (said.returncode, said.stdout + said.stderr) == (0, "")
    assert posted(text) == N_PREDICTIONS


def test_counts_of_a_worker_that_dies_are_kept_and_another_takes_its_place(
    serving: Any, linear_registry: Registry, tmp_path: Path
) -> None:
    with serving.served(linear_registry.folder, tmp_path, workers=2) as service:
        predict(serving, service)
        first, deadline = service.workers(), time.monotonic() + SECONDS
        os.kill(first[0], signal.SIGKILL)
        while len(service.workers()) < 2 or set(service.workers()) == set(first):
            assert time.monotonic() < deadline
            time.sleep(0.1)
        predict(serving, service)
        assert posted(metrics(service)) == 2 * N_PREDICTIONS
