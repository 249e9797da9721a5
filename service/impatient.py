"""An end to waiting, of which uvicorn knows none: for a request, and for its answer to be taken.

Connections are looked at once a second, so that a request costs next to nothing.
"""

import struct
from socket import SO_LINGER, SOL_SOCKET
from typing import Any, Final

from service.protocol import StrictProtocol

BEYOND_BODY_SECONDS: Final = 2.0
"""A whole request has this much longer than a body, which the application refuses first."""
TAKING_SECONDS: Final = 10.0
TAKEN_BYTES: Final = 48 * 1024
"""Of an answer that waits, at least this is taken in that time, or the rest of it."""
_LOOK_SECONDS: Final = 1.0
_AT_ONCE: Final = struct.pack("ii", 1, 0)


class ImpatientProtocol(StrictProtocol):
    """Hangs up on whoever sends a request, or takes an answer, too slowly."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._seconds = self.app.state.settings.max_body_seconds + BEYOND_BODY_SECONDS
        self._running: Any = None

    def connection_made(self, transport: Any) -> None:
        """Somebody may send a request; it is looked after from now on."""
        super().connection_made(transport)
        self._waiting_since = self._taken_at = self.loop.time()
        self._unsent = 0
        self._next_look = self.loop.call_later(_LOOK_SECONDS, self._look)

    def connection_lost(self, exc: Exception | None) -> None:
        """Nobody is there any more; an answer that others wait behind is told, too."""
        self._next_look.cancel()
        if self._running is not None:
            self._running.disconnected = True
            self._running.message_event.set()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        """A request begins, and so does its time."""
        self._waiting_since = self.loop.time()
        super().on_message_begin()

    def on_message_complete(self) -> None:
        """It is here; the next may follow."""
        self._waiting_since = self.loop.time()
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """It is answered; the time of the next one begins, unless its body is still coming."""
        if not self.cycle.more_body:
            self._waiting_since = self.loop.time()
        super().on_response_complete()

    def resume_writing(self) -> None:
        """Much of what waited was taken."""
        self._taken_at = self.loop.time()
        super().resume_writing()

    def _start_asgi_task(self, cycle: Any, app: Any) -> None:
        self._running = cycle
        super()._start_asgi_task(cycle, app)

    def _look(self) -> None:
        now = self.loop.time()
        self._next_look = self.loop.call_later(_LOOK_SECONDS, self._look)
        if self._is_left_with_an_answer(now):
            self._hang_up()
        elif self._is_owed_a_request(now) and now - self._waiting_since > self._seconds:
            self._give_up()

    def _is_owed_a_request(self, now: float) -> bool:
        """Whether it is the client that is waited for, and not our own work or reading."""
        if self.flow.read_paused:
            self._waiting_since = now
        return self._in_head or not self._is_answering or self.cycle.more_body

    def _is_left_with_an_answer(self, now: float) -> bool:
        unsent = self.transport.get_write_buffer_size()
        if unsent == 0 or unsent <= self._unsent - TAKEN_BYTES:
            self._taken_at, self._unsent = now, unsent
        self._unsent = max(self._unsent, unsent)
        return now - self._taken_at > TAKING_SECONDS

    def _give_up(self) -> None:
        """Say why where a request has begun and nothing else was said; else hang up."""
        if self._in_head and not self._is_answering and not self.transport.is_closing():
            sentence = f"a whole request must arrive within {self._seconds:g} seconds"
            self._refuse(408, "request_too_slow", sentence)
        elif self._in_head or (self.cycle is not None and self.cycle.more_body):
            self._hang_up()
        else:
            self.transport.close()

    def _hang_up(self) -> None:
        """Close without waiting for anything to be taken, not even by the kernel."""
        self.transport.get_extra_info("socket").setsockopt(SOL_SOCKET, SO_LINGER, _AT_ONCE)
        self.transport.abort()
