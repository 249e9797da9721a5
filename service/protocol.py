"""uvicorn's HTTP protocol with an end to headers, which its parser takes in any amount."""

from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from service.errors import problem

MAX_HEAD_BYTES: Final = 64 * 1024
"""Of a request, in reads of the network that bring neither its beginning nor any of its body."""


class BoundedHeadProtocol(HttpToolsProtocol):
    """Answers 431 and hangs up where headers, trailers or chunk extensions do not end."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._head_bytes = 0
        self._advanced = False

    def data_received(self, data: bytes) -> None:
        """Count what was read since the request last advanced."""
        self._advanced = False
        super().data_received(data)
        self._head_bytes = 0 if self._advanced else self._head_bytes + len(data)
        if self._head_bytes > MAX_HEAD_BYTES and not self.transport.is_closing():
            self._refuse()

    def on_message_begin(self) -> None:
        """A request begins."""
        self._advanced = True
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Its body follows."""
        self._advanced = True
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """A part of its body."""
        self._advanced = True
        super().on_body(body)

    def _refuse(self) -> None:
        sentence = f"the headers of a request have at most {MAX_HEAD_BYTES} bytes"
        response = problem(431, "headers_too_large", sentence)
        lines = [b"HTTP/1.1 431 Request Header Fields Too Large", b"connection: close"]
        lines += [name + b": " + value for name, value in response.raw_headers]
        self.transport.write(b"\r\n".join([*lines, b"", bytes(response.body)]))
        self.transport.close()
