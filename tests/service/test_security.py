"""Who is let in where: every route, every scope, every kind of key."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fastapi import APIRouter

from models.registry import Registry
from service.app import create_app
from service.guard import guard_routes
from service.pages.routes import PAGES
from service.security import LOCAL_OR_READ, OPEN, ROUTE_SCOPES
from service.settings import Settings
from service.store.errors import StoreSettingsError
from service.store.keys import SCOPES, create_key, revoke_key

CONTRACT = {
    OPEN: {"/livez", "/readyz", "/openapi.json"},
    LOCAL_OR_READ: {"/metrics"},
    "predict": {"POST /v1/predictions", "/v1/predictions/batch"},
    "promote": {"/v1/models/{bundle_id}/promotions"},
}
"""Scopes by route, written down a second time; what is not here is of patients or of models."""

NOW = datetime.now(UTC)


def routes_of(app: Any) -> list[tuple[str, str]]:
    return [(m, route.path) for route in app.router.routes for m in sorted(route.methods)]


ROUTES = routes_of(create_app(Settings(allow_anonymous=True)))
API = [route for route in ROUTES if route not in PAGES]
"""Pages have tests of their own: no key in a header opens one."""


@pytest.fixture(scope="module")
def locked(linear_registry: Registry, tmp_path_factory: Any, client_of: Any) -> Iterator[Any]:
    """A service that asks everybody for a key."""
    folder = tmp_path_factory.mktemp("locked")
    with client_of(linear_registry, database_url=f"sqlite:///{folder}/store.sqlite3") as client:
        object.__setattr__(client.app.state.doorkeeper, "allow_anonymous", False)
        yield client


@pytest.fixture(scope="module")
def make_key(locked: Any) -> Callable[..., str]:
    """`make_key(*scopes, tenant="lab", days=1)`: a key that the service knows at once."""

    def make_key(*scopes: str, tenant: str = "lab", days: float = 1) -> str:
        _, shown = create_key(
            locked.app.state.store, tenant=tenant, scopes=frozenset(scopes),
            expires_at=NOW + timedelta(days=days), actor="tests", now=NOW,
        )  # fmt: skip
        locked.app.state.doorkeeper.ring.refresh()
        return shown

    return make_key


def ask(client: Any, route: tuple[str, str], key: str | None = None, **headers: str) -> Any:
    method, path = route
    path = re.sub(r"\{\w+\}", "00000000-0000-7000-8000-000000000000", path)
    sent = headers | ({} if key is None else {"authorization": f"Bearer {key}"})
    return client.ask(method, path, headers=sent)


def test_every_route_of_the_application_has_a_scope_and_no_scope_is_without_a_route() -> None:
    assert set(ROUTES) == set(ROUTE_SCOPES)
    assert len(ROUTES) == len(set(ROUTES)) >= 20


@pytest.mark.parametrize("route", API, ids=" ".join)
def test_route_has_the_scope_of_the_contract(route: tuple[str, str]) -> None:
    method, path = route
    found = [scope for scope, of in CONTRACT.items() if of & {path, f"{method} {path}"}]
    usual = "read-patient" if path.startswith("/v1/predictions") else "read"
    assert [ROUTE_SCOPES[route]] == (found or [usual])


@pytest.mark.parametrize("route", API, ids=" ".join)
def test_route_lets_nobody_in_without_its_scope(locked: Any, make_key: Any, route: Any) -> None:
    needed = {LOCAL_OR_READ: "read"}.get(ROUTE_SCOPES[route], ROUTE_SCOPES[route])
    forwarded = {"x-forwarded-for": "192.0.2.1"}
    if needed == OPEN:
        assert ask(locked, route, **forwarded).status_code in (200, 404)
        return
    assert ask(locked, route, **forwarded).status_code == 401
    assert ask(locked, route, "csf_0_0").status_code == 401
    others = make_key(*set(SCOPES) - {needed})
    refused = ask(locked, route, others)
    assert (refused.status_code, refused.json()["code"]) == (403, "scope_missing")
    assert f'scope="{needed}"' in refused.headers["www-authenticate"]
    assert ask(locked, route, make_key(needed)).status_code not in (401, 403)


def test_route_that_nobody_gave_a_scope_refuses_every_key(locked: Any, make_key: Any) -> None:
    router = APIRouter()

    @router.get("/v1/unheard")
    def unheard() -> str:
        return "CANARY"

    app = create_app(locked.app.state.settings)
    app.state.doorkeeper = locked.app.state.doorkeeper
    del app.router.routes[:]
    app.router.routes.extend(router.routes)
    guard_routes(app, {})
    answer = ask(type(locked)(app), ("GET", "/v1/unheard"), make_key(*SCOPES))
    assert (answer.status_code, answer.json()["code"]) == (403, "route_closed")
    assert "CANARY" not in answer.text


@pytest.mark.parametrize("stated", [
    "", "Bearer", "Bearer ", "Basic Y3NmOnB3", "Bearer csf_", "Bearer x", "Bearer \x80", "csf_1_2",
    "Bearer " + "csf_" * 5000,
])  # fmt: skip
def test_header_that_is_no_key_is_refused_without_repeating_it(locked: Any, stated: str) -> None:
    sent = [(b"authorization", stated.encode("latin-1"))]
    answer = locked.ask("GET", "/v1/models", headers=sent)
    assert (answer.status_code, answer.json()["code"]) == (401, "key_refused")
    assert 'error="invalid_token"' in answer.headers["www-authenticate"]


def test_two_keys_are_none(locked: Any, make_key: Any) -> None:
    stated = (b"authorization", f"Bearer {make_key('read')}".encode())
    assert locked.ask("GET", "/v1/models", headers=[stated]).status_code == 200
    assert locked.ask("GET", "/v1/models", headers=[stated, stated]).status_code == 401


def test_key_that_is_revoked_expired_or_changed_opens_nothing(locked: Any, make_key: Any) -> None:
    good, expired, revoked = make_key("read"), make_key("read", days=-1), make_key("read")
    revoke_key(locked.app.state.store, revoked.split("_")[1], actor="tests", now=NOW)
    locked.app.state.doorkeeper.ring.refresh()
    changed = good[:-1] + ("0" if good[-1] != "0" else "1")
    statuses = [ask(locked, ("GET", "/v1/models"), k).status_code for k in (
        good, expired, revoked, changed)]  # fmt: skip
    assert statuses == [200, 401, 401, 401]


def test_missing_key_is_asked_for(locked: Any) -> None:
    answer = ask(locked, ("GET", "/v1/models"))
    assert (answer.status_code, answer.json()["code"]) == (401, "key_missing")
    assert answer.headers["www-authenticate"] == 'Bearer realm="csf-responder"'


def test_records_of_another_tenant_are_not_found(
    locked: Any, make_key: Any, request_body: Any
) -> None:
    ours, theirs = (make_key("predict", "read-patient", tenant=t) for t in ("ours", "theirs"))
    sent = {"authorization": f"Bearer {ours}", "content-type": "application/json"}
    made = locked.ask("POST", "/v1/predictions", json=request_body, headers=sent)
    path = made.headers["location"]
    assert locked.ask("GET", path, headers=sent).json()["patient_id"] == "P-1"
    other = {"authorization": f"Bearer {theirs}"}
    outcome = {"responder": True, "definition": "oh2018", "horizon_months": 4,
               "observed_on": "2026-01-02"}  # fmt: skip
    for method, rest in (("GET", ""), ("DELETE", "/input"), ("POST", "/void"), ("PUT", "/outcome")):
        answer = locked.ask(method, path + rest, headers=other, json=outcome)
        assert (answer.status_code, answer.json()["code"]) == (404, "prediction_not_found")
    corrected = request_body | {"supersedes": path.rpartition("/")[2]}
    answer = locked.ask("POST", "/v1/predictions", headers=other, json=corrected)
    assert answer.status_code == 404
    assert locked.ask("GET", "/v1/predictions", headers=other).json()["predictions"] == []
    assert locked.ask("GET", path, headers=sent).json()["voided_at"] is None


def test_whoever_is_on_this_machine_is_let_in_only_where_that_is_said(linear_client: Any) -> None:
    assert ask(linear_client, ("GET", "/v1/models")).status_code == 200
    for name in ("x-forwarded-for", "x-forwarded-host", "forwarded", "x-real-ip", "via"):
        assert ask(linear_client, ("GET", "/v1/models"), **{name: "127.0.0.1"}).status_code == 401
    assert ask(linear_client, ("GET", "/v1/models"), "csf_0_0").status_code == 401


def test_metrics_need_no_key_on_this_machine_and_one_behind_a_proxy(locked: Any) -> None:
    assert ask(locked, ("GET", "/metrics")).status_code == 200
    assert ask(locked, ("GET", "/metrics"), **{"x-forwarded-for": "::1"}).status_code == 401


def test_start_without_keys_is_refused_in_one_sentence(
    linear_registry: Registry, make_client: Any, tmp_path: Any
) -> None:
    with pytest.raises(StoreSettingsError, match="csf-responder keys create") as refused:
        make_client(
            linear_registry, allow_anonymous=False, database_url=f"sqlite:///{tmp_path}/new.sqlite3"
        )
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    "host", ["example.org", "127.0.0.1.example.org", "", "[::2]:80", "x" * 5000]
)
def test_name_of_another_host_is_not_answered(linear_client: Any, host: str) -> None:
    answer = linear_client.ask("GET", "/livez", headers={"host": host})
    assert (answer.status_code, answer.json()["code"]) == (421, "unknown_host")
    assert not host or host not in answer.text


@pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1", "[::1]:1", "TEST", "test:443"])
def test_known_names_are_answered_whatever_the_port(linear_client: Any, host: str) -> None:
    assert linear_client.ask("GET", "/livez", headers={"host": host}).status_code == 200
