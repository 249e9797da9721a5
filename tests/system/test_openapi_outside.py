"""The OpenAPI document in the hands of others: schemathesis, and a client that is generated."""

import importlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from serving import BATCH, JSON, PREDICTIONS, Running, pair, served, table

from models.registry import Registry

PROGRAMS = Path(sys.executable).parent
SECONDS = 300
NOT_IN_A_SCHEMA = "positive_data_acceptance"
"""That a panel's results are plausible and its analytes known is no matter of JSON Schema."""
GENERATED = "openapi_client"


@pytest.fixture(scope="module")
def service(linear_registry: Registry, tmp_path_factory: Any) -> Iterator[Running]:
    with served(linear_registry.folder, tmp_path_factory.mktemp("served")) as service:
        yield service


@pytest.fixture(scope="module")
def address(service: Running) -> str:
    return f"http://{service.address}"


def test_schemathesis_finds_nothing(service: Running, address: str, tmp_path: Path) -> None:
    run = subprocess.run(
        [PROGRAMS / "schemathesis", "--no-color", "run", f"{address}/openapi.json",
         "--header", f"Authorization: Bearer {service.key}", "--seed", "1", "--max-examples", "25",
         "--exclude-checks", NOT_IN_A_SCHEMA, "--suppress-health-check", "all"],
        cwd=tmp_path, capture_output=True, text=True, timeout=SECONDS, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout
    generated, passed = re.search(r"(\d+) generated, (\d+) passed", run.stdout).groups()
    assert generated == passed
    assert int(generated) > 500
    assert not [line for line in service.log_lines() if line["event"] == "failed"]


@pytest.fixture(scope="module")
def client(service: Running, address: str, tmp_path_factory: Any) -> Iterator[Any]:
    """A client as another team gets it: generated from the document, imported, given a key."""
    folder = tmp_path_factory.mktemp("generated")
    document = folder / "openapi.json"
    document.write_bytes(service.ask("GET", "/openapi.json").content)
    made = subprocess.run(
        [PROGRAMS / "openapi-python-client", "generate", "--path", document, "--meta", "none",
         "--output-path", folder / GENERATED, "--fail-on-warning"],
        env={**os.environ, "PATH": f"{PROGRAMS}:{os.environ['PATH']}"},  # it formats with ruff
        capture_output=True, text=True, timeout=SECONDS, check=False,
    )  # fmt: skip
    assert made.returncode == 0, made.stdout + made.stderr
    sys.path.insert(0, str(folder))
    module = importlib.import_module(GENERATED)
    with module.AuthenticatedClient(address, token=service.key) as client:
        yield client
    sys.path.remove(str(folder))


def operation(tag: str, name: str) -> Any:
    return importlib.import_module(f"{GENERATED}.api.{tag}.{name}")


def body_of(kind: str, document: Any) -> Any:
    return getattr(importlib.import_module(f"{GENERATED}.models"), kind).from_dict(document)


def test_generated_client_predicts_reads_back_and_tells_the_outcome(client: Any) -> None:
    sent = pair()
    made = operation("predictions", "create_prediction").sync(
        client=client, body=body_of("PredictionBody", sent)
    )
    assert 0 <= made.probability_interval.lower <= made.probability <= 1
    told = {"responder": True, "definition": made.definition.name, "horizon_months": 4,
            "observed_on": "2025-06-30"}  # fmt: skip
    operation("predictions", "tell_outcome").sync(
        made.prediction_id, client=client, body=body_of("OutcomeBody", told)
    )
    kept = operation("predictions", "read_prediction").sync(made.prediction_id, client=client)
    assert (kept.patient_id, kept.probability) == (sent["patient_id"], made.probability)
    assert (kept.outcome.responder, kept.input_.to_dict()) == (True, sent)
    page = operation("predictions", "list_predictions").sync(client=client, limit=1)
    assert page.predictions[0].prediction_id == made.prediction_id


def test_generated_client_asks_for_many_at_once(client: Any) -> None:
    create = operation("predictions", "create_predictions")
    columns = create.sync(client=client, body=body_of("BatchBody", table(3)))
    assert len(columns.table.probability) == 3
    items = {"items": [pair(), pair("P 1")]}
    good, faulty = create.sync(client=client, body=body_of("BatchBody", items)).items
    assert good.prediction.task == "on_treatment"
    assert [fault.code for fault in faulty.faults] == ["bad_id"]


def test_generated_client_is_told_what_is_wrong(client: Any) -> None:
    create = operation("predictions", "create_prediction")
    refused = create.sync(client=client, body=body_of("PredictionBody", pair("P 1")))
    assert (refused.status, refused.code) == (422, "faults")
    assert [(fault.path, fault.code) for fault in refused.faults] == [("/patient_id", "bad_id")]


def test_every_example_of_the_document_is_answered(service: Running) -> None:
    document = service.ask("GET", "/openapi.json").json()
    for path in (PREDICTIONS, BATCH):
        content = document["paths"][path]["post"]["requestBody"]["content"]["application/json"]
        assert len(content["examples"]) == 2
        for example in content["examples"].values():
            sent = json.dumps(example["value"]).encode()
            answer = service.ask("POST", path, sent, JSON)
            assert answer.status in (200, 201)
            assert b'"faults":[{' not in answer.content
