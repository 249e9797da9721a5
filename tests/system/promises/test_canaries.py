"""Fifty marked names and values of every kind, sent everywhere: found where nobody reads them."""

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from serving import BATCH, JSON, PREDICTIONS, ROOT, Running, pair, served
from serving import table as make_table

from models.registry import Registry

N_ROUNDS = 5
KINDS = (
    "patient", "specimen", "analyte", "unit", "platform", "plate", "definition", "idempotency",
    "header", "query", "path", "field", "reason", "cookie", "agent",
)  # fmt: skip


def name(kind: str, number: int) -> str:
    return f"Kanarie-{kind}-{number}"


def value(number: int) -> float:
    """A result of TNF that is plausible, and found nowhere else."""
    return float(f"41.73195{number}3")


CANARIES = [name(kind, number).lower() for kind in KINDS for number in range(N_ROUNDS)]
VALUES = "41.73195"


@pytest.fixture(scope="module", params=[1, 2], ids=["one worker", "two workers"])
def service(request: Any, linear_registry: Registry, tmp_path_factory: Any) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("canaries")
    with served(linear_registry.folder, folder, workers=request.param) as service:
        yield service


def marked_pair(number: int, **of_cell: Any) -> dict[str, Any]:
    """A good request but for what `of_cell` says of its first result."""
    marked = pair(name("patient", number))
    marked["baseline"]["specimen_id"] = name("specimen", number)
    marked["baseline"]["measurements"][0] |= {
        "result": value(number), "plate": name("plate", number), **of_cell
    }  # fmt: skip
    return marked


def post(service: Running, path: str, document: Any, number: int = 0) -> Any:
    """Post with marked headers, and under a marked key that is always the same of a number."""
    marked = [(header, name("header", number)) for header in ("x-marked", "x-request-id")]
    marked += [("cookie", name("cookie", number)), ("user-agent", name("agent", number))]
    if path == PREDICTIONS:
        marked.append(("idempotency-key", name("idempotency", number)))
    return service.ask("POST", path, json.dumps(document).encode(), (*JSON, *marked))


def outcome(definition: str) -> bytes:
    told = {"responder": True, "definition": definition, "horizon_months": 4}
    return json.dumps(told | {"observed_on": "2025-06-30"}).encode()


def answered(service: Running, number: int) -> list[Any]:
    """Answers to marked requests that are good, or have rows and items that are not."""
    good, table = marked_pair(number), make_table(2)
    table["table"]["baseline"]["TNF"] = [value(number), name("unit", number)]
    table["table"]["patient_id"][1] = f"{name('patient', number)} !"
    items = [good, marked_pair(number, unit=name("unit", number))]
    made = post(service, PREDICTIONS, good, number)
    where = f"{made.headers['location']}/outcome"
    return [
        made,
        post(service, PREDICTIONS, good, number),
        post(service, BATCH, table),
        post(service, BATCH, {"items": items}),
        service.ask("PUT", where, outcome("oh2018"), JSON),
    ]


def refused(service: Running, where: str, number: int) -> list[Any]:
    """Refusals of marked bodies, keys, addresses and parameters."""
    query, path = name("query", number), name("path", number)
    bodies = [
        *(marked_pair(number, **{kind: name(kind, number)})
          for kind in ("analyte", "unit", "platform", "field")),
        marked_pair(number, result=f"{value(number)} x"),
        pair(f"{name('patient', number)} !"),
        marked_pair(number + 90),
        name("field", number),
    ]  # fmt: skip
    addresses = [
        f"{PREDICTIONS}?{query}={query}&cursor={query}", f"/{path}?{query}",
        f"{PREDICTIONS}/{path}", f"/v1/models/{path}/roc?{query}",
    ]  # fmt: skip
    definition = outcome(name("definition", number))
    return [
        *(post(service, PREDICTIONS, body, number) for body in bodies),
        *(service.ask("GET", address) for address in addresses),
        service.ask("PUT", f"{where}/outcome", definition, JSON),
    ]


def promote(service: Running, number: int) -> None:
    """A promotion with a marked reason, which stands in the registry's history alone."""
    bundle_id = service.ask("GET", "/v1/models").json()["models"][0]["bundle_id"]
    reason = {"reason": name("reason", number)}
    made = post(service, f"/v1/models/{bundle_id}/promotions", reason)
    assert made.status == 201


def break_a_record(service: Any) -> None:
    """Make an answer on disk unreadable, as nobody may; reading it fails inside the service."""
    with sqlite3.connect(str(service.settings.database_url).removeprefix("sqlite:///")) as store:
        triggers = store.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for (trigger,) in triggers:
            store.execute(f'DROP TRIGGER "{trigger}"')
        store.execute("UPDATE predictions SET answer = ?", (b"{Kanarie-patient-0",))


def audit_export(service: Any) -> str:
    run = subprocess.run(
        [sys.executable, "-m", "csf_responder", "audit", "export"], cwd=ROOT, check=True,
        env={**os.environ, "CSF_DATABASE_URL": str(service.settings.database_url),
             "CSF_PEPPER_FILE": str(service.settings.pepper_file)},
        capture_output=True, text=True,
    )  # fmt: skip
    return run.stdout + run.stderr


def said(answers: list[Any]) -> str:
    return "".join(f"{answer.headers}{answer.content.decode()}" for answer in answers)


def test_canaries_are_nowhere_but_in_the_records_of_their_tenant(
    service: Running, reached: Callable[[str], None]
) -> None:
    good, bad = [], []
    for number in range(N_ROUNDS):
        good += answered(service, number)
        bad += refused(service, good[-5].headers["location"], number)
        promote(service, number)
    assert {answer.status for answer in good} == {200, 201}
    assert {answer.status for answer in bad} == {404, 422}
    exported = audit_export(service)
    break_a_record(service)
    failed = service.ask("GET", good[0].headers["location"])
    assert failed.status >= 500
    seen = {
        "answers": said(good),
        "errors": said([*bad, failed]),
        "metrics": service.ask("GET", "/metrics").content.decode(),
        "OpenAPI document": service.ask("GET", "/openapi.json").content.decode(),
        "log": service.log.read_text(),
        "audit export": exported,
    }
    assert all(len(text) > 500 for text in seen.values())
    never = (*CANARIES, VALUES, service.key.split("_")[2])
    assert not [
        (where, one) for where, text in seen.items() for one in never if one in text.lower()
    ]
    reached(f"{len(never)} values and names of {len(KINDS)} kinds: 0 in {', '.join(seen)}")
