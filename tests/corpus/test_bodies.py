"""The corpus of `bodies.py` against the application, the library, and a server on a socket."""

import asyncio
import contextlib
import http.client
import importlib.util
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from fastapi import FastAPI

from data.errors import FaultsError, PanelError
from data.measurement import read_measurement
from data.panel import Panel, PanelPair
from models.registry import Registry
from service.answers import ProblemAnswer
from service.app import create_app
from service.bodies import parse_json
from service.champions import Champions
from service.running import running
from service.schemas import PREDICTION
from service.settings import Settings
from service.structure import validate

HERE = Path(__file__).parent
HANG_SECONDS = 30
SETTINGS = {"CSF_MAX_BODY_SECONDS": "1", "CSF_ALLOW_ANONYMOUS": "1", "CSF_TRUSTED_HOSTS": "x"}
GROWTH_MB = 16


def load(name: str) -> Any:
    """A module beside this one; `tests` is no package."""
    spec = importlib.util.spec_from_file_location(name, HERE / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


corpus = load("bodies")
WIRES = list(load("wires").wires(corpus.OURS.text().encode(), corpus.CANARY))
BODIES = list(corpus.bodies())
SINGLE = [
    body for body in BODIES
    if (body.method, body.path, body.headers) == ("POST", corpus.PREDICTIONS, corpus.JSON)
    and body.expected in (201, 422)
]  # fmt: skip


@pytest.fixture(scope="module")
def app(linear_registry: Registry) -> Iterator[FastAPI]:
    """A service that runs and asks for no keys."""
    app = create_app(
        Settings(registry=linear_registry.folder, allow_anonymous=True, trusted_hosts=("test",))
    )
    with running(app):
        yield app


def ask(app: FastAPI, body: Any) -> httpx.Response:
    sent = [(name.encode(), value.encode("latin-1")) for name, value in body.headers]

    async def send() -> httpx.Response:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            return await client.request(body.method, body.path, content=body.content, headers=sent)

    return asyncio.run(send())


def codes_of(answer: Any) -> set[str]:
    """Codes of all faults, of a problem or of an answered batch; else the code of a problem."""
    parts = [answer, *answer.get("items", [])]
    found = {fault["code"] for part in parts for fault in part.get("faults", [])}
    return found or {answer["code"]} if "code" in answer else found


def test_corpus_is_large_in_every_class_and_has_good_bodies_in_each() -> None:
    assert len(BODIES) >= 900
    sent = {(body.content, body.headers, body.path, body.method) for body in BODIES}
    assert len(sent) == len({(body.kind, body.name) for body in BODIES}) == len(BODIES)
    for kind in ("numbers", "text", "structure", "encoding", "size", "headers", "ids"):
        accepted = [body.expected < 400 for body in BODIES if body.kind == kind]
        assert sum(accepted) >= 4
        assert accepted.count(False) >= 20


@pytest.mark.parametrize("body", BODIES, ids=lambda body: f"{body.kind}: {body.name}")
def test_body_is_answered_as_its_class_says_and_never_repeated(app: FastAPI, body: Any) -> None:
    started = time.monotonic()
    answer = ask(app, body)
    assert time.monotonic() - started < HANG_SECONDS
    assert answer.status_code == body.expected
    given = answer.text + str(answer.headers)
    assert corpus.CANARY.lower() not in given.lower()
    assert str(corpus.NUMBER) not in given
    if body.expected >= 400:
        assert ProblemAnswer.model_validate_json(answer.content).status == body.expected
        assert answer.headers["content-type"] == "application/problem+json"
    if body.code is not None or body.expected < 400:
        assert codes_of(answer.json()) == ({body.code} if body.code else set())


def test_items_have_the_faults_of_single_requests(app: FastAPI) -> None:
    content = b'{"items": [' + b",".join(body.content for body in SINGLE) + b"]}"
    items = ask(app, corpus.Body("", "", content, 200, path=corpus.BATCH)).json()["items"]
    for body, item in zip(SINGLE, items, strict=True):
        assert ("prediction" in item) == (body.expected == 201), body.name
        assert body.code is None or codes_of(item) == {body.code}, body.name


def test_cells_of_a_table_have_the_faults_of_single_results(app: FastAPI) -> None:
    cells = [body for body in SINGLE if body.result]
    column = ", ".join(body.result for body in cells)
    ids, others = ['"P"'] * len(cells), ["512"] * len(cells)
    content = (
        f'{{"table": {{"unit": "pg/mL", "platform": "milliplex", "patient_id": [{", ".join(ids)}], '
        f'"baseline": {{"TNF": [{column}], "MCP-1": [{", ".join(others)}]}}}}}}'
    )
    answer = ask(app, corpus.Body("", "", content.encode(), 200, path=corpus.BATCH)).json()
    found = {fault["row"]: fault["code"] for fault in answer["faults"]}
    assert found == {row: body.code for row, body in enumerate(cells) if body.code}


def library_codes(champions: Champions, document: Any) -> set[str]:
    """Codes of what the library refuses in a request, without the service."""
    follows = document.get("follow_up") is not None
    task = document.get("task") or ("on_treatment" if follows else "pretreatment")
    classifier = champions.of(task)
    try:
        panels = [
            Panel(
                each["month"],
                tuple(
                    read_measurement(classifier.analyte_table, **{"unit": None, **measured})
                    for measured in each["measurements"]
                ),
            )
            for each in (document["baseline"], document.get("follow_up"))
            if each is not None
        ]
        pair = PanelPair(document["patient_id"], *panels)
        return {fault.code for fault in classifier.faults(pair.baseline, pair.follow_up)}
    except FaultsError as error:
        return {fault.code for fault in error.faults}


def test_library_refuses_panels_with_the_codes_of_the_service(app: FastAPI) -> None:
    compared = set()
    for body in SINGLE:
        document = parse_json(body.content)
        try:
            validate(PREDICTION, document)
        except PanelError:
            continue  # a fault of structure, which the library's types do not have
        compared.add(body.name)
        expected = {body.code} if body.code else set()
        assert library_codes(app.state.champions, document) == expected, body.name
    assert len(compared) > 250


@dataclass(frozen=True)
class Served:
    """A service that runs, with a second for a body to arrive."""

    pid: int
    netloc: str

    def ask(self, body: Any) -> tuple[int, float]:
        """Status and seconds."""
        connection = http.client.HTTPConnection(self.netloc, timeout=HANG_SECONDS)
        started = time.monotonic()
        connection.putrequest(body.method, body.path, skip_accept_encoding=True)
        for name, value in (*body.headers, ("content-length", str(len(body.content)))):
            connection.putheader(name, value.encode("latin-1"))
        connection.endheaders(body.content)
        status = connection.getresponse().status
        connection.close()
        return status, time.monotonic() - started

    def send(self, *parts: bytes) -> bytes:
        """The first bytes of the answer to bytes; parts that it no longer takes are left."""
        host, port = self.netloc.split(":")
        with socket.create_connection((host, int(port)), timeout=HANG_SECONDS) as connection:
            with contextlib.suppress(ConnectionError):
                for part in parts:
                    connection.sendall(part)
            return connection.recv(65536)

    def resident_megabytes(self) -> float:
        written = subprocess.run(
            ["ps", "-o", "rss=", "-p", str(self.pid)], capture_output=True, text=True, check=True
        ).stdout
        return int(written) * 1024 / 1e6


@pytest.fixture(scope="module")
def served(linear_registry: Registry) -> Iterator[Served]:
    process = subprocess.Popen(
        [sys.executable, "-m", "csf_responder", "serve", "--port", "0",
         "--registry", str(linear_registry.folder)],
        cwd=HERE.parents[1], env=os.environ | SETTINGS,
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        yield Served(process.pid, urlsplit(process.stdout.readline().split()[-1]).netloc)
    finally:
        process.kill()
        process.communicate(timeout=HANG_SECONDS)


def test_server_answers_the_corpus_again_and_again_in_the_same_memory(served: Served) -> None:
    megabytes, seconds = [], {}
    for _ in range(3):
        for body in BODIES:
            status, seconds[body.name] = served.ask(body)
            assert status == body.expected, body.name
        megabytes.append(served.resident_megabytes())
    slowest = max(seconds, key=lambda name: seconds[name])
    print(f"slowest: {slowest}, {seconds[slowest]:.2f} s; memory by round: {megabytes} MB")
    assert seconds[slowest] < HANG_SECONDS
    assert megabytes[-1] - megabytes[0] < GROWTH_MB


@pytest.mark.parametrize("wire", WIRES, ids=lambda wire: wire.name)
def test_bytes_on_the_wire_are_answered_as_their_class_says(served: Served, wire: Any) -> None:
    answer = served.send(*wire.parts)
    assert answer.split(b" ", 2)[1] in [str(status).encode() for status in wire.expected]
    assert corpus.CANARY.encode() not in answer
    assert served.resident_megabytes() < 250
