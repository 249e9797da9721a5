"""The commands of docs/store.md, typed beside a service's records."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from serving import JSON, PREDICTIONS, Service, pair

from models.registry import Registry
from service.settings import Settings

OUTCOME = {
    "responder": True, "definition": "oh2018", "horizon_months": 4, "observed_on": "2026-01-02"
}  # fmt: skip


def test_commands_of_the_page_run(
    type_commands: Callable[..., Any], linear_registry: Registry, tmp_path: Path
) -> None:
    registry = Path(shutil.copytree(linear_registry.folder, tmp_path / "registry"))
    settings = Settings(registry=registry, allow_anonymous=True)
    with Service(settings, tmp_path / "log").running(2) as service:
        made = service.post(pair())
        where = f"{PREDICTIONS}/{made['prediction_id']}/outcome"
        assert service.ask("PUT", where, json.dumps(OUTCOME).encode(), JSON).status == 200
        service.post(pair())
    typed = type_commands("docs/store.md", tmp_path)
    assert typed.returncode == 0, typed.stdout + typed.stderr
    facts = (made["prediction_id"], made["bundle_id"], 1, OUTCOME["observed_on"])
    assert f"{' '.join(map(str, facts))} {made['probability']}\n" in typed.stdout
