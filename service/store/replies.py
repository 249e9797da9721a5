"""Replies that were given before under an idempotency key."""

from sqlalchemy import select

from service.store.errors import IdempotencyConflictError
from service.store.records import IdempotencyKey, Reply
from service.store.schema import IDEMPOTENCY_KEYS
from service.store.store import Store


def find_reply(store: Store, key: IdempotencyKey) -> Reply | None:
    """The reply that was given under a key; None where it is new.

    Raises
    ------
    IdempotencyConflictError
        It came with another body.
    """
    table = IDEMPOTENCY_KEYS
    ours = (table.c.client == key.client) & (table.c.key == key.key)
    with store.reading() as connection:
        row = connection.execute(select(table).where(ours)).one_or_none()
    if row is None:
        return None
    if row.body_sha256 != key.body_sha256:
        raise IdempotencyConflictError
    return Reply(row.status, row.answer, row.prediction_id, replayed=True)
