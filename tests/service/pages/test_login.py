"""A key for a session; what ends one, and what a session cannot be made to say."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from service.store.errors import KeyRefusedError
from service.store.keys import revoke_key
from service.store.schema import API_KEYS
from service.store.sessions import LONGEST, open_session, read_session


def test_session_is_for_this_browser_alone_and_for_a_working_day(visitor: Any) -> None:
    cookie = visitor("read").log_in().headers["set-cookie"]
    kept = {part.strip() for part in cookie.split(";")[1:]}
    assert kept == {"HttpOnly", "Max-Age=28800", "Path=/", "SameSite=strict"}


def test_session_that_came_over_tls_goes_no_other_way(visitor: Any) -> None:
    assert "Secure" in visitor("read").log_in(origin="https://test").headers["set-cookie"]


def test_session_does_not_have_the_secret(visitor: Any) -> None:
    someone = visitor("read")
    assert someone.key.key_id in someone.headers["cookie"]
    assert someone.token.rpartition("_")[2] not in someone.headers["cookie"]


@pytest.mark.parametrize("key", ["", "csf_0_0", "CANARY", "x" * 5000, "csf_\xe9_1"])
def test_wrong_key_is_refused_without_repeating_it(visitor: Any, key: str) -> None:
    answer = visitor("read").post("/login", {"key": key}, cookie="")
    assert answer.status_code == 401
    assert "set-cookie" not in answer.headers
    assert not key or f'"{key}"' not in answer.text


def test_key_that_may_not_read_opens_no_session(visitor: Any) -> None:
    answer = visitor("predict").log_in()
    assert answer.status_code == 403
    assert "scope read" in answer.text
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("elsewhere", [
    "//example.org", "https://example.org", "/\\example.org", "/%2f/example.org", "/a//b", "\n/x",
    "javascript:alert(1)", "/models?x=1", "",
])  # fmt: skip
def test_login_leads_to_a_page_of_ours_only(visitor: Any, elsewhere: str) -> None:
    someone = visitor("read")
    answer = someone.post("/login", {"key": someone.token, "next": elsewhere})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")


def test_login_leads_back_to_where_one_came_from(visitor: Any) -> None:
    someone = visitor("read")
    asked = someone.client.get("/models/20260102T120000Z-0123456789ab").headers["location"]
    assert asked == "/login?next=/models/20260102T120000Z-0123456789ab"
    answer = someone.post("/login", {"key": someone.token, "next": asked.partition("=")[2]})
    assert answer.headers["location"] == asked.partition("=")[2]


def test_logging_out_forgets_the_session(visitor: Any) -> None:
    answer = visitor("read").post("/logout", {})
    assert answer.headers["set-cookie"].startswith('csf_session=""; ')
    assert "Max-Age=0" in answer.headers["set-cookie"]


def test_session_ends_when_its_key_is_revoked(visitor: Any) -> None:
    someone = visitor("read")
    state = someone.client.app.state
    assert someone.get("/").status_code == 200
    revoke_key(state.store, someone.key.key_id, actor="tests", now=datetime.now(UTC))
    state.doorkeeper.ring.refresh()
    assert someone.get("/").status_code == 303


@pytest.mark.parametrize("change", [{"scopes": "admin read"}, {"tenant": "other"}], ids=str)
def test_session_ends_when_its_key_is_changed_from_outside(visitor: Any, change: Any) -> None:
    someone = visitor("read")
    state = someone.client.app.state
    with state.store.engine.begin() as connection:
        ours = API_KEYS.c.key_id == someone.key.key_id
        connection.execute(update(API_KEYS).where(ours).values(**change))
    state.doorkeeper.ring.refresh()
    assert someone.get("/").status_code == 303


def test_session_ends_with_the_day_or_with_its_key(visitor: Any) -> None:
    someone, now = visitor("read"), datetime.now(UTC)
    ring = someone.client.app.state.doorkeeper.ring
    _, session = open_session(ring, someone.token, now)
    assert read_session(ring, session, now + LONGEST - timedelta(seconds=2)) == someone.key
    with pytest.raises(KeyRefusedError):
        read_session(ring, session, now + LONGEST)
    short = visitor("read", days=1 / 24)
    _, session = open_session(ring, short.token, now)
    with pytest.raises(KeyRefusedError):
        read_session(ring, session, now + timedelta(hours=1, seconds=1))


@pytest.mark.parametrize("at", range(3))
def test_session_with_another_part_is_none(visitor: Any, at: int) -> None:
    ours, others = visitor("read"), visitor("read", tenant="other")
    ring = ours.client.app.state.doorkeeper.ring
    parts, foreign = (
        open_session(ring, one.token, datetime.now(UTC) + timedelta(seconds=seconds))[1].split(".")
        for seconds, one in enumerate((ours, others))
    )
    parts[at] = foreign[at]
    with pytest.raises(KeyRefusedError):
        read_session(ring, ".".join(parts), datetime.now(UTC))


@pytest.mark.parametrize("session", ["", ".", "..", "a.b.c", "\xe9.1.\xe9", "x" * 9000, "1.-1.0"])
def test_text_that_is_no_session_opens_nothing(visitor: Any, session: str) -> None:
    someone = visitor("read")
    sent = f"csf_session={session}".encode("latin-1")
    answer = someone.client.ask("GET", "/", headers=[(b"cookie", sent)])
    assert answer.status_code == 303
