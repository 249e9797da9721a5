import logging
import time
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from service.store.audit import export_audit, verify_audit
from service.store.errors import (
    KeyRefusedError,
    KeyScopeError,
    StoreUnavailableError,
    UnknownKeyError,
)
from service.store.key_ring import KeyRing
from service.store.keys import create_key, list_keys, revoke_key

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
YEAR = timedelta(days=365)


@pytest.fixture
def make(store):
    """`make(*scopes, tenant="lab", expires_at=...)`: a key and what a client sends."""

    def make(*scopes, tenant="lab", expires_at=NOON + YEAR):
        return create_key(
            store,
            tenant=tenant,
            scopes=frozenset(scopes or ["predict"]),
            expires_at=expires_at,
            actor="command line",
            now=NOON,
        )

    return make


@pytest.fixture
def ring(store):
    ring = KeyRing(store)
    yield ring
    ring.close()


def test_a_key_opens_what_it_was_made_for(make, ring):
    key, token = make("predict", "read-patient")
    ring.refresh()
    assert ring.check(token, NOON) == key
    assert (key.tenant, key.scopes) == ("lab", {"predict", "read-patient"})


def test_a_key_has_an_id_and_256_random_bits(make):
    (_, first), (_, second) = make(), make()
    assert first.split("_")[0] == "csf"
    assert len(bytes.fromhex(first.split("_")[2])) == 32
    assert first.split("_")[2] != second.split("_")[2]


def altered(token):
    return token[:-1] + ("0" if token[-1] != "0" else "1")


@pytest.mark.parametrize(
    "change",
    [
        altered,
        str.upper,
        lambda token: token[:-1],
        lambda token: token + "0",
        lambda token: token + "_",
        lambda token: token.replace("csf", "xyz"),
        lambda token: token.split("_")[2],
        lambda token: "csf_000000000000_" + token.split("_")[2],
        lambda token: "",
        lambda token: "csf__",
        lambda token: "csf_\N{SNOWMAN}_\ud800",
    ],
)
def test_everything_else_is_refused_alike(make, ring, change):
    _, token = make()
    ring.refresh()
    with pytest.raises(KeyRefusedError, match="the API key is not valid"):
        ring.check(change(token), NOON)


def test_a_key_ends_when_it_expires(make, ring):
    _, token = make(expires_at=NOON + YEAR)
    ring.refresh()
    ring.check(token, NOON + YEAR - timedelta(seconds=1))
    with pytest.raises(KeyRefusedError):
        ring.check(token, NOON + YEAR)


def test_revoking_is_known_within_a_second_and_without_asking(store, make, ring):
    key, token = make()
    ring.refresh()
    revoke_key(store, key.key_id, actor="a", now=NOON)
    time.sleep(0.9)
    with pytest.raises(KeyRefusedError):
        ring.check(token, NOON)


def test_revoking_twice_keeps_the_first_moment(store, make):
    key, _ = make()
    revoke_key(store, key.key_id, actor="a", now=NOON)
    assert revoke_key(store, key.key_id, actor="a", now=NOON + YEAR).revoked_at == NOON
    with pytest.raises(UnknownKeyError):
        revoke_key(store, "nobody", actor="a", now=NOON)


@pytest.mark.parametrize(
    "change",
    [
        "scopes = 'admin predict'",
        "tenant = 'other'",
        "expires_at = '2099-01-01 00:00:00'",
        "mac = '" + "0" * 64 + "'",
    ],
)
def test_a_row_changed_in_the_database_opens_nothing(store, make, ring, change):
    _, token = make()
    with store.engine.begin() as connection:
        connection.execute(text(f"UPDATE api_keys SET {change}"))  # noqa: S608 - a forger's
    ring.refresh()
    with pytest.raises(KeyRefusedError):
        ring.check(token, NOON)


def test_keys_are_listed_without_anything_that_opens(store, make):
    (key, token), (other, _) = make(), make("read", tenant="other")
    assert list_keys(store) == sorted([key, other], key=lambda key: key.key_id)
    assert token.split("_")[2] not in repr(list_keys(store))


def test_the_secret_is_nowhere_in_database_audit_and_log(store, make, ring, caplog):
    caplog.set_level(logging.DEBUG)
    _, token = make()
    secret = token.split("_")[2]
    with store.engine.connect() as connection:
        rows = connection.execute(text("SELECT * FROM api_keys")).all()
    assert secret not in f"{rows}{list(export_audit(store))}{caplog.text}"
    assert not verify_audit(store).faults


@pytest.mark.parametrize("scopes", [frozenset(), frozenset({"everything"})])
def test_a_key_has_scopes_that_exist(store, scopes):
    with pytest.raises(KeyScopeError, match="predict"):
        create_key(store, tenant="lab", scopes=scopes, expires_at=NOON + YEAR, actor="a", now=NOON)


def test_a_ring_knows_whether_there_are_keys(store, make, ring):
    assert ring.is_empty
    make()
    ring.refresh()
    assert not ring.is_empty


def test_a_ring_survives_what_should_not_happen_and_lets_nobody_in_meanwhile(store, make):
    said = []
    ring = KeyRing(store, lambda event, **facts: said.append((event, facts)))
    _, token = make()
    with store.engine.begin() as connection:
        connection.execute(text("ALTER TABLE api_keys RENAME COLUMN scopes TO kept"))
        connection.execute(text("ALTER TABLE api_keys ADD COLUMN scopes INTEGER"))
    time.sleep(1.5)
    with pytest.raises(StoreUnavailableError):
        ring.check(token, NOON)
    with store.engine.begin() as connection:
        connection.execute(text("ALTER TABLE api_keys DROP COLUMN scopes"))
        connection.execute(text("ALTER TABLE api_keys RENAME COLUMN kept TO scopes"))
    time.sleep(0.6)
    assert ring.check(token, NOON)
    ring.close()
    assert ("keys_not_read", {"error": "AttributeError"}) in said
