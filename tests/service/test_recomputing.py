"""Predictions that are made again are what was answered, or the one that is not is named."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from models.registry import Registry
from service.recomputing import RecomputingReport, recompute

TRIGGERS = ("predictions_refuse_update", "predictions_refuse_undoing")


@pytest.fixture
def registry(registry_of_client: Registry, tmp_path: Path) -> Registry:
    """A copy of a registry of either kind, that a test may spoil."""
    shutil.copytree(registry_of_client.folder, tmp_path / "registry")
    return Registry(tmp_path / "registry")


@pytest.fixture
def service(registry: Registry, make_client: Callable[..., Any], tmp_path: Path) -> Any:
    return make_client(registry, database_url=f"sqlite:///{tmp_path}/store.sqlite3")


@pytest.fixture
def post(service: Any, request_body: Any) -> Callable[..., str]:
    """`post(**fields)`: the id of a prediction that is kept."""
    return lambda **fields: service.post("/v1/predictions", request_body | fields).json()[
        "prediction_id"
    ]


def test_each_kind_of_prediction_comes_out_the_same(
    service: Any, registry: Registry, post: Any, request_body: Any, contract: Any,
    contract_table: Any,
) -> None:  # fmt: skip
    post(task="pretreatment")
    post(supersedes=post())
    answer = service.post("/v1/predictions/batch", {"items": [request_body, contract]})
    assert all("prediction" in item for item in answer.json()["items"])
    assert service.post("/v1/predictions/batch", contract_table).json()["faults"] == []
    assert recompute(service.app.state.store, registry) == RecomputingReport(7, 0, 0, ())


def test_changed_answers_and_inputs_are_named(service: Any, registry: Registry, post: Any) -> None:
    ids = [post(patient_id=f"P-{number}") for number in range(4)]
    change = "UPDATE predictions SET {} = CAST(replace({}, :this, :that) AS BLOB) WHERE number = :n"
    changes = [("answer", '"score":', '"score":1', 1), ("input", "512", "513", 2),
               ("input", "512", '"NaN"', 3)]  # fmt: skip
    with service.app.state.store.writing() as work:
        for trigger in TRIGGERS:
            work.connection.execute(text(f"DROP TRIGGER {trigger}"))
        for column, this, that, number in changes:
            statement = text(change.format(column, column))
            work.connection.execute(statement, {"this": this, "that": that, "n": number})
    report = recompute(service.app.state.store, registry)
    assert report == RecomputingReport(1, 0, 3, tuple(ids[:3]))


def test_erased_inputs_are_counted_apart(service: Any, registry: Registry, post: Any) -> None:
    erased, _ = post(), post()
    assert service.ask("DELETE", f"/v1/predictions/{erased}/input").status_code == 200
    assert recompute(service.app.state.store, registry) == RecomputingReport(1, 1, 0, ())


@pytest.mark.parametrize("spoil", ["gone", "damaged"])
def test_predictions_whose_bundle_cannot_be_used_are_named(
    service: Any, registry: Registry, post: Any, spoil: str
) -> None:
    first, _ = post(), post(task="pretreatment")
    folder = registry.folder_of("champion:on_treatment")
    if spoil == "gone":
        shutil.rmtree(folder)
    else:
        (folder / "estimator.json").write_text("{}")
    report = recompute(service.app.state.store, registry)
    assert (report.n_identical, report.different) == (1, (first,))
