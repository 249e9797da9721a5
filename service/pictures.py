"""Charts as pictures: drawn once, a few at a time, and kept within bounds.

`charts` is imported when the first picture or specification is asked for, not before.
"""

from collections import OrderedDict
from collections.abc import Callable
from threading import BoundedSemaphore, Lock
from typing import Final

from service.errors import RequestError

MOST_DRAWN: Final = 1
"""Pictures drawn at a time by one worker: each takes a processor."""
MOST_WAITING: Final = 8
"""Requests that are let in while others draw; each holds a thread."""
MOST_BYTES: Final = 16 * 2**20
"""Of the pictures kept; the longest unasked-for go first."""

Name = tuple[str, ...]
"""What a picture is of: digest of the numbers, name of the plot, theme and kind."""


class Pictures:
    """The pictures of one worker; asked from many threads."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._kept: OrderedDict[Name, bytes] = OrderedDict()
        self._most_bytes, self._n_bytes = most_bytes, 0
        self._lock, self._pens = Lock(), BoundedSemaphore(MOST_DRAWN)
        self._places = BoundedSemaphore(MOST_DRAWN + MOST_WAITING)

    def of(self, name: Name, draw: Callable[[], bytes]) -> bytes:
        """A picture that is kept, or drawn now.

        Raises
        ------
        RequestError
            ``too_busy``: as many wait for theirs as may.
        """
        found = self._find(name)
        if found is not None:
            return found
        if not self._places.acquire(blocking=False):
            sentence = "as many charts are being drawn as may; ask again in a moment"
            raise RequestError(503, "too_busy", sentence)
        try:
            with self._pens:
                # Whoever drew before may have drawn just this one.
                found = self._find(name)
                return found if found is not None else self._keep(name, draw())
        finally:
            self._places.release()

    def _find(self, name: Name) -> bytes | None:
        with self._lock:
            if name not in self._kept:
                return None
            self._kept.move_to_end(name)
            return self._kept[name]

    def _keep(self, name: Name, picture: bytes) -> bytes:
        with self._lock:
            self._kept[name] = picture
            self._n_bytes += len(picture)
            while self._n_bytes > self._most_bytes:
                _, dropped = self._kept.popitem(last=False)
                self._n_bytes -= len(dropped)
        return picture
