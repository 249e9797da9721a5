"""What a laboratory gets for a panel: shapes, flags, and every fault with its place."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from models.registry import Registry
from service.answers import PredictionAnswer, ProblemAnswer

PREDICTIONS = "/v1/predictions"
Body = dict[str, Any]


def resolve(document: Any, pointer: str) -> Any:
    """What an RFC 6901 pointer points at; KeyError or IndexError where there is nothing."""
    for step in pointer.split("/")[1:]:
        key = step.replace("~1", "/").replace("~0", "~")
        document = document[int(key) if isinstance(document, list) else key]
    return document


def faults_of(client, body: Body, path: str = PREDICTIONS) -> list[tuple[str, str]]:
    """Place and code of each fault; every place resolves (or its parent, for what is missing)."""
    answer = client.post(path, body)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    problem = ProblemAnswer.model_validate_json(answer.content)
    for fault in problem.faults:
        missing = fault.code in ("missing", "follow_up_missing")
        missing |= fault.path.endswith("/platform")
        resolve(body, fault.path.rpartition("/")[0] if missing else fault.path)
    assert problem.status == 422
    return [(fault.path, fault.code) for fault in problem.faults]


def test_request_of_the_contract_is_answered_as_it_says(client, contract: Body) -> None:
    answer = client.post(PREDICTIONS, contract)
    assert answer.status_code == 201
    given = PredictionAnswer.model_validate_json(answer.content)
    assert answer.headers["location"] == f"/v1/predictions/{given.prediction_id}"
    assert given.task == "on_treatment"
    assert given.lead_months == 3
    assert given.definition.name == "oh2018"
    assert {"code": "below_lloq", "path": "/baseline/measurements/0"} in answer.json()["flags"]


def test_answer_has_every_field_of_the_contract(client, contract: Body) -> None:
    answer = client.post(PREDICTIONS, contract).json()
    fields = {
        "prediction_id", "created_at", "bundle_id", "task", "definition", "lead_months", "score",
        "probability", "probability_interval", "operating_point", "responder", "contributions",
        "flags", "exploratory", "exploratory_reason",
    }  # fmt: skip
    assert fields <= set(answer)
    assert set(answer["probability_interval"]) == {"lower", "upper", "level", "method"}
    assert {"threshold", "rule", "sensitivity", "specificity"} == set(answer["operating_point"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", answer["created_at"])


def test_contributions_added_in_order_are_the_score(client, request_body: Body) -> None:
    answer = client.post(PREDICTIONS, request_body).json()
    total = answer["contributions"]["intercept"]
    for term in answer["contributions"]["features"]:
        total += term["log_odds"]
    assert total == answer["score"]


def test_probability_lies_in_its_interval_and_decides_the_responder(client, request_body) -> None:
    answer = client.post(PREDICTIONS, request_body).json()
    interval = answer["probability_interval"]
    assert 0 <= interval["lower"] <= interval["upper"] <= 1
    assert answer["responder"] == (answer["probability"] >= answer["operating_point"]["threshold"])


@pytest.mark.parametrize("follow_up", ["given", "null", "left out"])
def test_task_left_out_follows_from_the_panels(client, request_body: Body, follow_up: str) -> None:
    if follow_up == "null":
        request_body["follow_up"] = None
    elif follow_up == "left out":
        del request_body["follow_up"]
    answer = client.post(PREDICTIONS, request_body).json()
    assert answer["task"] == ("on_treatment" if follow_up == "given" else "pretreatment")
    assert answer["lead_months"] == (3 if follow_up == "given" else 4)


def test_pretreatment_says_that_it_did_not_use_the_follow_up(client, request_body: Body) -> None:
    request_body["task"] = "pretreatment"
    answer = client.post(PREDICTIONS, request_body).json()
    assert answer["flags"] == [{"code": "follow_up_not_used", "path": "/follow_up"}]


def test_analyte_left_out_is_imputed_and_said(client, request_body: Body) -> None:
    del request_body["baseline"]["measurements"][1]
    answer = client.post(PREDICTIONS, request_body).json()
    assert answer["flags"] == [{"code": "imputed_missing", "path": "/baseline/measurements"}]


def test_order_and_spelling_of_analytes_do_not_matter(client, request_body: Body) -> None:
    plain = client.post(PREDICTIONS, request_body).json()
    for panel in ("baseline", "follow_up"):
        cells = request_body[panel]["measurements"]
        cells[1] |= {"analyte": "CCL2", "result": cells[1]["result"] / 1000, "unit": "ng/mL"}
        request_body[panel]["measurements"] = cells[::-1]
    assert client.post(PREDICTIONS, request_body).json()["score"] == plain["score"]


def test_correction_says_what_it_supersedes(client, request_body: Body) -> None:
    first = client.post(PREDICTIONS, request_body).json()["prediction_id"]
    answer = client.post(PREDICTIONS, request_body | {"supersedes": first}).json()
    assert answer["supersedes"] == first != answer["prediction_id"]


def test_flags_point_into_the_request(client, request_body: Body) -> None:
    cells = request_body["follow_up"]["measurements"]
    cells[0]["result"], cells[1]["result"], cells[2]["result"] = "<0.9", "NA", "*1500"
    answer = client.post(PREDICTIONS, request_body).json()
    found = {flag["code"]: flag["path"] for flag in answer["flags"]}
    assert found["below_lloq"] == "/follow_up/measurements/0"
    assert found["imputed_missing"] == "/follow_up/measurements/1"
    assert found["extrapolated"] == "/follow_up/measurements/2"
    assert all(resolve(request_body, path) for path in found.values())


def test_a_baseline_on_a_new_platform_is_flagged_where_the_follow_up_lacks_the_analyte(
    client, request_body: Body
) -> None:
    request_body["baseline"]["measurements"][0]["platform"] = "msd"
    del request_body["follow_up"]["measurements"][0]
    flags = client.post(PREDICTIONS, request_body).json()["flags"]
    assert {"code": "unknown_platform", "path": "/baseline/measurements/0"} in flags


@pytest.mark.parametrize("result", [{"result": ">400"}, {"result": 1.0, "lloq": 400}])
def test_a_limit_beyond_the_training_range_is_flagged(client, request_body: Body, result) -> None:
    request_body["follow_up"]["measurements"][0] |= result
    flags = client.post(PREDICTIONS, request_body).json()["flags"]
    assert {"code": "outside_training_range", "path": "/follow_up/measurements/0"} in flags


def test_platforms_are_compared_without_case(client, request_body: Body) -> None:
    plain = client.post(PREDICTIONS, request_body).json()
    for panel in ("baseline", "follow_up"):
        for cell in request_body[panel]["measurements"]:
            cell["platform"] = " MILLIPLEX "
    shouted = client.post(PREDICTIONS, request_body).json()
    assert shouted["flags"] == plain["flags"]


def test_a_result_of_another_type_is_one_fault(client, request_body: Body) -> None:
    request_body["baseline"]["measurements"][0]["result"] = True
    (fault,) = client.post(PREDICTIONS, request_body).json()["faults"]
    assert (fault["path"], fault["code"]) == ("/baseline/measurements/0/result", "result_type")


def test_concurrent_panel_is_said_to_be_no_prediction(client, request_body: Body) -> None:
    request_body["follow_up"]["month"] = 4
    answer = client.post(PREDICTIONS, request_body).json()
    assert answer["lead_months"] == 0
    assert "concurrent_not_a_prediction" in [flag["code"] for flag in answer["flags"]]


Edit = Callable[[Body], object]
CELL = "/baseline/measurements/0"


def cell(body: Body) -> Body:
    found: Body = body["baseline"]["measurements"][0]
    return found


REFUSALS: list[tuple[Edit, list[tuple[str, str]]]] = [
    (lambda b: b.pop("patient_id"), [("/patient_id", "missing")]),
    (lambda b: b.pop("baseline"), [("/baseline", "missing")]),
    (lambda b: b.update(patient_id="a b"), [("/patient_id", "bad_id")]),
    (lambda b: b.update(task="other"), [("/task", "literal_error")]),
    (lambda b: b.update(unknown=1), [("", "extra_forbidden")]),
    (lambda b: cell(b).update(unknown=1), [(CELL, "extra_forbidden")]),
    (lambda b: b["baseline"].update(measurements=[]), [("/baseline/measurements", "too_short")]),
    (lambda b: b["baseline"].update(month=121), [("/baseline/month", "less_than_equal")]),
    (lambda b: cell(b).update(analyte="IL-6"), [(f"{CELL}/analyte", "unknown_analyte")]),
    (lambda b: cell(b).update(unit="pg/ML"), [(f"{CELL}/unit", "unit_not_accepted")]),
    (lambda b: cell(b).update(result="1,234"), [(f"{CELL}/result", "ambiguous_number")]),
    (lambda b: cell(b).update(result="high"), [(f"{CELL}/result", "unreadable_result")]),
    (lambda b: cell(b).update(result="OOR <"), [(f"{CELL}/result", "limit_missing")]),
    (lambda b: cell(b).update(result=0), [(f"{CELL}/result", "not_positive")]),
    (lambda b: cell(b).update(result=-1), [(f"{CELL}/result", "not_positive")]),
    (lambda b: cell(b).update(result=1e6), [(f"{CELL}/result", "implausible_value")]),
    (lambda b: cell(b).update(lloq=0), [(f"{CELL}/lloq", "limit_not_positive")]),
    (lambda b: cell(b).update(lloq=2, uloq=1), [(f"{CELL}/uloq", "limits_out_of_order")]),
    (lambda b: b["baseline"].update(month=1), [("/baseline/month", "baseline_after_treatment")]),
    (
        lambda b: b["follow_up"].update(month=0),
        [("/follow_up/month", "follow_up_before_treatment")],
    ),
    (lambda b: b["follow_up"].update(month=5), [("/follow_up/month", "follow_up_after_horizon")]),
    (
        lambda b: b["baseline"]["measurements"].append(cell(b)),
        [("/baseline/measurements/3/analyte", "duplicate_analyte")],
    ),
    (
        lambda b: cell(b).update(platform="msd"),
        [("/follow_up/measurements/0/platform", "two_platforms")],
    ),
    (
        lambda b: b.update(task="on_treatment", follow_up=None),
        [("/follow_up", "follow_up_missing")],
    ),
    (
        lambda b: [m.update(result="NA") for m in b["baseline"]["measurements"]],
        [("/baseline/measurements", "nothing_reported")],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("edit", "found"), REFUSALS, ids=[f[0][1] for _, f in REFUSALS])
def test_each_refusal_says_its_place_and_code(
    linear_client, request_body: Body, edit: Edit, found: list[tuple[str, str]]
) -> None:
    edit(request_body)
    assert faults_of(linear_client, request_body) == found


def test_platform_not_seen_is_refused_before_treatment(linear_client, request_body: Body) -> None:
    del request_body["follow_up"]
    cell(request_body)["platform"] = "msd"
    del request_body["baseline"]["measurements"][1]["platform"]
    assert faults_of(linear_client, request_body) == [
        ("/baseline/measurements/0/platform", "unknown_platform"),
        ("/baseline/measurements/1/platform", "unknown_platform"),
    ]


def test_every_fault_of_structure_comes_at_once(linear_client, request_body: Body) -> None:
    cell(request_body).update(lloq="x", surplus=1)
    request_body["follow_up"]["month"] = None
    del request_body["patient_id"]
    assert faults_of(linear_client, request_body) == [
        ("/patient_id", "missing"),
        ("/baseline/measurements/0/lloq", "float_type"),
        ("/baseline/measurements/0", "extra_forbidden"),
        ("/follow_up/month", "float_type"),
    ]


def test_every_fault_of_both_panels_comes_at_once(linear_client, request_body: Body) -> None:
    cell(request_body).update(result="high", unit="pg/ML", lloq=-1, platform="msd")
    request_body["baseline"]["month"] = 1
    request_body["follow_up"]["month"] = 7
    request_body["follow_up"]["measurements"][1]["result"] = "OOR >"
    assert sorted(faults_of(linear_client, request_body)) == [
        ("/baseline/measurements/0/lloq", "limit_not_positive"),
        ("/baseline/measurements/0/result", "unreadable_result"),
        ("/baseline/measurements/0/unit", "unit_not_accepted"),
        ("/baseline/month", "baseline_after_treatment"),
        ("/follow_up/measurements/0/platform", "two_platforms"),
        ("/follow_up/measurements/1/result", "limit_missing"),
        ("/follow_up/month", "follow_up_after_horizon"),
    ]


def test_unread_results_are_not_called_unreported(linear_client, request_body: Body) -> None:
    for each in request_body["baseline"]["measurements"]:
        each["result"] = "high"
    codes = [code for _, code in faults_of(linear_client, request_body)]
    assert codes == ["unreadable_result"] * 3


def test_task_without_champion_is_unavailable(
    make_client, registry_with_one_task: Registry, request_body: Body
) -> None:
    client = make_client(registry_with_one_task)
    answer = client.post(PREDICTIONS, request_body)
    assert (answer.status_code, answer.json()["code"]) == (503, "no_champion")
    del request_body["follow_up"]
    assert client.post(PREDICTIONS, request_body).status_code == 201


def test_prediction_that_is_not_kept_is_not_found(linear_client) -> None:
    answer = linear_client.get(f"{PREDICTIONS}/00000000-0000-4000-8000-000000000000")
    assert answer.status_code == 404
    assert ProblemAnswer.model_validate_json(answer.content).code == "prediction_not_found"


def test_failure_inside_says_nothing_of_what_was_received(
    linear_registry: Registry, make_client, request_body: Body, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = make_client(linear_registry)
    request_body["patient_id"] = "CANARY"
    monkeypatch.setattr("service.routes.predictions.answerable_pair", lambda *_: {}["CANARY"])
    answer = client.post(PREDICTIONS, request_body)
    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
    assert "CANARY" not in answer.text
