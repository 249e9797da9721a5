"""Pages for people where there is none or it failed; problems for programs."""

from typing import Any

import pytest

from service.pages import models
from service.pages.guard import HEADERS
from service.store.keys import SCOPES

BROWSER = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


def test_browser_gets_a_page_where_nothing_is(visitor: Any) -> None:
    answer = visitor("read").get("/modles", **BROWSER)
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")
    assert {name: answer.headers[name] for name in HEADERS} == HEADERS
    assert "Sign out" in answer.text


@pytest.mark.parametrize(
    ("path", "headers"),
    [("/modles", {}), ("/modles", {"accept": "*/*"}), ("/v1/modles", BROWSER), ("/v1", BROWSER)],
)
def test_program_gets_a_problem_where_nothing_is(
    asked_for_keys: Any, path: str, headers: dict[str, str]
) -> None:
    answer = asked_for_keys.ask("GET", path, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_page_of_nothing_knows_nobody_without_a_session(asked_for_keys: Any) -> None:
    answer = asked_for_keys.ask("GET", "/modles", headers=BROWSER)
    assert "Sign in" in answer.text
    assert "Sign out" not in answer.text


@pytest.mark.parametrize("headers", [{}, BROWSER], ids=["program", "browser"])
@pytest.mark.parametrize(("path", "allowed"), [("/models", "GET"), ("/try", "GET, POST")])
def test_page_says_which_methods_it_has(
    asked_for_keys: Any, path: str, allowed: str, headers: dict[str, str]
) -> None:
    answer = asked_for_keys.ask("DELETE", path, headers=headers)
    assert (answer.status_code, answer.headers["allow"]) == (405, allowed)


def test_page_that_fails_says_so_and_nothing_of_why(
    visitor: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> Any:
        raise ZeroDivisionError("CANARY")

    someone = visitor(*SCOPES)
    monkeypatch.setattr(models, "bundle_facts", fail)
    shown = someone.get("/models", **BROWSER)
    assert shown.status_code == 500
    assert "The service failed to answer; nothing was decided." in shown.text
    assert "CANARY" not in shown.text
    problem = someone.get("/models")
    assert (problem.status_code, problem.json()["code"]) == (500, "internal_error")
