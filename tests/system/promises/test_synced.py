"""An answer is sent after the page that holds its record was synced: read off the system calls."""

import re
from collections.abc import Iterable, Sequence
from typing import Any

import pytest
from clients import Clients
from serving import HASTY, SERVE, Service

N_CLIENTS = 16
CALLS = "trace=pwrite64,fsync,fdatasync,write,writev,sendto,sendmsg"
UUID7 = r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}"
PAGE_WRITTEN = re.compile(r"pwrite64\(\d+<[^>]*sqlite3-wal>")
SYNC = re.compile(r"f(data)?sync\(\d+<[^>]*sqlite3-wal>")
SYNCED = re.compile(r"<\.\.\. f(data)?sync resumed>")
ANSWERED = re.compile(rf"HTTP/1.1 201.*location: /v1/predictions/({UUID7})")


class Watcher:
    """What is in the log, what of it is synced, and which answers were sent before that."""

    def __init__(self) -> None:
        self.written: set[str] = set()
        self.synced: set[str] = set()
        self.n_answers = self.n_syncs = 0
        self.early: list[str] = []
        self._syncing: dict[str, frozenset[str]] = {}

    def look(self, calls: Iterable[str]) -> None:
        for call in calls:
            process = call.split(maxsplit=1)[0]
            if PAGE_WRITTEN.search(call):
                self.written.update(re.findall(UUID7, call))
            elif SYNC.search(call) and "unfinished" in call:
                self._syncing[process] = frozenset(self.written)
            elif SYNC.search(call) or (SYNCED.search(call) and process in self._syncing):
                self.synced |= self._syncing.pop(process, self.written)
                self.n_syncs += 1
            elif answered := ANSWERED.search(call):
                self.n_answers += 1
                self.early += {answered[1]} - self.synced


@pytest.fixture
def watch(service: Service, strace: str, tmp_path: Any) -> Any:
    """`watch(n, program=SERVE)`: clients get n answers of a service whose calls are watched."""

    def watch(n: int, program: Sequence[str] = SERVE) -> tuple[Watcher, int]:
        log = tmp_path / "strace.log"
        options = ("-f", "-y", "--seccomp-bpf", "-s", "4200", "-e", CALLS, "-o", str(log))
        with service.running(1, before=(strace, *options), program=program) as running:
            clients = Clients(running)
            with clients.posting(N_CLIENTS):
                clients.wait_for(n)
        watcher = Watcher()
        with log.open(errors="replace") as calls:
            watcher.look(calls)
        return watcher, len(clients.acknowledged)

    return watch


def test_every_answer_is_sent_after_its_record_was_synced(
    watch: Any, length: Any, reached: Any
) -> None:
    watcher, n_acknowledged = watch(length(300, 5000))
    assert watcher.n_answers == n_acknowledged
    assert watcher.early == []
    assert watcher.n_syncs >= n_acknowledged / N_CLIENTS
    reached(f"{n_acknowledged:,} answers to {N_CLIENTS} clients: {watcher.n_syncs:,} syncs, 0 late")


def test_an_answer_that_is_sent_before_its_record_is_synced_is_seen(watch: Any) -> None:
    watcher, _ = watch(100, HASTY)
    assert watcher.early
