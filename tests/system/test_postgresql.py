"""The store on a real PostgreSQL server: the same tests, and what only a server can do to it."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from service.store.audit import record_event, verify_audit
from service.store.audit_chain import Event
from service.store.errors import StoreError, StoreSettingsError, StoreUnavailableError
from service.store.open_store import open_store
from service.store.pepper import Pepper, create_pepper
from service.store.reading import PredictionFilter, recorded_predictions

ROOT = Path(__file__).parents[2]
STORE_TESTS = ROOT / "tests" / "service" / "store"
WRITER = STORE_TESTS / "writer.py"
KILLS = 3


SERVICE_TESTS = ROOT / "tests" / "service"


@pytest.mark.parametrize("name", ["store", "test_records.py", "monitoring"])
def test_every_test_of_store_records_and_monitoring_holds_on_postgresql(
    postgres_server, name: str
) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", SERVICE_TESTS / name],
        cwd=ROOT,
        env={**os.environ, "CSF_TEST_DATABASE_URL": postgres_server.url},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert run.returncode == 0, run.stdout[-5000:]


@pytest.mark.parametrize("setting", ["fsync = off", "synchronous_commit = off"])
def test_a_server_that_may_lose_what_it_acknowledged_is_refused(postgres_server, setting) -> None:
    url = postgres_server.new_database()
    with psycopg.connect(postgres_server.url, autocommit=True) as connection:
        connection.execute(f"ALTER SYSTEM SET {setting}")
        connection.execute("SELECT pg_reload_conf()")
        time.sleep(0.3)
        try:
            with pytest.raises(StoreSettingsError, match=setting.split()[0]):
                open_store(url, Pepper(bytes(32)))
        finally:
            connection.execute(f"ALTER SYSTEM SET {setting.split()[0]} = on")
            connection.execute("SELECT pg_reload_conf()")
            time.sleep(0.3)


def test_two_services_that_start_at_once_make_the_tables_once(postgres_server) -> None:
    url = postgres_server.new_database()
    stores, errors = [], []

    def start() -> None:
        try:
            stores.append(open_store(url, Pepper(bytes(32))))
        except StoreError as error:
            errors.append(error)

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(stores), errors) == (4, [])
    for store in stores:
        store.close()


def test_a_killed_server_loses_nothing_and_doubles_nothing(postgres_server, tmp_path) -> None:
    url = postgres_server.new_database()
    pepper = create_pepper(tmp_path / "pepper")
    open_store(url, pepper).close()
    command = [sys.executable, str(WRITER), url, str(tmp_path / "pepper"), "8", "4", "100000"]
    acknowledged: list[list[str]] = []
    with subprocess.Popen(
        [*command, "--again"], stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as writers:
        reader = threading.Thread(
            target=lambda: acknowledged.extend(line.split() for line in writers.stdout)
        )
        reader.start()
        for _ in range(KILLS):
            wait_for_more(acknowledged)
            with postgres_server.killed():
                pass
            assert wait_for_more(acknowledged) < 10
        os.killpg(writers.pid, signal.SIGKILL)
        writers.wait()
        reader.join()
    store = open_store(url, pepper)
    kept = Counter(one.prediction_id for one in recorded_predictions(store, PredictionFilter()))
    assert not verify_audit(store).faults
    store.close()
    assert len(acknowledged) == len({line[0] for line in acknowledged})
    assert {kept[line[0]] for line in acknowledged} == {1}


def wait_for_more(lines: list[list[str]], more: int = 200) -> float:
    """How long it takes until so many more predictions are acknowledged [s]."""
    begun, before = time.monotonic(), len(lines)
    while len(lines) < before + more:
        assert time.monotonic() - begun < 60
        time.sleep(0.01)
    return time.monotonic() - begun


def test_a_server_that_is_away_is_said_in_one_sentence_and_comes_back(
    postgres_server, tmp_path
) -> None:
    store = open_store(postgres_server.new_database(), create_pepper(tmp_path / "pepper"))
    event = Event(datetime.now(UTC), "lab", "actor", "opened", "")
    with postgres_server.killed(), pytest.raises(StoreUnavailableError) as refused:
        record_event(store, event)
    assert "\n" not in str(refused.value)
    assert refused.value.__suppress_context__
    record_event(store, event)
    assert verify_audit(store).n_events == 1
    store.close()
