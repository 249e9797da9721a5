"""What the service answered and kept, another process makes again from inputs and bundles."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from serving import BATCH, Running, panel

from models.registry import Registry

ROOT = Path(__file__).parents[3]
N_PER_BUNDLE = 170
ANALYTES = ("TNF", "MCP-1", "TGF-b1")
STATED = {"unit": "pg/mL", "platform": "milliplex"}
Results = list[float | str]


@pytest.fixture
def results() -> Iterator[Results]:
    """Of three analytes; one in ten TNF below its limit."""
    rng = np.random.default_rng(7)

    def drawn() -> Iterator[Results]:
        while True:
            levels = [round(level, 3) for level in rng.lognormal([0, 6, 4], 0.4)]
            yield ["<0.7" if rng.random() < 0.1 else levels[0], *levels[1:]]

    return drawn()


def one(results: Iterator[Results], task: str, number: int) -> dict[str, Any]:
    panels = {"baseline": {"month": 0, "measurements": panel(*next(results))}}
    if task == "on_treatment":
        panels["follow_up"] = {"month": 1, "measurements": panel(*next(results))}
    return {"patient_id": f"P-{number}", "task": task, **panels}


def table(results: Iterator[Results], task: str, n: int) -> dict[str, Any]:
    def columns() -> dict[str, Any]:
        rows = [next(results) for _ in range(n)]
        return {name: [row[at] for row in rows] for at, name in enumerate(ANALYTES)}

    later = {"follow_up": columns(), "follow_up_month": 1} if task == "on_treatment" else {}
    ids = [f"T-{number}" for number in range(n)]
    asked = {"task": task, **STATED, "baseline_month": 0, "patient_id": ids}
    return {**asked, "baseline": columns(), **later}


def wait_until_served(running: Running, task: str, bundle_id: str) -> None:
    while running.ask("GET", "/readyz").json()["champions"][task] != bundle_id:
        time.sleep(0.05)


def test_1000_stored_predictions_are_the_same_when_made_again(
    make_service: Any, registry: Registry, results: Iterator[Results], reached: Any
) -> None:
    service = make_service(registry=registry.folder)
    with service.running(1) as running:
        for bundle_id in registry.bundle_ids():
            task = registry.read(bundle_id).manifest.task.name
            running.post({"reason": "the next"}, f"/v1/models/{bundle_id}/promotions")
            wait_until_served(running, task, bundle_id)
            single, items = 20, 50
            for number in range(single):
                running.post(one(results, task, number))
            batch = {"items": [one(results, task, number) for number in range(items)]}
            running.post(batch, BATCH)
            rows = {"table": table(results, task, N_PER_BUNDLE - single - items)}
            running.post(rows, BATCH)
    command = [sys.executable, "-m", "csf_responder", "audit", "recompute", "--json"]
    run = subprocess.run(
        command, cwd=ROOT, env=service.environment(), capture_output=True, check=True
    )
    report = json.loads(run.stdout)
    n = N_PER_BUNDLE * len(registry.bundle_ids())
    assert (report["n_identical"], report["n_different"], report["n_erased"]) == (n, 0, 0)
    reached(f"{n:,} of 6 bundles, one by one, as items and in tables: {n:,} identical")
