"""Who sees which page, and from where a form may come."""

import re
from typing import Any

import pytest

from service.pages.guard import HEADERS, PageGuard
from service.pages.routes import PAGES
from service.security import OPEN, ROUTE_SCOPES
from service.store.keys import SCOPES

CLOSED = [page for page in PAGES if ROUTE_SCOPES[page] != OPEN]
UUID = "00000000-0000-7000-8000-000000000000"


def ask(client: Any, page: tuple[str, str], **headers: str) -> Any:
    method, path = page
    sent = {"origin": "http://test", "content-type": "application/x-www-form-urlencoded"} | headers
    return client.ask(method, re.sub(r"\{\w+\}", UUID, path), headers=sent, content=b"")


@pytest.mark.parametrize("page", CLOSED, ids=" ".join)
def test_page_sends_who_has_no_session_to_log_in(asked_for_keys: Any, page: Any) -> None:
    answer = ask(asked_for_keys, page)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/login")


@pytest.mark.parametrize("page", CLOSED, ids=" ".join)
def test_page_says_which_scope_a_key_lacks(visitor: Any, page: Any) -> None:
    needed = ROUTE_SCOPES[page]
    someone = visitor(*({"read"} | set(SCOPES) - {needed}))
    if needed == "read":
        return
    answer = ask(someone.client, page, **someone.headers)
    assert answer.status_code == 403
    assert f"with the scope {needed}" in answer.text


@pytest.mark.parametrize("page", CLOSED, ids=" ".join)
def test_page_opens_with_its_scope(visitor: Any, page: Any) -> None:
    someone = visitor("read", ROUTE_SCOPES[page])
    answer = ask(someone.client, page, **someone.headers)
    assert answer.status_code in (200, 404, 422)
    assert answer.headers["content-type"].startswith("text/")


@pytest.mark.parametrize("page", CLOSED, ids=" ".join)
def test_key_in_a_header_opens_no_page(visitor: Any, page: Any) -> None:
    someone = visitor(*SCOPES)
    answer = ask(someone.client, page, authorization=f"Bearer {someone.token}")
    assert answer.status_code == 303


@pytest.mark.parametrize("route", [
    ("GET", "/v1/models"), ("GET", "/v1/predictions"), ("POST", "/v1/predictions"),
    ("PUT", f"/v1/predictions/{UUID}/outcome"), ("DELETE", f"/v1/predictions/{UUID}/input"),
], ids=" ".join)  # fmt: skip
def test_session_opens_nothing_of_the_api(visitor: Any, route: tuple[str, str]) -> None:
    someone = visitor(*SCOPES)
    answer = ask(someone.client, route, **someone.headers)
    assert (answer.status_code, answer.json()["code"]) == (401, "key_missing")


def test_page_that_nobody_gave_a_scope_is_closed() -> None:
    assert PageGuard(lambda visit: visit.page("CANARY"), "GET", "/unheard")._needed is None


def test_page_without_a_scope_refuses_every_session(visitor: Any) -> None:
    someone = visitor(*SCOPES)
    someone.client.app.router.routes.append(unheard())
    answer = someone.get("/unheard")
    someone.client.app.router.routes.pop()
    assert answer.status_code == 403
    assert "CANARY" not in answer.text


def unheard() -> Any:
    from fastapi import Response
    from starlette.routing import Route

    guarded = PageGuard(lambda visit: Response("CANARY"), "GET", "/unheard")
    return Route("/unheard", guarded, methods=["GET"])


POSTED = [page for page in PAGES if page[0] == "POST"]


@pytest.mark.parametrize("page", POSTED, ids=" ".join)
@pytest.mark.parametrize("said", [
    {"origin": "http://elsewhere"}, {"origin": "null"}, {"origin": ""},
    {"origin": "http://test:81"}, {"origin": "http://test.elsewhere"},
    {"origin": "http://test", "sec-fetch-site": "cross-site"},
    {"origin": "http://test", "sec-fetch-site": "same-site"},
], ids=str)  # fmt: skip
def test_form_from_another_page_is_refused(visitor: Any, page: Any, said: dict[str, str]) -> None:
    someone = visitor(*SCOPES)
    answer = ask(someone.client, page, **someone.headers, **said)
    assert answer.status_code == 403
    assert "must be sent from the page of this service" in answer.text
    assert "set-cookie" not in answer.headers


def test_form_of_a_page_of_ours_behind_a_proxy_is_taken(visitor: Any) -> None:
    someone = visitor(*SCOPES)
    said = {"origin": "https://csf.example.org", "sec-fetch-site": "same-origin"}
    assert someone.post("/try", {}, **said).status_code == 422


@pytest.mark.parametrize("body", [b"\xff=1", b"a=%ff", b"&".join([b"a=1"] * 2001)])
def test_form_that_is_none_is_refused(visitor: Any, body: bytes) -> None:
    someone = visitor(*SCOPES)
    sent = someone.headers | {
        "origin": "http://test", "content-type": "application/x-www-form-urlencoded",
    }  # fmt: skip
    answer = someone.client.ask("POST", "/try", content=body, headers=sent)
    assert answer.status_code == 400


def test_form_that_says_it_is_json_is_refused(visitor: Any) -> None:
    assert (
        visitor(*SCOPES).post("/try", {}, **{"content-type": "application/json"}).status_code == 415
    )


@pytest.mark.parametrize("page", PAGES, ids=" ".join)
def test_every_answer_has_the_strict_policy(asked_for_keys: Any, page: Any) -> None:
    answer = ask(asked_for_keys, page)
    assert {name: answer.headers[name] for name in HEADERS} == HEADERS
    assert "unsafe" not in answer.headers["content-security-policy"]


def test_whoever_is_on_this_machine_sees_pages_where_that_is_said(linear_client: Any) -> None:
    answer = linear_client.get("/")
    assert answer.status_code == 200
    assert "No keys are asked for" in answer.text
    forwarded = linear_client.ask("GET", "/", headers={"x-forwarded-for": "192.0.2.1"})
    assert forwarded.status_code == 303


def test_part_of_a_page_asks_the_browser_to_log_in(asked_for_keys: Any) -> None:
    answer = ask(asked_for_keys, ("GET", "/models"), **{"hx-request": "true"})
    assert (answer.status_code, answer.headers["hx-redirect"]) == (401, "/login?next=/models")
