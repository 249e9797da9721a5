"""The application as a whole: health, the OpenAPI document, what is imported, what stops it."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from data.errors import CsfError
from models.errors import BundleError, RegistryError
from models.registry import Registry
from service.app import create_app
from service.errors import PROBLEMS
from service.schemas import BODY_FIELDS
from service.settings import Settings, read_settings

ROOT = Path(__file__).parents[2]


def test_process_that_runs_is_alive(linear_client) -> None:
    assert linear_client.get("/livez").json() == {"status": "alive"}


def test_ready_names_the_champions(linear_client, linear_registry: Registry) -> None:
    ready = linear_client.get("/readyz")
    assert ready.status_code == 200
    assert ready.json() == {"status": "ready", "champions": linear_registry.champions()}


def test_without_champions_it_is_alive_but_not_ready(make_client, tmp_path: Path) -> None:
    client = make_client(Registry(tmp_path / "empty"))
    assert client.get("/livez").status_code == 200
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["code"]) == (503, "no_champion")
    assert client.get("/v1/models").json() == {"models": []}


@pytest.mark.parametrize("name", ["card.md", "manifest.json", "digests.json"])
def test_damaged_champion_stops_the_start(registry_with_one_task: Registry, name: str) -> None:
    bundle = registry_with_one_task.bundles / registry_with_one_task.champion("pretreatment")
    (bundle / name).write_bytes((bundle / name).read_bytes()[:-1])
    with pytest.raises(BundleError, match=name):
        create_app(Settings(registry=registry_with_one_task.folder))


def test_damaged_aliases_stop_the_start(tmp_path: Path) -> None:
    (tmp_path / "aliases.json").write_text("{}")
    with pytest.raises(RegistryError, match=r"aliases\.json"):
        create_app(Settings(registry=tmp_path))


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.2", "example.org"])  # noqa: S104
def test_address_beyond_loopback_is_refused_without_keys(host: str) -> None:
    with pytest.raises(CsfError, match=r"CSF_HOST does not fit: .*loopback"):
        read_settings({"host": host, "allow_anonymous": True})
    assert read_settings({"host": host}).host == host


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "::1", "localhost"])
def test_loopback_address_is_accepted_without_keys(host: str) -> None:
    assert read_settings({"host": host, "allow_anonymous": True}).host == host


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CORS_ORIGINS", "*"),
        ("CORS_ORIGINS", "dashboard.example.org"),
        ("TRUSTED_HOSTS", "*.example.org"),
        ("TRUSTED_HOSTS", "http://example.org/"),
        ("RETENTION_DAYS", "0"),
        ("MAX_REQUESTS", "0"),
        ("ALLOW_ANONYMOUS", "CANARY"),
        ("RECORD", "CANARY"),
    ],
)
def test_setting_that_does_not_fit_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(f"CSF_{name}", value)
    with pytest.raises(CsfError, match=f"CSF_{name} does not fit: ") as refused:
        read_settings({})
    assert "CANARY" not in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("port", [-1, 65536])
def test_port_that_does_not_exist_is_refused(port: int) -> None:
    with pytest.raises(CsfError, match="CSF_PORT"):
        read_settings({"port": port})


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CSF_REGISTRY", "/somewhere")
    monkeypatch.setenv("CSF_MAX_BATCH_ROWS", "7")
    assert (Settings().registry, Settings().max_batch_rows) == (Path("/somewhere"), 7)


def references(document: Any) -> Iterator[str]:
    if isinstance(document, dict):
        if "$ref" in document:
            yield document["$ref"]
        for value in document.values():
            yield from references(value)
    elif isinstance(document, list):
        for value in document:
            yield from references(value)


def test_every_reference_of_the_openapi_document_resolves(linear_client) -> None:
    document = linear_client.get("/openapi.json").json()
    found = set(references(document))
    assert "#/components/schemas/PredictionBody" in found
    for reference in found:
        place = document
        for step in reference.removeprefix("#/").split("/"):
            place = place[step]


def test_openapi_describes_every_route_of_a_panel(linear_client) -> None:
    paths = linear_client.get("/openapi.json").json()["paths"]
    single, batch = paths["/v1/predictions"]["post"], paths["/v1/predictions/batch"]["post"]
    assert single["security"] == [{"key": []}]
    for operation in (single, batch):
        assert operation["requestBody"]["required"]
        assert {"400", "401", "403", "413", "415", "422", "503"} <= set(operation["responses"])
    assert "PredictionAnswer" in json.dumps(single["responses"]["201"])


OPERATIONS = {
    "create_prediction", "create_predictions", "list_predictions", "read_prediction",
    "tell_outcome", "erase_input", "void_prediction", "list_models", "read_model", "read_roc",
    "read_calibration", "read_card", "create_promotion", "live", "ready", "read_metrics",
}  # fmt: skip


def operations(document: Any) -> list[Any]:
    return [operation for path in document["paths"].values() for operation in path.values()]


def test_names_of_operations_stay_because_clients_are_made_from_them(linear_client) -> None:
    found = operations(linear_client.get("/openapi.json").json())
    names = [operation["operationId"] for operation in found]
    assert len(names) == len(set(names))
    assert set(names) >= OPERATIONS
    for operation in found:
        for name in operation["responses"].get("201", {}).get("links", {}):
            assert name in names


def test_every_operation_is_described_and_every_body_has_examples(linear_client) -> None:
    for operation in operations(linear_client.get("/openapi.json").json()):
        assert operation["description"]
        if "requestBody" in operation:
            assert operation["requestBody"]["content"]["application/json"]["examples"]
        for status, response in operation["responses"].items():
            types = set(response.get("content", ()))
            assert ("application/problem+json" in types) == (status >= "400")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nothing", 404),
        ("DELETE", "/v1/models", 405),
        ("GET", "/redoc", 404),
        ("PUT", "/v1/predictions", 405),
        ("POST", "/", 405),
    ],
)
def test_what_is_not_routed_is_a_problem(linear_client, method: str, path: str, status: int):
    answer = linear_client.ask(method, path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == status
    assert (status == 405) == ("allow" in answer.headers)


@pytest.mark.parametrize(
    ("path", "allowed"), [("/v1/predictions", "GET, POST"), ("/v1/predictions/batch", "POST")]
)
def test_methods_that_are_allowed_are_all_named(linear_client, path: str, allowed: str) -> None:
    answer = linear_client.ask("PATCH", path)
    assert (answer.status_code, answer.headers["allow"]) == (405, allowed)


def test_every_error_of_models_has_its_status() -> None:
    assert {status for status, _ in PROBLEMS.values()} == {401, 403, 404, 409, 422, 503}


def test_names_that_may_be_shown_are_those_of_the_schemas() -> None:
    assert {"patient_id", "baseline", "lloq", "items", "table"} <= BODY_FIELDS


IMPORTED = """
import sys
from pathlib import Path
from service.app import create_app
from service.settings import Settings, read_settings
create_app(Settings(registry=Path(sys.argv[1])))
import service.commands
print("\\n".join(sys.modules))
"""
NEVER = {"pandas", "sklearn", "joblib", "altair", "matplotlib", "statsmodels", "pyarrow"}


def imported_with(registry: Registry) -> set[str]:
    process = subprocess.run(
        [sys.executable, "-c", IMPORTED, str(registry.folder)],
        cwd=ROOT, capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    return set(process.stdout.split())


def test_linear_champions_need_neither_training_nor_xgboost(linear_registry: Registry) -> None:
    imported = imported_with(linear_registry)
    assert not imported & (NEVER | {"xgboost", "scipy", "training", "trial"})


def test_boosted_champions_need_xgboost(boosted_registry: Registry) -> None:
    imported = imported_with(boosted_registry)
    assert "xgboost" in imported
    assert not imported & {"altair", "matplotlib", "training", "trial"}
