"""PostgreSQL ends as in a power cut, again and again, under a service that goes on answering."""

import os
import signal
import time
from pathlib import Path
from typing import Any

N_CLIENTS, N_WORKERS, MOST_SECONDS = 8, 2, 10
CODES = {"store_unavailable", "store_busy", "commit_unknown"}


def test_a_killed_postgresql_loses_nothing_doubles_nothing_and_is_back_in_10_seconds(
    make_service: Any, postgres_server: Any, clients_of: Any, length: Any, reached: Any
) -> None:
    service, waits = make_service(database_url=postgres_server.new_database()), []
    with service.running(N_WORKERS) as running:
        clients = clients_of(running)
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


def workers(running: Any) -> list[int]:
    """Processes that answer."""
    children = Path(f"/proc/{running.group}/task/{running.group}/children").read_text().split()
    return [
        int(pid) for pid in children if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()
    ]


def test_a_worker_that_starts_while_postgresql_is_away_waits_and_ends_nobody(
    make_service: Any, postgres_server: Any, panel: str
) -> None:
    service = make_service(database_url=postgres_server.new_database())
    with service.running(N_WORKERS) as running:
        running.post(panel)
        first, second = workers(running)
        with postgres_server.killed():
            os.kill(first, signal.SIGKILL)
            deadline = time.monotonic() + 30
            while "store_awaited" not in service.log.read_text():
                assert time.monotonic() < deadline
                time.sleep(0.1)
        for _ in range(20):
            running.post(panel)
        assert second in workers(running)
        assert len(workers(running)) == N_WORKERS
