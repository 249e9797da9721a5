"""What was answered is kept: read back, answered once, corrected, judged, erased."""

import asyncio
import json
import re
import time
from typing import Any

import httpx
import pytest

from service.answers import OutcomeAnswer, PageAnswer, RecordedPrediction
from service.store.audit import verify_audit
from service.tables import predict_table

PREDICTIONS = "/v1/predictions"
JSON = {"content-type": "application/json"}
UUID7 = r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
OUTCOME = {
    "responder": True, "definition": "oh2018", "horizon_months": 4, "observed_on": "2026-01-02"
}  # fmt: skip


@pytest.fixture
def client(linear_registry: Any, make_client: Any, database_url: str) -> Any:
    """A service with an empty store of its own."""
    return make_client(linear_registry, database_url=database_url)


@pytest.fixture
def post(client: Any, request_body: Any) -> Any:
    """`post(key=None, **fields)`: a request, changed in these fields."""

    def post(key: str | None = None, **fields: Any) -> httpx.Response:
        named = {} if key is None else {"idempotency-key": key}
        return client.post(PREDICTIONS, request_body | fields, JSON | named)

    return post


def test_prediction_is_read_back_as_it_was_answered(client: Any, post: Any, request_body: Any):
    made = post()
    answer = client.get(made.headers["location"])
    read = RecordedPrediction.model_validate_json(answer.content)
    assert answer.json() | made.json() == answer.json()
    assert (read.patient_id, read.input) == ("P-1", request_body)
    assert (read.superseded_by, read.voided_at, read.erased_at, read.outcome) == (None,) * 4
    assert answer.headers["cache-control"] == "no-store"


def test_ids_are_uuids_of_version_7_that_sort_by_time(post: Any) -> None:
    ids = [post().json()["prediction_id"] for _ in range(3)]
    assert all(re.fullmatch(UUID7, prediction_id) for prediction_id in ids)
    assert sorted(p[:13] for p in ids) == [p[:13] for p in ids]


@pytest.mark.parametrize("path", ["x", "00000000-0000-7000-8000-000000000000", "%00", "batch"])
def test_id_that_is_not_kept_is_not_found(client: Any, path: str) -> None:
    answer = client.get(f"{PREDICTIONS}/{path}")
    assert (answer.status_code, answer.json()["code"]) == (404, "prediction_not_found")


def test_pages_hold_every_prediction_once_newest_first(client: Any, post: Any) -> None:
    made = [post().json()["prediction_id"] for _ in range(5)]
    seen, query = [], ""
    while query is not None:
        page = PageAnswer.model_validate_json(client.get(f"{PREDICTIONS}?limit=2{query}").content)
        seen += [prediction.prediction_id for prediction in page.predictions]
        query = page.next and f"&cursor={page.next}"
    assert seen == made[::-1]


def test_pages_are_of_a_task_and_a_time(client: Any, post: Any) -> None:
    first, second = post().json(), post(task="pretreatment").json()
    listed = client.get(f"{PREDICTIONS}?task=pretreatment").json()["predictions"]
    assert [one["prediction_id"] for one in listed] == [second["prediction_id"]]
    after = client.get(f"{PREDICTIONS}?since=2999-01-01T00:00:00Z").json()
    before = client.get(f"{PREDICTIONS}?until=2999-01-01T00:00:00Z").json()
    assert (after["predictions"], len(before["predictions"])) == ([], 2)
    assert first["task"] == "on_treatment"


