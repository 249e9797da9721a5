"""The tenant's own predictions as pages and as CSV, and the wall between tenants."""

import csv
import io
import re
from typing import Any

import pytest

from service.pages.predictions import COLUMNS
from service.pages.spreadsheet import csv_lines, read_cell
from service.pages.words import estimate

SCOPES = ("read", "read-patient", "predict")


def predict(someone: Any, body: dict[str, Any], **rest: Any) -> dict[str, Any]:
    sent = {"authorization": f"Bearer {someone.token}", "content-type": "application/json"}
    answer = someone.client.post("/v1/predictions", body | rest, sent)
    assert answer.status_code == 201, answer.text
    return answer.json()  # type: ignore[no-any-return]


def change(someone: Any, method: str, path: str) -> None:
    headers = {"authorization": f"Bearer {someone.token}"}
    assert someone.client.ask(method, path, headers=headers).status_code == 200


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


@pytest.fixture
def someone(visitor: Any, request: pytest.FixtureRequest) -> Any:
    """Somebody of a tenant that nobody else has."""
    return visitor(*SCOPES, tenant=f"lab {abs(hash(request.node.name)) % 10**9}")


def test_page_shows_what_was_answered(someone: Any, request_body: Any) -> None:
    said = predict(someone, request_body, patient_id="P-SHOWN")
    listed, one = someone.get("/predictions"), someone.get(f"/predictions/{said['prediction_id']}")
    interval = said["probability_interval"]
    assert estimate({"value": said["probability"], **interval}) in listed.text
    assert "P-SHOWN" in listed.text
    assert "P-SHOWN" in one.text
    assert said["bundle_id"] in one.text
    assert '<th scope="row">MCP-1</th><td>512' in one.text


def test_other_tenants_predictions_are_nowhere(
    someone: Any, visitor: Any, request_body: Any
) -> None:
    said = predict(someone, request_body, patient_id="P-SECRET")
    other = visitor(*SCOPES, tenant="others")
    assert "P-SECRET" not in other.get("/predictions").text
    assert "P-SECRET" not in other.get("/predictions.csv").text
    page = other.get(f"/predictions/{said['prediction_id']}")
    assert (page.status_code, "P-SECRET" in page.text) == (404, False)
    form = {"responder": "yes", "observed_on": "2026-01-02"}
    assert other.post(f"/predictions/{said['prediction_id']}/outcome", form).status_code == 404


def test_pages_follow_one_another_without_gap(someone: Any, request_body: Any) -> None:
    for number in range(53):
        predict(someone, request_body, patient_id=f"P-{number:02d}")
    seen, address = [], "/predictions"
    while address:
        page = someone.get(address).text
        seen += re.findall(r"<td>(P-\d\d)</td>", page)
        more = re.search(r'hx-get="([^"]*)"', page)
        address = more[1].replace("&amp;", "&") if more else ""
    assert seen == [f"P-{number:02d}" for number in reversed(range(53))]


@pytest.mark.parametrize(("query", "n"), [
    ("", 3), ("task=pretreatment", 1), ("task=on_treatment", 2), ("outcome=told", 1),
    ("outcome=open", 2), ("since=2020-01-01", 3), ("until=2020-01-01", 0), ("since=2999-01-01", 0),
    ("bundle=20200101T000000Z-000000000000", 0), ("task=on_treatment&outcome=told", 1),
])  # fmt: skip
def test_filter_narrows_page_and_file_alike(
    someone: Any, request_body: Any, query: str, n: int
) -> None:
    told = predict(someone, request_body)["prediction_id"]
    predict(someone, request_body)
    predict(someone, request_body, task="pretreatment")
    form = {"responder": "yes", "observed_on": "2026-01-02"}
    assert someone.post(f"/predictions/{told}/outcome", form).status_code == 303
    assert len(rows_of(someone.get(f"/predictions.csv?{query}").text)) == n
    assert len(re.findall(r"<td>P-1</td>", someone.get(f"/predictions?{query}").text)) == n


@pytest.mark.parametrize("query", [
    "task=CANARY", "outcome=CANARY", "since=CANARY", "until=31.12.2026", "bundle=CANARY",
    "cursor=CANARY", "since=2026-13-01",
])  # fmt: skip
def test_filter_that_is_none_is_refused_without_repeating_it(someone: Any, query: str) -> None:
    page = someone.get(f"/predictions?{query}")
    assert page.status_code == 422
    assert "CANARY" not in page.text


def test_outcome_that_a_person_tells_is_the_apis(someone: Any, request_body: Any) -> None:
    path = f"/predictions/{predict(someone, request_body)['prediction_id']}"
    someone.post(f"{path}/outcome", {"responder": "no", "observed_on": "2026-01-02"})
    headers = {"authorization": f"Bearer {someone.token}"}
    told = someone.client.ask("GET", f"/v1{path}", headers=headers).json()["outcome"]
    assert (told["responder"], told["observed_on"]) == (False, "2026-01-02")
    assert "No responder" in someone.get(path).text


@pytest.mark.parametrize(("form", "said"), [
    ({}, "Say whether the patient responded"),
    ({"responder": "maybe", "observed_on": "2026-01-02"}, "Say whether"),
    ({"responder": "yes", "observed_on": "CANARY"}, "form"),
    ({"responder": "yes", "observed_on": "2999-01-01"}, "still to come"),
])  # fmt: skip
def test_outcome_that_is_none_is_refused_in_words(
    someone: Any, request_body: Any, form: dict[str, str], said: str
) -> None:
    path = f"/predictions/{predict(someone, request_body)['prediction_id']}"
    page = someone.post(f"{path}/outcome", form)
    assert page.status_code == 422
    assert said in page.text
    assert "CANARY" not in page.text
    assert "Not told yet" in someone.get(path).text


def test_what_became_of_a_prediction_is_marked(someone: Any, request_body: Any) -> None:
    void, erased, first = (predict(someone, request_body)["prediction_id"] for _ in range(3))
    change(someone, "POST", f"/v1/predictions/{void}/void")
    change(someone, "DELETE", f"/v1/predictions/{erased}/input")
    second = predict(someone, request_body, supersedes=first)["prediction_id"]
    for prediction_id, mark in ((void, "Void"), (erased, "Erased"), (first, "Superseded")):
        assert f"<strong>{mark}</strong>" in someone.get(f"/predictions/{prediction_id}").text
    assert f'href="/predictions/{second}"' in someone.get(f"/predictions/{first}").text
    assert "P-1" not in someone.get(f"/predictions/{erased}").text


def test_file_has_the_numbers_of_the_answer(someone: Any, request_body: Any) -> None:
    said = predict(someone, request_body)
    (row,) = rows_of(someone.get("/predictions.csv").text)
    assert tuple(row) == COLUMNS
    assert float(row["probability"]) == said["probability"]
    assert float(row["score"]) == said["score"]
    assert float(row["upper"]) == said["probability_interval"]["upper"]
    assert row["responder"] == str(said["responder"]).lower()
    assert row["flags"].split(";") == [flag["code"] for flag in said["flags"]] or row["flags"] == ""


TEXTS = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "'",
    "'=1",
    "''",
    "a,b",
    'a"b',
    "a\nb",
    "",
    "P-1",
]


@pytest.mark.parametrize("text", TEXTS, ids=repr)
def test_text_is_no_formula_and_comes_back(text: str) -> None:
    _, line = csv_lines(["text", "number"], [[text, -0.5]])
    ((cell, number),) = csv.reader(io.StringIO(line, newline=""))
    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert (read_cell(cell), float(number)) == (text, -0.5)
