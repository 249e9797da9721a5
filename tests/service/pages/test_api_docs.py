"""The page of the API: every operation, and examples that the API takes."""

import html
import json
from typing import Any

from service.examples import EXAMPLES
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


def test_examples_of_the_page_are_those_of_the_document(linear_client: Any) -> None:
    page = html.unescape(linear_client.get("/docs").text)
    for shown in EXAMPLES.values():
        assert json.dumps(next(iter(shown.values())), indent=1) in page
