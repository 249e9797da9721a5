"""Services as process groups of their own, and clients who note every answer they get."""

import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Sequence, Sized
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from data.panel import TASK_NAMES
from data.simulate import simulate_cohort
from models.canonical import sha256
from models.registry import Registry
from service.opening import opened_store
from service.settings import Settings
from service.store.audit import verify_audit
from service.store.pepper import create_pepper
from service.store.reading import PredictionFilter, recorded_predictions

ROOT = Path(__file__).parents[3]
SECONDS = 30
JSON = {"content-type": "application/json"}
STATED = {"unit": "pg/mL", "platform": "milliplex"}
RESULTS = {"TNF": 1.1, "MCP-1": 512, "TGF-b1": 61}
CELLS = [{"analyte": analyte, "result": result, **STATED} for analyte, result in RESULTS.items()]
BODY = json.dumps({"patient_id": "P-1", "baseline": {"month": 0, "measurements": CELLS}})


@dataclass(frozen=True)
class Running:
    """A service that answers; its processes are those of `group`."""

    group: int
    port: int

    @contextmanager
    def connected(self) -> Iterator[http.client.HTTPConnection]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=SECONDS)
        with closing(connection):
            yield connection

    def ask(self, method: str, path: str, content: str = "", **headers: str) -> tuple[int, bytes]:
        """One request over a connection of its own."""
        sent = JSON | {name.replace("_", "-"): value for name, value in headers.items()}
        with self.connected() as connection:
            connection.request(method, path, content or None, sent)
            answer = connection.getresponse()
            return answer.status, answer.read()

    def post(self, content: str, path: str = "/v1/predictions", **headers: str) -> Any:
        """What is answered to a body, parsed; it must be a good one."""
        status, answer = self.ask("POST", path, content, **headers)
        assert status in (200, 201), answer
        return json.loads(answer)

    def kill(self) -> None:
        """End all processes at once, as a power cut would."""
        with suppress(ProcessLookupError):
            os.killpg(self.group, signal.SIGKILL)

    def wait_until_ready(self) -> None:
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            with suppress(OSError, http.client.HTTPException):
                assert self.ask("GET", "/readyz")[0] == 200
                return
            time.sleep(0.1)
        pytest.fail("the service does not become ready")