@pytest.mark.parametrize(
    ("query", "path", "code"),
    [
        ("patient_id=CANARY", "/query", "extra_forbidden"),
        ("limit=0", "/query/limit", "greater_than_equal"),
        ("limit=501", "/query/limit", "less_than_equal"),
        ("limit=CANARY", "/query/limit", "int_parsing"),
        ("since=CANARY", "/query/since", "datetime_parsing"),
        ("until=0.5", "/query/until", "datetime_parsing"),
        ("since=CANARYTCANARY", "/query/since", "datetime_from_date_parsing"),
        ("since=0001-01-01T00:00:00%2B14:00", "/query/since", "datetime_parsing"),
        ("until=9999-12-31T23:59:59-14:00", "/query/until", "datetime_parsing"),
        ("cursor=CANARY", "/query/cursor", "string_pattern_mismatch"),
        ("cursor=1-", "/query/cursor", "string_pattern_mismatch"),
        ("since=2026-01-02T12:00:00", "/query/since", "timezone_aware"),
        ("task=CANARY", "/query/task", "literal_error"),
    ],
)
def test_query_that_does_not_fit_is_refused(client: Any, query: str, path: str, code: str) -> None:
    answer = client.get(f"{PREDICTIONS}?{query}")
    assert answer.status_code == 422
    assert [(fault["path"], fault["code"]) for fault in answer.json()["faults"]] == [(path, code)]
    assert "CANARY" not in answer.text


@pytest.mark.parametrize("cursor", ["0-0", "9" * 17 + "-" + "9" * 18])
def test_cursor_of_the_right_form_is_a_place(client: Any, post: Any, cursor: str) -> None:
    post()
    answer = client.get(f"{PREDICTIONS}?cursor={cursor}")
    assert (answer.status_code, answer.json()["next"]) == (200, None)


def test_same_key_and_body_get_the_same_bytes(client: Any, post: Any) -> None:
    first, again, other = post("k-1"), post("k-1"), post("k-2")
    assert again.content == first.content != other.content
    assert again.headers["location"] == first.headers["location"]
    assert ("idempotent-replayed" in first.headers, again.headers["idempotent-replayed"]) == (
        False, "true")  # fmt: skip
    assert len(client.get(PREDICTIONS).json()["predictions"]) == 2


def test_same_key_with_another_body_is_refused(post: Any) -> None:
    assert post("k-1").status_code == 201
    for changed in ({"patient_id": "P-2"}, {"patient_id": "CANARY !"}):
        answer = post("k-1", **changed)
        assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_conflict")


def test_same_key_gets_its_answer_also_after_a_champion_that_refuses_the_body(
    client: Any, post: Any
) -> None:
    first = post("k-1")
    client.app.state.champions = type(client.app.state.champions)({})
    assert post("k-1").content == first.content
    assert (post("k-2").status_code, post("k-2").json()["code"]) == (503, "no_champion")


@pytest.mark.parametrize("key", ["", " ", "a b", "x" * 256, "\x80", "a\tb"])
def test_key_that_is_none_is_refused(client: Any, request_body: Any, key: str) -> None:
    sent = [(b"content-type", b"application/json"), (b"idempotency-key", key.encode("latin-1"))]
    answer = client.post(PREDICTIONS, request_body, sent)
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key")


