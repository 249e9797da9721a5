"""A database that the first release made is opened by this one, whole."""

import sqlite3
import uuid
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import inspect

from service.store.audit import verify_audit
from service.store.key_ring import KeyRing
from service.store.open_store import open_store
from service.store.outcomes import Outcome, outcome_history
from service.store.pepper import Pepper
from service.store.reading import PredictionFilter, recorded_predictions
from service.store.recording import record
from service.store.triggers import check_triggers

DUMP = Path(__file__).with_name("first_release.sql")
KEY = "csf_635b2e9c15cb_1f625f39d3a77bb204b7812c76daee161ae92a3094c35d123cf40188218f3c3e"
"""Of nothing but this database, whose pepper is 32 times p."""
FIRST, SECOND, THIRD = (str(uuid.UUID(int=number)) for number in (1, 2, 3))


@pytest.fixture
def store(tmp_path):
    path = tmp_path / "first.sqlite3"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.executescript(DUMP.read_text())
    store = open_store(f"sqlite:///{path}", Pepper(b"p" * 32))
    yield store
    store.close()


def test_everything_of_the_first_release_is_there(store):
    kept = {one.prediction_id: one for one in recorded_predictions(store, PredictionFilter())}
    assert [one.answer for one in kept.values()] == [b'{"score":0.%d}' % n for n in range(3)]
    assert (kept[FIRST].input, kept[FIRST].superseded_by) == (None, THIRD)
    assert kept[SECOND].voided_at is not None
    (told,) = outcome_history(store, "lab", SECOND)
    assert told.outcome == Outcome(True, "oh2018", 4.0, date(2026, 5, 1))


def test_it_gets_what_was_added_since(store):
    check_triggers(store)
    with store.reading() as connection:
        names = {index["name"] for index in inspect(connection).get_indexes("predictions")}
    assert "ix_predictions_tenant_task_created_at_number" in names


def test_its_keys_still_open(store):
    ring = KeyRing(store)
    key = ring.check(KEY, datetime(2026, 6, 1, tzinfo=UTC))
    ring.close()
    assert (key.tenant, key.scopes) == ("lab", {"predict"})


def test_its_audit_is_whole_and_goes_on(store, submit):
    before = verify_audit(store)
    assert (before.n_events, before.faults) == (8, ())
    (replayed,) = record(store, [submit(key="key-1")])
    assert replayed.replayed
    record(store, [submit()])
    assert verify_audit(store, kept=before.last).faults == ()
