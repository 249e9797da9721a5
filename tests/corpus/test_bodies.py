"""The corpus of `bodies.py` against the application and the library.

Over a socket, and with the bytes of `wires.py`, the promises ask it.
"""

import asyncio
import importlib.util
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

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
from service.opening import opened_store
from service.running import running
from service.schemas import PREDICTION
from service.settings import Settings
from service.store.keys import SCOPES, create_key
from service.structure import validate

HERE = Path(__file__).parent
HANG_SECONDS = 30


def load(name: str) -> Any:
    """A module beside this one; `tests` is no package."""
    spec = importlib.util.spec_from_file_location(name, HERE / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


corpus = load("bodies")
BODIES = list(corpus.bodies())
SINGLE = [
    body for body in BODIES
    if (body.method, body.path, body.headers) == ("POST", corpus.PREDICTIONS, corpus.JSON)
    and body.expected in (201, 422)
]  # fmt: skip


@pytest.fixture(scope="module")
def app(linear_registry: Registry) -> Iterator[FastAPI]:
    """A service that runs, and a key to it."""
    settings, now = (
        Settings(registry=linear_registry.folder, trusted_hosts=("test",)),
        datetime.now(UTC),
    )
    with opened_store(settings) as store:
        _, key = create_key(
            store, tenant="lab", scopes=frozenset(SCOPES), expires_at=now + timedelta(1),
            actor="tests", now=now,
        )  # fmt: skip
    app = create_app(settings)
    app.state.known = (b"authorization", f"Bearer {key}".encode())
    with running(app):
        yield app


def ask(app: FastAPI, body: Any) -> httpx.Response:
    sent = [(name.encode(), value.encode("latin-1")) for name, value in body.headers]
    if body.expected != 401:  # whoever is to be refused for having no key has none
        sent.append(app.state.known)

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
