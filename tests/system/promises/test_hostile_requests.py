"""The corpus of hostile requests against a service with keys and records, over its socket."""

import contextlib
import importlib.util
import re
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from serving import Running, served

from models.registry import Registry
from service.opening import opened_store
from service.store.audit import verify_audit
from service.store.reading import PredictionFilter, recorded_predictions

CORPUS = Path(__file__).parents[2] / "corpus"
MOST_SECONDS, GROWTH_MB, POOLS_MB = 2, 10, 32
CLASSES = ("numbers", "text", "structure", "encoding", "size", "headers", "ids")


def load(name: str) -> Any:
    """A module of the corpus; `tests` is no package."""
    spec = importlib.util.spec_from_file_location(name, CORPUS / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


corpus, wires = load("bodies"), load("wires")
BODIES = list(corpus.bodies())


@pytest.fixture(scope="module")
def service(linear_registry: Registry, tmp_path_factory: Any) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("hostile")
    asked = {"trusted_hosts": "x", "max_body_seconds": 1}
    with served(linear_registry.folder, folder, **asked) as service:
        yield service


def ask(service: Running, body: Any) -> Any:
    """The corpus knows no keys: whoever is to be refused for having none, has none."""
    is_known = body.expected != 401
    return service.ask(body.method, body.path, body.content, body.headers, is_known=is_known)


def said_to(service: Running, *parts: bytes, ends: bool = False) -> bytes:
    """Everything that is answered to bytes until the service hangs up, or says nothing more."""
    with service.open() as connection, contextlib.suppress(ConnectionError):
        for part in parts:
            connection.sendall(part)
        if ends:
            connection.shutdown(socket.SHUT_WR)
        connection.settimeout(2)
        received = b""
        with contextlib.suppress(TimeoutError):
            while part := connection.recv(65536):
                received += part
        return received
    return b""


def n_predicted(answer: Any) -> int:
    """Predictions in an answer of a status below 400."""
    found = answer.json()
    if "table" in found:
        return sum(row is not None for row in found["table"]["prediction_id"])
    return sum("prediction" in item for item in found.get("items", ())) or "score" in found


@pytest.fixture(scope="module")
def answers(service: Running) -> list[Any]:
    """The answer to each body."""
    return [ask(service, body) for body in BODIES]


def test_every_body_gets_the_status_of_its_class_in_time(
    service: Running, answers: list[Any], reached: Any
) -> None:
    n_wires = sum(1 for _ in wires.wires(GOOD, corpus.CANARY, service.key))
    wrong = [
        (body.kind, body.name, answer.status)
        for body, answer in zip(BODIES, answers, strict=True) if answer.status != body.expected
    ]  # fmt: skip
    assert not wrong
    assert {body.kind for body in BODIES} == set(CLASSES)
    slowest = max(answer.seconds for answer in answers)
    assert slowest < MOST_SECONDS
    reached(
        f"{len(BODIES)} bodies and {n_wires} of bytes, each of its class; slowest {slowest:.2f} s",
    )


def test_nothing_that_was_sent_is_said_or_logged(service: Running, answers: list[Any]) -> None:
    said = "".join(f"{answer.headers}" + answer.content.decode() for answer in answers)
    log = service.log.read_text()
    assert log.count('"event":"request"') >= len(BODIES)
    for text in (said.lower(), log.lower()):
        assert corpus.CANARY.lower() not in text
        assert str(corpus.NUMBER) not in text
    assert not [line for line in service.log_lines() if line["event"] == "failed"]


def test_exactly_what_was_predicted_is_recorded(service: Running, answers: list[Any]) -> None:
    predicted = sum(n_predicted(answer) for answer in answers if answer.status < 400)
    with opened_store(service.settings) as store:
        kept = sum(1 for _ in recorded_predictions(store, PredictionFilter()))
        assert not verify_audit(store).faults
    assert kept == predicted > 200


def test_bodies_again_and_again_leave_the_memory_as_it_was(
    service: Running, answers: list[Any]
) -> None:
    megabytes, cold = [], service.resident_megabytes()
    for _ in range(5):
        for body in BODIES:
            ask(service, body)
        megabytes.append(service.resident_megabytes())
    # The allocator has its pools after the third time that all were sent.
    assert max(megabytes) - megabytes[1] < GROWTH_MB, megabytes
    assert max(megabytes) - cold < POOLS_MB, (cold, megabytes)


GOOD = corpus.OURS.text().encode()
STATUS = re.compile(rb"HTTP/1\.1 (\d{3})")
SECOND = b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n"


def head(service: Running, *headers: str) -> bytes:
    """The head of a good request, but for its length."""
    known = f"Authorization: Bearer {service.key}", "Content-Type: application/json", "Host: x"
    return "\r\n".join(["POST /v1/predictions HTTP/1.1", *known, *headers, "", ""]).encode()


def test_bytes_on_the_wire_are_answered_as_their_class_says(service: Running) -> None:
    wrong = []
    for wire in wires.wires(GOOD, corpus.CANARY, service.key):
        with service.open() as connection:
            with contextlib.suppress(ConnectionError):
                for part in wire.parts:
                    connection.sendall(part)
            first = connection.recv(65536)
        assert corpus.CANARY.encode() not in first
        if STATUS.findall(first)[0] not in [str(status).encode() for status in wire.expected]:
            wrong.append((wire.name, first[:40]))
    assert not wrong


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        (("Content-Length: 4", "Transfer-Encoding: chunked"), b"0\r\n\r\n"),
        (("Transfer-Encoding: chunked", "Content-Length: 5"), b"0\r\n\r\n"),
        (("Content-Length: 0", "Content-Length: 5"), b""),
        (("Content-Length: 0", "Transfer-Encoding: xchunked"), b""),
        (("Content-Length: 0", "Transfer-Encoding: \x0bchunked"), b"0\r\n\r\n"),
        (("Transfer-Encoding: chunked",), b"0\nx\n\n"),
        (("Connection: close", "Content-Length: 0"), b""),
    ],
)
def test_no_second_request_hides_behind_a_doubtful_one(
    service: Running, headers: tuple[str, ...], body: bytes
) -> None:
    answer = said_to(service, head(service, *headers) + body + SECOND)
    assert STATUS.findall(answer) == [b"400"]


def test_trailers_are_no_headers(service: Running) -> None:
    key = f"Authorization: Bearer {service.key}\r\n".encode()
    chunks = b"%x\r\n%s\r\n0\r\n%s\r\n" % (len(GOOD), GOOD, key)
    sent = head(service, "Transfer-Encoding: chunked").replace(key, b"") + chunks
    assert STATUS.findall(said_to(service, sent)) == [b"401"]


def test_requests_behind_an_offer_of_another_protocol_are_answered_in_order(
    service: Running,
) -> None:
    offer = "Connection: Upgrade", "Upgrade: h2c", f"Content-Length: {len(GOOD)}"
    sent = SECOND + head(service, *offer) + GOOD + SECOND
    assert STATUS.findall(said_to(service, sent)) == [b"200", b"201", b"200"]
    assert STATUS.findall(said_to(service, *(bytes([byte]) for byte in sent))) == [
        b"200", b"201", b"200"]  # fmt: skip


def test_who_sends_no_more_is_answered_and_then_cut_off(service: Running) -> None:
    sent = head(service, f"Content-Length: {len(GOOD)}") + GOOD
    assert STATUS.findall(said_to(service, sent, ends=True)) == [b"201"]
    assert said_to(service, sent[:-1], ends=True) == b""
