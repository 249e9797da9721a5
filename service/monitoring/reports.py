"""Reports that were made a moment ago, and whose turn it is to make one.

A report reads everything that it is about. So one is made at a time in a worker, it is given again
as long as nothing was recorded, and one that took long is given again for ten times as long.
"""

import threading
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any, Final

from service.errors import RequestError

Report = dict[str, Any]

MOST_WAITING: Final = 8
_MOST_KEPT: Final = 32
_LONGEST_KEPT: Final = 60.0
_QUICK: Final = 0.1
"""Seconds; a report that is made in less is always of now."""
_TIMES: Final = 10.0


@dataclass(frozen=True, slots=True)
class _Kept:
    report: Report
    version: int
    made_at: float
    seconds: float

    def is_good(self, version: int, now: float) -> bool:
        """Whether it may be given again."""
        age = now - self.made_at
        if self.version == version:
            return age < _LONGEST_KEPT
        return self.seconds >= _QUICK and age < _TIMES * self.seconds


class Reports:
    """The reports of one worker; asked from any thread."""

    def __init__(self) -> None:
        self._room = threading.BoundedSemaphore(MOST_WAITING)
        self._turn = threading.Lock()
        self._kept: dict[Hashable, _Kept] = {}

    def get(self, key: Hashable, version: Callable[[], int], make: Callable[[], Report]) -> Report:
        """A report.

        Parameters
        ----------
        key
            Everything that it depends on but what is recorded.
        version
            Gives a number that is another where something was recorded.
        make
            Makes it.

        Raises
        ------
        RequestError
            With code ``too_busy``: others are waiting for theirs.
        """
        if not self._room.acquire(blocking=False):
            raise RequestError(503, "too_busy", "other reports are being made; ask again")
        try:
            with self._turn:
                return self._found(key, version(), make).report
        finally:
            self._room.release()

    def _found(self, key: Hashable, version: int, make: Callable[[], Report]) -> _Kept:
        begun = time.monotonic()
        kept = self._kept.pop(key, None)
        if kept is None or not kept.is_good(version, begun):
            report = make()
            now = time.monotonic()
            kept = _Kept(report, version, now, now - begun)
        self._kept[key] = kept
        if len(self._kept) > _MOST_KEPT:
            del self._kept[next(iter(self._kept))]
        return kept
