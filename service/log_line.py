"""The log: structured lines, JSON on standard error, for whoever collects them."""

import asyncio
import logging
import os
import select
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, Final

import orjson

_STANDARD_ERROR: Final = 2
_TOGETHER_SECONDS: Final = 0.01
_AT_ONCE: Final = select.PIPE_BUF
"""Bytes that a pipe takes whole, not mixed with another worker's, if it takes any."""


def log_line(event: str, **facts: object) -> None:
    """Write what happened and its facts; never a value or an id of a patient.

    A line that cannot be written at once is lost: neither a full disk of logs nor whoever does
    not read them stops a thread or a request.
    """
    _write(_line(datetime.now(UTC), event, facts))


class LinesTogether:
    """Lines of one event loop, written a hundred times a second.

    Each by itself would cost as much as a prediction.
    """

    def __init__(self) -> None:
        self._waiting: list[bytes] = []

    def line(self, event: str, **facts: object) -> None:
        """As `log_line`, a moment later."""
        if not self._waiting:
            asyncio.get_running_loop().call_later(_TOGETHER_SECONDS, self.write)
        self._waiting.append(_line(datetime.now(UTC), event, facts))

    def write(self) -> None:
        """Write those that wait."""
        waiting, self._waiting = self._waiting, []
        block = b""
        for line in waiting:
            if len(block) + len(line) > _AT_ONCE:
                _write(block)
                block = b""
            block += line
        _write(block)


def _write(lines: bytes) -> None:
    with suppress(OSError):
        _, is_ready, _ = select.select((), (_STANDARD_ERROR,), (), 0)
        if is_ready:
            os.write(_STANDARD_ERROR, lines)


def _line(now: datetime, event: str, facts: dict[str, Any]) -> bytes:
    at = now.isoformat(timespec="milliseconds")[:-6] + "Z"
    return orjson.dumps({"at": at, "event": event, **facts}, option=orjson.OPT_APPEND_NEWLINE)


class JsonLines(logging.Formatter):
    """What the server itself has to say in the same form; the texts of exceptions stay inside."""

    def format(self, record: logging.LogRecord) -> str:
        """One record as one line."""
        facts = {"level": record.levelname.lower(), "message": record.getMessage().strip()}
        if record.exc_info is not None and record.exc_info[0] is not None:
            facts["error"] = record.exc_info[0].__name__
        return _line(datetime.fromtimestamp(record.created, UTC), "server", facts).decode().rstrip()


LOG_CONFIG: Final[dict[str, Any]] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "service.log_line.JsonLines"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
}
"""For `logging.config.dictConfig`: uvicorn's and the libraries' lines."""
