"""Fifty marked names and values of every kind, sent everywhere: found where nobody reads them."""

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from models.registry import Registry

ROOT = Path(__file__).parents[2]
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
def service(
    request: Any, serving: Any, linear_registry: Registry, tmp_path_factory: Any
) -> Iterator[Any]:
    folder = tmp_path_factory.mktemp("canaries")
    with serving.served(linear_registry.folder, folder, workers=request.param) as service:
        yield service


def marked_pair(serving: Any, number: int, **of_cell: Any) -> dict[str, Any]:
    """A good request but for what `of_cell` says of its first result."""
    pair = serving.pair(name("patient", number))
    pair["baseline"]["specimen_id"] = name("specimen", number)
    pair["baseline"]["measurements"][0] |= {
        "result": value(number), "plate": name("plate", number), **of_cell
    }  # fmt: skip
    return dict(pair)


def post(serving: Any, service: Any, path: str, document: Any, number: int = 0) -> Any:
    """Post with marked headers, and under a marked key that is always the same of a number."""
    marked = [(header, name("header", number)) for header in ("x-marked", "x-request-id")]
    marked += [("cookie", name("cookie", number)), ("user-agent", name("agent", number))]
    if path == serving.PREDICTIONS:
        marked.append(("idempotency-key", name("idempotency", number)))
    return service.ask("POST", path, json.dumps(document).encode(), (*serving.JSON, *marked))


def outcome(definition: str) -> bytes:
    told = {"responder": True, "definition": definition, "horizon_months": 4}
    return json.dumps(told | {"observed_on": "2025-06-30"}).encode()


def answered(serving: Any, service: Any, number: int) -> list[Any]:
    """Answers to marked requests that are good, or have rows and items that are not."""
    pair, table = marked_pair(serving, number), serving.table(2)
    table["table"]["baseline"]["TNF"] = [value(number), name("unit", number)]
    table["table"]["patient_id"][1] = f"{name('patient', number)} !"
    items = [pair, marked_pair(serving, number, unit=name("unit", number))]
    made = post(serving, service, serving.PREDICTIONS, pair, number)
    where = f"{made.headers['location']}/outcome"
    return [
        made,
        post(serving, service, serving.PREDICTIONS, pair, number),
        post(serving, service, serving.BATCH, table),
        post(serving, service, serving.BATCH, {"items": items}),
        service.ask("PUT", where, outcome("oh2018"), serving.JSON),
    ]


def refused(serving: Any, service: Any, where: str, number: int) -> list[Any]:
    """Refusals of marked bodies, keys, addresses and parameters."""
    query, path = name("query", number), name("path", number)
    bodies = [
        *(marked_pair(serving, number, **{kind: name(kind, number)})
          for kind in ("analyte", "unit", "platform", "field")),
        marked_pair(serving, number, result=f"{value(number)} x"),
        serving.pair(f"{name('patient', number)} !"),
        marked_pair(serving, number + 90),
        name("field", number),
    ]  # fmt: skip
    addresses = [
        f"{serving.PREDICTIONS}?{query}={query}&cursor={query}", f"/{path}?{query}",
        f"{serving.PREDICTIONS}/{path}", f"/v1/models/{path}/roc?{query}",
    ]  # fmt: skip
    definition = outcome(name("definition", number))
    return [
        *(post(serving, service, serving.PREDICTIONS, body, number) for body in bodies),
        *(service.ask("GET", address) for address in addresses),
        service.ask("PUT", f"{where}/outcome", definition, serving.JSON),
    ]


def promote(serving: Any, service: Any, number: int) -> None:
    """A promotion with a marked reason, which stands in the registry's history alone."""
    bundle_id = service.ask("GET", "/v1/models").json()["models"][0]["bundle_id"]
    reason = {"reason": name("reason", number)}
    made = post(serving, service, f"/v1/models/{bundle_id}/promotions", reason)
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
    serving: Any, service: Any
) -> None:
    good, bad = [], []
    for number in range(N_ROUNDS):
        good += answered(serving, service, number)
        bad += refused(serving, service, good[-5].headers["location"], number)
        promote(serving, service, number)
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
    serving.kept_promise("50 canary values and names", f"0 of {len(never)} in {', '.join(seen)}")
