"""One structured line of the log: JSON on standard error, for whoever collects it."""

import sys
from datetime import UTC, datetime

import orjson


def log_line(event: str, **facts: object) -> None:
    """Write what happened and its facts; never a value or an id of a patient."""
    at = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    line = orjson.dumps({"at": at, "event": event, **facts})
    sys.stderr.write(line.decode() + "\n")
    sys.stderr.flush()
