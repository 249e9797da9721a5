"""Those who wait for a commit: small submissions in groups, large ones one by one between them.

A group of small ones is never behind more than one large one, and a large one behind more than
one group and the large ones before it.
"""

import asyncio
from collections import deque
from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from typing import Final

from service.store.errors import StoreBusyError
from service.store.preparing import Prepared
from service.store.records import Reply, Submission

MOST_IN_GROUP: Final = 512
"""Predictions of one transaction; a submission that has more is large, and has one alone."""
_MOST_LARGE: Final = 4
"""Large submissions that may wait: each holds all its rows in memory."""


def is_large(n_predictions: int) -> bool:
    """Whether a submission of so many predictions is committed alone."""
    return n_predictions > MOST_IN_GROUP


@dataclass(frozen=True, slots=True, eq=False)
class Waiting:
    """A submission, how long it waits at most, and where its reply is waited for."""

    prepared: Prepared
    deadline: float
    answered: "asyncio.Future[Reply]"
    loop: asyncio.AbstractEventLoop


class Queue:
    """Submissions in the order they came, the large ones apart; used under a lock.

    Parameters
    ----------
    most_waiting
        Predictions that may wait in small submissions.
    """

    def __init__(self, most_waiting: int) -> None:
        self._most_waiting = most_waiting
        self._small: deque[Waiting] = deque()
        self._large: deque[Waiting] = deque()
        self._n_small = 0
        self._large_is_next = False

    def __bool__(self) -> bool:
        """Whether anybody waits."""
        return bool(self._small or self._large)

    def add(self, waiting: Waiting) -> None:
        """Let one wait.

        Raises
        ------
        StoreBusyError
            There is no room.
        """
        size = waiting.prepared.size
        if is_large(size):
            if len(self._large) >= _MOST_LARGE:
                raise StoreBusyError
            self._large.append(waiting)
            return
        if self._n_small and self._n_small + size > self._most_waiting:
            raise StoreBusyError
        self._small.append(waiting)
        self._n_small += size

    def take(self) -> list[Waiting]:
        """The next group; empty where nobody waits."""
        if self._large and (self._large_is_next or not self._small):
            self._large_is_next = False
            return [self._large.popleft()]
        self._large_is_next = True
        return self._take_small()

    def _take_small(self) -> list[Waiting]:
        """As many as fit, and no two with one idempotency key or correcting one prediction.

        The second of two waits until the database knows the first.
        """
        group: list[Waiting] = []
        later: deque[Waiting] = deque()
        marks: set[Hashable] = set()
        n_taken = 0
        while self._small and n_taken < MOST_IN_GROUP:
            first = self._small.popleft()
            its = set(_marks(first.prepared.submission))
            if marks.isdisjoint(its):
                group.append(first)
                n_taken += first.prepared.size
            else:
                later.append(first)
            marks |= its
        self._small.extendleft(reversed(later))
        self._n_small -= n_taken
        return group


def _marks(submission: Submission) -> Iterator[Hashable]:
    """What no two of a group may have in common."""
    if submission.idempotency_key is not None:
        yield ("key", submission.idempotency_key.client, submission.idempotency_key.key)
    for prediction in submission.predictions:
        if prediction.supersedes is not None:
            yield ("supersedes", prediction.supersedes)
