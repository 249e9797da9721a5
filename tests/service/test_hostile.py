"""Bodies that nobody should send: refused by class, quickly, without repeating any of them."""

import copy
import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from service.schemas import ProblemAnswer

PREDICTIONS, BATCH = "/v1/predictions", "/v1/predictions/batch"
CANARY = "KANARIENVOGEL"
SECONDS = 2.0
Body = dict[str, Any]
Case = tuple[str, bytes, dict[str, str], int]

JSON = {"content-type": "application/json"}
CELL = {"analyte": "TNF", "result": 1.1, "unit": "pg/mL", "platform": "milliplex"}
GOOD: Body = {"patient_id": "P", "baseline": {"month": 0, "measurements": [CELL]}}


def with_cell(**changes: Any) -> Body:
    return GOOD | {"baseline": {"month": 0, "measurements": [CELL | changes]}}


def raw(number: str, at: str = "result") -> bytes:
    """A request with a number that `json.dumps` would not write."""
    return json.dumps(with_cell(**{at: 123456789})).replace("123456789", number).encode()


def numbers() -> Iterator[bytes]:
    """400: no JSON number. 422: a number that is no concentration."""
    for number in ("NaN", "Infinity", "-Infinity", "1e999", "-1e999", "1" * 400, "1" * 5000):
        yield raw(number)
    for number in ("0x10", "01", "+1", ".5", "1.", "1e", "--1", "1_000", "\uff11"):
        yield raw(number)


def odd_numbers() -> Iterator[Body]:
    for result in (0, -0.0, -1, 1e308, 5e-324, 2**63, 2**64 - 1, True, False, [1], {"a": 1}):
        yield with_cell(result=result)
    for limit in (0, -1, 1e308, "0.7", True, []):
        yield with_cell(lloq=limit)
    for month in (1e9, -121, "0", True, None):
        yield GOOD | {"baseline": {"month": month, "measurements": [CELL]}}


def texts() -> Iterator[Body]:
    for text in (
        CANARY, "\x00", "١٢٣", "1,234", "1.2.3", "<", ">", "<<1", "OOR", "<-1", "<0", "1e999",
        "9" * 64, "9" * 65, "x" * 10_000, "=1+1", "1;DROP TABLE", "<script>", "${jndi}", "\u202e1",
        "0x10", "1 2", "NaN", "inf", "∞", "½",
    ):  # fmt: skip
        yield with_cell(result=text)
    for unit in (CANARY, "pg/ML", "", "pmol/L", "pg/mL ", "x" * 65):
        yield with_cell(unit=unit)
    for analyte in (CANARY, "", "x" * 65, "ﷺ" * 64, "TNF\x00β", "../../etc/passwd", "IL-6"):
        yield with_cell(analyte=analyte)
    yield with_cell(platform=CANARY)


def structures() -> Iterator[Any]:
    yield from ([], [GOOD], 1, "text", None, True, {}, {"items": [GOOD]}, {CANARY: CANARY})
    yield GOOD | {CANARY: 1}
    yield GOOD | {"__proto__": {}, "constructor": {}}
    yield with_cell(**{CANARY: CANARY})
    yield GOOD | {"baseline": {"month": 0, "measurements": CELL}}
    yield GOOD | {"baseline": {"month": 0, "measurements": [CELL] * 2}}
    yield GOOD | {"baseline": {"month": 0, "measurements": [CELL] * 201}}
    yield GOOD | {"baseline": None}
    yield GOOD | {"baseline": [], "follow_up": CANARY}
    yield GOOD | {"task": CANARY}
    yield GOOD | {"task": ["pretreatment"]}


def ids() -> Iterator[Body]:
    for name in (
        "", " ", "../x", f"{CANARY} A", "a/b", "=1+1", "-x", "x" * 65, "P\n", "P\x00", "Ü", 7, None
    ):  # fmt: skip
        yield GOOD | {"patient_id": name}
    for specimen in (f"{CANARY} S", "@x", "\u200b"):
        panel = {"month": 0, "measurements": [CELL], "specimen_id": specimen}
        yield GOOD | {"baseline": panel}
    for superseded in (CANARY, "0" * 35, "' OR 1=1", 1):
        yield GOOD | {"supersedes": superseded}


def encodings() -> Iterator[bytes]:
    text = json.dumps(GOOD)
    for encoding in ("utf-16", "utf-32", "utf-8-sig"):
        yield text.encode(encoding)
    yield text.replace('"P"', '"\\ud800"').encode()
    yield text.replace('"P"', '"\xff"').encode("latin-1")
    yield text.replace('"P"', '"\n"').encode()
    yield from (b"", b" ", b"{", text.encode() + b"{}", text.encode()[:-1], b"\x00" + text.encode())
    yield text.replace('"patient_id"', '"patient_id": "Q", "patient_id"').encode()
    yield text.replace('"month"', '"month": 1, "month"').encode()
    yield f"// {CANARY}\n{text}".encode()
    yield text.replace("}", ",}").encode()


def sizes() -> Iterator[tuple[bytes, int]]:
    yield json.dumps(GOOD | {"patient_id": CANARY * 10_000}).encode(), 413
    yield json.dumps(GOOD).encode() + b" " * 70_000, 413
    for depth in (500, 990, 1000, 1024, 1025, 30_000):
        yield b"[" * depth + b"]" * depth, 400
    yield b'{"a":' * 5000 + b"1" + b"}" * 5000, 400
    yield json.dumps({f"{CANARY}{i}": 1 for i in range(201)}).encode(), 400


