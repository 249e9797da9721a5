"""How much was asked, by day, and the traffic of all workers."""

import math
from typing import Any

import pytest

from service.metrics import Metrics
from service.monitoring.hiding import shown_parts
from service.monitoring.shapes_of_drift import VolumeAnswer
from service.monitoring.traffic import quantile, traffic


def test_predictions_are_counted_by_day_with_what_became_of_them(
    client: Any, look: Any, post: Any, tell: Any, request_body: Any
) -> None:
    ids = post(40)
    tell(ids[:10], [True] * 10)
    for prediction_id in ids[:6]:
        client.ask("POST", f"/v1/predictions/{prediction_id}/void")
        client.ask("DELETE", f"/v1/predictions/{prediction_id}/input")
    for prediction_id in ids[6:12]:
        client.post("/v1/predictions", request_body | {"supersedes": prediction_id})
    found = look("volume")
    VolumeAnswer.model_validate(found)
    (part,) = found["bundles"]
    assert (found["n_predictions"], part["n_predictions"], part["champion"]) == (46, 46, True)
    states = ("n_voided", "n_erased", "n_superseded", "n_with_outcome")
    assert [part[state] for state in states] == [6, 6, 6, 10]
    assert sum(day["n"] for day in part["days"]) == 46


def test_flags_are_counted_once_for_each_prediction(look: Any, post: Any) -> None:
    post(20, baseline={"TNF": ["<0.7"] * 10 + [1.1] * 10}, follow_up={"TNF": ["<0.7"] * 20})
    (part,) = look("volume")["bundles"]
    flags = {flag["code"]: flag["n"] for flag in part["flags"]}
    assert flags["below_lloq"] == flags["imputed_missing"] == 20


def test_few_are_hidden(look: Any, post: Any) -> None:
    post(4)
    found = look("volume")
    (part,) = found["bundles"]
    assert (found["n_predictions"], part["n_predictions"]) == (None, None)
    assert [day["n"] for day in part["days"]] == [None]
    assert {flag["n"] for flag in part["flags"]} <= {None}


@pytest.mark.parametrize(
    ("counts", "told"),
    [
        ([7, 9], [7, 9]),
        ([0, 9], [0, 9]),
        ([3, 9], [None, None]),
        ([3, 9, 20], [None, None, 20]),
        ([2, 2, 9], [None, None, None]),
        ([3, 4, 9], [None, None, 9]),
        ([3], [None]),
    ],
)
def test_hidden_parts_of_a_known_sum_stay_hidden(counts: list[int], told: list[int | None]):
    assert list(shown_parts(dict(enumerate(counts))).values()) == told


def test_refusals_faults_and_replays_are_those_of_the_metrics(
    client: Any, look: Any, request_body: Any
) -> None:
    sent = {"content-type": "application/json", "idempotency-key": "k"}
    for _ in range(7):
        client.post("/v1/predictions", request_body, sent)
        client.post("/v1/predictions", {})
    found = look("volume")["service"]
    assert {"code": "faults", "n": 7} in found["refusals"]
    assert {"code": "missing", "n": 14} in found["faults"]
    assert found["n_replayed"] == 6
    (latency,) = [one for one in found["latency"] if one["route"] == "/v1/predictions"]
    assert latency["n"] == 14
    assert 0 < latency["p50_ms"] <= latency["p95_ms"] <= latency["p99_ms"]


def test_latency_is_what_prometheus_would_say() -> None:
    metrics = Metrics()
    for seconds in [0.003] * 90 + [0.3] * 10:
        metrics.answered("/r", "GET", 200, seconds)
    (found,) = traffic(metrics.samples())["latency"]
    assert found["n"] == 100
    assert found["p50_ms"] == pytest.approx(2.5 + 2.5 * 50 / 90, abs=1e-3)
    assert found["p95_ms"] == pytest.approx(250 + 250 * 5 / 10, abs=1e-3)


def test_quantile_beyond_the_last_end_or_of_nothing_is_unknown() -> None:
    assert quantile([(30.0, 0), (math.inf, 5)], 0.5) is None
    assert quantile([(30.0, 0), (math.inf, 0)], 0.5) is None
