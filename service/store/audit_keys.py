"""API keys held against the events that told of them: none forged, widened, revived, removed."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

import orjson
from sqlalchemy import Connection, Row, select

from service.store.audit_walk import AuditFault
from service.store.schema import API_KEYS, AUDIT_EVENTS

_ACTIONS: Final = ("key_created", "key_revoked")


def keys_unlike_their_events(connection: Connection) -> Iterator[AuditFault]:
    """Every key that is not what the audit says; event 0 where it says nothing of one."""
    told: dict[str, dict[str, Row[Any]]] = {}
    events = select(AUDIT_EVENTS).where(AUDIT_EVENTS.c.action.in_(_ACTIONS))
    for event in connection.execute(events.order_by(AUDIT_EVENTS.c.seq)):
        told.setdefault(event.subject, {})[event.action] = event
    for key in connection.execute(select(API_KEYS).order_by(API_KEYS.c.key_id)):
        of_key = told.pop(key.key_id, {})
        created, revoked = (of_key.get(action) for action in _ACTIONS)
        if created is None or not (_is_key(key, created) and _is_revoked(key, revoked)):
            yield AuditFault("row_changed", 0 if created is None else created.seq)
    for of_key in told.values():
        yield AuditFault("row_changed", next(iter(of_key.values())).seq)


def _is_key(key: Row[Any], created: Row[Any]) -> bool:
    said = orjson.loads(created.details)
    return bool(
        key.tenant == created.tenant
        and key.created_at.isoformat() == created.at
        and key.scopes.split() == said["scopes"]
        and key.expires_at == datetime.fromisoformat(said["expires_at"])
    )


def _is_revoked(key: Row[Any], revoked: Row[Any] | None) -> bool:
    """Whether a key is revoked if, and when, the audit says so."""
    at = None if key.revoked_at is None else key.revoked_at.isoformat()
    return at == (None if revoked is None else revoked.at)
