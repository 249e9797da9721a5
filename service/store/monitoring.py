"""What monitoring reads: counts by day, answers and inputs, few rows in memory at a time.

Voided and superseded predictions are counted, but are no predictions any more.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, func, select

from service.store.reading import PredictionFilter
from service.store.schema import AUDIT_HEAD, OUTCOMES, PREDICTIONS
from service.store.store import Store

_AT_A_TIME: Final = 1000
_CORRECTION: Final = PREDICTIONS.alias("correction")
_LATER: Final = OUTCOMES.alias("later")
_TOLD: Final = select(OUTCOMES.c.prediction_id).distinct().subquery("told")


@dataclass(frozen=True, slots=True)
class DayTally:
    """Predictions of one bundle that were made on one day in UTC, and what became of them."""

    bundle_id: str
    task: str
    day: str
    n: int
    n_voided: int
    n_superseded: int
    n_erased: int
    n_with_outcome: int


@dataclass(frozen=True, slots=True)
class SentInput:
    """What a prediction was made from, and whose it was; both None once that was erased."""

    bundle_id: str
    task: str
    tenant: str
    patient_id: str | None
    input: bytes | None
    answer: bytes


class AnsweredPrediction(NamedTuple):
    """An answer, and what is known of the patient: a tuple, because there are many.

    Attributes
    ----------
    patient_id
        None once the input was erased.
    responder
        The last outcome that was told; None as long as none was.
    """

    bundle_id: str
    task: str
    tenant: str
    patient_id: str | None
    prediction_id: str
    answer: bytes
    responder: bool | None


def n_events(store: Store) -> int:
    """How much was ever recorded: another number where anything has changed."""
    with store.reading() as connection:
        return int(connection.execute(select(AUDIT_HEAD.c.n_events)).scalar_one())


def day_tallies(store: Store, tenant: str | None, wanted: PredictionFilter) -> list[DayTally]:
    """Counts of predictions, by bundle and day.

    Parameters
    ----------
    store, wanted
        Where, and which.
    tenant
        Whose; None for everybody's.
    """
    day = func.date(PREDICTIONS.c.created_at)
    by = (PREDICTIONS.c.bundle_id, PREDICTIONS.c.task, day)
    statement = (
        select(
            *by,
            func.count(),
            func.count(PREDICTIONS.c.voided_at),
            func.count(_CORRECTION.c.supersedes),
            func.count(PREDICTIONS.c.erased_at),
            func.count(_TOLD.c.prediction_id),
        )
        .outerjoin(_CORRECTION, _CORRECTION.c.supersedes == PREDICTIONS.c.prediction_id)
        .outerjoin(_TOLD, _TOLD.c.prediction_id == PREDICTIONS.c.prediction_id)
        .group_by(*by)
        .order_by(*by)
    )
    with store.reading() as connection:
        rows = connection.execute(_of(statement, tenant, wanted)).all()
    return [DayTally(bundle_id, task, str(day), *counts) for bundle_id, task, day, *counts in rows]


def answers(
    store: Store, tenant: str | None, wanted: PredictionFilter
) -> Iterator[tuple[str, str, bytes]]:
    """Bundle, task and answer of every prediction, in no order; arguments as of `day_tallies`."""
    statement = _of(select(*PREDICTIONS.c["bundle_id", "task", "answer"]), tenant, wanted)
    for row in _stream(store, statement):
        yield row.bundle_id, row.task, row.answer


def newest_answers(
    store: Store, tenant: str | None, wanted: PredictionFilter, *, limit: int
) -> Iterator[AnsweredPrediction]:
    """Answers of the predictions that count, newest first, judged or not.

    Parameters
    ----------
    store, tenant, wanted
        As for `day_tallies`.
    limit
        Most of them.
    """
    replaced = select(1).where(
        _LATER.c.prediction_id == OUTCOMES.c.prediction_id, _LATER.c.number > OUTCOMES.c.number
    )
    told = and_(OUTCOMES.c.prediction_id == PREDICTIONS.c.prediction_id, ~replaced.exists())
    names = ("bundle_id", "task", "tenant", "patient_id", "prediction_id", "answer")
    statement = (
        select(*PREDICTIONS.c[names], OUTCOMES.c.responder)
        .select_from(PREDICTIONS.outerjoin(OUTCOMES, told))
        .where(_counts())
        .order_by(PREDICTIONS.c.number.desc())
        .limit(limit)
    )
    for row in _stream(store, _of(statement, tenant, wanted)):
        yield AnsweredPrediction(*row)


def newest_inputs(
    store: Store, tenant: str | None, wanted: PredictionFilter, *, limit: int
) -> Iterator[SentInput]:
    """What the predictions that count were made from, newest first.

    Parameters
    ----------
    store, tenant, wanted
        As for `day_tallies`.
    limit
        Most of them.
    """
    numbers = _of(select(PREDICTIONS.c.number), tenant, wanted).where(_counts())
    newest = numbers.order_by(PREDICTIONS.c.number.desc()).limit(limit).subquery("newest")
    columns = ("bundle_id", "task", "tenant", "patient_id", "input", "answer")
    statement = (
        select(*PREDICTIONS.c[columns])
        .join(newest, newest.c.number == PREDICTIONS.c.number)
        .order_by(PREDICTIONS.c.number.desc())
    )
    for row in _stream(store, statement):
        yield SentInput(*row)


def _counts() -> ColumnElement[bool]:
    """Neither voided nor superseded."""
    corrected = select(1).where(_CORRECTION.c.supersedes == PREDICTIONS.c.prediction_id).exists()
    return PREDICTIONS.c.voided_at.is_(None) & ~corrected


def _of(statement: Select[Any], tenant: str | None, wanted: PredictionFilter) -> Select[Any]:
    if tenant is not None:
        statement = statement.where(PREDICTIONS.c.tenant == tenant)
    return wanted.narrow(statement)


def _stream(store: Store, statement: Select[Any]) -> Iterator[Any]:
    with store.reading() as connection:
        yield from connection.execution_options(yield_per=_AT_A_TIME).execute(statement)
