"""300 promotions and rollbacks under eight clients and two workers: no request fails, and every
answer is that of the bundle it names."""

import http.client
import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from data.panel import TASK_NAMES
from data.simulate import simulate_cohort
from models.registry import Registry
from service.champions import Champions
from service.predictions import predict_one
from service.schemas import PREDICTION
from service.structure import validate

ROOT = Path(__file__).parents[2]
N_CLIENTS, N_CHANGES, N_WORKERS = 8, 300, 2
SECONDS = 30
CHANGING = ("prediction_id", "created_at")


def measured(analyte: str, result: float | str) -> dict[str, Any]:
    return {"analyte": analyte, "result": result, "unit": "pg/mL", "platform": "milliplex"}


def body(task: str, mcp1: float | str) -> dict[str, Any]:
    """A request whose answer differs between bundles."""
    before = [measured(*cell) for cell in (("TNF", 1.1), ("MCP-1", mcp1), ("TGF-b1", 61))]
    after = [measured(*cell) for cell in (("TNF", 0.9), ("MCP-1", 450), ("TGF-b1", 80))]
    panels = {"baseline": {"month": 0, "measurements": before}}
    if task == "on_treatment":
        panels["follow_up"] = {"month": 1, "measurements": after}
    return {"patient_id": "P-1", "task": task, **panels}


BODIES = [body(task, mcp1) for task in TASK_NAMES for mcp1 in (512, 300.5, "<20")]


@pytest.fixture(scope="module")
def registry(
    linear_registry: Registry,
    boosted_registry: Registry,
    train_quickly: Callable[..., Any],
    tmp_path_factory: pytest.TempPathFactory,
) -> Registry:
    """Three bundles for each task, of which no two give the same answer."""
    registry = Registry(tmp_path_factory.mktemp("registry"))
    for made in (linear_registry, boosted_registry):
        shutil.copytree(made.bundles, registry.bundles, dirs_exist_ok=True)
    other = simulate_cohort("informative", n=64, seed=5)
    for task in TASK_NAMES:
        train_quickly(other, task).write(registry.bundles)
    for bundle_id in registry.bundle_ids():
        promote(registry, bundle_id)
    return registry


def promote(registry: Registry, bundle_id: str) -> None:
    registry.promote(bundle_id, by="tests", reason="", now=datetime.now(UTC))


@pytest.fixture(scope="module")
def service(registry: Registry) -> Iterator[tuple[int, str]]:
    """Process and address of a service with two workers."""
    command = [sys.executable, "-m", "csf_responder", "serve", "--port", "0"]
    command += ["--registry", str(registry.folder), "--workers", str(N_WORKERS)]
    with subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, "CSF_ALLOW_ANONYMOUS": "1"},
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    ) as process:  # fmt: skip
        try:
            assert process.stdout is not None
            netloc = process.stdout.readline().strip().removeprefix("Serving on http://")
            assert ask(netloc, "GET", "/readyz")[0] == 200
            yield process.pid, netloc
        finally:
            process.terminate()


def ask(netloc: str, method: str, path: str) -> tuple[int, dict[str, Any]]:
    """One request over a connection of its own."""
    connection = http.client.HTTPConnection(netloc, timeout=SECONDS)
    connection.request(method, path)
    answer = connection.getresponse()
    found = answer.status, json.loads(answer.read())
    connection.close()
    return found


@dataclass
class Client:
    """Posts one panel after the other and keeps every different answer that came back."""

    netloc: str
    stop: threading.Event
    failures: list[str] = field(default_factory=list)
    answers: set[tuple[int, str]] = field(default_factory=set)
    n_answers: int = 0

    def post_until_told(self) -> None:
        try:
            while not self.stop.is_set():
                self.post_over_one_connection(20)
        except (OSError, http.client.HTTPException) as error:
            self.failures.append(repr(error))

    def post_over_one_connection(self, n: int) -> None:
        connection = http.client.HTTPConnection(self.netloc, timeout=SECONDS)
        for number in range(n):
            index = (self.n_answers + number) % len(BODIES)
            headers = {"content-type": "application/json"}
            connection.request("POST", "/v1/predictions", json.dumps(BODIES[index]), headers)
            answer = connection.getresponse()
            content = answer.read()
            if answer.status != 201:
                self.failures.append(f"{answer.status} {content!r}")
            self.answers.add((index, settled(json.loads(content))))
        self.n_answers += n
        connection.close()


def settled(answer: dict[str, Any]) -> str:
    """An answer without what differs from one request to the next."""
    return json.dumps({k: v for k, v in answer.items() if k not in CHANGING}, sort_keys=True)


def recomputed(registry: Registry, index: int, bundle_id: str) -> str:
    """What the library answers with that bundle."""
    classifier = registry.load(bundle_id)
    champions = Champions({classifier.task.name: classifier})
    request = validate(PREDICTION, BODIES[index])
    return settled(json.loads(json.dumps(predict_one(champions, request, now=datetime.now(UTC)))))


def processor_seconds(pid: int) -> Iterator[float]:
    """Of each child of a process."""
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        fields = Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()
        yield (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_no_request_fails_and_no_answer_is_mislabelled(
    registry: Registry, service: tuple[int, str]
) -> None:
    pid, netloc = service
    stop = threading.Event()
    clients = [Client(netloc, stop) for _ in range(N_CLIENTS)]
    threads = [threading.Thread(target=client.post_until_told) for client in clients]
    for thread in threads:
        thread.start()
    for change in range(N_CHANGES):
        if change % 5 == 4:
            task = TASK_NAMES[change % 2]
            registry.rollback(task, by="tests", reason="", now=datetime.now(UTC))
        else:
            promote(registry, registry.bundle_ids()[change % 6])
        time.sleep(0.08)
    stop.set()
    for thread in threads:
        thread.join()
    assert [failure for client in clients for failure in client.failures] == []
    answers = set().union(*(client.answers for client in clients))
    named = {(index, json.loads(answer)["bundle_id"]) for index, answer in answers}
    assert answers == {(index, recomputed(registry, index, b)) for index, b in named}
    assert {bundle_id for _, bundle_id in named} == set(registry.bundle_ids())
    assert len(registry.history()) == N_CHANGES + 6
    assert sum(seconds > 1 for seconds in processor_seconds(pid)) == N_WORKERS
    assert sum(client.n_answers for client in clients) > 10 * N_CHANGES


def test_bundles_can_be_told_apart_by_their_answers(registry: Registry) -> None:
    for index in range(len(BODIES)):
        task = BODIES[index]["task"]
        of_task = [b for b in registry.bundle_ids() if registry.read(b).manifest.task.name == task]
        probabilities = {json.loads(recomputed(registry, index, b))["probability"] for b in of_task}
        assert len(probabilities) == len(of_task) == 3


def test_every_worker_follows_within_a_second(registry: Registry, service: tuple[int, str]) -> None:
    _, netloc = service
    for number in range(10):
        bundle_id = registry.bundle_ids()[number % 6]
        task = registry.read(bundle_id).manifest.task.name
        promote(registry, bundle_id)
        time.sleep(1)
        seen = [ask(netloc, "GET", "/readyz")[1]["champions"][task] for _ in range(20)]
        assert set(seen) == {bundle_id}
