"""A service that answers day and night does not grow. `tests/soak` asks 100,000 times."""

from pathlib import Path
from typing import Any

from models.registry import Registry

GROWTH_MB = 20


def test_memory_does_not_grow_over_a_mixture_of_requests(
    serving: Any, linear_registry: Registry, tmp_path: Path
) -> None:
    with serving.served(linear_registry.folder, tmp_path) as service:
        megabytes = serving.memory_by_round(service, rounds=4, requests=1500, seed=1)
    assert max(megabytes) - megabytes[0] < GROWTH_MB, megabytes
