"""The service as a laboratory runs it: processes of their own, that ask for keys and keep records.

`conftest.py` hands this module out as the fixture `serving`; `tests` is no package.
"""

import contextlib
import http.client
import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from service.opening import opened_store
from service.settings import Settings
from service.store.keys import SCOPES, create_key

ROOT = Path(__file__).parents[1]
SECONDS, N_CLIENTS = 30, 4  # no more than batches at a time
Headers = Sequence[tuple[str, str]]
PREDICTIONS, BATCH = "/v1/predictions", "/v1/predictions/batch"
JSON = (("content-type", "application/json"),)


@dataclass(frozen=True)
class Answer:
    """An answer to a request, and how long it took."""

    status: int
    headers: Mapping[str, str]
    content: bytes
    seconds: float

    def json(self) -> Any:
        return json.loads(self.content)


@dataclass(frozen=True)
class Served:
    """A service that runs, and a key of its tenant `lab` with every scope."""

    pid: int
    port: int
    key: str
    settings: Settings
    log: Path

    def ask(
        self,
        method: str,
        path: str,
        content: bytes = b"",
        headers: Headers = (),
        *,
        is_known: bool = True,
    ) -> Answer:
        """Ask on a connection of its own, with the key where the caller is known."""
        sent = self.with_key(headers) if is_known else headers
        with contextlib.closing(self.connect()) as connection:
            return exchange(connection, method, path, content, sent)

    def connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=SECONDS)

    def with_key(self, headers: Headers) -> Headers:
        return [*headers, ("authorization", f"Bearer {self.key}")]

    def open(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=SECONDS)

    def workers(self) -> list[int]:
        """Processes that answer: children that are no helpers of multiprocessing."""
        found = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        return [
            int(pid) for pid in found if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()
        ]

    def resident_megabytes(self) -> float:
        """Of the serving process; with several workers, of the largest."""
        return max(_resident(pid) for pid in (self.workers() or [self.pid]))

    def log_lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.log.read_text().splitlines()]


def exchange(
    connection: http.client.HTTPConnection,
    method: str,
    path: str,
    content: bytes,
    headers: Headers,
) -> Answer:
    """One request as it is, with nothing that the client library would add, and its answer."""
    started = time.monotonic()
    connection.putrequest(method, path, skip_accept_encoding=True)
    for name, value in (*headers, ("content-length", str(len(content)))):
        connection.putheader(name, value.encode("latin-1"))
    connection.endheaders(content)
    answer = connection.getresponse()
    received = answer.read()
    return Answer(answer.status, dict(answer.headers), received, time.monotonic() - started)


@contextlib.contextmanager
def served(registry: Path, folder: Path, *, workers: int = 1, **variables: str) -> Iterator[Served]:
    """A service on a store of its own in `folder`, until the end of the block."""
    made = Settings(registry=folder / "made")
    now = datetime.now(UTC)
    with opened_store(made) as store:
        _, key = create_key(
            store, tenant="lab", scopes=frozenset(SCOPES), expires_at=now + timedelta(days=1),
            actor="tests", now=now,
        )  # fmt: skip
    settings = Settings(
        registry=registry, database_url=made.database, pepper_file=made.default_pepper
    )
    log = folder / "log"
    environment = {
        **os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]),
        "CSF_REGISTRY": str(registry), "CSF_DATABASE_URL": made.database,
        "CSF_PEPPER_FILE": str(made.default_pepper), **variables,
    }  # fmt: skip
    run = ["-m", "csf_responder", "serve", "--port", "0", "--workers", str(workers)]
    with log.open("wb") as lines:
        process = subprocess.Popen(
            [sys.executable, *run], cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=lines,
            text=True, start_new_session=True,
        )  # fmt: skip
    try:
        assert process.stdout is not None
        port = urlsplit(process.stdout.readline().split()[-1]).port
        assert port is not None
        running = Served(process.pid, port, key, settings, log)
        assert running.ask("GET", "/readyz").status == 200
        yield running
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate(timeout=SECONDS)


def panel(*results: Any) -> list[dict[str, Any]]:
    """Measurements of the three analytes."""
    stated = {"unit": "pg/mL", "platform": "milliplex"}
    cells = zip(("TNF", "MCP-1", "TGF-b1"), results, strict=True)
    return [{"analyte": analyte, "result": result, **stated} for analyte, result in cells]


def pair(patient_id: str = "P-1", **rest: Any) -> dict[str, Any]:
    """A good request of two panels."""
    return {
        "patient_id": patient_id,
        "baseline": {"month": 0, "measurements": panel(1.1, 512, 61)},
        "follow_up": {"month": 1, "measurements": panel(0.9, 450, 80)},
        **rest,
    }


def table(n_patients: int) -> dict[str, Any]:
    """A good table of baseline panels."""
    columns = {name: [value] * n_patients for name, value in
               (("TNF", 1.1), ("MCP-1", 512), ("TGF-b1", 61))}  # fmt: skip
    ids = [f"P-{number}" for number in range(n_patients)]
    stated = {"unit": "pg/mL", "platform": "milliplex"}
    return {"table": {**stated, "patient_id": ids, "baseline": columns}}


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


def memory_by_round(service: Served, *, rounds: int, requests: int, seed: int) -> list[float]:
    """Resident megabytes after each round of requests by four clients; each gets its status."""
    megabytes = []
    with ThreadPoolExecutor(N_CLIENTS) as clients:
        for number in range(rounds):
            seeds = [f"{seed} {number} {client}" for client in range(N_CLIENTS)]
            shares = [requests // N_CLIENTS] * N_CLIENTS
            for wrong in clients.map(ask_mixture, [service] * N_CLIENTS, shares, seeds):
                assert wrong == []
            megabytes.append(service.resident_megabytes())
    return megabytes


def ask_mixture(service: Served, requests: int, seed: str) -> list[tuple[str, int]]:
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


def kept_promise(promise: str, figure: str) -> None:
    """Tell what was reached to the file of lines that CSF_PROMISES names, if it names one."""
    if path := os.environ.get("CSF_PROMISES"):
        with Path(path).open("a") as lines:
            lines.write(json.dumps({"promise": promise, "figure": figure}) + "\n")


def _resident(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6
