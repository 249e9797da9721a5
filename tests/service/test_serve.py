"""The command `serve` as a process of its own, on a free port, ended by its own id."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from serving import JSON, PREDICTIONS, Running, new_service, pair

from models.registry import Registry
from service.settings import Settings

ROOT = Path(__file__).parents[2]
SECONDS = 60
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("CSF_")}
ANYBODY = ENVIRONMENT | {"CSF_ALLOW_ANONYMOUS": "1"}


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "csf_responder", "serve", *arguments]


@dataclass
class Served:
    """A service that runs, and what it says first."""

    process: "subprocess.Popen[str]"
    lines: list[str]
    running: Running


@pytest.fixture(scope="module")
def served(linear_registry: Registry) -> Iterator[Served]:
    process = subprocess.Popen(
        command("--registry", str(linear_registry.folder), "--port", "0"),
        cwd=ROOT, env=ANYBODY, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        lines = [process.stdout.readline().strip() for _ in range(3)]
        port = int(lines[0].rpartition(":")[2])
        settings = Settings(registry=linear_registry.folder)
        yield Served(process, lines, Running(process.pid, port, settings, Path(os.devnull), None))
    finally:
        process.kill()
        process.communicate(timeout=SECONDS)


def refused(*arguments: str, environment: dict[str, str] = ANYBODY) -> str:
    """What a start that is refused says: exit 1, nothing but one sentence."""
    process = subprocess.run(
        command(*arguments), cwd=ROOT, env=environment, capture_output=True, text=True,
        timeout=SECONDS, check=False,
    )  # fmt: skip
    assert process.returncode == 1
    assert process.stdout == ""
    (sentence,) = process.stderr.splitlines()
    return sentence


def test_first_lines_say_where_and_with_what_it_serves(
    served: Served, linear_registry: Registry
) -> None:
    champions = linear_registry.champions()
    assert served.lines[0].startswith("Serving on http://127.0.0.1:")
    assert served.lines[1:] == [f"{task}: {bundle_id}" for task, bundle_id in champions.items()]


def test_it_answers_as_soon_as_it_has_said_where(served: Served) -> None:
    assert served.running.ask("GET", "/readyz").status == 200


def test_request_of_the_contract_is_answered(served: Served, contract: dict[str, Any]) -> None:
    answer = served.running.ask("POST", PREDICTIONS, json.dumps(contract).encode(), JSON)
    assert answer.status == 201
    assert answer.headers["location"] == f"{PREDICTIONS}/{answer.json()['prediction_id']}"
    assert "server" not in answer.headers


def test_numbers_are_those_of_the_application_in_this_process(
    served: Served, linear_client, contract: dict[str, Any]
) -> None:
    there = served.running.post(contract)
    here = linear_client.post("/v1/predictions", contract).json()
    for changing in ("prediction_id", "created_at"):
        there.pop(changing)
        here.pop(changing)
    assert there == here


def test_broken_requests_do_not_stop_it(served: Served) -> None:
    for broken in (b"\x00" * 100, b"GET / HTTP/9.9\r\n\r\n", b"POST /v1/predictions HTTP/1.1\r\n"):
        with served.running.open() as connection:
            connection.sendall(broken)
    assert served.running.ask("GET", "/livez").status == 200


def test_damaged_champion_stops_the_start_with_one_sentence(
    linear_registry: Registry, tmp_path: Path
) -> None:
    copied = Registry(shutil.copytree(linear_registry.folder, tmp_path / "registry"))
    card = copied.bundles / copied.champion("pretreatment") / "card.md"
    card.write_bytes(card.read_bytes() + b" ")
    sentence = refused("--registry", str(copied.folder), "--port", "0")
    assert sentence.startswith("Refused: bundle ")
    assert "card.md" in sentence


def test_address_beyond_loopback_is_refused_with_one_sentence(tmp_path: Path) -> None:
    sentence = refused("--registry", str(tmp_path), "--host", "0.0.0.0", "--port", "0")  # noqa: S104
    assert "CSF_HOST" in sentence
    assert "loopback" in sentence


def test_start_without_keys_is_refused_with_one_sentence(tmp_path: Path) -> None:
    registry = str(tmp_path / "registry")
    sentence = refused("--registry", registry, "--port", "0", environment=ENVIRONMENT)
    assert "csf-responder keys create" in sentence


def test_database_that_cannot_be_used_stops_the_start_with_one_sentence(tmp_path: Path) -> None:
    registry, database = str(tmp_path / "registry"), tmp_path / "registry.sqlite3"
    database.write_text("no database")
    (tmp_path / "registry.pepper").write_text("0" * 64)
    (tmp_path / "registry.pepper").chmod(0o600)
    assert "damaged" in refused("--registry", registry, "--port", "0")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CSF_REGISTRY", ""), ("CSF_REGISTRY", "/"), ("CSF_HOST", ""), ("CSF_HOST", "\udcff"),
        ("CSF_DATABASE_URL", ""), ("CSF_DATABASE_URL", "postgresql://host:CANARY/name"),
        ("CSF_PEPPER_FILE", ""), ("CSF_PUBLIC_KEY_FILE", ""), ("PROMETHEUS_MULTIPROC_DIR", ""),
    ],
)  # fmt: skip
def test_setting_that_does_not_fit_stops_the_start_with_one_sentence(
    tmp_path: Path, name: str, value: str
) -> None:
    environment = ANYBODY | {"CSF_REGISTRY": str(tmp_path / "registry"), name: value}
    sentence = refused("--port", "0", environment=environment)
    assert name in sentence or "use sqlite:///FILE" in sentence
    assert "CANARY" not in sentence


@pytest.mark.parametrize("redirected", ["2>/dev/full", "2>&-"])
def test_log_that_cannot_be_written_changes_no_answer_and_ends_no_following(
    linear_registry: Registry, tmp_path: Path, redirected: str
) -> None:
    copied = Registry(shutil.copytree(linear_registry.folder, tmp_path / "registry"))
    with new_service(copied.folder, tmp_path).running(before=redirecting(redirected)) as running:
        for _ in range(5):
            running.post(pair())
        aliases = copied.folder / "aliases.json"
        good = aliases.read_bytes()
        for content, problems in ((b"{", True), (good, False)):
            aliases.write_bytes(content)
            until(
                lambda wanted=problems: (
                    ("problems" in running.ask("GET", "/readyz").json()) == wanted
                )
            )


def test_log_that_nobody_reads_stops_no_answer(linear_registry: Registry, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reading = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    service = new_service(linear_registry.folder, tmp_path)
    with service.running(before=redirecting(f"2>{pipe}")) as running:
        assert {running.ask("GET", "/livez").status for _ in range(600)} == {200}
        assert len(os.read(reading, 1 << 20)) > 2**15
    os.close(reading)


def redirecting(redirected: str) -> tuple[str, ...]:
    """A command in front of another, whose standard error goes where the shell is told."""
    return ("sh", "-c", f'exec "$@" {redirected}', "sh")


def until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + SECONDS
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.1)


def test_asked_to_stop_it_stops_without_complaint(served: Served) -> None:
    served.process.send_signal(signal.SIGTERM)
    _, errors = served.process.communicate(timeout=SECONDS)
    assert served.process.returncode in (0, -signal.SIGTERM)
    assert "Traceback" not in errors


def test_a_port_in_use_is_one_sentence(linear_registry: Registry) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        arguments = command("--registry", str(linear_registry.folder), "--port", port)
        done = subprocess.run(
            arguments, cwd=ROOT, env=ANYBODY, capture_output=True, text=True, check=False
        )
    assert done.returncode == 1
    assert done.stderr.startswith(f"Refused: cannot listen on 127.0.0.1 port {port}")


def test_a_client_that_hangs_up_leaves_no_traceback(
    linear_registry: Registry, tmp_path: Path
) -> None:
    head = b"POST /v1/predictions HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 500\r\n"
    with new_service(linear_registry.folder, tmp_path).running() as running:
        for _ in range(5):
            with running.open() as client:
                client.sendall(head + b"Content-Type: application/json\r\n\r\n{")
        assert running.ask("HEAD", "/livez").status == 200
        os.kill(running.pid, signal.SIGTERM)
        until(lambda: not Path(f"/proc/{running.pid}/fd/0").exists())  # it has ended
    assert {line["event"] for line in running.log_lines()} <= {"request"}
