"""A store of its own for each test: SQLite, or the PostgreSQL server of CSF_TEST_DATABASE_URL."""

import asyncio
import itertools
import os
import uuid
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import URL, create_engine, make_url, text

from service.store.group_commit import GroupCommit
from service.store.open_store import open_store
from service.store.pepper import Pepper, create_pepper
from service.store.recording import Result, record
from service.store.records import IdempotencyKey, NewPrediction, Reply, Submission
from service.store.store import Store

SERVER = os.environ.get("CSF_TEST_DATABASE_URL")
NOBODY_ELSE = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
)
NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)

Submit = Callable[..., Submission]


@pytest.fixture(scope="session")
def database() -> Iterator[URL | None]:
    """A database of the server's for all tests; None without a server."""
    if SERVER is None:
        yield None
        return
    address = make_url(SERVER).set(drivername="postgresql+psycopg")
    name = f"csf_{uuid.uuid4().hex}"
    server = create_engine(address, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
        yield address.set(database=name)
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    server.dispose()


@pytest.fixture
def url(tmp_path: Path, database: URL | None) -> str:
    """Address of an empty database."""
    if database is None:
        return f"sqlite:///{tmp_path}/store.sqlite3"
    engine = create_engine(database, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(NOBODY_ELSE))
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    engine.dispose()
    return database.set(drivername="postgresql").render_as_string(hide_password=False)


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
