"""The audit looked at from outside: an event added, all of it verified, all of it taken along."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import orjson
from sqlalchemy import select

from service.store.audit_chain import HASHED, Event, Head, fits_head
from service.store.audit_keys import keys_unlike_their_events
from service.store.audit_rows import rows_unlike_their_events
from service.store.audit_walk import MOST_FAULTS, AuditFault, walk_chain
from service.store.errors import StoreDamagedError
from service.store.schema import AUDIT_EVENTS, AUDIT_HEAD
from service.store.store import Store
from service.store.triggers import are_triggers_whole


@dataclass(frozen=True, slots=True)
class AuditReport:
    """What a look at the whole audit found.

    Attributes
    ----------
    n_events
        Events that are there.
    last
        The last of them; kept elsewhere, it can be held against a later audit.
    faults
        At most 100; empty when all is well.
    """

    n_events: int
    last: Head
    faults: tuple[AuditFault, ...]


def record_event(store: Store, event: Event) -> int:
    """Add one event, and give its number."""
    with store.writing() as work:
        return work.note(event)


def verify_audit(store: Store, *, kept: Head | None = None) -> AuditReport:
    """Look at every event, and at every row that one tells of.

    Parameters
    ----------
    store
        Where.
    kept
        `last` of an earlier report: finds a database that was put back as it once was.

    Raises
    ------
    StoreDamagedError
        The audit has no head, or a column holds what was never written to it.
    """
    try:
        return _verify(store, kept)
    except (TypeError, ValueError, KeyError):
        sentence = "a column of the database holds what was never written to it; restore a backup"
        raise StoreDamagedError(sentence) from None


def _verify(store: Store, kept: Head | None) -> AuditReport:
    with store.reading() as connection:
        row = connection.execute(select(AUDIT_HEAD)).one_or_none()
        if row is None:
            raise StoreDamagedError("the audit has no head; restore a backup")
        head = Head(row.n_events, row.hash)
        is_ours = fits_head(store.pepper, head, row.mac)
        walk = walk_chain(connection, head if is_ours else None, kept)
        head_fault = () if is_ours else (AuditFault("head_changed", head.n_events),)
        is_guarded = are_triggers_whole(connection)
        faults = itertools.chain(
            () if is_guarded else (AuditFault("triggers_changed", 0),),
            head_fault,
            walk.faults,
            rows_unlike_their_events(connection),
            keys_unlike_their_events(connection),
        )
        return AuditReport(walk.n_events, walk.last, tuple(itertools.islice(faults, MOST_FAULTS)))


def export_audit(store: Store) -> Iterator[bytes]:
    """Every event as one line of JSON, the first one first.

    The hash of an event is the SHA-256 of the JSON list of `previous_hash`, `at`, `tenant`,
    `actor`, `action`, `subject` and `details` (a text), without spaces, in UTF-8.
    """
    columns = ("seq", *HASHED, "previous_hash", "hash")
    statement = select(*AUDIT_EVENTS.c[columns]).order_by(AUDIT_EVENTS.c.seq)
    with store.reading() as connection:
        for row in connection.execution_options(yield_per=500).execute(statement):
            yield orjson.dumps(dict(zip(columns, row, strict=True)))
