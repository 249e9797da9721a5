"""One SQLite writer at a time, across threads and processes, with an end to waiting.

SQLite's own waiting lets writers starve; a lock on a file beside the database does not. The
kernel lets go of it when a process dies.
"""

import fcntl
import os
import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from service.store.engine import WAIT_SECONDS
from service.store.errors import StoreBusyError, StoreDamagedError, StoreSettingsError

_SHORTEST_PAUSE: Final = 0.0002
_LONGEST_PAUSE: Final = 0.002
_PATIENCE: Final = 5
"""Whoever will take long asks so many times less often: others most likely come first."""


class WriteTurn:
    """A lock in a file beside the database.

    Parameters
    ----------
    database
        The file that is there now; one that takes its place is not written to.
    """

    def __init__(self, database: Path) -> None:
        self._database, self._file = database, _identity(database)
        self._within = threading.Lock()
        try:
            self._descriptor = os.open(
                database.with_name(database.name + ".lock"), os.O_RDWR | os.O_CREAT, 0o600
            )
        except OSError as error:
            raise StoreSettingsError(f"the database cannot be locked: {error.strerror}") from None

    @contextmanager
    def taken(self, deadline: float | None = None, *, is_large: bool = False) -> Iterator[None]:
        """Hold the turn, once those before have finished.

        Parameters
        ----------
        deadline
            Of `time.monotonic`; two seconds from now when left out.
        is_large
            Whether it is held long, and others go first.

        Raises
        ------
        StoreBusyError
            It was not free by then.
        StoreDamagedError
            Another file was put in the place of the database: what is written to the one that is
            open would be lost with it.
        """
        if deadline is None:
            deadline = time.monotonic() + WAIT_SECONDS
        if not self._within.acquire(timeout=max(0.0, deadline - time.monotonic())):
            raise StoreBusyError
        try:
            self._lock(deadline, _PATIENCE if is_large else 1)
            try:
                self._check_file()
                yield
            finally:
                fcntl.flock(self._descriptor, fcntl.LOCK_UN)
        finally:
            self._within.release()

    def _lock(self, deadline: float, patience: int) -> None:
        """Ask again and again: a wait that the kernel would end only by a signal has no end."""
        while True:
            try:
                fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    raise StoreBusyError from None
            # Whoever asks in step with others may never be first.
            pause = random.uniform(_SHORTEST_PAUSE, _LONGEST_PAUSE)  # noqa: S311 - no secret
            time.sleep(patience * pause)

    def _check_file(self) -> None:
        if _identity(self._database) != self._file:
            raise StoreDamagedError(
                "the file of the database was replaced while it was in use, so nothing is "
                "recorded: start the service again"
            )

    def close(self) -> None:
        """Give the file back."""
        os.close(self._descriptor)


def _identity(path: Path) -> tuple[int, int] | None:
    """Which file this is, whatever its name; None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
