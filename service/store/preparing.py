"""What the store writes of a submission, made before its turn: rows, digests and events.

Whoever has the turn keeps all others waiting, so that only numbering, hashing of the chain and
the database's own work are left for it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Dialect

from models.canonical import sha256
from service.store.audit_chain import Event, Facts, facts_of
from service.store.audit_rows import RECORDED, REPLY_RECORDED
from service.store.records import NewPrediction, Submission
from service.store.schema import UtcDateTime

COLUMNS: Final = (
    "number", "prediction_id", "tenant", "patient_id", "created_at", "task", "bundle_id",
    "content_sha256", "input", "input_sha256", "answer", "supersedes",
)  # fmt: skip
"""Of a new prediction; a row that is prepared has all but its number."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A submission, its rows, and the event of each; behind them that of its reply, if any."""

    submission: Submission
    rows: Sequence[tuple[Any, ...]]
    events: Sequence[Facts]

    @property
    def size(self) -> int:
        """What it counts for where room is counted."""
        return max(1, len(self.rows))


def prepare(submission: Submission, dialect: Dialect) -> Prepared:
    """Make what will be written.

    Parameters
    ----------
    submission
        What is to be kept.
    dialect
        Of the database: how it takes moments.
    """
    moment = UtcDateTime().dialect_impl(dialect).bind_processor(dialect)
    rows, events = [], []
    for prediction in submission.predictions:
        input_sha256 = sha256(prediction.input)
        rows.append(_row(prediction, input_sha256, moment))
        events.append(facts_of(_event(prediction, input_sha256, submission.actor)))
    if _has_own_reply(submission):
        events.append(facts_of(_reply_event(submission)))
    return Prepared(submission, rows, events)


def _row(
    prediction: NewPrediction, input_sha256: str, moment: Callable[[Any], Any] | None
) -> tuple[Any, ...]:
    at = prediction.created_at
    return (
        prediction.prediction_id,
        prediction.tenant,
        prediction.patient_id,
        at if moment is None else moment(at),
        prediction.task,
        prediction.bundle_id,
        prediction.content_sha256,
        prediction.input,
        input_sha256,
        prediction.answer,
        prediction.supersedes,
    )


def _event(prediction: NewPrediction, input_sha256: str, actor: str) -> Event:
    details = {
        "answer_sha256": sha256(prediction.answer),
        "bundle_id": prediction.bundle_id,
        "content_sha256": prediction.content_sha256,
        "input_sha256": input_sha256,
    }
    if prediction.supersedes is not None:
        details["supersedes"] = prediction.supersedes
    return Event(
        prediction.created_at,
        prediction.tenant,
        actor,
        RECORDED,
        prediction.prediction_id,
        details,
    )


def _has_own_reply(submission: Submission) -> bool:
    """Whether a reply is kept that no prediction has as its answer."""
    if submission.idempotency_key is None:
        return not submission.predictions
    return submission.answer not in [prediction.answer for prediction in submission.predictions]


def _reply_event(submission: Submission) -> Event:
    key = submission.idempotency_key
    return Event(
        submission.received_at,
        "",
        submission.actor if key is None else key.client,
        REPLY_RECORDED,
        "" if key is None else key.body_sha256,
        {"answer_sha256": sha256(submission.answer)},
    )
