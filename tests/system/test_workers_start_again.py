"""A worker that dies is replaced, whatever has happened to the registry in the meantime."""

import json
import os
import shutil
import signal
from pathlib import Path

from serving import JSON, PREDICTIONS, Running, new_service, pair

from models.registry import Registry

N_WORKERS, N_ANSWERS = 2, 40


def statuses(running: Running, task: str) -> set[tuple[int, str | None]]:
    """Status and code of many answers, from whichever worker."""
    panels = pair(task=task)
    if task == "pretreatment":
        del panels["follow_up"]
    body = json.dumps(panels).encode()
    answers = [running.ask("POST", PREDICTIONS, body, JSON) for _ in range(N_ANSWERS)]
    return {(answer.status, answer.json().get("code")) for answer in answers}


def test_a_champion_that_is_damaged_while_a_worker_starts_ends_nobody(
    linear_registry: Registry, tmp_path: Path
) -> None:
    registry = Registry(Path(shutil.copytree(linear_registry.folder, tmp_path / "registry")))
    service = new_service(registry.folder, tmp_path)
    with service.running(N_WORKERS) as running:
        first, second = running.workers()
        card = registry.bundles / registry.champion("on_treatment") / "card.md"
        good = card.read_bytes()
        card.write_bytes(good + b" ")
        os.kill(first, signal.SIGKILL)
        running.wait_for_line("champion_refused")
        damaged = statuses(running, "on_treatment")
        other = statuses(running, "pretreatment")
        assert second in running.workers()
        assert len(running.workers()) == N_WORKERS
        card.write_bytes(good)
        running.wait_for_line("champion_followed")
        repaired = statuses(running, "on_treatment")
    assert damaged == {(201, None), (503, "bundle_unusable")}
    assert other == repaired == {(201, None)}
