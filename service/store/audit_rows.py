"""Rows held against the events that told of them: nothing changed, added or taken away."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, Final

import orjson
from sqlalchemy import Connection, Row, Table, select

from models.canonical import sha256
from service.store.audit_walk import AuditFault
from service.store.outcomes import outcome_of
from service.store.schema import AUDIT_EVENTS, IDEMPOTENCY_KEYS, OUTCOMES, PREDICTIONS

RECORDED: Final = "prediction_recorded"
REPLY_RECORDED: Final = "reply_recorded"
_OUTCOME_ACTIONS: Final = ("outcome_recorded", "outcome_replaced")
_AT_A_TIME: Final = 200
_EVENT: Final = (
    *AUDIT_EVENTS.c["action", "subject", "details"],
    *(AUDIT_EVENTS.c[name].label(f"event_{name}") for name in ("at", "tenant", "actor")),
)
"""An event's columns beside those of a row."""


def rows_unlike_their_events(connection: Connection) -> Iterator[AuditFault]:
    """Every prediction, outcome, erasure, voiding and kept reply that is not what the audit says.

    A kept reply may be missing: its time may be over.
    """
    yield from _unlike(connection, PREDICTIONS, (RECORDED,), _is_prediction)
    yield from _unlike(connection, OUTCOMES, _OUTCOME_ACTIONS, _is_outcome)
    for column, action in (("erased_at", "input_erased"), ("voided_at", "prediction_voided")):
        yield from _done_in_secret(connection, column, action)
        yield from _undone(connection, column, action)
    yield from _replies(connection)


def _unlike(
    connection: Connection, table: Table, actions: tuple[str, ...], fits: Callable[[Row[Any]], bool]
) -> Iterator[AuditFault]:
    told = AUDIT_EVENTS.c.action.in_(actions)
    same = table.c.number == AUDIT_EVENTS.c.seq
    streaming = connection.execution_options(yield_per=_AT_A_TIME)
    rows = select(table, *_EVENT).outerjoin(AUDIT_EVENTS, same & told)
    with streaming.execute(rows.order_by(table.c.number)) as found:
        for row in found:
            if row.action is None or not fits(row):
                yield AuditFault("row_changed", row.number)
    gone = select(AUDIT_EVENTS.c.seq).outerjoin(table, same).where(told, table.c.number.is_(None))
    for seq in streaming.execute(gone.order_by(AUDIT_EVENTS.c.seq)).scalars():
        yield AuditFault("row_changed", seq)


def _is_prediction(row: Row[Any]) -> bool:
    said = {
        "answer_sha256": sha256(row.answer),
        "bundle_id": row.bundle_id,
        "content_sha256": row.content_sha256,
        "input_sha256": row.input_sha256,
    }
    if row.supersedes is not None:
        said["supersedes"] = row.supersedes
    is_input = row.input is None or sha256(row.input) == row.input_sha256
    return (
        is_input
        and _says(row, row.created_at, said)
        and row.tenant == row.event_tenant
        and _agrees(row.answer, "task", row.task)
        and (row.input is None or _agrees(row.input, "patient_id", row.patient_id))
    )


def _agrees(document: bytes, name: str, value: str) -> bool:
    """Whether what has a column of its own is the same within a document that cannot be changed."""
    stated = orjson.loads(document)
    return not isinstance(stated, dict) or stated.get(name, value) == value


def _is_outcome(row: Row[Any]) -> bool:
    said = {"outcome_sha256": outcome_of(row).sha256()}
    return _says(row, row.recorded_at, said) and bool(row.recorded_by == row.event_actor)


def _says(row: Row[Any], at: datetime, said: dict[str, str]) -> bool:
    """Whether an event is about this row and says this of it, and when."""
    is_about = row.subject == row.prediction_id and row.event_at == at.isoformat()
    return bool(is_about and orjson.loads(row.details) == said)


def _done_in_secret(connection: Connection, column: str, action: str) -> Iterator[AuditFault]:
    told = select(AUDIT_EVENTS.c.subject).where(AUDIT_EVENTS.c.action == action)
    secret = select(PREDICTIONS.c.number).where(
        PREDICTIONS.c[column].is_not(None), PREDICTIONS.c.prediction_id.not_in(told)
    )
    for number in connection.execute(secret.order_by(PREDICTIONS.c.number)).scalars():
        yield AuditFault("row_changed", number)


def _undone(connection: Connection, column: str, action: str) -> Iterator[AuditFault]:
    """Erasures and voidings that the audit tells of, and the row does not, or of another time."""
    moment = PREDICTIONS.c[column].label("moment")
    told = select(AUDIT_EVENTS.c.seq, AUDIT_EVENTS.c.at, moment).join(
        PREDICTIONS, PREDICTIONS.c.prediction_id == AUDIT_EVENTS.c.subject
    )
    streaming = connection.execution_options(yield_per=_AT_A_TIME)
    for row in streaming.execute(told.where(AUDIT_EVENTS.c.action == action)):
        if row.moment is None or row.moment.isoformat() != row.at:
            yield AuditFault("row_changed", row.seq)


def _replies(connection: Connection) -> Iterator[AuditFault]:
    """Kept replies that are neither their prediction's answer nor one that an event tells of."""
    event, kept = AUDIT_EVENTS.c, IDEMPOTENCY_KEYS.c
    events = select(event.actor, event.subject, event.details).where(event.action == REPLY_RECORDED)
    told = {
        (row.actor, row.subject, orjson.loads(row.details).get("answer_sha256"))
        for row in connection.execute(events)
    }
    rows = (
        select(kept.client, kept.body_sha256, kept.answer, PREDICTIONS.c.number)
        .outerjoin(PREDICTIONS, PREDICTIONS.c.prediction_id == kept.prediction_id)
        .where((PREDICTIONS.c.answer == kept.answer).is_not(True))
    )
    for row in connection.execution_options(yield_per=_AT_A_TIME).execute(rows):
        if (row.client, row.body_sha256, sha256(row.answer)) not in told:
            yield AuditFault("row_changed", row.number or 0)
