"""compose.yaml, deploy/prometheus.yml and deploy/alerts.yml, judged by the programs they are for.

There is no container engine here; `scripts/image_in_debian.py` starts what the Compose file says.
"""

import json
import os
import re
import secrets
import shutil
import subprocess
import sys
import time
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
import yaml
from serving import Service, new_service, pair

from models.registry import Registry
from service.champions import load_champions
from service.errors import PROBLEMS
from service.metrics import Metrics
from service.opening import opened_store
from service.settings import Settings
from service.store.keys import create_key

ROOT = Path(__file__).parents[2]
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text())
SERVICES: dict[str, Any] = COMPOSE["services"]
ALERTS = (ROOT / "deploy" / "alerts.yml").read_text()
SECONDS = 40

Program = Callable[[str], str]


def succeeds(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture
def monitoring(tmp_path: Path) -> Path:
    """deploy/ with its secrets in the same folder and a key that can be filled in."""
    folder = Path(shutil.copytree(ROOT / "deploy", tmp_path / "deploy"))
    config = folder / "prometheus.yml"
    config.write_text(config.read_text().replace("/run/secrets", str(folder)))
    (folder / "prometheus_key").touch()
    return folder


def test_compose_itself_accepts_the_file(program: Program) -> None:
    file = str(ROOT / "compose.yaml")
    said = succeeds(program("docker-compose"), "-f", file, "config")
    assert set(yaml.safe_load(said)["services"]) == {"service", "database", "prometheus"}


def test_every_setting_of_the_compose_file_is_one_of_the_services() -> None:
    given = SERVICES["service"]["environment"]
    known = {f"CSF_{name.upper()}" for name in Settings.model_fields}
    assert set(given) <= known
    assert {"CSF_DATABASE_URL", "CSF_DATABASE_PASSWORD_FILE", "CSF_TRUSTED_HOSTS"} <= set(given)


def test_nothing_is_published_beyond_this_machine_and_the_database_not_at_all() -> None:
    ports = [port for service in SERVICES.values() for port in service.get("ports", ())]
    assert len(ports) == 2
    assert all(port.startswith("127.0.0.1:") for port in ports)
    assert "ports" not in SERVICES["database"]
    assert SERVICES["database"]["networks"] == ["inside"]
    assert COMPOSE["networks"]["inside"] == {"internal": True}


@pytest.mark.parametrize("name", SERVICES)
def test_containers_can_gain_nothing_and_are_watched_and_bounded(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert "no-new-privileges:true" in service["security_opt"]
    assert name == "database" or service["cap_drop"] == ["ALL"]
    assert {"test", "interval", "timeout"} <= set(service["healthcheck"])
    assert {"cpus", "memory"} == set(service["deploy"]["resources"]["limits"])
    assert service["pids_limit"]


def test_secrets_are_files_and_none_is_written_down() -> None:
    assert all(set(secret) == {"file"} for secret in COMPOSE["secrets"].values())
    used = {name for service in SERVICES.values() for name in service["secrets"]}
    assert used == set(COMPOSE["secrets"])
    for service in SERVICES.values():
        for name, value in service.get("environment", {}).items():
            assert not re.search("PASSWORD|KEY|PEPPER", name) or value.startswith("/run/secrets/")


def test_images_are_named_without_a_registrys_host_and_with_a_version() -> None:
    for service in SERVICES.values():
        assert re.fullmatch(r"([a-z-]+/)?[a-z-]+:v?[0-9][0-9.]*", service["image"])


def test_health_of_the_service_is_asked_as_its_image_does() -> None:
    stated = (ROOT / "Dockerfile").read_text().split("HEALTHCHECK")[1].split("CMD ")[1]
    assert json.loads(stated.splitlines()[0]) == SERVICES["service"]["healthcheck"]["test"][1:]


@pytest.fixture
def composed(postgres_server: Any, tmp_path: Path) -> dict[str, str]:
    """The service's environment of the Compose file, beside a database with an owner of its own."""
    server = urlsplit(postgres_server.url)
    database, password = f"csf_{uuid.uuid4().hex}", secrets.token_hex(16)
    with psycopg.connect(postgres_server.url, autocommit=True) as connection:
        connection.execute(f"CREATE ROLE {database} LOGIN PASSWORD '{password}'".encode())
        connection.execute(f"CREATE DATABASE {database} OWNER {database}".encode())
    (tmp_path / "database_password").write_text(password + "\n")
    stated = SERVICES["service"]["environment"]
    return {
        name: value.replace("/run/secrets", str(tmp_path)).replace(
            "csf@database/csf", f"{database}@127.0.0.1:{server.port}/{database}"
        )
        for name, value in stated.items()
    }


def test_service_keeps_what_it_must_as_the_compose_file_says(
    composed: dict[str, str], linear_registry: Registry, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(linear_registry.folder, tmp_path / "registry"))
    made = typed(composed, tmp_path, "keys", "create", "--tenant", "a", "--scope", "predict")
    assert made.returncode == 0, made.stderr
    stated = {name.removeprefix("CSF_").lower(): value for name, value in composed.items()}
    key, settings = made.stdout.splitlines()[0], Settings(registry=folder, **stated)
    with Service(settings, tmp_path / "log", key).running(2) as service:
        service.post(pair())
    assert typed(composed, tmp_path, "audit", "verify").stdout.startswith("Intact: 2 events")
    assert not list(tmp_path.glob("*.sqlite3"))


def test_wrong_password_of_the_database_is_one_sentence_without_it(
    composed: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "database_password").write_text("CANARY")
    done = typed(composed, tmp_path, "keys", "list")
    assert done.returncode == 1
    assert done.stderr.startswith("Refused: the database did not answer")
    assert "CANARY" not in done.stderr


def typed(
    settings: dict[str, str], folder: Path, *arguments: str
) -> "subprocess.CompletedProcess[str]":
    """One of our commands in a folder."""
    return subprocess.run(
        [sys.executable, "-m", "csf_responder", *arguments], cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), **settings},
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_prometheus_accepts_its_configuration(program: Program, monitoring: Path) -> None:
    said = succeeds(program("promtool"), "check", "config", str(monitoring / "prometheus.yml"))
    assert "rules found" in said


def test_alerts_come_when_they_should_and_only_then(program: Program) -> None:
    succeeds(
        program("promtool"), "test", "rules", str(ROOT / "tests" / "system" / "alerts_test.yml")
    )


def test_every_alert_is_tested_and_documented() -> None:
    names = re.findall(r"alert: (\w+)", ALERTS)
    tests = (ROOT / "tests" / "system" / "alerts_test.yml").read_text()
    page = (ROOT / "docs" / "operation.md").read_text()
    assert len(names) > 8
    assert not [name for name in names if f'alertname="{name}"' not in tests]
    assert not [name for name in names if f"`{name}`" not in page]


def test_alerts_ask_for_metrics_and_codes_that_exist(linear_registry: Registry) -> None:
    text = Metrics().text(load_champions(linear_registry)).decode()
    known = set(re.findall(r"^# TYPE (\w+)", text, re.MULTILINE)) | {"csf_request_seconds_bucket"}
    assert set(re.findall(r"csf_[a-z_]+", ALERTS)) <= known
    api = (ROOT / "docs" / "api.md").read_text()
    codes = {code for found in re.findall(r'code=~?"([^"]+)"', ALERTS) for code in found.split("|")}
    assert len(codes) > 8
    assert {code for _, code in PROBLEMS.values()} & codes
    assert not {code for code in codes if f"`{code}`" not in api}


@pytest.fixture
def served(linear_registry: Registry, tmp_path: Path, monitoring: Path) -> Iterator[str]:
    """Host and port of a service of two workers that has a key for Prometheus."""
    service, now = new_service(linear_registry.folder, tmp_path), datetime.now(UTC)
    with opened_store(service.settings) as store:
        _, key = create_key(
            store, tenant="monitoring", scopes=frozenset(["read"]),
            expires_at=now + timedelta(1), actor="test", now=now,
        )  # fmt: skip
    (monitoring / "prometheus_key").write_text(key + "\n")
    with service.running(2) as running:
        yield running.address


def test_prometheus_reads_a_running_service_with_a_key_from_a_file(
    program: Program, port: int, served: str, monitoring: Path
) -> None:
    config = monitoring / "prometheus.yml"
    # A key that is sent is checked, also where none is needed.
    config.write_text(config.read_text().replace("service:8000", served).replace("15s", "1s"))
    address = f"127.0.0.1:{port}"
    process = subprocess.Popen(
        [
            program("prometheus"), f"--config.file={config}", f"--web.listen-address={address}",
            f"--storage.tsdb.path={monitoring / 'data'}",
        ],
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        found = answered(f"http://{address}/api/v1/query?query=csf_champion_info")
        assert {one["metric"]["task"] for one in found} == {"on_treatment", "pretreatment"}
        (up,) = answered(f"http://{address}/api/v1/query?query=up")
        assert up["value"][1] == "1"
    finally:
        process.terminate()
        process.wait(SECONDS)


def answered(address: str) -> list[Any]:
    """What Prometheus says, once it knows something."""
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(address, timeout=5) as answer:  # noqa: S310 - loopback
                if found := json.load(answer)["data"]["result"]:
                    return list(found)
        except OSError:
            pass
        time.sleep(0.2)
    raise AssertionError("Prometheus has seen nothing")
