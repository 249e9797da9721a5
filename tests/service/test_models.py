"""`/v1/models`: what a dashboard reads."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from models.registry import Registry

MODELS = "/v1/models"
FAMILIES = ("responder_vs_nonresponder", "pre_vs_post")


@pytest.fixture
def evaluation(linear_registry: Registry) -> dict[str, Any]:
    champion = linear_registry.champion("pretreatment")
    return dict(linear_registry.read(champion).evaluation)


def test_every_bundle_is_listed_with_its_champions_marked(
    linear_client, linear_registry: Registry
) -> None:
    listed = linear_client.get(MODELS).json()["models"]
    assert [model["bundle_id"] for model in listed] == linear_registry.bundle_ids()
    assert all(model["champion"] and model["simulated"] for model in listed)
    assert {model["task"] for model in listed} == {"pretreatment", "on_treatment"}


def test_champion_and_its_id_answer_the_same(linear_client, linear_registry: Registry) -> None:
    for rest in ("", "/roc", "/calibration", "/card"):
        by_id = linear_client.get(f"{MODELS}/{linear_registry.champion('pretreatment')}{rest}")
        by_task = linear_client.get(f"{MODELS}/champion{rest}?task=pretreatment")
        assert by_id.status_code == 200
        assert by_id.content == by_task.content


def test_numbers_are_those_of_the_bundle(linear_client, evaluation: dict[str, Any]) -> None:
    champion = f"{MODELS}/champion"
    task = "?task=pretreatment"
    assert linear_client.get(f"{champion}{task}").json()["evaluation"] == evaluation
    assert linear_client.get(f"{champion}/roc{task}").json()["roc"] == evaluation["roc"]
    calibration = linear_client.get(f"{champion}/calibration{task}").json()["calibration"]
    assert calibration == evaluation["calibration"]


def test_card_is_the_bundles_markdown(linear_client, linear_registry: Registry) -> None:
    answer = linear_client.get(f"{MODELS}/champion/card?task=pretreatment")
    bundle = linear_registry.read(linear_registry.champion("pretreatment"))
    assert answer.text == bundle.card
    assert answer.headers["content-type"] == "text/markdown; charset=utf-8"


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("task", ["pretreatment", "on_treatment"])
def test_families_are_kept_apart(linear_client, family: str, task: str) -> None:
    answer = linear_client.get(f"{MODELS}/champion/roc?task={task}&family={family}").json()
    assert answer["roc"]
    assert {curve["family"] for curve in answer["roc"]} == {family}


def test_every_curve_has_the_fields_of_the_contract(linear_client) -> None:
    curves = linear_client.get(f"{MODELS}/champion/roc?task=on_treatment").json()["roc"]
    fields = {"family", "score", "direction", "case", "n_patients", "auc", "points"}
    for curve in curves:
        assert fields <= set(curve)
        assert curve["points"][0]["threshold"] is None
        assert set(curve["points"][0]) == {"threshold", "sensitivity", "specificity"}
        auc = curve["auc"]
        assert 0 <= auc["lower"] <= auc["value"] <= auc["upper"] <= 1


def test_no_patient_is_in_any_answer(linear_client, cohort: Any) -> None:
    names = [patient.patient_id for patient in cohort.patients]
    for rest in ("", "/roc", "/calibration", "/card"):
        text = linear_client.get(f"{MODELS}/champion{rest}?task=on_treatment").text
        assert not any(name in text for name in names)


@pytest.mark.parametrize("rest", ["", "/roc", "/calibration", "/card"])
@pytest.mark.parametrize("name", ["20200101T000000Z-000000000000", "CANARY", "..%2F..%2Fetc"])
def test_bundle_that_is_not_there_is_not_found(linear_client, name: str, rest: str) -> None:
    answer = linear_client.get(f"{MODELS}/{name}{rest}")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert "CANARY" not in answer.text


@pytest.mark.parametrize(
    ("query", "path"),
    [
        ("", "/query/task"),
        ("?task=", "/query/task"),
        ("?task=CANARY", "/query/task"),
        ("?task=pretreatment&family=CANARY", "/query/family"),
    ],
)
def test_wrong_query_is_refused_with_its_name(linear_client, query: str, path: str) -> None:
    answer = linear_client.get(f"{MODELS}/champion/roc{query}")
    assert answer.status_code == 422
    assert [fault["path"] for fault in answer.json()["faults"]] == [path]
    assert "CANARY" not in answer.text


def test_champion_that_was_never_promoted_is_unavailable(
    make_client, registry_with_one_task: Registry
) -> None:
    answer = make_client(registry_with_one_task).get(f"{MODELS}/champion?task=on_treatment")
    assert (answer.status_code, answer.json()["code"]) == (503, "no_champion")


def test_damaged_bundle_is_named_in_the_list_and_served_nowhere(
    make_client, registry_with_one_task: Registry, linear_registry: Registry
) -> None:
    other = linear_registry.champion("on_treatment")
    folder = registry_with_one_task.bundles / other
    shutil.copytree(linear_registry.bundles / other, folder)
    (folder / "card.md").write_text("changed")
    client = make_client(registry_with_one_task)
    listed = {model["bundle_id"]: model for model in client.get(MODELS).json()["models"]}
    assert listed[other] == {"bundle_id": other, "damaged": True}
    answer = client.get(f"{MODELS}/{other}")
    assert (answer.status_code, answer.json()["code"]) == (503, "bundle_unusable")


def test_stray_file_does_not_hide_the_models(make_client, registry_with_one_task: Registry) -> None:
    (Path(registry_with_one_task.bundles) / "20260102T120000Z-0123456789ab").write_text("")
    answer = make_client(registry_with_one_task).get(MODELS)
    assert len(answer.json()["models"]) == 1


@pytest.mark.parametrize("rest", ["", "/roc", "/calibration", "/card"])
def test_metadata_that_is_known_is_not_sent_again(
    linear_client, linear_registry: Registry, rest: str
) -> None:
    lasting = f"{MODELS}/{linear_registry.champion('pretreatment')}{rest}"
    champion = f"{MODELS}/champion{rest}?task=pretreatment"
    for path, stored in ((lasting, "private, no-cache"), (champion, "no-store")):
        answer = linear_client.get(path)
        assert answer.headers["cache-control"] == stored
        known = {"if-none-match": f'"other", W/{answer.headers["etag"]}'}
        again = linear_client.ask("GET", path, headers=known)
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == answer.headers["etag"]
        assert linear_client.ask("GET", path, headers={"if-none-match": '"x"'}).content
