"""What is seen of requests from outside: ids, metrics, log lines; and what never is."""

import asyncio
import json
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

PREDICTIONS = "/v1/predictions"
JSON = {"content-type": "application/json"}


@pytest.fixture
def client(linear_registry: Any, make_client: Any, tmp_path: Any) -> Any:
    return make_client(linear_registry, database_url=f"sqlite:///{tmp_path}/store.sqlite3")


@pytest.fixture
def lines(capfd: pytest.CaptureFixture[str]) -> Any:
    """`lines()`: what was logged since it was last asked, each line as JSON."""
    return lambda: [json.loads(line) for line in capfd.readouterr().err.splitlines()]


def samples(client: Any) -> dict[str, float]:
    """Every sample of `/metrics` by its name and the values of its labels, in their order."""
    text = client.get("/metrics").text
    return {
        " ".join(
            (sample.name, *(value for _, value in sorted(sample.labels.items())))
        ): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_requests_are_counted_by_route_method_and_status(client: Any, request_body: Any) -> None:
    made = client.post(PREDICTIONS, request_body)
    client.get(made.headers["location"])
    client.get("/nowhere/CANARY")
    found = samples(client)
    assert found["csf_requests_total POST /v1/predictions 201"] == 1
    assert found["csf_requests_total GET /v1/predictions/{prediction_id} 200"] == 1
    assert found["csf_requests_total GET unrouted 404"] == 1
    assert found["csf_request_seconds_count /v1/predictions"] == 1
    assert (found["csf_predictions_total on_treatment"], found["csf_recorded_total"]) == (1, 1)


def test_refusals_are_counted_by_code_and_rule(client: Any, contract_table: Any) -> None:
    client.post(PREDICTIONS, b"CANARY")
    client.post(PREDICTIONS, {"patient_id": "CANARY !"})
    contract_table["table"]["patient_id"][1] = "CANARY !"
    client.post(f"{PREDICTIONS}/batch", contract_table)
    found = samples(client)
    assert (found["csf_refusals_total not_json"], found["csf_refusals_total faults"]) == (1, 1)
    assert (found["csf_faults_total missing"], found["csf_faults_total bad_id"]) == (1, 2)


def test_champions_are_named(client: Any, linear_registry: Any) -> None:
    found = samples(client)
    for task, bundle_id in linear_registry.champions().items():
        assert found[f"csf_champion_info {bundle_id} {task}"] == 1
    assert found["csf_champion_problems"] == 0


def test_every_answer_has_an_id_and_is_not_stored(client: Any, request_body: Any) -> None:
    answers = [client.get("/livez"), client.get("/nowhere"), client.post(PREDICTIONS, request_body)]
    assert len({answer.headers["x-request-id"] for answer in answers}) == 3
    assert {answer.headers["cache-control"] for answer in answers} == {"no-store"}


def test_id_of_the_client_is_kept_if_it_can_tell_nothing(client: Any) -> None:
    ours = "01234567-89ab-4cde-8f01-23456789abcd"
    assert client.ask("GET", "/livez", headers={"x-request-id": ours}).headers[
        "x-request-id"] == ours  # fmt: skip
    for theirs in ("CANARY", ours.upper(), ours + "0", ""):
        answer = client.ask("GET", "/livez", headers={"x-request-id": theirs})
        assert answer.headers["x-request-id"] != theirs


def test_request_is_one_line_that_says_who_asked_what(
    client: Any, lines: Any, request_body: Any
) -> None:
    lines()
    answer = client.post(PREDICTIONS, request_body)
    (line,) = lines()
    assert line.pop("ms") > 0
    assert line.pop("at").endswith("Z")
    assert line == {
        "event": "request", "request_id": answer.headers["x-request-id"], "method": "POST",
        "route": PREDICTIONS, "status": 201, "key_id": "(anonymous)",
    }  # fmt: skip


def test_failure_inside_is_logged_by_kind_and_place_and_answered(
    client: Any, lines: Any, request_body: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.routes.predictions.answerable_pair", lambda *_: {}["CANARY"])
    lines()
    answer = client.post(PREDICTIONS, request_body)
    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
    failed, request = lines()
    assert (failed["event"], failed["error"], request["status"]) == ("failed", "KeyError", 500)
    assert failed["where"].startswith("test_observing.py:")
    assert failed["request_id"] == answer.headers["x-request-id"]


def canaries(number: int) -> dict[str, Any]:
    """A request with a marked name in every text and a marked number in every number."""
    name, value = f"CANARY-{number}", 31415.9 + number

    def cell(analyte: str) -> dict[str, Any]:
        texts = {"analyte": analyte, "unit": name, "platform": name, "plate": name}
        return texts | {"result": value, "lloq": value, "uloq": value}

    panel = {"specimen_id": name, "month": value, "measurements": [cell("TNF"), cell(name)]}
    return {"patient_id": name, "task": name, "baseline": panel, "follow_up": panel, name: value}


def test_fifty_canaries_are_in_no_log_metric_or_error(
    client: Any, lines: Any, request_body: Any
) -> None:
    lines()
    said = []
    for number in range(50):
        body, name = canaries(number), f"CANARY-{number}"
        valid = request_body | {
            "patient_id": name,
            "supersedes": "0" * 8 + "-0000" * 3 + "-" + "0" * 12,
        }
        marked = [(name, name), ("x-request-id", name), ("idempotency-key", f"{name} {name}")]
        said += [
            client.post(PREDICTIONS, body),
            client.post(PREDICTIONS, valid),
            client.post(PREDICTIONS, f'{{"{name}": {name}}}'.encode()),
            client.post(f"{PREDICTIONS}/batch", {"table": body}),
            client.ask("POST", PREDICTIONS, json=body, headers=marked),
            client.ask("PUT", f"{PREDICTIONS}/{name}/outcome", json=body),
            client.ask("GET", f"/{name}?{name}={name}", headers={"authorization": name}),
            client.ask("GET", f"{PREDICTIONS}?{name}={name}&cursor={name}"),
            client.ask("GET", "/v1/models", headers={"authorization": f"Bearer csf_{name}_{name}"}),
            client.ask("GET", "/livez", headers={"host": name}),
        ]
        client.post(PREDICTIONS, request_body | {"patient_id": name})
    assert all(answer.status_code in (400, 401, 404, 421, 422) for answer in said)
    seen = json.dumps(lines()) + client.get("/metrics").text
    seen += "".join(answer.text + str(answer.headers) for answer in said)
    assert len(seen) > 100_000
    assert "CANARY" not in seen.upper()
    assert not [number for number in range(50) if str(31415.9 + number) in seen]


def test_more_work_than_there_may_be_is_turned_away_and_health_is_not(
    linear_registry: Any, make_client: Any, request_body: Any
) -> None:
    client = make_client(linear_registry, max_requests=3)
    content = json.dumps(request_body).encode()

    async def ask_all() -> list[httpx.Response]:
        held, transport = asyncio.Event(), httpx.ASGITransport(client.app)

        async def slowly() -> Any:
            yield content[:10]
            await held.wait()
            yield content[10:]

        async with httpx.AsyncClient(transport=transport, base_url="http://test") as asking:
            posts = [
                asyncio.create_task(asking.post(PREDICTIONS, content=slowly(), headers=JSON))
                for _ in range(3)
            ]
            await asyncio.sleep(0.05)
            turned_away = await asking.post(PREDICTIONS, content=content, headers=JSON)
            health = await asking.get("/livez")
            held.set()
            return [turned_away, health, *await asyncio.gather(*posts)]

    turned_away, *others = asyncio.run(ask_all())
    assert (turned_away.status_code, turned_away.json()["code"]) == (503, "too_busy")
    assert turned_away.headers["retry-after"] == "1"
    assert [answer.status_code for answer in others] == [200, 201, 201, 201]
    assert client.post(PREDICTIONS, request_body).status_code == 201


def test_pages_of_other_origins_read_nothing_unless_they_are_listed(
    linear_registry: Any, make_client: Any, client: Any
) -> None:
    listed, other = "https://a.example.org", "https://b.example.org"
    asked = {
        "access-control-request-method": "POST",
        "access-control-request-headers": "content-type",
    }
    assert (
        client.ask("OPTIONS", PREDICTIONS, headers={"origin": listed, **asked}).status_code == 405
    )
    opened = make_client(linear_registry, cors_origins=f"{listed},https://c.example.org")
    for origin, allowed in ((listed, listed), (other, None)):
        preflight = opened.ask("OPTIONS", PREDICTIONS, headers={"origin": origin, **asked})
        answer = opened.ask("GET", "/v1/models", headers={"origin": origin})
        assert preflight.headers.get("access-control-allow-origin") == allowed
        assert answer.headers.get("access-control-allow-origin") == allowed
        assert (preflight.status_code == 200) == (allowed is not None)
