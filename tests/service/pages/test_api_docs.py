"""The page of the API: every operation, and examples that the API takes."""

from typing import Any

import pytest

from service.pages.examples import EXAMPLES
from service.security import OPEN, ROUTE_SCOPES


def test_every_operation_stands_on_the_page_with_its_scope(linear_client: Any) -> None:
    page = linear_client.get("/docs").text
    for path, operations in linear_client.app.openapi()["paths"].items():
        for method in map(str.upper, operations):
            heading = page.partition(f"<code><strong>{method}</strong> {path}</code>")[2]
            assert heading, path
            scope = ROUTE_SCOPES[method, path]
            assert f"{'no key' if scope == OPEN else scope.rpartition('-')[2]}" in page


def test_page_needs_no_key_and_asks_nobody(asked_for_keys: Any) -> None:
    page = asked_for_keys.get("/docs")
    assert page.status_code == 200
    assert "http://" not in page.text.replace("http://127.0.0.1:8000", "")
    assert "https://" not in page.text


@pytest.mark.parametrize(("name", "path"), [
    ("PredictionBody", "/v1/predictions"), ("BatchBody", "/v1/predictions/batch"),
])  # fmt: skip
def test_example_of_the_page_is_answered(linear_client: Any, name: str, path: str) -> None:
    assert linear_client.post(path, EXAMPLES[name]).status_code in (200, 201)


def test_example_of_an_outcome_is_taken(linear_client: Any) -> None:
    made = linear_client.post("/v1/predictions", EXAMPLES["PredictionBody"]).json()
    address = f"/v1/predictions/{made['prediction_id']}/outcome"
    headers = {"content-type": "application/json"}
    answer = linear_client.ask("PUT", address, json=EXAMPLES["OutcomeBody"], headers=headers)
    assert answer.status_code == 200
