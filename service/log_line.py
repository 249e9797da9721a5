"""The log: structured lines, JSON on standard error, for whoever collects them."""

import logging
import os
import select
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, Final

import orjson

_STANDARD_ERROR: Final = 2


def log_line(event: str, **facts: object) -> None:
    """Write what happened and its facts; never a value or an id of a patient.

    A line that cannot be written at once is lost: neither a full disk of logs nor whoever does
    not read them stops a thread or a request.
    """
    with suppress(OSError):
        _, is_ready, _ = select.select((), (_STANDARD_ERROR,), (), 0)
        if is_ready:
            os.write(_STANDARD_ERROR, _line(datetime.now(UTC), event, facts))


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
