"""How much one worker works on at a time; more is turned away at once, to be asked again."""

import asyncio

from service.errors import RequestError


class Work:
    """Counts what is being worked on; asked from one event loop only.

    Parameters
    ----------
    most_requests
        Requests at a time.
    most_batches
        Batches among them: each may hold a large body and a thread.

    Attributes
    ----------
    one_recorded
        Held by whoever works on a large batch that is recorded: its rows are in memory several
        times over. The others wait with their bodies alone.
    """

    def __init__(self, most_requests: int, most_batches: int) -> None:
        self._most_requests, self._most_batches = most_requests, most_batches
        self._n_requests = self._n_batches = 0
        self.one_recorded = asyncio.Semaphore(1)

    def begin(self, *, is_batch: bool) -> None:
        """Take on one more request.

        Raises
        ------
        RequestError
            With code ``too_busy``; nothing was taken on.
        """
        is_full = self._n_requests >= self._most_requests
        if is_full or (is_batch and self._n_batches >= self._most_batches):
            sentence = "this worker has as much to do as it may; ask again in a moment"
            raise RequestError(503, "too_busy", sentence)
        self._n_requests += 1
        self._n_batches += is_batch

    def end(self, *, is_batch: bool) -> None:
        """One that was taken on is answered."""
        self._n_requests -= 1
        self._n_batches -= is_batch
