"""A walk along the chain of events: where it does not hold, and what was done there."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, Literal

from sqlalchemy import Connection, Row, func, select

from service.store.audit_chain import HASHED, NOTHING_BEFORE, Head, event_hash
from service.store.schema import AUDIT_EVENTS

FaultKind = Literal[
    "changed",
    "removed",
    "moved",
    "added",
    "cut",
    "rewritten",
    "head_changed",
    "row_changed",
    "triggers_changed",
]
MOST_FAULTS: Final = 100
_AT_A_TIME: Final = 500


@dataclass(frozen=True, slots=True)
class AuditFault:
    """Something that was done behind the service's back.

    Attributes
    ----------
    kind
        An event was ``changed``, ``removed``, ``moved`` elsewhere or ``added`` behind the head;
        the tail was ``cut``; the whole chain was ``rewritten``; the head was changed; a row
        of another table is not what its event says; or the triggers that refuse changes are not
        as they were made.
    seq
        Number of the event where it shows; 0 where no event tells of it.
    """

    kind: FaultKind
    seq: int


@dataclass(frozen=True, slots=True)
class Walk:
    """What a walk saw: how many events, the last of them, and what is wrong."""

    n_events: int
    last: Head
    faults: tuple[AuditFault, ...]


@dataclass(frozen=True, slots=True)
class _Break:
    """An event that names another event before it than the one that is there."""

    seq: int
    named: str


def walk_chain(connection: Connection, head: Head | None, kept: Head | None) -> Walk:
    """Walk from the first event to the last.

    Parameters
    ----------
    connection
        Of one state of the database.
    head
        Where the chain ends, if that is known for sure.
    kept
        A head of earlier, which it must pass.
    """
    faults: list[AuditFault] = []
    breaks: list[_Break] = []
    n_events, last, links = 0, Head(0, NOTHING_BEFORE), {NOTHING_BEFORE}
    for row in _events(connection):
        own = event_hash(row.previous_hash, [getattr(row, name) for name in HASHED])
        if own != row.hash:
            faults.append(AuditFault("changed", row.seq))
        if row.seq != last.n_events + 1:
            faults.append(AuditFault("removed", last.n_events + 1))
        elif row.previous_hash not in links:
            breaks.append(_Break(row.seq, row.previous_hash))
        n_events, last, links = n_events + 1, Head(row.seq, row.hash), {own, row.hash}
        if kept is not None and row.seq == kept.n_events and row.hash != kept.hash:
            faults.append(AuditFault("rewritten", row.seq))
        if len(faults) + len(breaks) >= MOST_FAULTS:
            break
    else:
        faults += _ends(last, head, kept)
    is_short = head is not None and n_events < head.n_events
    faults += [_explain(connection, found, is_short=is_short) for found in breaks]
    if not faults and head is not None and last != head:
        faults.append(AuditFault("rewritten", last.n_events))
    return Walk(n_events, last, tuple(sorted(faults, key=lambda fault: fault.seq)))


def _events(connection: Connection) -> Iterator[Row[Any]]:
    statement = select(AUDIT_EVENTS).order_by(AUDIT_EVENTS.c.seq)
    return iter(connection.execution_options(yield_per=_AT_A_TIME).execute(statement))


def _ends(last: Head, head: Head | None, kept: Head | None) -> Iterator[AuditFault]:
    """Whether the chain ends before or behind where it must."""
    if head is not None and last.n_events > head.n_events:
        yield AuditFault("added", head.n_events + 1)
    is_cut = head is not None and last.n_events < head.n_events and last.hash != head.hash
    if is_cut or (kept is not None and last.n_events < kept.n_events):
        yield AuditFault("cut", last.n_events + 1)


def _explain(connection: Connection, found: _Break, *, is_short: bool) -> AuditFault:
    """Where the event before went: elsewhere, away, or another was put in its place."""
    named = select(func.count()).where(AUDIT_EVENTS.c.hash == found.named)
    if connection.execute(named).scalar_one() or found.named == NOTHING_BEFORE:
        return AuditFault("moved", found.seq)
    if is_short:
        return AuditFault("removed", found.seq)
    return AuditFault("changed", found.seq - 1)
