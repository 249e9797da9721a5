"""PostgreSQL ends as in a power cut, again and again, under a service that goes on answering."""

import os
import signal
from typing import Any

from clients import Clients
from serving import pair

N_CLIENTS, N_WORKERS, MOST_SECONDS = 8, 2, 10
CODES = {"store_unavailable", "store_busy", "commit_unknown"}


def test_a_killed_postgresql_loses_nothing_doubles_nothing_and_is_back_in_10_seconds(
    make_service: Any, postgres_server: Any, length: Any, reached: Any
) -> None:
    service, waits = make_service(database_url=postgres_server.new_database()), []
    with service.running(N_WORKERS) as running:
        clients = Clients(running)
        with clients.posting(N_CLIENTS):
            for _ in range(length(3, 10)):
                clients.wait_for(200)
                with postgres_server.killed():
                    pass
                waits.append(clients.wait_for(200))
    assert clients.n_broken == 0
    assert {one["code"] for one in clients.refused} <= CODES
    assert max(waits) < MOST_SECONDS
    # Everybody asked again until answered: what is kept is what was acknowledged, once each.
    assert service.answers() == clients.digests()
    reached(
        f"{len(waits)} kills: {len(clients.acknowledged):,} acknowledged, 0 lost, 0 twice; "
        f"200 more answers within {max(waits):.1f} s"
    )


def test_a_worker_that_starts_while_postgresql_is_away_waits_and_ends_nobody(
    make_service: Any, postgres_server: Any
) -> None:
    service = make_service(database_url=postgres_server.new_database())
    with service.running(N_WORKERS) as running:
        running.post(pair())
        first, second = running.workers()
        with postgres_server.killed():
            os.kill(first, signal.SIGKILL)
            running.wait_for_line("store_awaited")
        for _ in range(20):
            running.post(pair())
        assert second in running.workers()
        assert len(running.workers()) == N_WORKERS
