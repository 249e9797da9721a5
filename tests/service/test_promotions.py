"""Promotion over HTTP: who, why, and what stands in its way."""

from typing import Any

import pytest

from models.registry import Registry

TASK = "pretreatment"


@pytest.fixture
def client(registry_with_one_task: Registry, make_client: Any) -> Any:
    return make_client(registry_with_one_task)


def promote(client: Any, bundle_id: str, body: Any = b'{"reason": "first"}') -> Any:
    return client.post(f"/v1/models/{bundle_id}/promotions", body)


def test_promotion_is_in_the_history_and_the_audit(
    client: Any, registry_with_one_task: Registry
) -> None:
    bundle_id = registry_with_one_task.champion(TASK)
    answer = promote(client, bundle_id)
    assert answer.status_code == 201
    last = registry_with_one_task.history()[-1]
    assert (last.bundle_id, last.by, last.reason) == (bundle_id, "(anonymous)", "first")
    assert answer.json()["evaluation_sha256"] == last.evaluation_sha256


def test_bundle_that_is_not_there_is_not_promoted(client: Any) -> None:
    answer = promote(client, "20200101T000000Z-000000000000")
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_bundle")


def test_bundle_that_misses_a_threshold_is_refused_with_each(
    client: Any, registry_with_one_task: Registry
) -> None:
    wanted = f"[{TASK}]\npatients_at_least = 1000\nsimulated_allowed = false\n"
    (registry_with_one_task.folder / "promotion.toml").write_text(wanted)
    answer = promote(client, registry_with_one_task.champion(TASK))
    codes = [fault["code"] for fault in answer.json()["faults"]]
    assert (answer.status_code, codes) == (422, ["patients_at_least", "simulated_allowed"])
    assert len(registry_with_one_task.history()) == 1


@pytest.mark.parametrize("body", [b'{"reason": 1}', b'{"reason": "a\\u202eb"}', b'{"why": "x"}'])
def test_reason_that_is_none_is_refused(
    client: Any, registry_with_one_task: Registry, body: bytes
) -> None:
    assert promote(client, registry_with_one_task.champion(TASK), body).status_code == 422
    assert len(registry_with_one_task.history()) == 1
