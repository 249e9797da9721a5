"""The store on a real PostgreSQL server: the same tests, and what only a server can do to it."""

import os
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from service.store.audit import record_event, verify_audit
from service.store.audit_chain import Event
from service.store.errors import StoreError, StoreSettingsError, StoreUnavailableError
from service.store.open_store import open_store
from service.store.pepper import Pepper, create_pepper

ROOT = Path(__file__).parents[2]
SERVICE_TESTS = ROOT / "tests" / "service"


def test_every_test_of_store_records_and_monitoring_holds_on_postgresql(postgres_server) -> None:
    chosen = [SERVICE_TESTS / name for name in ("store", "test_records.py", "monitoring")]
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-n", "2", *chosen],
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
