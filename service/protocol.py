"""uvicorn's HTTP protocol, stricter: headers end, trailers are none, versions are known.

An offer to speak another protocol is passed over, and whoever stops sending is still answered.
"""

from typing import Any, Final

import httptools
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from service.errors import problem

MAX_HEAD_BYTES: Final = 64 * 1024
"""Of a request, in reads of the network that bring neither its beginning nor any of its body."""
_VERSIONS: Final = ("1.1", "1.0")
_TUNNEL: Final = b"CONNECT"


class StrictProtocol(HttpToolsProtocol):
    """One connection, in HTTP/1.1 or 1.0."""

    parser: "_Parser"

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._head_bytes = 0
        self._advanced = self._in_head = self._is_offer = False
        self.parser = self._new_parser()

    def data_received(self, data: bytes) -> None:
        """Count what was read since the request last advanced."""
        self._advanced = False
        super().data_received(data)
        if self._is_offer:
            self._pass_over_offer(data)
        self._head_bytes = 0 if self._advanced else self._head_bytes + len(data)
        if self._head_bytes > MAX_HEAD_BYTES and not self.transport.is_closing():
            sentence = f"the headers of a request have at most {MAX_HEAD_BYTES} bytes"
            self._refuse(431, "headers_too_large", sentence)

    def eof_received(self) -> bool:  # type: ignore[override]
        """Nothing more is sent; who waits for an answer gets it before the connection ends."""
        if not self._is_answering or self.cycle.more_body:
            return False
        self.cycle.keep_alive = False
        return True

    def on_message_begin(self) -> None:
        """A request begins."""
        self._advanced = self._in_head = True
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        """One header; what stands in a trailer says nothing of the request before it."""
        if self._in_head:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Its body follows."""
        if self.parser.get_http_version() not in _VERSIONS or self.parser.get_method() == _TUNNEL:
            raise ValueError("another version of HTTP, or no request to answer")
        self._advanced, self._in_head = True, False
        self._is_offer = self.parser.should_upgrade()
        if not self._is_offer:
            super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """A part of its body."""
        self._advanced = True
        super().on_body(body)

    def on_message_complete(self) -> None:
        """It is here; the next may follow."""
        if not self._is_offer:
            super().on_message_complete()

    @property
    def _is_answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _pass_over_offer(self, data: bytes) -> None:
        """Read the request again without `Upgrade`: the parser would skip its body."""
        method, version = self.parser.get_method(), self.parser.get_http_version()
        head = [b"%b %b HTTP/%b" % (method, self.url, version.encode())]
        head += [b"%b: %b" % header for header in self.headers if header[0] != b"upgrade"]
        rest = data[self.parser.offered_at :]
        self._is_offer, self.parser = False, self._new_parser()
        self.data_received(b"\r\n".join([*head, b"", rest]))

    def _unsupported_upgrade_warning(self) -> None:
        """Nothing to log: the request is answered."""

    def _new_parser(self) -> "_Parser":
        parser = _Parser(self)
        # The answer to a request stands, whatever is sent behind `Connection: close`.
        parser.set_dangerous_leniencies(lenient_data_after_close=True)
        return parser

    def _refuse(self, status: int, code: str, sentence: str) -> None:
        response = problem(status, code, sentence)
        lines = [STATUS_LINE[status].rstrip(), b"connection: close"]
        lines += [name + b": " + value for name, value in response.raw_headers]
        self.transport.write(b"\r\n".join([*lines, b"", bytes(response.body)]))
        self.transport.close()


class _Parser(httptools.HttpRequestParser):
    """Remembers where the request ended that offered another protocol."""

    offered_at = 0

    def feed_data(self, data: Any) -> None:
        try:
            super().feed_data(data)
        except httptools.HttpParserUpgrade as offer:
            self.offered_at = offer.args[0]
            raise
