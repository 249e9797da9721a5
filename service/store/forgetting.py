"""SQLite's log of an erasure: pages as they were before, until it is written back and emptied.

That takes a moment when nobody reads an older state. Where somebody does, it is tried again
outside of everybody's way until it is done.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy import Connection

from service.store.engine import WAIT_SECONDS
from service.store.errors import StoreError
from service.store.store import Store
from service.store.translate import our_errors

_AGAIN_SECONDS: Final = 0.5


def forget_log(store: Store) -> None:
    """Empty the log, now if nobody is in the way; else `forgetting` does it later."""
    if store.turn is None:
        return
    try:
        with our_errors(), store.turn.taken(), store.engine.connect() as connection:
            is_empty = _truncate(connection)
    except StoreError:
        is_empty = False
    if not is_empty:
        store.has_old_log.set()


@contextmanager
def forgetting(store: Store) -> Iterator[None]:
    """Empty the log as soon as that is possible, in a thread; also what an earlier process left."""
    if store.turn is None:
        yield
        return
    store.has_old_log.set()
    stop = threading.Event()
    thread = threading.Thread(target=_forget_until, args=(stop, store), daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _forget_until(stop: threading.Event, store: Store) -> None:
    while not stop.wait(_AGAIN_SECONDS):
        if store.has_old_log.is_set():
            store.has_old_log.clear()
            forget_log(store)


def _truncate(connection: Connection) -> bool:
    """Whether the log is empty now; SQLite is not to wait, for everybody would wait with it."""
    connection.exec_driver_sql("PRAGMA busy_timeout=0")
    try:
        is_busy, _, _ = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()
    finally:
        connection.exec_driver_sql(f"PRAGMA busy_timeout={int(WAIT_SECONDS * 1000)}")
    return not is_busy