def test_thirty_two_simultaneous_posts_of_one_key_are_one_record(
    client: Any, request_body: Any
) -> None:
    async def post_all() -> list[httpx.Response]:
        transport = httpx.ASGITransport(client.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as asking:
            sent = JSON | {"idempotency-key": "k"}
            posts = [asking.post(PREDICTIONS, json=request_body, headers=sent) for _ in range(32)]
            return await asyncio.gather(*posts)

    answers = asyncio.run(post_all())
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert len(client.get(PREDICTIONS).json()["predictions"]) == 1


def test_correction_supersedes_once(client: Any, post: Any) -> None:
    first = post().json()["prediction_id"]
    second = post(supersedes=first).json()["prediction_id"]
    assert client.get(f"{PREDICTIONS}/{first}").json()["superseded_by"] == second
    answer = post(supersedes=first)
    assert (answer.status_code, answer.json()["code"]) == (409, "superseded")
    assert post(supersedes="00000000-0000-7000-8000-000000000000").status_code == 404


def test_correction_of_another_patient_is_kept_and_says_so(client: Any, post: Any) -> None:
    wrong = post().json()["prediction_id"]
    right = post(supersedes=wrong, patient_id="P-2")
    assert right.status_code == 201
    assert client.get(right.headers["location"]).json()["patient_changed"] is True
    assert client.get(f"{PREDICTIONS}/{wrong}").json()["patient_changed"] is None


def test_outcome_is_told_and_corrected(client: Any, post: Any) -> None:
    path = post().headers["location"]
    for responder in (True, True, False):
        told = client.ask("PUT", f"{path}/outcome", json=OUTCOME | {"responder": responder})
        assert OutcomeAnswer.model_validate_json(told.content).responder is responder
    assert client.get(path).json()["outcome"] == told.json()


@pytest.mark.parametrize(
    ("changed", "path", "code"),
    [
        ({"definition": "CANARY"}, "/definition", "other_definition"),
        ({"horizon_months": 6}, "/horizon_months", "other_definition"),
        ({"horizon_months": None}, "/horizon_months", "other_definition"),
        ({"percent": 75}, "/percent", "other_definition"),
        ({"observed_on": "2026-02-30"}, "/observed_on", "bad_date"),
        ({"observed_on": "9999-01-01"}, "/observed_on", "in_the_future"),
        ({"observed_on": 0}, "/observed_on", "string_type"),
        ({"responder": "yes"}, "/responder", "bool_type"),
        ({"more": 1}, "", "extra_forbidden"),
    ],
)
def test_outcome_of_something_else_is_refused(
    client: Any, post: Any, changed: Any, path: str, code: str
) -> None:
    address = post().headers["location"]
    answer = client.ask("PUT", f"{address}/outcome", json=OUTCOME | changed)
    assert answer.status_code == 422
    assert [(fault["path"], fault["code"]) for fault in answer.json()["faults"]] == [(path, code)]
    assert client.get(address).json()["outcome"] is None
    assert "CANARY" not in answer.text


def test_erased_input_is_gone_with_its_patient_and_the_answer_stays(client: Any, post: Any) -> None:
    made = post(patient_id="CANARY-1")
    path = made.headers["location"]
    erased = client.ask("DELETE", f"{path}/input").json()
    assert (erased["input"], erased["patient_id"]) == (None, None)
    assert erased["erased_at"] is not None
    again = client.ask("DELETE", f"{path}/input").json()
    assert again == erased == client.get(path).json() == erased | made.json()


def test_void_is_said_and_kept(client: Any, post: Any) -> None:
    path = post().headers["location"]
    voided = client.ask("POST", f"{path}/void").json()
    assert voided["voided_at"] is not None
    assert client.ask("POST", f"{path}/void").json() == client.get(path).json() == voided


def test_items_and_rows_of_batches_are_kept_as_single_requests_would_be(
    client: Any, request_body: Any, contract_table: Any
) -> None:
    contract_table["table"]["patient_id"][1] = "not an id"
    items = {
        "items": [request_body, {"patient_id": "P-2"}, request_body | {"task": "pretreatment"}]
    }
    for batch in (items, contract_table):
        assert client.post(f"{PREDICTIONS}/batch", batch).status_code == 200
    listed = client.get(PREDICTIONS).json()["predictions"]
    assert len(listed) == 3
    for one in listed:
        kept = client.get(f"{PREDICTIONS}/{one['prediction_id']}").json()
        alone = client.post(PREDICTIONS, kept["input"]).json()
        changing = {"prediction_id": kept["prediction_id"], "created_at": kept["created_at"]}
        assert kept | alone | changing == kept


def test_batch_is_recorded_whole_or_not_at_all(client: Any, post: Any, request_body: Any) -> None:
    first = post().json()["prediction_id"]
    correction = request_body | {"supersedes": first}
    answer = client.post(f"{PREDICTIONS}/batch", {"items": [request_body, correction, correction]})
    assert (answer.status_code, answer.json()["code"]) == (409, "duplicate_prediction")
    assert len(client.get(PREDICTIONS).json()["predictions"]) == 1


def test_batch_under_a_key_is_answered_once(client: Any, contract_table: Any) -> None:
    answers = [
        client.post(f"{PREDICTIONS}/batch", contract_table, JSON | {"idempotency-key": "k"})
        for _ in range(2)
    ]
    assert answers[0].content == answers[1].content
    assert len(client.get(PREDICTIONS).json()["predictions"]) == 2


def test_table_that_is_recorded_has_fewer_rows(
    linear_registry: Any, make_client: Any, contract_table: Any
) -> None:
    recording = make_client(linear_registry, max_recorded_rows=1)
    answer = recording.post(f"{PREDICTIONS}/batch", contract_table)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_many_rows")
    forgetful = make_client(linear_registry, max_recorded_rows=1, record=False)
    assert forgetful.post(f"{PREDICTIONS}/batch", contract_table).status_code == 200


def test_large_batches_that_are_recorded_are_worked_on_one_by_one(
    linear_registry: Any, make_client: Any, contract_table: Any, monkeypatch: Any
) -> None:
    at_work, most = [], []

    def predict(*given: Any, **named: Any) -> Any:
        at_work.append(1)
        most.append(len(at_work))
        time.sleep(0.05)
        at_work.pop()
        return predict_table(*given, **named)

    monkeypatch.setattr("service.routes.predictions.predict_table", predict)
    for limit, expected in ((100, 1), (64 * 1024, 3)):
        most.clear()
        client = make_client(linear_registry, max_body_bytes=limit)
        answers = client.ask_together(3, f"{PREDICTIONS}/batch", contract_table)
        assert [answer.status_code for answer in answers] == [200] * 3
        assert max(most) == expected


def test_service_that_keeps_nothing_says_what_it_cannot_promise(
    linear_registry: Any, make_client: Any, request_body: Any
) -> None:
    client = make_client(linear_registry, record=False)
    made = client.post(PREDICTIONS, request_body)
    assert client.get(made.headers["location"]).status_code == 404
    corrected = request_body | {"supersedes": made.json()["prediction_id"]}
    for body, more in ((request_body, {"idempotency-key": "k"}), (corrected, {})):
        for path, sent in ((PREDICTIONS, body), (f"{PREDICTIONS}/batch", {"items": [body]})):
            answer = client.post(path, sent, JSON | more)
            assert (answer.status_code, answer.json()["code"]) == (422, "not_recording")


def test_audit_knows_of_everything_and_of_no_patient(client: Any, post: Any) -> None:
    path = post(patient_id="CANARY-1").headers["location"]
    client.ask("PUT", f"{path}/outcome", json=OUTCOME)
    client.ask("POST", f"{path}/void")
    client.ask("DELETE", f"{path}/input")
    report = verify_audit(client.app.state.store)
    assert (report.n_events, report.faults) == (4, ())


def test_recorded_predictions_come_out_the_same_when_they_are_made_again(
    client: Any, request_body: Any
) -> None:
    bodies = []
    for number in range(200):
        body = json.loads(json.dumps(request_body))
        body["baseline"]["measurements"][0]["result"] = 0.8 + number / 100
        body["follow_up"]["measurements"][1]["result"] = "<20" if number % 7 == 0 else 400 + number
        bodies.append(body)
    client.post(f"{PREDICTIONS}/batch", {"items": bodies})
    for one in client.get(f"{PREDICTIONS}?limit=500").json()["predictions"]:
        sent = client.get(f"{PREDICTIONS}/{one['prediction_id']}").json()["input"]
        again = client.post(PREDICTIONS, sent).json()
        assert {name for name, value in again.items() if one[name] != value} <= {
            "prediction_id", "created_at"}  # fmt: skip


def test_what_is_older_than_the_retention_is_erased_by_itself(
    linear_registry: Any, make_client: Any, client_of: Any, database_url: str, request_body: Any
) -> None:
    kept = {"database_url": database_url}
    with client_of(linear_registry, retention_days=1, **kept) as young:
        made = young.post(PREDICTIONS, request_body)
    old = make_client(linear_registry, retention_days=1e-9, **kept)
    deadline = time.monotonic() + 20
    while (read := old.get(made.headers["location"]).json())["erased_at"] is None:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert (read["input"], read["patient_id"]) == (None, None)
    assert read["probability"] == made.json()["probability"]
    assert verify_audit(old.app.state.store).faults == ()
