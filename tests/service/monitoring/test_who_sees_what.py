"""Tenants, windows, and queries that do not fit."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from service.store.keys import create_key

ROUTES = ("performance", "drift", "volume")
NOW = datetime.now(UTC)


@pytest.fixture
def key_of(client: Any) -> Callable[..., dict[str, str]]:
    """`key_of(tenant, *scopes)`: headers of a new key."""

    def key_of(tenant: str, *scopes: str) -> dict[str, str]:
        _, shown = create_key(
            client.app.state.store, tenant=tenant, scopes=frozenset(scopes),
            expires_at=NOW + timedelta(days=1), actor="tests", now=NOW,
        )  # fmt: skip
        client.app.state.doorkeeper.ring.refresh()
        return {"authorization": f"Bearer {shown}", "content-type": "application/json"}

    return key_of


def n_in(report: Any) -> list[Any]:
    """How many predictions a report is about, whichever it is."""
    names = ("n_patients", "n_predictions", "selection")
    found = [next(part[name] for name in names if name in part) for part in report["bundles"]]
    return [one["n_waiting"] if isinstance(one, dict) else one for one in found]


@pytest.mark.parametrize("name", ROUTES)
def test_tenants_see_their_own_and_admins_everybodys(
    client: Any, key_of: Any, contract_table: Any, name: str
) -> None:
    for tenant, n in (("ours", 10), ("theirs", 7)):
        table = contract_table["table"] | {"patient_id": [f"P-{i}" for i in range(n)]}
        for panel in ("baseline", "follow_up"):
            table[panel] = {"TNF": [1.0] * n, "MCP-1": [500] * n, "TGF-b1": [60] * n}
        sent = key_of(tenant, "predict")
        assert client.post("/v1/predictions/batch", {"table": table}, sent).status_code == 200
    path = f"/v1/monitoring/{name}"
    ours, other, everybody = (
        client.ask("GET", path, headers=key_of(*who)).json()
        for who in (("ours", "read"), ("nobody", "read"), ("ops", "read", "admin"))
    )
    assert (ours["of"], n_in(ours), n_in(other)) == ("tenant", [10], [])
    assert (everybody["of"], n_in(everybody)) == ("everybody", [17])


@pytest.mark.parametrize("name", ROUTES)
def test_window_is_of_whole_days(look: Any, post: Any, name: str) -> None:
    post(10)
    today, tomorrow = (f"{NOW + timedelta(days=d):%Y-%m-%dT00:00:00Z}" for d in (0, 1))
    assert n_in(look(name, f"since={NOW:%Y-%m-%dT23:59:00Z}")) == [10]
    assert n_in(look(name, f"until={NOW:%Y-%m-%dT00:00:01Z}")) == [10]
    assert n_in(look(name, f"until={today}")) == []
    found = look(name, f"since={tomorrow}&until=2999-01-01T00:00:00Z")
    assert (n_in(found), found["until"]) == ([], "2999-01-01T00:00:00.000Z")


def test_drift_and_volume_are_of_ninety_days_and_performance_of_all(look: Any) -> None:
    since = {name: look(name)["since"] for name in ROUTES}
    expected = (NOW + timedelta(days=1 - 90)).strftime("%Y-%m-%dT00:00:00.000Z")
    assert since == {"performance": None, "drift": expected, "volume": expected}


@pytest.mark.parametrize("name", ROUTES)
@pytest.mark.parametrize(
    ("query", "path", "code"),
    [
        ("since=CANARY", "/query/since", "datetime_parsing"),
        ("since=2026-01-02T12:00:00", "/query/since", "timezone_aware"),
        ("since=2026-01-03T00:00:00Z&until=2026-01-02T00:00:00Z",
         "/query/until", "until_before_since"),
        ("since=0001-01-01T00:00:00%2B14:00", "/query/since", "datetime_parsing"),
        ("bundle_id=CANARY", "/query/bundle_id", "string_pattern_mismatch"),
        ("task=CANARY", "/query/task", "literal_error"),
        ("patient_id=CANARY", "/query", "extra_forbidden"),
    ],
)  # fmt: skip
def test_query_that_does_not_fit_is_refused(
    client: Any, name: str, query: str, path: str, code: str
) -> None:
    answer = client.get(f"/v1/monitoring/{name}?{query}")
    assert answer.status_code == 422
    assert [(fault["path"], fault["code"]) for fault in answer.json()["faults"]] == [(path, code)]
    assert "CANARY" not in answer.text


@pytest.mark.parametrize("name", ROUTES)
@pytest.mark.parametrize("query", ["since=0001-01-01T00:00:00Z", "until=9999-12-31T23:59:59Z",
                                   "until=0001-01-01T00:00:01Z"])  # fmt: skip
def test_ends_of_time_are_windows(client: Any, name: str, query: str) -> None:
    assert client.get(f"/v1/monitoring/{name}?{query}").status_code == 200


def test_no_patient_and_no_value_of_one_is_in_any_report(look: Any, post: Any, tell: Any) -> None:
    tell(post(40, prefix="CANARY"), [number % 2 == 0 for number in range(40)])
    assert not [name for name in ROUTES if "CANARY" in str(look(name))]
