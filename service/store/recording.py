"""A group of submissions as rows of one transaction, each kept once.

The database's unique keys decide who is first; whoever is not gets the first one's reply.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Connection, insert, select, tuple_
from sqlalchemy.exc import IntegrityError

from models.canonical import sha256
from service.store.audit_chain import Event
from service.store.audit_rows import REPLY_RECORDED
from service.store.errors import (
    DuplicatePredictionError,
    IdempotencyConflictError,
    StoreError,
    SupersededError,
    UnknownPredictionError,
)
from service.store.records import IdempotencyKey, NewPrediction, Reply, Submission
from service.store.schema import IDEMPOTENCY_KEYS, PREDICTIONS
from service.store.store import Store, Writing

_KEY: Final = tuple_(IDEMPOTENCY_KEYS.c.client, IDEMPOTENCY_KEYS.c.key)

_ADD: Final = insert(PREDICTIONS)

Result = Reply | StoreError


def record(
    store: Store, submissions: Sequence[Submission], *, deadline: float | None = None
) -> list[Result]:
    """Keep submissions with one commit, and say how each of them ended.

    Parameters
    ----------
    store
        Where.
    submissions
        No two with one idempotency key, or superseding the same prediction.
    deadline
        Of `time.monotonic`: longest wait for one's turn.

    Returns
    -------
    list of Reply or StoreError
        In the order of `submissions`; one that is refused does not touch the others.

    Raises
    ------
    StoreError
        None was kept, or in `CommitUnknownError` nobody knows.
    """
    try:
        with store.writing(deadline) as work:
            return _record(work, submissions)
    except IntegrityError:
        if len(submissions) == 1:
            return [DuplicatePredictionError()]
    return [_record_alone(store, submission) for submission in submissions]


def _record_alone(store: Store, submission: Submission) -> Result:
    """One of a group that broke a rule of the database: which one, only trying tells."""
    try:
        return record(store, [submission])[0]
    except StoreError as error:
        return error


def _record(work: Writing, submissions: Sequence[Submission]) -> list[Result]:
    refused = _refused(work.connection, submissions)
    earlier = _claim(work.connection, submissions, refused)
    results: list[Result] = []
    kept: list[Submission] = []
    for index, submission in enumerate(submissions):
        key = submission.idempotency_key
        if key is not None and (key.client, key.key) in earlier:
            results.append(_replay(key, earlier[key.client, key.key]))
        elif index in refused:
            results.append(refused[index])
        else:
            kept.append(submission)
            results.append(_reply(submission))
    _insert(work, kept)
    return results


def _refused(connection: Connection, submissions: Sequence[Submission]) -> Mapping[int, StoreError]:
    """Submissions that correct what is not there, or was corrected before."""
    wanted = [
        prediction.supersedes
        for submission in submissions
        for prediction in submission.predictions
        if prediction.supersedes is not None
    ]
    if not wanted:
        return {}
    there = select(PREDICTIONS.c.prediction_id, PREDICTIONS.c.tenant)
    found = {
        row.prediction_id: row.tenant
        for row in connection.execute(there.where(PREDICTIONS.c.prediction_id.in_(wanted)))
    }
    taken = select(PREDICTIONS.c.supersedes).where(PREDICTIONS.c.supersedes.in_(wanted))
    superseded = set(connection.execute(taken).scalars())
    refused: dict[int, StoreError] = {}
    for index, submission in enumerate(submissions):
        for prediction in submission.predictions:
            if prediction.supersedes is None:
                continue
            if found.get(prediction.supersedes) != prediction.tenant:
                refused[index] = UnknownPredictionError()
            elif prediction.supersedes in superseded:
                refused[index] = SupersededError()
    return refused


def _claim(
    connection: Connection, submissions: Sequence[Submission], refused: Mapping[int, StoreError]
) -> Mapping[tuple[str, str], Any]:
    """Write each idempotency key that is new; give the rows of those that are not."""
    claims = [
        _claim_row(submission.idempotency_key, submission)
        for index, submission in enumerate(submissions)
        if submission.idempotency_key is not None and index not in refused
    ]
    new: set[tuple[str, str]] = set()
    if claims:
        statement = (
            _insert_of(connection)(IDEMPOTENCY_KEYS)
            .on_conflict_do_nothing()
            .returning(IDEMPOTENCY_KEYS.c.client, IDEMPOTENCY_KEYS.c.key)
        )
        new = {(row.client, row.key) for row in connection.execute(statement, claims)}
    keys = [s.idempotency_key for s in submissions if s.idempotency_key is not None]
    old = [(key.client, key.key) for key in keys if (key.client, key.key) not in new]
    if not old:
        return {}
    rows = connection.execute(select(IDEMPOTENCY_KEYS).where(_KEY.in_(old)))
    return {(row.client, row.key): row for row in rows}


def _insert_of(connection: Connection) -> Callable[..., Any]:
    """The insert of a database that can skip what is there; only its own dialect is imported."""
    if connection.dialect.name == "postgresql":
        from sqlalchemy.dialects.postgresql import insert as insert_postgresql

        return insert_postgresql
    from sqlalchemy.dialects.sqlite import insert as insert_sqlite

    return insert_sqlite


def _claim_row(key: IdempotencyKey, submission: Submission) -> dict[str, Any]:
    return {
        "client": key.client,
        "key": key.key,
        "body_sha256": key.body_sha256,
        "status": submission.status,
        "answer": submission.answer,
        "prediction_id": _only_id(submission),
        "created_at": submission.received_at,
    }


def _replay(key: IdempotencyKey, row: Any) -> Result:
    if row.body_sha256 != key.body_sha256:
        return IdempotencyConflictError()
    return Reply(row.status, row.answer, row.prediction_id, replayed=True)


def _reply(submission: Submission) -> Reply:
    return Reply(submission.status, submission.answer, _only_id(submission), replayed=False)


def _only_id(submission: Submission) -> str | None:
    """Id of the prediction, where a reply is about one."""
    if len(submission.predictions) != 1:
        return None
    return submission.predictions[0].prediction_id


def _insert(work: Writing, kept: Sequence[Submission]) -> None:
    rows: list[dict[str, Any]] = []
    for submission in kept:
        rows += [_row(work, prediction, submission.actor) for prediction in submission.predictions]
        if _has_own_reply(submission):
            work.note(_reply_event(submission))
    if rows:
        work.connection.execute(_ADD, rows)


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


def _row(work: Writing, prediction: NewPrediction, actor: str) -> dict[str, Any]:
    """A prediction's row; its event goes to the audit."""
    input_sha256 = sha256(prediction.input)
    return {
        "number": work.note(_event(prediction, input_sha256, actor)),
        "prediction_id": prediction.prediction_id,
        "tenant": prediction.tenant,
        "patient_id": prediction.patient_id,
        "created_at": prediction.created_at,
        "task": prediction.task,
        "bundle_id": prediction.bundle_id,
        "content_sha256": prediction.content_sha256,
        "input": prediction.input,
        "input_sha256": input_sha256,
        "answer": prediction.answer,
        "supersedes": prediction.supersedes,
    }


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
        "prediction_recorded",
        prediction.prediction_id,
        details,
    )
