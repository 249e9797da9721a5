"""A group of submissions as rows of one transaction, each kept once.

The database's unique keys decide who is first; whoever is not gets the first one's reply.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Connection, select, tuple_
from sqlalchemy.exc import IntegrityError

from service.store.audit_chain import Event
from service.store.errors import (
    DuplicatePredictionError,
    IdempotencyConflictError,
    StoreError,
    SupersededError,
    UnknownPredictionError,
)
from service.store.insert_rows import insert_rows
from service.store.preparing import COLUMNS, Prepared, prepare
from service.store.records import IdempotencyKey, Reply, Submission
from service.store.schema import IDEMPOTENCY_KEYS, PREDICTIONS
from service.store.store import Store, Writing

PATIENT_CHANGED: Final = "patient_changed"
_CORRECTION: Final = PREDICTIONS.alias("correction")
_KEY: Final = tuple_(IDEMPOTENCY_KEYS.c.client, IDEMPOTENCY_KEYS.c.key)

Result = Reply | StoreError


def record(store: Store, submissions: Sequence[Submission]) -> list[Result]:
    """Prepare submissions and keep them; see `record_prepared`."""
    dialect = store.engine.dialect
    return record_prepared(store, [prepare(submission, dialect) for submission in submissions])


def record_prepared(
    store: Store,
    group: Sequence[Prepared],
    *,
    deadline: float | None = None,
    is_large: bool = False,
) -> list[Result]:
    """Keep submissions with one commit, and say how each of them ended.

    Parameters
    ----------
    store
        Where.
    group
        No two with one idempotency key, or superseding the same prediction.
    deadline
        Of `time.monotonic`: longest wait for one's turn.
    is_large
        Whether it will take long, and others go first.

    Returns
    -------
    list of Reply or StoreError
        In the order of `group`; one that is refused does not touch the others.

    Raises
    ------
    StoreError
        None was kept, or in `CommitUnknownError` nobody knows.
    """
    try:
        with store.writing(deadline, is_large=is_large) as work:
            return _record(work, group)
    except IntegrityError:
        if len(group) == 1:
            return [DuplicatePredictionError()]
    return [_record_alone(store, prepared) for prepared in group]


def _record_alone(store: Store, prepared: Prepared) -> Result:
    """One of a group that broke a rule of the database: which one, only trying tells."""
    try:
        return record_prepared(store, [prepared])[0]
    except StoreError as error:
        return error


def _record(work: Writing, group: Sequence[Prepared]) -> list[Result]:
    submissions = [prepared.submission for prepared in group]
    superseded = _superseded(work.connection, submissions)
    refused = _refused(superseded, submissions)
    earlier = _claim(work.connection, submissions, refused)
    results: list[Result] = []
    kept: list[Prepared] = []
    for index, (prepared, submission) in enumerate(zip(group, submissions, strict=True)):
        key = submission.idempotency_key
        if key is not None and (key.client, key.key) in earlier:
            results.append(_replay(key, earlier[key.client, key.key]))
        elif index in refused:
            results.append(refused[index])
        else:
            kept.append(prepared)
            results.append(_reply(submission))
    _insert(work, kept)
    _note_other_patients(work, superseded, kept)
    return results


def _superseded(connection: Connection, submissions: Sequence[Submission]) -> Mapping[str, Any]:
    """What is there of the predictions that are corrected, and whether they were before."""
    wanted = [
        prediction.supersedes
        for submission in submissions
        for prediction in submission.predictions
        if prediction.supersedes is not None
    ]
    if not wanted:
        return {}
    there = (
        select(
            *PREDICTIONS.c["prediction_id", "tenant", "patient_id"],
            _CORRECTION.c.number.is_not(None).label("is_corrected"),
        )
        .outerjoin(_CORRECTION, _CORRECTION.c.supersedes == PREDICTIONS.c.prediction_id)
        .where(PREDICTIONS.c.prediction_id.in_(wanted))
    )
    return {row.prediction_id: row for row in connection.execute(there)}


def _refused(
    superseded: Mapping[str, Any], submissions: Sequence[Submission]
) -> Mapping[int, StoreError]:
    """Submissions that correct what is not there, or was corrected before."""
    refused: dict[int, StoreError] = {}
    for index, submission in enumerate(submissions):
        for prediction in submission.predictions:
            if prediction.supersedes is None:
                continue
            found = superseded.get(prediction.supersedes)
            if found is None or found.tenant != prediction.tenant:
                refused[index] = UnknownPredictionError()
            elif found.is_corrected:
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


def _insert(work: Writing, kept: Sequence[Prepared]) -> None:
    rows: list[tuple[Any, ...]] = []
    for prepared in kept:
        first = work.note_all(prepared.events)
        rows += [(number, *row) for number, row in enumerate(prepared.rows, start=first)]
    insert_rows(work.connection, PREDICTIONS, COLUMNS, rows)


def _note_other_patients(
    work: Writing, superseded: Mapping[str, Any], kept: Sequence[Prepared]
) -> None:
    """Say in the audit where a correction is of another patient: a wrong one can be corrected."""
    for submission in (prepared.submission for prepared in kept):
        for new in submission.predictions:
            if new.supersedes is None:
                continue
            before = superseded[new.supersedes].patient_id
            if before is not None and before != new.patient_id:
                event = (PATIENT_CHANGED, new.prediction_id, {"supersedes": new.supersedes})
                work.note(Event(new.created_at, new.tenant, submission.actor, *event))
