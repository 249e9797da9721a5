"""A connection that is lost during a commit: recorded or not, found out and never guessed.

A proxy between store and server sees the `COMMIT` go by and cuts the connection before or after
the server has it.
"""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from typing import Literal

import pytest

import service.store.store
from service.store.audit import record_event, verify_audit
from service.store.audit_chain import Event
from service.store.errors import CommitUnknownError, StoreUnavailableError
from service.store.open_store import open_store
from service.store.pepper import Pepper, create_pepper
from service.store.store import Store

Cut = Literal["never", "before", "before, unnoticed", "after", "after, and away"]
COMMIT = b"COMMIT\0"
EVENT = Event(datetime(2026, 1, 2, 12, tzinfo=UTC), "lab", "actor", "opened", "")


class Proxy:
    """Passes bytes on until the next commit is to be cut off."""

    def __init__(self, port: int) -> None:
        self.server = ("127.0.0.1", port)
        self.cut: Cut = "never"
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.port = self.listening.getsockname()[1]
        self.ends: list[socket.socket] = []
        self.threads: list[threading.Thread] = []
        self._run(self._accept)

    def _run(self, target: Callable[..., None], *arguments: object) -> None:
        self.threads.append(threading.Thread(target=target, args=arguments))
        self.threads[-1].start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self.listening.accept()
                server = socket.create_connection(self.server)
                self.ends += [client, server]
                self._run(self._pass_on, client, server, True)
                self._run(self._pass_on, server, client, False)

    def _pass_on(self, source: socket.socket, target: socket.socket, is_asking: bool) -> None:
        with suppress(OSError):
            while sent := source.recv(65536):
                if is_asking and COMMIT in sent and self.cut != "never":
                    self._cut_off(source, target, sent)
                    return
                target.sendall(sent)
        hang_up(source, target)

    def _cut_off(self, client: socket.socket, server: socket.socket, sent: bytes) -> None:
        how, self.cut = self.cut, "never"
        if how.startswith("after"):
            # The answer is for nobody: the thread of the other direction finds its target gone.
            client.shutdown(socket.SHUT_WR)
            server.sendall(sent)
        if how == "after, and away":
            hang_up(self.listening)
        if how == "before, unnoticed":
            hang_up(client)
        else:
            hang_up(client, server)

    def close(self) -> None:
        hang_up(self.listening, *self.ends)
        for thread in self.threads:
            thread.join()
        for end in (self.listening, *self.ends):
            end.close()


def hang_up(*ends: socket.socket) -> None:
    for end in ends:
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def proxy(postgres_server) -> Iterator[Proxy]:
    proxy = Proxy(postgres_server.port)
    yield proxy
    proxy.close()


@pytest.fixture
def pepper(tmp_path) -> Pepper:
    return create_pepper(tmp_path / "pepper")


@pytest.fixture
def direct(postgres_server, pepper) -> Iterator[Store]:
    """The store without the proxy."""
    store = open_store(postgres_server.new_database(), pepper)
    yield store
    store.close()


@pytest.fixture
def store(direct: Store, proxy: Proxy, pepper: Pepper) -> Iterator[Store]:
    """The same store through the proxy."""
    url = direct.engine.url.set(port=proxy.port).render_as_string(hide_password=False)
    store = open_store(url, pepper)
    yield store
    store.close()


def test_a_commit_that_the_server_made_counts(store, direct, proxy) -> None:
    proxy.cut = "after"
    assert record_event(store, EVENT) == 1
    assert proxy.cut == "never"
    assert verify_audit(direct).n_events == 1


@pytest.mark.parametrize("cut", ["before", "before, unnoticed"])
def test_a_commit_that_the_server_never_got_is_said_not_to_count(
    store, direct, proxy, cut: Cut
) -> None:
    proxy.cut = cut
    with pytest.raises(StoreUnavailableError, match="nothing was recorded"):
        record_event(store, EVENT)
    assert proxy.cut == "never"
    assert verify_audit(direct).n_events == 0
    assert record_event(store, EVENT) == 1


def test_a_server_that_stays_away_leaves_it_unknown(store, proxy, monkeypatch) -> None:
    monkeypatch.setattr(service.store.store, "_RETURN_SECONDS", 0.5)
    proxy.cut = "after, and away"
    with pytest.raises(CommitUnknownError):
        record_event(store, EVENT)
