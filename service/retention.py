"""Inputs and kept replies are erased when their time is over; one thread looks every hour."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from service.store.erasure import erase_older
from service.store.errors import StoreError
from service.store.store import Store

LOOK_SECONDS: Final = 3600.0
ACTOR: Final = "(retention)"

Log = Callable[..., Any]


@contextmanager
def erasing(store: Store, days: float | None, log: Log) -> Iterator[None]:
    """Erase what is older than `days`, now and every hour; nothing where that is None."""
    if days is None:
        yield
        return
    stop = threading.Event()
    kept = timedelta(days=days)
    thread = threading.Thread(target=_erase_until, args=(stop, store, kept, log), daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _erase_until(stop: threading.Event, store: Store, kept: timedelta, log: Log) -> None:
    while True:
        now = datetime.now(UTC)
        try:
            if n_erased := erase_older(store, now - kept, actor=ACTOR, now=now):
                log("inputs_erased", n=n_erased)
        except StoreError as error:
            log("retention_failed", error=type(error).__name__)
        if stop.wait(LOOK_SECONDS):
            return
