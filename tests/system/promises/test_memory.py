"""A service that answers day and night does not grow: a mixture of requests of every kind."""

import contextlib
import json
import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from serving import BATCH, JSON, PREDICTIONS, Running, exchange, pair, served, table

from models.registry import Registry

GROWTH_MB, N_CLIENTS = 20, 4  # no more clients than batches at a time

Request = tuple[str, str, bytes, int]
"""Method, path, body, and the status that it gets."""


def mixture(rng: random.Random) -> Request:
    """One request as a day brings them: good, faulty, no JSON, batches, and reading."""
    good, name = json.dumps(pair(f"P-{rng.randrange(10**6)}")).encode(), f"P {rng.random()}"
    asked: list[tuple[int, Request]] = [
        (60, ("POST", PREDICTIONS, good, 201)),
        (12, ("POST", PREDICTIONS, json.dumps(pair(name)).encode(), 422)),
        (8, ("POST", PREDICTIONS, good[: rng.randrange(1, len(good))], 400)),
        (2, ("POST", BATCH, json.dumps(table(rng.randrange(1, 20))).encode(), 200)),
        (2, ("POST", BATCH, json.dumps({"items": [pair(), pair(name)]}).encode(), 200)),
        (4, ("GET", "/v1/models/champion/roc?task=on_treatment", b"", 200)),
        (2, ("GET", f"{PREDICTIONS}?limit=5", b"", 200)),
        (2, ("GET", f"{PREDICTIONS}/{rng.random()}", b"", 404)),
        (4, ("GET", f"/{rng.random()}", b"", 404)),
        (2, ("PUT", f"{PREDICTIONS}/{rng.random()}/outcome", b"{}", 422)),
        (2, ("GET", "/readyz", b"", 200)),
    ]
    return rng.choices([request for _, request in asked], [weight for weight, _ in asked])[0]


def ask_mixture(service: Running, requests: int, seed: str) -> list[tuple[str, int]]:
    """Path and status of every request of a client that got another status than it should."""
    rng, wrong = random.Random(seed), []  # noqa: S311 - no secret
    sent = service.with_key(JSON)
    with contextlib.closing(service.connect()) as connection:
        for _ in range(requests):
            method, path, content, status = mixture(rng)
            answer = exchange(connection, method, path, content, sent)
            if answer.status != status:
                wrong.append((path, answer.status))
    return wrong


def ask_round(service: Running, requests: int, number: int) -> float:
    """Memory after four clients have asked, each the same of a number; each gets its status."""
    seeds = [f"{number} {client}" for client in range(N_CLIENTS)]
    shares = [requests // N_CLIENTS] * N_CLIENTS
    with ThreadPoolExecutor(N_CLIENTS) as clients:
        assert [*clients.map(ask_mixture, [service] * N_CLIENTS, shares, seeds)] == [[]] * N_CLIENTS
    return service.resident_megabytes()


def test_memory_does_not_grow_over_a_mixture_of_requests(
    linear_registry: Registry,
    tmp_path: Path,
    length: Callable[[int, int], int],
    reached: Callable[[str], None],
) -> None:
    rounds, requests = length(4, 20), length(1500, 5000)
    with served(linear_registry.folder, tmp_path) as service:
        seen = [ask_round(service, requests, number) for number in range(rounds)]
    growth = max(seen) - seen[0]
    assert growth < GROWTH_MB, seen
    reached(
        f"{rounds * requests:,} requests: {growth:.1f} MB more than after the first "
        f"{requests:,}, {seen[-1]:.0f} MB in the end"
    )
