"""What the service acknowledged is on disk and said once, whatever is killed and repeated."""

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from models.canonical import sha256
from models.registry import Registry
from service.opening import opened_store
from service.settings import Settings
from service.store.audit import verify_audit
from service.store.reading import PredictionFilter, recorded_predictions

ROOT = Path(__file__).parents[2]
N_CLIENTS, N_CYCLES, SECONDS = 16, 3, 30
JSON = {"content-type": "application/json"}


def body(patient_id: str = "P-1") -> str:
    def panel(*results: float) -> list[dict[str, Any]]:
        cells = zip(("TNF", "MCP-1", "TGF-b1"), results, strict=True)
        stated = {"unit": "pg/mL", "platform": "milliplex"}
        return [{"analyte": analyte, "result": result, **stated} for analyte, result in cells]

    baseline = {"month": 0, "measurements": panel(1.1, 512, 61)}
    return json.dumps({"patient_id": patient_id, "baseline": baseline})


@contextmanager
def connect(port: int) -> Iterator[http.client.HTTPConnection]:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS)) as connection:
        yield connection


def post(port: int, content: str, **headers: str) -> tuple[int, bytes]:
    sent = JSON | {name.replace("_", "-"): value for name, value in headers.items()}
    with connect(port) as connection:
        connection.request("POST", "/v1/predictions", content, sent)
        answer = connection.getresponse()
        return answer.status, answer.read()


@dataclass(frozen=True)
class Service:
    """Starts services on one store, as process groups of their own."""

    settings: Settings
    log: Path

    @contextmanager
    def running(self, n_workers: int, *, is_hasty: bool = False) -> Iterator[tuple[int, int]]:
        """Process group and port; whatever is left of the group is killed."""
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = int(taken.getsockname()[1])
        serve = ["-m", "csf_responder", "serve"]
        hasty = ["-m", "uvicorn", "hasty:create_app", "--factory", "--log-level", "warning"]
        command = [sys.executable, *(hasty if is_hasty else serve)]
        command += ["--port", str(port), "--workers", str(n_workers)]
        paths = [str(ROOT), str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")]
        environment = {
            **os.environ, "PYTHONPATH": os.pathsep.join(paths), "CSF_ALLOW_ANONYMOUS": "1",
            "CSF_REGISTRY": str(self.settings.registry),
            "CSF_DATABASE_URL": self.settings.database,
            "CSF_PEPPER_FILE": str(self.settings.pepper_file),
        }  # fmt: skip
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=log,
                start_new_session=True,
            )  # fmt: skip
        try:
            wait_until_ready(port)
            yield process.pid, port
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def answers(self) -> dict[str, str]:
        """Digest of the answer of each prediction that is kept."""
        with opened_store(self.settings) as store:
            assert not verify_audit(store).faults
            kept = recorded_predictions(store, PredictionFilter())
            return {one.prediction_id: sha256(one.answer) for one in kept}


def wait_until_ready(port: int) -> None:
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        with suppress(OSError, http.client.HTTPException), connect(port) as connection:
            connection.request("GET", "/readyz")
            assert connection.getresponse().status == 200
            return
        time.sleep(0.1)
    pytest.fail("the service does not become ready")


@pytest.fixture
def service(linear_registry: Registry, tmp_path: Path) -> Service:
    made = Settings(registry=tmp_path / "made")
    with opened_store(made):
        pass
    settings = Settings(
        registry=linear_registry.folder, database_url=made.database, pepper_file=made.default_pepper
    )
    return Service(settings, tmp_path / "log")


def acknowledged_until_killed(port: int, kill: Callable[[], None]) -> dict[str, str]:
    """Digests of the answers that 16 clients got before everything was killed under them."""
    acknowledged: dict[str, str] = {}

    def ask() -> None:
        with suppress(OSError, http.client.HTTPException), connect(port) as connection:
            while True:
                connection.request("POST", "/v1/predictions", body(), JSON)
                answer = connection.getresponse()
                content = answer.read()
                assert answer.status == 201, content
                acknowledged[json.loads(content)["prediction_id"]] = sha256(content)

    threads = [threading.Thread(target=ask) for _ in range(N_CLIENTS)]
    for thread in threads:
        thread.start()
    while len(acknowledged) < 300:
        assert any(thread.is_alive() for thread in threads)
        time.sleep(0.01)
    kill()
    for thread in threads:
        thread.join()
    return acknowledged


def lost_in_a_kill(service: Service, *, is_hasty: bool = False) -> list[str]:
    with service.running(2, is_hasty=is_hasty) as (group, port):
        said = acknowledged_until_killed(port, lambda: os.killpg(group, signal.SIGKILL))
    kept = service.answers()
    return [
        prediction_id for prediction_id, digest in said.items() if kept.get(prediction_id) != digest
    ]


def test_what_was_acknowledged_survives_kill_9_of_all_processes(service: Service) -> None:
    assert [lost_in_a_kill(service) for _ in range(N_CYCLES)] == [[]] * N_CYCLES


def test_a_service_that_answers_before_it_commits_is_caught(service: Service) -> None:
    assert lost_in_a_kill(service, is_hasty=True)


def test_twenty_keys_posted_thirty_two_times_over_four_workers_are_twenty_records(
    service: Service,
) -> None:
    keys = [str(uuid.uuid4()) for _ in range(20)]
    found: dict[str, set[tuple[int, bytes]]] = {key: set() for key in keys}
    together = threading.Barrier(32)

    def ask(port: int) -> None:
        for number, key in enumerate(keys):
            together.wait(SECONDS)
            found[key].add(post(port, body(f"P-{number}"), Idempotency_Key=key))

    with service.running(4) as (_, port):
        threads = [threading.Thread(target=ask, args=(port,)) for _ in range(32)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert [len(answers) for answers in found.values()] == [1] * 20
    assert {status for answers in found.values() for status, _ in answers} == {201}
    ids = {json.loads(content)["prediction_id"] for a in found.values() for _, content in a}
    assert ids == set(service.answers())
    assert len(ids) == 20


def test_canaries_are_in_no_log_and_metrics_are_those_of_all_workers(service: Service) -> None:
    with service.running(2) as (_, port):
        for number in range(50):
            assert post(port, body(f"CANARY-{number}"))[0] == 201
            assert post(port, body(f"CANARY {number}"))[0] == 422
            assert post(port, f'{{"CANARY": CANARY-{number}}}')[0] == 400
        with connect(port) as connection:
            connection.request("GET", "/metrics")
            text = connection.getresponse().read().decode()
    counted = re.findall(r'csf_requests_total\{(?=.*POST).*status="(\d+)"\} (\S+)', text)
    assert sorted(counted) == [("201", "50.0"), ("400", "50.0"), ("422", "50.0")]
    log = service.log.read_text()
    assert len([line for line in log.splitlines() if json.loads(line)["event"] == "request"]) > 150
    assert "CANARY" not in log + text
