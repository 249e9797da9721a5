"""Rows held against the events that told of them: nothing changed, added or taken away."""

from collections.abc import Callable, Iterator
from typing import Any, Final

import orjson
from sqlalchemy import Connection, Row, Table, select

from models.canonical import sha256
from service.store.audit_walk import AuditFault
from service.store.outcomes import outcome_of
from service.store.schema import AUDIT_EVENTS, OUTCOMES, PREDICTIONS

RECORDED: Final = "prediction_recorded"
_OUTCOME_ACTIONS: Final = ("outcome_recorded", "outcome_replaced")
_AT_A_TIME: Final = 200


def rows_unlike_their_events(connection: Connection) -> Iterator[AuditFault]:
    """Every prediction, outcome, erasure and voiding that is not what the audit says."""
    yield from _unlike(connection, PREDICTIONS, (RECORDED,), _is_prediction)
    yield from _unlike(connection, OUTCOMES, _OUTCOME_ACTIONS, _is_outcome)
    for column, action in (("erased_at", "input_erased"), ("voided_at", "prediction_voided")):
        yield from _done_in_secret(connection, column, action)


def _unlike(
    connection: Connection, table: Table, actions: tuple[str, ...], fits: Callable[[Row[Any]], bool]
) -> Iterator[AuditFault]:
    told = AUDIT_EVENTS.c.action.in_(actions)
    same = table.c.number == AUDIT_EVENTS.c.seq
    streaming = connection.execution_options(yield_per=_AT_A_TIME)
    rows = select(table, *AUDIT_EVENTS.c["action", "subject", "details"]).outerjoin(
        AUDIT_EVENTS, same & told
    )
    for row in streaming.execute(rows.order_by(table.c.number)):
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
    return is_input and _says(row, said)


def _is_outcome(row: Row[Any]) -> bool:
    return _says(row, {"outcome_sha256": outcome_of(row).sha256()})


def _says(row: Row[Any], said: dict[str, str]) -> bool:
    """Whether an event is about this row and says this of it."""
    return bool(row.subject == row.prediction_id and orjson.loads(row.details) == said)


def _done_in_secret(connection: Connection, column: str, action: str) -> Iterator[AuditFault]:
    told = select(AUDIT_EVENTS.c.subject).where(AUDIT_EVENTS.c.action == action)
    secret = select(PREDICTIONS.c.number).where(
        PREDICTIONS.c[column].is_not(None), PREDICTIONS.c.prediction_id.not_in(told)
    )
    for number in connection.execute(secret.order_by(PREDICTIONS.c.number)).scalars():
        yield AuditFault("row_changed", number)