@dataclass(frozen=True)
class Service:
    """A registry, a database and a pepper that services are started on."""

    settings: Settings
    log: Path

    @contextmanager
    def running(
        self, n_workers: int, *, before: Sequence[str] = (), is_hasty: bool = False
    ) -> Iterator[Running]:
        """Start one, by way of the command `before`; whatever is left of it is killed."""
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = int(taken.getsockname()[1])
        hasty = ("uvicorn", "hasty:create_app", "--factory", "--log-level", "warning")
        command = [*before, sys.executable, "-m", *(hasty if is_hasty else SERVE)]
        command += ["--port", str(port), "--workers", str(n_workers)]
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                command, cwd=ROOT, env=self.environment(), stdout=subprocess.DEVNULL, stderr=log,
                start_new_session=True,
            )  # fmt: skip
        running = Running(process.pid, port)
        try:
            running.wait_until_ready()
            yield running
        finally:
            running.kill()
            process.wait()

    def environment(self) -> dict[str, str]:
        """What says all of this to a command."""
        paths = [str(ROOT), str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")]
        return {
            **os.environ, "PYTHONPATH": os.pathsep.join(paths), "CSF_ALLOW_ANONYMOUS": "1",
            "CSF_REGISTRY": str(self.settings.registry),
            "CSF_DATABASE_URL": self.settings.database,
            "CSF_PEPPER_FILE": str(self.settings.pepper_file),
        }  # fmt: skip

    def answers(self) -> dict[str, str]:
        """Digest of the answer of each prediction that is kept; the audit must be whole."""
        with opened_store(self.settings) as store:
            assert not verify_audit(store).faults
            kept = [*recorded_predictions(store, PredictionFilter())]
        assert len(kept) == len({one.prediction_id for one in kept})
        return {one.prediction_id: sha256(one.answer) for one in kept}


SERVE = ("csf_responder", "serve")


@dataclass
class Clients:
    """So many who post at the same time; a 503 they ask again, under the same key."""

    running: Running
    stopping: threading.Event = field(default_factory=threading.Event)
    acknowledged: dict[str, bytes] = field(default_factory=dict)
    """By idempotency key."""
    refused: list[dict[str, Any]] = field(default_factory=list)
    n_broken: int = 0

    @contextmanager
    def posting(self, n: int) -> Iterator[None]:
        """At the end everybody gets the answer that they wait for."""
        threads = [threading.Thread(target=self._post) for _ in range(n)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self.stopping.set()
            for thread in threads:
                thread.join()

    def wait_for(self, n_more: int, *, refused: bool = False) -> float:
        """How long it takes until so many more are acknowledged, or refused [s]."""
        counted: Sized = self.refused if refused else self.acknowledged
        begun, before = time.monotonic(), len(counted)
        while len(counted) < before + n_more:
            assert time.monotonic() - begun < SECONDS, self.refused[-3:]
            time.sleep(0.01)
        return time.monotonic() - begun

    def digests(self) -> dict[str, str]:
        """Digest of each answer that was acknowledged, by the prediction's id."""
        answers = list(self.acknowledged.values())
        found = {json.loads(answer)["prediction_id"]: sha256(answer) for answer in answers}
        assert len(found) == len(answers)
        return found

    def _post(self) -> None:
        try:
            with self.running.connected() as connection:
                while not self.stopping.is_set():
                    self._post_until_kept(connection, str(uuid.uuid4()))
        except (OSError, http.client.HTTPException):
            self.n_broken += 1

    def _post_until_kept(self, connection: http.client.HTTPConnection, key: str) -> None:
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            connection.request("POST", "/v1/predictions", BODY, {**JSON, "idempotency-key": key})
            answer = connection.getresponse()
            content = answer.read()
            if answer.status == 201:
                self.acknowledged[key] = content
                return
            self.refused.append(json.loads(content))
            time.sleep(0.02)
        raise TimeoutError


@pytest.fixture
def panel() -> str:
    """A body that is good."""
    return BODY


@pytest.fixture
def clients_of() -> type[Clients]:
    return Clients


@pytest.fixture
def make_service(linear_registry: Registry, tmp_path: Path) -> Callable[..., Service]:
    """`make_service(registry=..., database_url=...)`: SQLite where no other database is named."""

    def make_service(**given: Any) -> Service:
        pepper_file = tmp_path / "pepper"
        if not pepper_file.exists():
            create_pepper(pepper_file)
        usual = {
            "registry": linear_registry.folder,
            "database_url": f"sqlite:///{tmp_path}/store.sqlite3",
        }
        settings = Settings(pepper_file=pepper_file, **(usual | given))
        return Service(settings, tmp_path / "log")

    return make_service


@pytest.fixture
def service(make_service: Callable[..., Service]) -> Service:
    return make_service()


@pytest.fixture(scope="session")
def six_bundles(
    linear_registry: Registry,
    boosted_registry: Registry,
    train_quickly: Callable[..., Any],
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """A folder of three bundles for each task, of which no two give the same answer."""
    folder = tmp_path_factory.mktemp("six") / "bundles"
    for made in (linear_registry, boosted_registry):
        shutil.copytree(made.bundles, folder, dirs_exist_ok=True)
    other = simulate_cohort("informative", n=64, seed=5)
    for task in TASK_NAMES:
        train_quickly(other, task).write(folder)
    return folder


@pytest.fixture
def registry(six_bundles: Path, tmp_path: Path) -> Registry:
    """A registry of six bundles that were all promoted once."""
    registry = Registry(tmp_path / "registry")
    shutil.copytree(six_bundles, registry.bundles)
    for bundle_id in registry.bundle_ids():
        registry.promote(bundle_id, by="tests", reason="", now=datetime.now(UTC))
    return registry
