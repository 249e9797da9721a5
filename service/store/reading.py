"""Predictions read back: one, a page, or all in the order they were kept.

Whoever asks for a patient's records names a tenant, and sees no other's.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row, Select, select, tuple_

from service.store.errors import CursorError, UnknownPredictionError
from service.store.schema import OUTCOMES, PREDICTIONS
from service.store.store import Store

MOST_ON_PAGE: Final = 500
_AT_A_TIME: Final = 200
_SUPERSEDING: Final = PREDICTIONS.alias("superseding")
_SUPERSEDED: Final = PREDICTIONS.alias("superseded")
_READ: Final = (
    select(
        PREDICTIONS,
        _SUPERSEDING.c.prediction_id.label("superseded_by"),
        (_SUPERSEDED.c.patient_id != PREDICTIONS.c.patient_id).label("patient_changed"),
    )
    .outerjoin(_SUPERSEDING, _SUPERSEDING.c.supersedes == PREDICTIONS.c.prediction_id)
    .outerjoin(_SUPERSEDED, _SUPERSEDED.c.prediction_id == PREDICTIONS.c.supersedes)
)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class StoredPrediction:
    """A prediction as it is kept.

    Attributes
    ----------
    number
        That of its event in the audit; later ones have higher numbers.
    prediction_id, tenant, created_at, task, bundle_id, content_sha256, answer, supersedes
        As they were handed in.
    patient_id, input
        None once the input was erased, at `erased_at`.
    input_sha256
        Digest of the canonical input.
    superseded_by
        Id of the prediction that corrected this one.
    patient_changed
        Whether the prediction that this one corrects named another patient; None where it
        corrects none, or one of the two was erased.
    voided_at
        When it was declared void.
    """

    number: int
    prediction_id: str
    tenant: str
    patient_id: str | None
    created_at: datetime
    task: str
    bundle_id: str
    content_sha256: str
    input: bytes | None
    input_sha256: str
    answer: bytes
    supersedes: str | None
    voided_at: datetime | None
    erased_at: datetime | None
    superseded_by: str | None
    patient_changed: bool | None


@dataclass(frozen=True, slots=True)
class PredictionFilter:
    """Which predictions are wanted; None wants all.

    Attributes
    ----------
    patient_id
        Exactly this.
    since, until
        Made at or after the one, and before the other.
    task, bundle_id
        Of this task, by this bundle.
    has_outcome
        Whether the outcome was told.
    """

    patient_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    task: str | None = None
    bundle_id: str | None = None
    has_outcome: bool | None = None

    def narrow(self, statement: Select[Any]) -> Select[Any]:
        """The statement for these predictions alone."""
        if self.patient_id is not None:
            statement = statement.where(PREDICTIONS.c.patient_id == self.patient_id)
        if self.since is not None:
            statement = statement.where(PREDICTIONS.c.created_at >= self.since)
        if self.until is not None:
            statement = statement.where(PREDICTIONS.c.created_at < self.until)
        if self.task is not None:
            statement = statement.where(PREDICTIONS.c.task == self.task)
        if self.bundle_id is not None:
            statement = statement.where(PREDICTIONS.c.bundle_id == self.bundle_id)
        if self.has_outcome is not None:
            told = select(1).where(OUTCOMES.c.prediction_id == PREDICTIONS.c.prediction_id).exists()
            statement = statement.where(told if self.has_outcome else ~told)
        return statement


@dataclass(frozen=True, slots=True)
class Page:
    """Predictions, newest first, and where the next page begins; None after the last."""

    predictions: tuple[StoredPrediction, ...]
    next_cursor: str | None


def read_prediction(store: Store, tenant: str, prediction_id: str) -> StoredPrediction:
    """One prediction of a tenant.

    Raises
    ------
    UnknownPredictionError
        The tenant has none with this id, whether or not another has.
    """
    with store.reading() as connection:
        return find_prediction(connection, tenant, prediction_id)


def find_prediction(connection: Connection, tenant: str, prediction_id: str) -> StoredPrediction:
    """The same within a transaction."""
    row = connection.execute(
        _READ.where(PREDICTIONS.c.prediction_id == prediction_id, PREDICTIONS.c.tenant == tenant)
    ).one_or_none()
    if row is None:
        raise UnknownPredictionError
    return _stored(row)


def page_predictions(
    store: Store,
    tenant: str,
    wanted: PredictionFilter,
    *,
    limit: int,
    cursor: str | None = None,
) -> Page:
    """A page of a tenant's predictions, newest first.

    Parameters
    ----------
    store, tenant
        Where, and whose.
    wanted
        Which.
    limit
        Most on a page, 1 to 500.
    cursor
        `next_cursor` of the page before.

    Raises
    ------
    CursorError
        The cursor is none of ours.
    """
    statement = wanted.narrow(_READ.where(PREDICTIONS.c.tenant == tenant))
    if cursor is not None:
        place = tuple_(PREDICTIONS.c.created_at, PREDICTIONS.c.number)
        statement = statement.where(place < _place_of(cursor))
    statement = statement.order_by(PREDICTIONS.c.created_at.desc(), PREDICTIONS.c.number.desc())
    limit = max(1, min(limit, MOST_ON_PAGE))
    with store.reading() as connection:
        found = [_stored(row) for row in connection.execute(statement.limit(limit + 1))]
    page = tuple(found[:limit])
    return Page(page, _cursor_of(page[-1]) if len(found) > limit else None)


def recorded_predictions(
    store: Store, wanted: PredictionFilter, *, after: int = 0, limit: int | None = None
) -> Iterator[StoredPrediction]:
    """Predictions of all tenants in the order they were kept, a few in memory at a time.

    Parameters
    ----------
    store, wanted
        Where, and which.
    after
        Only those with a higher number.
    limit
        Most of them.
    """
    statement = wanted.narrow(_READ.where(PREDICTIONS.c.number > after))
    statement = statement.order_by(PREDICTIONS.c.number).limit(limit)
    with store.reading() as connection:
        rows = connection.execution_options(yield_per=_AT_A_TIME).execute(statement)
        for row in rows:
            yield _stored(row)


def _stored(row: Row[Any]) -> StoredPrediction:
    return StoredPrediction(**row._mapping)


def _cursor_of(prediction: StoredPrediction) -> str:
    micros = (prediction.created_at - _EPOCH) // timedelta(microseconds=1)
    return f"{micros}-{prediction.number}"


def _place_of(cursor: str) -> tuple[datetime, int]:
    """Where a page begins, as `_cursor_of` wrote it."""
    micros, _, number = cursor.partition("-")
    if not all(part.isascii() and part.isdecimal() and len(part) < 19 for part in (micros, number)):
        raise CursorError
    try:
        return _EPOCH + timedelta(microseconds=int(micros)), int(number)
    except OverflowError:
        raise CursorError from None
