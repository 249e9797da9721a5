"""What became of a patient, told later: the last word counts, the ones before stay."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Connection, Row, insert, select

from models.canonical import sha256
from service.store.audit_chain import Event
from service.store.reading import find_prediction
from service.store.schema import OUTCOMES, PREDICTIONS
from service.store.store import Store


@dataclass(frozen=True, slots=True)
class Outcome:
    """Whether a patient responded.

    Attributes
    ----------
    responder
        The verdict.
    definition, horizon_months
        By which rule, and at which month; None where the rule has no horizon.
    observed_on
        The day it was observed.
    """

    responder: bool
    definition: str
    horizon_months: float | None
    observed_on: date

    def sha256(self) -> str:
        """Digest by which the audit knows it."""
        facts = [self.responder, self.definition, self.horizon_months, self.observed_on]
        return sha256(orjson.dumps(facts))


@dataclass(frozen=True, slots=True)
class RecordedOutcome:
    """An outcome, with when and by which key it was told."""

    outcome: Outcome
    recorded_at: datetime
    recorded_by: str


def set_outcome(
    store: Store,
    tenant: str,
    prediction_id: str,
    outcome: Outcome,
    *,
    actor: str,
    now: datetime,
) -> RecordedOutcome:
    """Tell the outcome of a prediction, or correct it; the same one twice is told once.

    Raises
    ------
    UnknownPredictionError
        The tenant has no such prediction.
    """
    with store.writing() as work:
        prediction = find_prediction(work.connection, tenant, prediction_id)
        history = _history(work.connection, prediction.prediction_id)
        if history and history[-1].outcome == outcome:
            return history[-1]
        action = "outcome_replaced" if history else "outcome_recorded"
        details = {"outcome_sha256": outcome.sha256()}
        number = work.note(Event(now, tenant, actor, action, prediction_id, details))
        row = {
            "number": number,
            "prediction_id": prediction_id,
            "responder": outcome.responder,
            "definition": outcome.definition,
            "horizon_months": outcome.horizon_months,
            "observed_on": outcome.observed_on,
            "recorded_at": now,
            "recorded_by": actor,
        }
        work.connection.execute(insert(OUTCOMES).values(row))
        return RecordedOutcome(outcome, now, actor)


def outcome_history(store: Store, tenant: str, prediction_id: str) -> list[RecordedOutcome]:
    """Every outcome that was told of a prediction, the one that counts last.

    Raises
    ------
    UnknownPredictionError
        The tenant has no such prediction.
    """
    with store.reading() as connection:
        find_prediction(connection, tenant, prediction_id)
        return _history(connection, prediction_id)


def last_outcomes(
    store: Store, tenant: str, prediction_ids: Sequence[str]
) -> dict[str, RecordedOutcome]:
    """The outcome that counts of each of a tenant's predictions that has one."""
    statement = (
        select(OUTCOMES)
        .where(OUTCOMES.c.prediction_id.in_(prediction_ids), is_of(tenant))
        .order_by(OUTCOMES.c.number)
    )
    with store.reading() as connection:
        rows = connection.execute(statement).all()
    return {row.prediction_id: _recorded(row) for row in rows}


def _history(connection: Connection, prediction_id: str) -> list[RecordedOutcome]:
    statement = select(OUTCOMES).where(OUTCOMES.c.prediction_id == prediction_id)
    rows = connection.execute(statement.order_by(OUTCOMES.c.number))
    return [_recorded(row) for row in rows]


def _recorded(row: Row[Any]) -> RecordedOutcome:
    return RecordedOutcome(outcome_of(row), row.recorded_at, row.recorded_by)


def is_of(tenant: str) -> ColumnElement[bool]:
    """Whether the prediction of an outcome is a tenant's, asked of each outcome.

    There are fewer of them than predictions, which a join would go through.
    """
    prediction = PREDICTIONS.c.prediction_id == OUTCOMES.c.prediction_id
    return select(1).where(prediction, PREDICTIONS.c.tenant == tenant).exists()


def outcome_of(row: Row[Any]) -> Outcome:
    """The outcome in a row of the table."""
    return Outcome(row.responder, row.definition, row.horizon_months, row.observed_on)
