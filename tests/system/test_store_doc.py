"""The commands of docs/store.md, typed beside a service's records."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

from models.registry import Registry

OUTCOME = {
    "responder": True, "definition": "oh2018", "horizon_months": 4, "observed_on": "2026-01-02"
}  # fmt: skip
TNF = {"analyte": "TNF", "result": 1.5, "unit": "pg/mL", "platform": "milliplex"}


def send(method: str, address: str, body: Any) -> Any:
    return httpx.request(method, address, json=body, timeout=20).raise_for_status().json()


def test_commands_of_the_page_run(
    type_commands: Callable[..., Any],
    serve_process: Any,
    linear_registry: Registry,
    tmp_path: Path,
) -> None:
    registry = Registry(Path(shutil.copytree(linear_registry.folder, tmp_path / "registry")))
    with serve_process(registry, {"CSF_ALLOW_ANONYMOUS": "1"}, tmp_path) as address:
        predictions = f"http://{address}/v1/predictions"
        body = {"patient_id": "P-1", "baseline": {"month": 0, "measurements": [TNF]}}
        made = send("POST", predictions, body)
        send("PUT", f"{predictions}/{made['prediction_id']}/outcome", OUTCOME)
        send("POST", predictions, body)
    typed = type_commands("docs/store.md", tmp_path)
    assert typed.returncode == 0, typed.stdout + typed.stderr
    facts = (made["prediction_id"], made["bundle_id"], 1, OUTCOME["observed_on"])
    assert f"{' '.join(map(str, facts))} {made['probability']}\n" in typed.stdout
