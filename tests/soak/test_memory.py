"""100,000 requests of every kind, one after the other, to one worker."""

from pathlib import Path
from typing import Any

from models.registry import Registry

GROWTH_MB, ROUNDS, EACH = 20, 20, 5_000


def test_memory_of_hundred_thousand_requests(
    serving: Any, linear_registry: Registry, tmp_path: Path
) -> None:
    with serving.served(linear_registry.folder, tmp_path) as service:
        megabytes = serving.memory_by_round(service, rounds=ROUNDS, requests=EACH, seed=1)
    growth = max(megabytes) - megabytes[0]
    serving.kept_promise(
        "100,000 requests",
        f"memory grew by {growth:.1f} MB after the first {EACH}, to {megabytes[-1]:.0f} MB",
    )
    assert growth < GROWTH_MB, megabytes
