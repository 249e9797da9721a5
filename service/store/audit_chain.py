"""The audit: events in a chain of hashes, whose head is anchored by the pepper.

Every write adds its events in its own transaction. An event's hash covers the one before it;
the head holds their number and the last hash under a MAC, so that whoever can change the
database, but does not know the pepper, cannot make another chain that fits.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

import orjson
from sqlalchemy import Connection, bindparam, insert, select, update

from models.canonical import sha256
from service.store.errors import AuditBrokenError, StoreDamagedError
from service.store.insert_rows import insert_rows
from service.store.pepper import Pepper
from service.store.schema import AUDIT_EVENTS, AUDIT_HEAD

NOTHING_BEFORE: Final = "0" * 64
HASHED: Final = ("at", "tenant", "actor", "action", "subject", "details")
"""Columns that an event's hash covers, in this order."""
STORE: Final = "store"
"""Purpose of the MAC that tells which pepper a database was made with."""
_COLUMNS: Final = ("seq", *HASHED, "previous_hash", "hash")
_PURPOSE: Final = "audit-head"


Facts = tuple[str, ...]
"""What is stored and hashed of an event, in the order of `HASHED`."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened; hashes and ids only, never a value or a patient.

    Attributes
    ----------
    at
        When.
    tenant, actor
        Whose it is, and the key that asked for it.
    action, subject
        What happened to what: ``prediction_recorded``, and its id.
    details
        More facts, as JSON can hold them.
    """

    at: datetime
    tenant: str
    actor: str
    action: str
    subject: str
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Head:
    """How far the chain goes: number of events, and the hash of the last."""

    n_events: int
    hash: str

    def message(self) -> bytes:
        """What the pepper's MAC covers."""
        return f"{self.n_events} {self.hash}".encode()


def event_hash(previous: str, facts: Sequence[str]) -> str:
    """Hash of an event: SHA-256 of a JSON list of the hash before and the event's facts.

    The list is in UTF-8 and without spaces, so that another program can make it, too.

    Parameters
    ----------
    previous
        Hash of the event before.
    facts
        Moment, tenant, actor, action, subject and details, as they are stored.

    Examples
    --------
    >>> facts = ["2026-01-02T12:00:00+00:00", "lab", "", "opened", "", "{}"]
    >>> event_hash(NOTHING_BEFORE, facts)[:12]
    'e25751969e0d'
    """
    return sha256(orjson.dumps([previous, *facts]))


def begin_chain(connection: Connection, pepper: Pepper, store_id: str) -> None:
    """Write the head of a chain without events, in a database that was just made."""
    head = Head(0, NOTHING_BEFORE)
    connection.execute(
        insert(AUDIT_HEAD).values(
            one=1,
            store_id=store_id,
            pepper_check=pepper.mac(STORE, store_id.encode()),
            n_events=head.n_events,
            hash=head.hash,
            mac=pepper.mac(_PURPOSE, head.message()),
        )
    )


def lock_head(connection: Connection, pepper: Pepper) -> Head:
    """The head, held until the transaction ends: writers take turns on it.

    Raises
    ------
    AuditBrokenError
        It was changed by somebody without the pepper.
    """
    row = connection.execute(_LOCK).one_or_none()
    if row is None:
        raise StoreDamagedError("the audit has no head; restore a backup")
    head = Head(row.n_events, row.hash)
    if not fits_head(pepper, head, row.mac):
        raise AuditBrokenError
    return head


def fits_head(pepper: Pepper, head: Head, mac: str) -> bool:
    """Whether a head is anchored by the pepper."""
    return pepper.fits(_PURPOSE, head.message(), mac)


def extend_chain(
    connection: Connection, pepper: Pepper, head: Head, events: Sequence[Facts]
) -> Head:
    """Add events behind the head, and move the head."""
    if not events:
        return head
    rows: list[tuple[Any, ...]] = []
    previous = head.hash
    for seq, facts in enumerate(events, start=head.n_events + 1):
        found = event_hash(previous, facts)
        rows.append((seq, *facts, previous, found))
        previous = found
    last = Head(head.n_events + len(rows), previous)
    insert_rows(connection, AUDIT_EVENTS, _COLUMNS, rows)
    mac = pepper.mac(_PURPOSE, last.message())
    connection.execute(_MOVE, {"to": last.n_events, "last": last.hash, "anchor": mac})
    return last


def move_anchor(connection: Connection, pepper: Pepper, head: Head, event: Event) -> None:
    """Put the head, and one event more that tells of it, under another pepper."""
    extend_chain(connection, pepper, head, [facts_of(event)])
    store_id = connection.execute(select(AUDIT_HEAD.c.store_id)).scalar_one()
    check = pepper.mac(STORE, store_id.encode())
    connection.execute(update(AUDIT_HEAD).values(pepper_check=check))


def facts_of(event: Event) -> Facts:
    """What is stored and hashed of an event."""
    at = event.at.astimezone(UTC).isoformat()
    details = orjson.dumps(event.details, option=orjson.OPT_SORT_KEYS).decode()
    return at, event.tenant, event.actor, event.action, event.subject, details


_LOCK: Final = select(AUDIT_HEAD.c.n_events, AUDIT_HEAD.c.hash, AUDIT_HEAD.c.mac).with_for_update()
_MOVE: Final = update(AUDIT_HEAD).values(
    n_events=bindparam("to"), hash=bindparam("last"), mac=bindparam("anchor")
)
