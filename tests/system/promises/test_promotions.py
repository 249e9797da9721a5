"""Promotions and rollbacks under eight clients and two workers: no request fails, and every answer
is that of the bundle it names."""

import http.client
import json
import os
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from serving import JSON, PREDICTIONS, Running, exchange, pair, panel

from data.panel import TASK_NAMES
from models.registry import Registry
from service.champions import Champions
from service.predictions import predict_one
from service.schemas import PREDICTION
from service.structure import validate

N_CLIENTS, N_WORKERS, N_BUNDLES = 8, 2, 6
CHANGING = ("prediction_id", "created_at")


def body(task: str, mcp1: float | str) -> dict[str, Any]:
    """A request whose answer differs between bundles."""
    asked = pair(task=task, baseline={"month": 0, "measurements": panel(1.1, mcp1, 61)})
    if task == "pretreatment":
        del asked["follow_up"]
    return asked


BODIES = [body(task, mcp1) for task in TASK_NAMES for mcp1 in (512, 300.5, "<20")]


@pytest.fixture
def running(make_service: Any, registry: Registry) -> Iterator[Running]:
    with make_service(registry=registry.folder).running(N_WORKERS) as running:
        yield running


@dataclass
class Client:
    """Posts one panel after the other and keeps every different answer that came back."""

    running: Running
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
        with closing(self.running.connect()) as connection:
            for number in range(n):
                index = (self.n_answers + number) % len(BODIES)
                body = json.dumps(BODIES[index]).encode()
                answer = exchange(connection, "POST", PREDICTIONS, body, JSON)
                if answer.status != 201:
                    self.failures.append(f"{answer.status} {answer.content!r}")
                self.answers.add((index, settled(answer.json())))
        self.n_answers += n


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


def promote(running: Running, bundle_id: str) -> None:
    running.post({"reason": "the next"}, f"/v1/models/{bundle_id}/promotions")


def change_champions(running: Running, registry: Registry, n: int) -> None:
    """One after the other: promotions over HTTP, and every fifth time a rollback."""
    for change in range(n):
        if change % 5 == 4:
            task = TASK_NAMES[change % 2]
            registry.rollback(task, by="tests", reason="", now=datetime.now(UTC))
        else:
            promote(running, registry.bundle_ids()[change % N_BUNDLES])
        time.sleep(0.05)


def test_no_request_fails_during_promotions_and_no_answer_is_mislabelled(
    registry: Registry, running: Running, length: Any, reached: Any
) -> None:
    n_changes, stop = length(40, 300), threading.Event()
    clients = [Client(running, stop) for _ in range(N_CLIENTS)]
    threads = [threading.Thread(target=client.post_until_told) for client in clients]
    for thread in threads:
        thread.start()
    change_champions(running, registry, n_changes)
    stop.set()
    for thread in threads:
        thread.join()
    assert [failure for client in clients for failure in client.failures] == []
    answers = set().union(*(client.answers for client in clients))
    named = {(index, json.loads(answer)["bundle_id"]) for index, answer in answers}
    assert answers == {(index, recomputed(registry, index, b)) for index, b in named}
    assert {bundle_id for _, bundle_id in named} == set(registry.bundle_ids())
    assert len(registry.history()) == n_changes + N_BUNDLES
    assert sum(seconds > 1 for seconds in processor_seconds(running.pid)) == N_WORKERS
    n_answers = sum(client.n_answers for client in clients)
    assert n_answers > 10 * n_changes
    reached(f"{n_changes} changes, {n_answers:,} answers: 0 failed, 0 mislabelled")


def test_bundles_can_be_told_apart_by_their_answers(registry: Registry) -> None:
    for index in range(len(BODIES)):
        task = BODIES[index]["task"]
        of_task = [b for b in registry.bundle_ids() if registry.read(b).manifest.task.name == task]
        probabilities = {json.loads(recomputed(registry, index, b))["probability"] for b in of_task}
        assert len(probabilities) == len(of_task) == 3


def test_every_worker_follows_within_a_second(registry: Registry, running: Running) -> None:
    def seen_after_a_second(bundle_id: str) -> set[str]:
        promote(running, bundle_id)
        time.sleep(1)
        task = registry.read(bundle_id).manifest.task.name
        answers = [running.ask("GET", "/readyz").json() for _ in range(20)]
        return {answer["champions"][task] for answer in answers}

    # A process imports XGBoost when it first needs it, which takes it longer once.
    for bundle_id in registry.bundle_ids():
        seen_after_a_second(bundle_id)
    for bundle_id in registry.bundle_ids():
        assert seen_after_a_second(bundle_id) == {bundle_id}
