"""A hundred connections that are slow in every way, and honest clients beside them."""

import contextlib
import json
import select
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from serving import JSON, PREDICTIONS, Running, pair, served

from models.registry import Registry

MOST_SECONDS, HONEST_P99_SECONDS, N_EACH = 15, 0.25, 20
GIVE_UP_SECONDS = 25


@pytest.fixture
def service(linear_registry: Registry, tmp_path: Any) -> Iterator[Running]:
    with served(linear_registry.folder, tmp_path) as service:
        yield service


def slow_kinds(key: str) -> dict[str, tuple[bytes, bytes]]:
    """What is sent at once, and what is sent then, once a second, for ever."""
    known = f"Host: 127.0.0.1\r\nAuthorization: Bearer {key}\r\n".encode()
    post = b"POST /v1/predictions HTTP/1.1\r\n" + known
    body = post + b"Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"
    get = b"GET /v1/models/champion?task=on_treatment HTTP/1.1\r\n" + known + b"\r\n"
    return {
        "headers": (post, b"X: y\r\n"),
        "body": (body, b" "),
        "idle": (b"GET /livez HTTP/1.1\r\n" + known + b"\r\n", b"\r\n"),
        "half open": (b"", b""),
        "reading": (get * 2000, b""),
    }


def seconds_until_closed(connection: socket.socket, then: bytes, *, reads: bool) -> float:
    """How long until the service hangs up, or for ever."""
    started = time.monotonic()
    watched = select.poll()
    watched.register(connection, select.POLLERR | select.POLLHUP | (select.POLLIN * reads))
    with contextlib.suppress(ConnectionError, TimeoutError):
        while time.monotonic() - started < GIVE_UP_SECONDS:
            if watched.poll(1000) and not (reads and connection.recv(65536)):
                return time.monotonic() - started
            connection.sendall(then)
        return float("inf")
    return time.monotonic() - started


def hold(service: Running, kind: str, found: Callable[[str, float], None]) -> None:
    first, then = slow_kinds(service.key)[kind]
    reads = kind != "reading"
    with service.open() as connection:
        if not reads:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.settimeout(1)
        with contextlib.suppress(TimeoutError, ConnectionError):
            connection.sendall(first)
        found(kind, seconds_until_closed(connection, then, reads=reads))


def honest_seconds(service: Running, until: Callable[[], bool]) -> list[float]:
    """How long each prediction takes, one after the other, while others are slow."""
    content, seconds = json.dumps(pair()).encode(), []
    while until():
        answer = service.ask("POST", PREDICTIONS, content, JSON)
        assert answer.status == 201
        seconds.append(answer.seconds)
        time.sleep(0.02)
    return sorted(seconds)


def test_hundred_slow_connections_of_five_kinds_are_closed_and_harm_nobody(
    service: Running, reached: Callable[[str], None]
) -> None:
    closed: dict[str, list[float]] = {}
    threads = [
        threading.Thread(
            target=hold, args=(service, kind, lambda k, s: closed.setdefault(k, []).append(s))
        )
        for kind in slow_kinds("") for _ in range(N_EACH)
    ]  # fmt: skip
    for thread in threads:
        thread.start()
    honest = honest_seconds(service, lambda: any(t.is_alive() for t in threads))
    p99 = honest[int(len(honest) * 0.99)]
    slowest = {kind: round(max(seconds), 1) for kind, seconds in closed.items()}
    assert {kind: len(seconds) for kind, seconds in closed.items()} == dict.fromkeys(
        slow_kinds(""), N_EACH
    )
    assert max(slowest.values()) <= MOST_SECONDS
    assert p99 < HONEST_P99_SECONDS
    assert not [line for line in service.log_lines() if line["event"] == "failed"]
    reached(
        f"closed within {max(slowest.values())} s; "
        f"p99 of {len(honest):,} honest predictions {p99 * 1000:.0f} ms"
    )
