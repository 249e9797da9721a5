"""The service as a laboratory runs it: process groups of their own, and what is asked of them."""

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from models.canonical import sha256
from service.opening import opened_store
from service.settings import Settings
from service.store.audit import verify_audit
from service.store.keys import SCOPES, create_key
from service.store.pepper import create_pepper
from service.store.reading import PredictionFilter, recorded_predictions

HARNESS = Path(__file__).parent
ROOT = HARNESS.parents[1]
SECONDS = 30
Headers = Sequence[tuple[str, str]]
PREDICTIONS, BATCH = "/v1/predictions", "/v1/predictions/batch"
JSON = (("content-type", "application/json"),)
SERVE = ("csf_responder", "serve")
HASTY = ("uvicorn", "hasty:create_app", "--factory", "--log-level", "warning")
"""A service that answers before it commits: what a test of a promise must find out."""


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
class Running:
    """A service that answers, with all its processes in the group `pid`."""

    pid: int
    port: int
    settings: Settings
    log: Path
    key: str | None

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

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

    def post(self, document: Any, path: str = PREDICTIONS) -> Any:
        """What is answered to a document, parsed; it must be a good one."""
        answer = self.ask("POST", path, json.dumps(document).encode(), JSON)
        assert answer.status in (200, 201), answer
        return answer.json()

    def connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=SECONDS)

    def with_key(self, headers: Headers) -> Headers:
        known = [] if self.key is None else [("authorization", f"Bearer {self.key}")]
        return [*headers, *known]

    def open(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=SECONDS)

    def kill(self) -> None:
        """End all processes at once, as a power cut would."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)

    def workers(self) -> list[int]:
        """Processes that answer: children that are no helpers of multiprocessing."""
        found = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        return [
            int(pid) for pid in found if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()
        ]

    def resident_megabytes(self) -> float:
        """Of the only process."""
        pages = int(Path(f"/proc/{self.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6

    def log_lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.log.read_text().splitlines()]

    def wait_for_line(self, event: str) -> None:
        """Wait until the log tells of an event."""
        deadline = time.monotonic() + SECONDS
        while f'"event":"{event}"' not in self.log.read_text():
            assert time.monotonic() < deadline, event
            time.sleep(0.1)


@dataclass(frozen=True)
class Service:
    """What services are started on, one after the other, and what they leave there."""

    settings: Settings
    log: Path
    key: str | None = None

    @contextlib.contextmanager
    def running(
        self, workers: int = 1, *, before: Sequence[str] = (), program: Sequence[str] = SERVE
    ) -> Iterator[Running]:
        """Start one, by way of the command `before`; whatever is left of it is killed."""
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = int(taken.getsockname()[1])
        command = [*before, sys.executable, "-m", *program, "--port", str(port)]
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                [*command, "--workers", str(workers)], cwd=ROOT, env=self.environment(),
                stdout=subprocess.DEVNULL, stderr=log, start_new_session=True,
            )  # fmt: skip
        running = Running(process.pid, port, self.settings, self.log, self.key)
        try:
            _wait_until_ready(running, process)
            yield running
        finally:
            running.kill()
            process.wait(SECONDS)

    def environment(self) -> dict[str, str]:
        """What says all of this to a command."""
        paths = [str(ROOT), str(HARNESS), os.environ.get("PYTHONPATH", "")]
        stated = {
            f"CSF_{name.upper()}": ",".join(value) if isinstance(value, tuple) else str(value)
            for name, value in self.settings
            if name in self.settings.model_fields_set
        }
        return {**os.environ, "PYTHONPATH": os.pathsep.join(paths), **stated}

    def answers(self) -> dict[str, str]:
        """Digest of the answer of each prediction that is kept; the audit must be whole."""
        with opened_store(self.settings) as store:
            assert not verify_audit(store).faults
            kept = [*recorded_predictions(store, PredictionFilter())]
        assert len(kept) == len({one.prediction_id for one in kept})
        return {one.prediction_id: sha256(one.answer) for one in kept}


def new_service(registry: Path, folder: Path, **given: Any) -> Service:
    """A service that asks nobody for a key; its records are in `folder`, unless given elsewhere."""
    pepper = folder / "pepper"
    if not pepper.exists():
        create_pepper(pepper)
    place = {"database_url": f"sqlite:///{folder}/store.sqlite3", "pepper_file": pepper}
    settings = Settings(registry=registry, **({"allow_anonymous": True, **place} | given))
    return Service(settings, folder / "log")


@contextlib.contextmanager
def served(registry: Path, folder: Path, *, workers: int = 1, **given: Any) -> Iterator[Running]:
    """A service, and a key of its tenant `lab` with every scope, until the end of the block."""
    service = new_service(registry, folder, allow_anonymous=False, **given)
    now = datetime.now(UTC)
    with opened_store(service.settings) as store:
        _, key = create_key(
            store, tenant="lab", scopes=frozenset(SCOPES), expires_at=now + timedelta(days=1),
            actor="tests", now=now,
        )  # fmt: skip
    with Service(service.settings, service.log, key).running(workers) as running:
        yield running


def _wait_until_ready(running: Running, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        assert process.poll() is None, running.log.read_text()
        with contextlib.suppress(OSError, http.client.HTTPException):
            assert running.ask("GET", "/readyz").status == 200
            return
        time.sleep(0.05)
    raise AssertionError("the service does not become ready")


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
