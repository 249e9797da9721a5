"""Taking back: predictions declared void, inputs erased on request or after their time.

What was answered stays, and the audit keeps digests only: an erased input is gone from the
database, with the patient's id.
"""

from datetime import datetime
from typing import Final

from sqlalchemy import delete, select, update

from service.store.audit_chain import Event
from service.store.forgetting import forget_log
from service.store.reading import StoredPrediction, find_prediction
from service.store.schema import IDEMPOTENCY_KEYS, PREDICTIONS
from service.store.store import Store

_AT_A_TIME: Final = 200
"""So that others get their turn between."""


def void_prediction(
    store: Store, tenant: str, prediction_id: str, *, actor: str, now: datetime
) -> StoredPrediction:
    """Declare a prediction void: it is kept, and counts no more.

    Raises
    ------
    UnknownPredictionError
        The tenant has no such prediction.
    """
    with store.writing() as work:
        found = find_prediction(work.connection, tenant, prediction_id)
        if found.voided_at is None:
            ours = PREDICTIONS.c.number == found.number
            work.connection.execute(update(PREDICTIONS).where(ours).values(voided_at=now))
            work.note(Event(now, tenant, actor, "prediction_voided", prediction_id))
        return find_prediction(work.connection, tenant, prediction_id)


def erase_input(
    store: Store, tenant: str, prediction_id: str, *, actor: str, now: datetime
) -> StoredPrediction:
    """Erase what a prediction was made from, and whose it was.

    Raises
    ------
    UnknownPredictionError
        The tenant has no such prediction.
    """
    with store.writing() as work:
        found = find_prediction(work.connection, tenant, prediction_id)
        if found.erased_at is None:
            ours = PREDICTIONS.c.number == found.number
            erased = {"input": None, "patient_id": None, "erased_at": now}
            work.connection.execute(update(PREDICTIONS).where(ours).values(erased))
            details = {"input_sha256": found.input_sha256}
            work.note(Event(now, tenant, actor, "input_erased", prediction_id, details))
        found = find_prediction(work.connection, tenant, prediction_id)
    forget_log(store)
    return found


def erase_older(store: Store, before: datetime, *, actor: str, now: datetime) -> int:
    """Erase all inputs from before a moment, and the replies kept for repeated requests.

    Returns
    -------
    int
        How many inputs were erased.
    """
    total = 0
    while erased := _erase_some(store, before, actor=actor, now=now):
        total += erased
    old = IDEMPOTENCY_KEYS.c.created_at < before
    with store.writing() as work:
        forgotten = work.connection.execute(delete(IDEMPOTENCY_KEYS).where(old)).rowcount
        if forgotten:
            work.note(Event(now, "", actor, "replies_forgotten", "", {"n": forgotten}))
    forget_log(store)
    return total


def _erase_some(store: Store, before: datetime, *, actor: str, now: datetime) -> int:
    old = (PREDICTIONS.c.created_at < before) & PREDICTIONS.c.erased_at.is_(None)
    some = select(*PREDICTIONS.c["number", "tenant", "prediction_id", "input_sha256"])
    with store.writing() as work:
        rows = work.connection.execute(some.where(old).limit(_AT_A_TIME)).all()
        for row in rows:
            details = {"input_sha256": row.input_sha256}
            work.note(Event(now, row.tenant, actor, "input_erased", row.prediction_id, details))
        if rows:
            these = PREDICTIONS.c.number.in_([row.number for row in rows])
            erased = {"input": None, "patient_id": None, "erased_at": now}
            work.connection.execute(update(PREDICTIONS).where(these).values(erased))
    return len(rows)
