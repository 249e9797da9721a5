"""Requests that wait at the same time share one commit; each is answered after it is on disk.

Requests wait on an event loop; one thread takes all that wait, records them in one transaction,
and wakes them. While the disk is busy with a group, the next one gathers.
"""

import asyncio
import threading
import time
from collections import deque
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from service.store.engine import WAIT_SECONDS
from service.store.errors import StoreBusyError, StoreUnavailableError
from service.store.recording import Result, record
from service.store.records import Reply, Submission
from service.store.store import Store

_MOST_WAITING: Final = 4096
"""Predictions that may wait; more are refused at once."""
_MOST_IN_GROUP: Final = 512
"""Predictions of one transaction, unless one submission alone has more."""


@dataclass(frozen=True, slots=True, eq=False)
class _Waiting:
    submission: Submission
    deadline: float
    answered: "asyncio.Future[Reply]"
    loop: asyncio.AbstractEventLoop


class GroupCommit:
    """The writer thread of one worker process and those who wait for it.

    Parameters
    ----------
    store
        Where submissions are kept.
    most_waiting
        Predictions that may wait at a time.

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
        self._most_waiting = most_waiting
        self._waiting: deque[_Waiting] = deque()
        self._n_waiting = 0
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
        deadline = time.monotonic() + WAIT_SECONDS
        with self._changed:
            self._admit(_size(submission))
            self._waiting.append(_Waiting(submission, deadline, answered, loop))
            is_first = len(self._waiting) == 1
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

    def _admit(self, n_predictions: int) -> None:
        """Count newcomers in; a submission of any size is let in where nobody waits."""
        if self._closing:
            raise StoreUnavailableError("the service is stopping; nothing was recorded")
        if self._n_waiting and self._n_waiting + n_predictions > self._most_waiting:
            raise StoreBusyError
        self._n_waiting += n_predictions

    def _run(self) -> None:
        while group := self._take():
            _answer(group, self._record(group))

    def _take(self) -> list[_Waiting]:
        """The next group; an empty one when everything is done and this is closed.

        No two of a group have one idempotency key or correct the same prediction: the second
        waits until the database knows the first.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._closing)
            group: list[_Waiting] = []
            later: deque[_Waiting] = deque()
            marks: set[Hashable] = set()
            n_taken = 0
            while self._waiting and (not group or n_taken < _MOST_IN_GROUP):
                first = self._waiting.popleft()
                its = set(_marks(first.submission))
                if marks.isdisjoint(its):
                    group.append(first)
                    n_taken += _size(first.submission)
                else:
                    later.append(first)
                marks |= its
            self._waiting.extendleft(reversed(later))
            self._n_waiting -= n_taken
            return group

    def _record(self, group: Sequence[_Waiting]) -> Sequence[Result | Exception]:
        submissions = [waiting.submission for waiting in group]
        try:
            return record(self._store, submissions, deadline=group[0].deadline)
        except Exception as error:  # whatever it is, it is raised where somebody waits
            return [error] * len(group)


def _size(submission: Submission) -> int:
    """What a submission counts for in the queue."""
    return max(1, len(submission.predictions))


def _marks(submission: Submission) -> Iterator[Hashable]:
    """What no two of a group may have in common."""
    if submission.idempotency_key is not None:
        yield ("key", submission.idempotency_key.client, submission.idempotency_key.key)
    for prediction in submission.predictions:
        if prediction.supersedes is not None:
            yield ("supersedes", prediction.supersedes)


def _answer(group: Sequence[_Waiting], results: Sequence[Result | Exception]) -> None:
    """Wake everybody of a group, each event loop once."""
    by_loop: dict[asyncio.AbstractEventLoop, list[tuple[_Waiting, Result | Exception]]] = {}
    for waiting, result in zip(group, results, strict=True):
        by_loop.setdefault(waiting.loop, []).append((waiting, result))
    for loop, answers in by_loop.items():
        if not loop.is_closed():
            loop.call_soon_threadsafe(_wake, answers)


def _wake(answers: Sequence[tuple[_Waiting, Result | Exception]]) -> None:
    for waiting, result in answers:
        if waiting.answered.done():
            continue
        if isinstance(result, Exception):
            waiting.answered.set_exception(result)
        else:
            waiting.answered.set_result(result)
