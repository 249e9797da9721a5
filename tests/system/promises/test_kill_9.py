"""What the service acknowledged is on disk, whenever all of its processes are killed."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from clients import Clients
from serving import HASTY, SERVE, Service

N_CLIENTS, N_WORKERS = 16, 2


def acknowledged_until_killed(
    service: Service, *, after: int, program: Sequence[str] = SERVE
) -> dict[str, str]:
    """Digests of the answers that clients got before everything was killed under them."""
    with service.running(N_WORKERS, program=program) as running:
        clients = Clients(running)
        with clients.posting(N_CLIENTS):
            clients.wait_for(after)
            running.kill()
    assert clients.refused == []
    assert clients.n_broken > 0
    return clients.digests()


def unlike(said: dict[str, str], kept: dict[str, str]) -> list[str]:
    """Predictions that were acknowledged and are not kept, or not as they were answered."""
    return [
        prediction_id for prediction_id in said if kept.get(prediction_id) != said[prediction_id]
    ]


def test_what_was_acknowledged_survives_kill_9_of_all_processes(
    service: Service, length: Any, reached: Any
) -> None:
    cycles, rng, said = length(3, 50), np.random.default_rng(9), {}
    for _ in range(cycles):
        said |= acknowledged_until_killed(service, after=int(rng.integers(50, 500)))
        assert unlike(said, service.answers()) == []
    reached(f"{cycles} cycles: {len(said):,} acknowledged, 0 lost or changed, audit complete")


def test_a_service_that_answers_before_it_commits_is_caught(service: Service, reached: Any) -> None:
    said = acknowledged_until_killed(service, after=300, program=HASTY)
    lost = unlike(said, service.answers())
    assert lost
    reached(f"{len(lost):,} of {len(said):,} acknowledged lost in one kill")
