"""API keys: made, listed and revoked. The secret is shown once and kept by nobody.

A key is ``csf_<id>_<secret>`` with 256 random bits. The database has a MAC over the secret and
over everything that the key allows, so that a row changed from outside opens nothing.
"""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import orjson
from sqlalchemy import Row, func, insert, select, update

from service.store.audit_chain import Event
from service.store.errors import KeyScopeError, UnknownKeyError
from service.store.pepper import Pepper
from service.store.schema import API_KEYS, AUDIT_EVENTS
from service.store.store import Store

SCOPES: Final = ("predict", "read", "read-patient", "promote", "admin")
PREFIX: Final = "csf"
_PURPOSE: Final = "api-key"
_ID_BYTES: Final = 6
_SECRET_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class ApiKey:
    """What a key allows, without its secret.

    Attributes
    ----------
    key_id
        The name that lists, logs and the audit use.
    tenant
        Whose records it sees.
    scopes
        What it may do.
    created_at, expires_at, revoked_at
        From when to when; None while it is not revoked.
    """

    key_id: str
    tenant: str
    scopes: frozenset[str]
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None = None

    def is_valid(self, now: datetime) -> bool:
        """Whether it opens anything at this moment."""
        return self.revoked_at is None and now < self.expires_at


def create_key(
    store: Store,
    *,
    tenant: str,
    scopes: frozenset[str],
    expires_at: datetime,
    actor: str,
    now: datetime,
) -> tuple[ApiKey, str]:
    """Make a key.

    Returns
    -------
    ApiKey
        What is known of it from now on.
    str
        The key itself, which nobody can show again.

    Raises
    ------
    KeyScopeError
        A scope is not known, or there is none.
    """
    if not scopes or not scopes <= set(SCOPES):
        raise KeyScopeError(SCOPES)
    key = ApiKey(secrets.token_hex(_ID_BYTES), tenant, scopes, now, expires_at)
    secret = secrets.token_hex(_SECRET_BYTES)
    row = {
        "key_id": key.key_id,
        "mac": store.pepper.mac(_PURPOSE, signed_facts(key) + secret.encode()),
        "tenant": tenant,
        "scopes": " ".join(sorted(scopes)),
        "created_at": now,
        "expires_at": expires_at,
    }
    with store.writing() as work:
        work.connection.execute(insert(API_KEYS).values(row))
        details = {"scopes": sorted(scopes), "expires_at": expires_at.isoformat()}
        work.note(Event(now, tenant, actor, "key_created", key.key_id, details))
    return key, f"{PREFIX}_{key.key_id}_{secret}"


def list_keys(store: Store) -> list[ApiKey]:
    """All keys, oldest first."""
    return [key for key, _ in read_keys(store)]


def revoke_key(store: Store, key_id: str, *, actor: str, now: datetime) -> ApiKey:
    """Let a key open nothing any more; all workers know within a second.

    Raises
    ------
    UnknownKeyError
        There is none with this id.
    """
    ours = API_KEYS.c.key_id == key_id
    with store.writing() as work:
        row = work.connection.execute(select(API_KEYS).where(ours)).one_or_none()
        if row is None:
            raise UnknownKeyError
        if row.revoked_at is None:
            work.connection.execute(update(API_KEYS).where(ours).values(revoked_at=now))
            work.note(Event(now, row.tenant, actor, "key_revoked", key_id))
        return _key(work.connection.execute(select(API_KEYS).where(ours)).one())


def read_keys(store: Store) -> list[tuple[ApiKey, str]]:
    """All keys with their MACs, oldest first."""
    statement = select(API_KEYS).order_by(API_KEYS.c.created_at, API_KEYS.c.key_id)
    with store.reading() as connection:
        return [(_key(row), row.mac) for row in connection.execute(statement)]


def signed_facts(key: ApiKey) -> bytes:
    """What the MAC of a key covers besides its secret: all that the key allows."""
    expires_at = key.expires_at.astimezone(UTC).isoformat()
    return orjson.dumps([key.key_id, key.tenant, sorted(key.scopes), expires_at])


def fits_key(pepper: Pepper, facts: bytes, secret: str, mac: str) -> bool:
    """Whether a secret is that of a key with these facts."""
    return pepper.fits_any(_PURPOSE, facts + secret.encode(), mac)


def keys_before_rotation(store: Store, now: datetime) -> list[str]:
    """Ids of keys that are valid at this moment and were made with an earlier pepper."""
    events = AUDIT_EVENTS.c
    rotated = select(func.max(events.seq)).where(events.action == "pepper_rotated")
    made = select(events.subject).where(
        events.action == "key_created", events.seq < rotated.scalar_subquery()
    )
    with store.reading() as connection:
        before = set(connection.execute(made).scalars())
    return [key.key_id for key in list_keys(store) if key.is_valid(now) and key.key_id in before]


def _key(row: Row[Any]) -> ApiKey:
    scopes = frozenset(row.scopes.split())
    return ApiKey(row.key_id, row.tenant, scopes, row.created_at, row.expires_at, row.revoked_at)