def headers() -> Iterator[tuple[dict[str, str], int]]:
    for content_type in (
        "", "text/plain", "application/xml", "multipart/form-data", "application/json-patch+json",
        "application/json; charset=utf-16", "application/json; charset=latin-1", CANARY,
        "application/x-www-form-urlencoded", "text/json",
    ):  # fmt: skip
        yield {"content-type": content_type}, 415
    for encoding in ("gzip", "br", "deflate", f"identity, {CANARY}"):
        yield JSON | {"content-encoding": encoding}, 415
    for content_type in ("application/json;charset=UTF-8", 'APPLICATION/JSON; charset="utf-8"'):
        yield {"content-type": content_type}, 201
    yield JSON | {"x-forwarded-host": CANARY, "host": CANARY, "accept": "text/xml"}, 201


def tables() -> Iterator[Body]:
    table: Body = {"unit": "pg/mL", "platform": "milliplex", "patient_id": ["P"]}
    columns: Body = {name: [20.0] for name in ("TNF", "MCP-1", "TGF-b1")}
    yield {"table": table | {"baseline": columns | {CANARY: [1]}}}
    yield {"table": table | {"baseline": {CANARY: CANARY}}}
    yield {"table": table | {"baseline": {CANARY * 6: [1]}}}
    yield {"table": table | {"baseline": columns | {"TNF": CANARY}}}
    yield {"table": table | {"baseline": columns | {"TNF": []}}}
    yield {"table": table | {"baseline": columns, CANARY: 1}}
    yield {"table": table | {"baseline": columns, "lloq": {CANARY: 1}}}
    yield {"table": table | {"baseline": columns, "uloq": {"TNF": CANARY}}}
    yield {"table": table | {"baseline": columns, "unit": CANARY}}
    yield {"table": table | {"baseline": columns, "platform": CANARY}}
    yield {"table": table | {"baseline": columns, "patient_id": CANARY}}
    yield {"table": table, CANARY: []}
    yield {"table": CANARY}
    yield {"items": CANARY}
    yield {"items": {CANARY: GOOD}}


def cases() -> Iterator[Case]:
    yield from ((PREDICTIONS, body, JSON, 400) for body in (*numbers(), *encodings()))
    refused = (*odd_numbers(), *texts(), *structures(), *ids())
    yield from ((PREDICTIONS, json.dumps(body).encode(), JSON, 422) for body in refused)
    yield from ((PREDICTIONS, body, JSON, status) for body, status in sizes())
    yield from ((PREDICTIONS, json.dumps(GOOD).encode(), *rest) for rest in headers())
    yield from ((BATCH, json.dumps(body).encode(), JSON, 422) for body in tables())


CORPUS = list(cases())


def test_corpus_is_large() -> None:
    assert len(CORPUS) >= 80


@pytest.mark.parametrize("case", CORPUS, ids=range(len(CORPUS)))
def test_hostile_body_is_refused_by_its_class_and_never_repeated(linear_client, case: Case) -> None:
    path, body, sent, status = case
    started = time.monotonic()
    answer = linear_client.post(path, body, sent)
    assert time.monotonic() - started < SECONDS
    assert answer.status_code == status
    assert CANARY.lower() not in (answer.text + str(answer.headers)).lower()
    if status != 201:
        problem = ProblemAnswer.model_validate_json(answer.content)
        assert problem.status == status
        assert (status == 422) == bool(problem.faults)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda table: table.update({f"{CANARY}{i}": 1 for i in range(100_000)}),
        lambda table: table["baseline"].update({f"{CANARY}{i}": [1] for i in range(100_000)}),
        lambda table: table["baseline"].update(TNF=[CANARY] * 2000),
        lambda table: table["baseline"].update(TNF=[[[]]] * 2000),
        lambda table: table.update(patient_id=[CANARY + " "] * 100_000),
        lambda table: table.update(patient_id=[f"P{i}" for i in range(500_000)]),
    ],
)
def test_large_hostile_table_is_refused_quickly_and_never_repeated(
    linear_client, contract_table: Body, spoil: Callable[[Body], object]
) -> None:
    spoil(contract_table["table"])
    body = json.dumps(contract_table).encode()
    started = time.monotonic()
    answer = linear_client.post(BATCH, body)
    assert time.monotonic() - started < SECONDS
    assert answer.status_code in (400, 413, 422)
    assert CANARY not in answer.text


def test_faults_of_items_and_rows_repeat_nothing(linear_client, contract_table: Body) -> None:
    bodies = [*texts(), *structures(), *ids(), *odd_numbers()]
    answer = linear_client.post(BATCH, {"items": bodies})
    assert answer.status_code == 200
    assert all(item["faults"] for item in answer.json()["items"])
    contract_table["table"]["patient_id"] = [f"{CANARY} A", CANARY]
    contract_table["table"]["baseline"]["TNF"] = [CANARY, {CANARY: CANARY}]
    rows = linear_client.post(BATCH, copy.deepcopy(contract_table))
    assert len(rows.json()["faults"]) == 3
    assert CANARY not in answer.text + rows.text
