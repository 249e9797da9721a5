"""Requests that wait at the same time share one commit; each is answered after it is on disk.

Requests wait on an event loop; one thread takes all that wait, records them in one transaction,
and wakes them. While the disk is busy with a group, the next one gathers.
"""

import asyncio
import threading
import time
from collections.abc import Sequence
from typing import Final

from service.store.engine import WAIT_SECONDS
from service.store.errors import StoreUnavailableError
from service.store.preparing import prepare
from service.store.recording import Result, record_prepared
from service.store.records import Reply, Submission
from service.store.store import Store
from service.store.waiting import Queue, Waiting, is_large

_MOST_WAITING: Final = 4096
"""Predictions that may wait; more are refused at once."""


class GroupCommit:
    """The writer thread of one worker process and those who wait for it.

    Parameters
    ----------
    store
        Where submissions are kept.
    most_waiting
        Predictions that may wait at a time in small submissions.

    Examples
    --------
    >>> import tempfile
    >>> from service.store.open_store import open_store
    >>> from service.store.pepper import Pepper
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     store = open_store(f"sqlite:///{folder}/store.sqlite3", Pepper(bytes(32)))
    ...     commits = GroupCommit(store)
    ...     commits.close()
    ...     store.close()
    """

    def __init__(self, store: Store, *, most_waiting: int = _MOST_WAITING) -> None:
        self._store = store
        self._waiting = Queue(most_waiting)
        self._closing = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="group-commit", daemon=True)
        self._thread.start()

    async def append(self, submission: Submission) -> Reply:
        """Keep a submission; returns when it is on disk.

        Returns
        -------
        Reply
            Its own, or the one that was given before under its idempotency key.

        Raises
        ------
        StoreError
            It was not kept; in `CommitUnknownError` alone that is not known.
        """
        loop = asyncio.get_running_loop()
        answered: asyncio.Future[Reply] = loop.create_future()
        dialect = self._store.engine.dialect
        if is_large(len(submission.predictions)):
            prepared = await asyncio.to_thread(prepare, submission, dialect)
        else:
            prepared = prepare(submission, dialect)
        deadline = time.monotonic() + WAIT_SECONDS
        with self._changed:
            if self._closing:
                raise StoreUnavailableError("the service is stopping; nothing was recorded")
            is_first = not self._waiting
            self._waiting.add(Waiting(prepared, deadline, answered, loop))
        if is_first:  # the others of this turn of the loop come along
            loop.call_soon(self._tell)
        return await answered

    def close(self) -> None:
        """Record those who wait, refuse everybody else, and end the thread."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join()

    def _tell(self) -> None:
        """Tell the thread that somebody waits; while it is busy it looks by itself."""
        with self._changed:
            self._changed.notify()

    def _run(self) -> None:
        while group := self._take():
            _answer(group, self._record(group))

    def _take(self) -> list[Waiting]:
        """The next group; an empty one when everything is done and this is closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._closing)
            return self._waiting.take()

    def _record(self, group: Sequence[Waiting]) -> Sequence[Result | Exception]:
        prepared = [waiting.prepared for waiting in group]
        first = group[0]
        try:
            return record_prepared(
                self._store,
                prepared,
                deadline=first.deadline,
                is_large=is_large(first.prepared.size),
            )
        except Exception as error:  # whatever it is, it is raised where somebody waits
            return [error] * len(group)


def _answer(group: Sequence[Waiting], results: Sequence[Result | Exception]) -> None:
    """Wake everybody of a group, each event loop once."""
    by_loop: dict[asyncio.AbstractEventLoop, list[tuple[Waiting, Result | Exception]]] = {}
    for waiting, result in zip(group, results, strict=True):
        by_loop.setdefault(waiting.loop, []).append((waiting, result))
    for loop, answers in by_loop.items():
        if not loop.is_closed():
            loop.call_soon_threadsafe(_wake, answers)


def _wake(answers: Sequence[tuple[Waiting, Result | Exception]]) -> None:
    for waiting, result in answers:
        if waiting.answered.done():
            continue
        if isinstance(result, Exception):
            waiting.answered.set_exception(result)
        else:
            waiting.answered.set_result(result)
