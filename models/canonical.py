"""One way to write JSON, so that equal content has equal bytes and equal digests."""

import hashlib
import json
from typing import Any


def canonical_json(value: Any) -> bytes:
    """Sorted keys, no spaces, shortest numbers that read back exactly; no NaN or Infinity.

    Examples
    --------
    >>> canonical_json({"b": 0.1, "a": [1, None]})
    b'{"a":[1,null],"b":0.1}'
    """
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return text.encode("ascii")


def readable_json(value: Any) -> bytes:
    """The same content on lines of its own, for files that people open."""
    text = json.dumps(value, sort_keys=True, indent=1, allow_nan=False)
    return text.encode("ascii") + b"\n"


def sha256(content: bytes) -> str:
    """SHA-256 as 64 hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()
