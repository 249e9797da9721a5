"""A store of its own for each test: SQLite, or the PostgreSQL server of CSF_TEST_DATABASE_URL."""

import asyncio
import itertools
import uuid
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from service.store.group_commit import GroupCommit
from service.store.open_store import open_store
from service.store.pepper import Pepper, create_pepper
from service.store.recording import Result, record
from service.store.records import IdempotencyKey, NewPrediction, Reply, Submission
from service.store.store import Store

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)

Submit = Callable[..., Submission]


@pytest.fixture
def url(database_url: str) -> str:
    """Address of an empty database."""
    return database_url


@pytest.fixture
def pepper(tmp_path: Path) -> Pepper:
    return create_pepper(tmp_path / "pepper")


@pytest.fixture
def store(url: str, pepper: Pepper) -> Iterator[Store]:
    store = open_store(url, pepper)
    yield store
    store.close()


@pytest.fixture
def commits(store: Store) -> Iterator[GroupCommit]:
    commits = GroupCommit(store)
    yield commits
    commits.close()


@pytest.fixture
def prediction() -> Callable[..., NewPrediction]:
    """`prediction(**fields)`: one like no other."""
    numbers = itertools.count()

    def prediction(**fields: Any) -> NewPrediction:
        number = next(numbers)
        usual = {
            "prediction_id": str(uuid.uuid4()),
            "tenant": "lab",
            "patient_id": "P-017",
            "created_at": NOON,
            "task": "on_treatment",
            "bundle_id": "20260102T120000Z-0123456789ab",
            "content_sha256": "a" * 64,
            "input": b'{"patient_id":"P-017","n":%d}' % number,
            "answer": b'{"score":0.41,"n":%d}' % number,
        }
        return NewPrediction(**{**usual, **fields})

    return prediction


@pytest.fixture
def submit(prediction: Callable[..., NewPrediction]) -> Submit:
    """`submit(key=None, body="b", **fields)`: a submission of one prediction."""

    def submit(key: str | None = None, body: str = "b", **fields: Any) -> Submission:
        one = prediction(**fields)
        named = None if key is None else IdempotencyKey("client", key, body * 64)
        return Submission((one,), one.created_at, "actor", 201, one.answer, named)

    return submit


@pytest.fixture
def wide(prediction: Callable[..., NewPrediction]) -> Callable[[int], Submission]:
    """`wide(n)`: a submission of many predictions."""

    def wide(n: int) -> Submission:
        many = tuple(prediction() for _ in range(n))
        return Submission(many, NOON, "actor", 200, b'{"table":{}}')

    return wide


@pytest.fixture
def keep(store: Store, submit: Submit) -> Callable[..., NewPrediction]:
    """`keep(**fields)`: a prediction that is in the store."""

    def keep(**fields: Any) -> NewPrediction:
        submission = submit(**fields)
        (result,) = record(store, [submission])
        assert isinstance(result, Reply), result
        return submission.predictions[0]

    return keep


@pytest.fixture
def together(commits: GroupCommit) -> Callable[[Sequence[Submission]], list[Result]]:
    """`together(submissions)`: all of them at once, each with its reply or error."""

    def together(submissions: Sequence[Submission]) -> list[Any]:
        async def send() -> list[Any]:
            waiting = [commits.append(submission) for submission in submissions]
            return await asyncio.gather(*waiting, return_exceptions=True)

        return asyncio.run(send())

    return together
