"""A service in this process, and requests that laboratories send."""

import asyncio
import copy
import json
import os
import shutil
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from fastapi import FastAPI

from models.registry import Registry
from service.app import create_app
from service.running import running
from service.settings import Settings

JSON = {"content-type": "application/json"}
NOBODY_ELSE = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


@dataclass(frozen=True)
class Client:
    """Asks an application without a network; whatever fails inside is a 500 as outside."""

    app: FastAPI

    def ask(self, method: str, path: str, **rest: Any) -> httpx.Response:
        async def send() -> httpx.Response:
            transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
                return await client.request(method, path, **rest)

        return asyncio.run(send())

    def ask_together(self, n: int, path: str, body: Any) -> list[httpx.Response]:
        async def send() -> list[httpx.Response]:
            transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
                return await asyncio.gather(*(client.post(path, json=body) for _ in range(n)))

        return asyncio.run(send())

    def get(self, path: str) -> httpx.Response:
        return self.ask("GET", path)

    def post(self, path: str, body: Any, headers: Any = JSON) -> httpx.Response:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.ask("POST", path, content=content, headers=headers)


@contextmanager
def open_client(registry: Registry, **settings: Any) -> Iterator[Client]:
    """A client of a service that runs, and by default asks for no keys."""
    given = {"allow_anonymous": True, "trusted_hosts": "test", **settings}
    app = create_app(Settings(registry=registry.folder, **given))
    with running(app):
        yield Client(app)


@pytest.fixture(scope="session")
def client_of() -> Callable[..., AbstractContextManager[Client]]:
    """`with client_of(registry, **settings) as client`: for as long as it is needed."""
    return open_client


@pytest.fixture
def make_client() -> Iterator[Callable[..., Client]]:
    """`make_client(registry, **settings)`: a client of a service of its own."""
    with ExitStack() as stack:
        yield lambda registry, **settings: stack.enter_context(open_client(registry, **settings))


@pytest.fixture(scope="session")
def server_database() -> Iterator[str | None]:
    """A database for all tests on the PostgreSQL server of CSF_TEST_DATABASE_URL, if it is set."""
    server = os.environ.get("CSF_TEST_DATABASE_URL")
    if server is None:
        yield None
        return
    name = f"csf_{uuid.uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"'.encode())
        yield f"{server.rpartition('/')[0]}/{name}"
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())


@pytest.fixture
def database_url(tmp_path: Path, server_database: str | None) -> str:
    """Address of an empty database: SQLite, or that of the server."""
    if server_database is None:
        return f"sqlite:///{tmp_path}/store.sqlite3"
    with psycopg.connect(server_database, autocommit=True) as connection:
        connection.execute(NOBODY_ELSE)
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")
    return server_database


@pytest.fixture(scope="session")
def linear_client(linear_registry: Registry) -> Iterator[Client]:
    with open_client(linear_registry) as client:
        yield client


@pytest.fixture(scope="session")
def boosted_client(boosted_registry: Registry) -> Iterator[Client]:
    with open_client(boosted_registry) as client:
        yield client


@pytest.fixture(params=["linear", "boosted"])
def client(request: pytest.FixtureRequest) -> Client:
    """Services of both kinds of champions."""
    return request.getfixturevalue(f"{request.param}_client")  # type: ignore[no-any-return]


CONTRACT = {
    "patient_id": "P-017",
    "task": "on_treatment",
    "baseline": {
        "specimen_id": "S1",
        "month": 0,
        "measurements": [
            {
                "analyte": "TNF",
                "result": "<0.7",
                "unit": "pg/mL",
                "lloq": 0.7,
                "platform": "milliplex",
            }
        ],
    },
    "follow_up": {
        "specimen_id": "S2",
        "month": 1,
        "measurements": [
            {
                "analyte": "TNF",
                "result": 0.9,
                "unit": "pg/mL",
                "lloq": 0.7,
                "platform": "milliplex",
            }
        ],
    },
}
"""The request in CONTRACTS.md, word for word."""

CONTRACT_TABLE = {
    "table": {
        "task": "on_treatment",
        "unit": "pg/mL",
        "platform": "milliplex",
        "baseline_month": 0,
        "follow_up_month": 1,
        "patient_id": ["P-1", "P-2"],
        "baseline": {"TNF": [1.1, "<0.7"], "MCP-1": [512, 640.5], "TGF-b1": [61, 44]},
        "follow_up": {"TNF": [0.9, "<0.7"], "MCP-1": [450, 600.0], "TGF-b1": [80, 47]},
    }
}
"""The table in CONTRACTS.md, word for word."""


@pytest.fixture
def contract() -> dict[str, Any]:
    return copy.deepcopy(CONTRACT)


@pytest.fixture
def contract_table() -> dict[str, Any]:
    return copy.deepcopy(CONTRACT_TABLE)


def measurement(analyte: str, result: Any, **rest: Any) -> dict[str, Any]:
    stated = {"analyte": analyte, "result": result, "unit": "pg/mL", "platform": "milliplex"}
    return stated | rest


@pytest.fixture
def request_body() -> dict[str, Any]:
    """A pair of whole panels."""
    before = [measurement(*cell) for cell in (("TNF", 1.1), ("MCP-1", 512), ("TGF-b1", 61))]
    after = [measurement(*cell) for cell in (("TNF", 0.9), ("MCP-1", 450), ("TGF-b1", 80))]
    return {
        "patient_id": "P-1",
        "baseline": {"month": 0, "measurements": before},
        "follow_up": {"month": 1, "measurements": after},
    }


@pytest.fixture
def registry_with_one_task(linear_registry: Registry, tmp_path: Path) -> Registry:
    """A registry that has a champion for pretreatment only."""
    registry = Registry(tmp_path / "one-task")
    bundle_id = linear_registry.champion("pretreatment")
    shutil.copytree(linear_registry.bundles / bundle_id, registry.bundles / bundle_id)
    registry.promote(bundle_id, by="tests", reason="", now=datetime(2026, 1, 2, tzinfo=UTC))
    return registry


@pytest.fixture
def registry_of_client(
    client: Client, linear_registry: Registry, boosted_registry: Registry
) -> Registry:
    """The registry that `client` serves."""
    served = client.app.state.settings.registry
    return linear_registry if served == linear_registry.folder else boosted_registry
