"""What every request gets: an id, a place in the metrics, a line in the log, an end to failures.

A line says what was asked by whom and how it ended; never what was sent, nor about whom.
"""

import re
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from os import urandom
from time import perf_counter
from typing import Any, Final

import orjson
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.errors import PROBLEM_JSON, problem
from service.guard import CALLER, ROUTE
from service.metrics import Metrics
from service.schemas import UUID_PATTERN

Log = Callable[..., Any]
UNROUTED: Final = "unrouted"
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"})
_UUID: Final = re.compile(UUID_PATTERN.encode())
_PROBLEM: Final = (b"content-type", PROBLEM_JSON.encode())


@dataclass(slots=True)
class _Visit:
    """What is seen of one request on its way out."""

    request_id: bytes
    status: int = 0
    is_problem: bool = False
    code: str | None = None
    faults: tuple[str, ...] = ()

    def begin(self, message: Message) -> None:
        """Look at the head of the answer, and add what every answer has."""
        self.status = message["status"]
        headers = message["headers"]
        self.is_problem = self.status >= 400 and _PROBLEM in headers
        if b"cache-control" not in dict(headers):
            headers.append((b"cache-control", b"no-store"))
        headers.append((b"x-request-id", self.request_id))

    def body(self, message: Message) -> None:
        """Learn from a problem what it is."""
        if self.is_problem and message.get("body"):
            found = orjson.loads(message["body"])
            self.code = found["code"]
            self.faults = tuple(fault["code"] for fault in found["faults"])


class Observing:
    """The outermost part of the application that is ours.

    Parameters
    ----------
    app
        What answers.
    metrics
        Where it is counted.
    log
        Where it is written.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics, log: Log) -> None:
        self._app, self._metrics, self._log = app, metrics, log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, and keep track of it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = perf_counter()
        visit = _Visit(_request_id(scope))

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                visit.begin(message)
            elif visit.is_problem:
                visit.body(message)
            await send(message)

        try:
            await self._app(scope, receive, sending)
        except Exception as error:  # whatever it says may be a patient's: it ends here
            self._failed(error, visit)
            if not visit.status:
                sentence = "the service failed to answer; nothing was decided"
                await problem(500, "internal_error", sentence)(scope, receive, sending)
        self._note(scope, visit, perf_counter() - started)

    def _note(self, scope: Scope, visit: _Visit, seconds: float) -> None:
        route = scope.get(ROUTE, UNROUTED)
        method = scope["method"] if scope["method"] in _METHODS else "other"
        self._metrics.answered(route, method, visit.status, seconds)
        facts: dict[str, Any] = {}
        if visit.code is not None:
            self._metrics.refused(visit.code, visit.faults)
            facts = {"code": visit.code, "faults": sorted(set(visit.faults))}
        caller = scope.get(CALLER)
        self._log(
            "request",
            request_id=visit.request_id.decode(),
            method=method,
            route=route,
            status=visit.status,
            ms=round(seconds * 1000, 3),
            key_id=caller.key_id if caller is not None else "",
            **facts,
        )

    def _failed(self, error: Exception, visit: _Visit) -> None:
        """Say where it failed and with which kind of error, and not what the error says."""
        last = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{last.filename.rpartition('/')[2]}:{last.lineno}"
        request_id = visit.request_id.decode()
        self._log("failed", request_id=request_id, error=type(error).__name__, where=where)


def _request_id(scope: Scope) -> bytes:
    """The id that the client gave, if it is a UUID, which tells nothing; else a new one."""
    for name, value in scope["headers"]:
        if name == b"x-request-id" and _UUID.fullmatch(value):
            return bytes(value)
    return urandom(16).hex().encode()
