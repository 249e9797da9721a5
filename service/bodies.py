"""Bodies read strictly: one content type, bounded size, one meaning of JSON.

Refused: other encodings than UTF-8, a byte order mark, NaN and Infinity, numbers beyond
float64, lone surrogates, deep nesting, text after the document, a key given twice, and more
fields or objects than any body of ours has.
"""

import asyncio
import json
from typing import Any, Final

import orjson
from fastapi import Request
from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect

from service.errors import RequestError
from service.schemas import MAX_ANALYTES

MAX_DEPTH: Final = 16
"""Lists and objects within one another; our deepest body has seven."""
MAX_PARTS: Final = 400_000
"""Lists, objects and fields in a body: the most patients as `items`, with all three analytes in
both panels and every field, have four fifths of that."""
_MOST_DIGITS: Final = 18


async def read_body(request: Request, *, limit: int, seconds: float) -> bytes:
    """The bytes of a request that says it is JSON; `parse_json` reads them.

    At most `limit` bytes, all of them within `seconds`.

    Raises
    ------
    RequestError
        Wrong content type or encoding, too large, too slow, or not sent to its end.
    """
    _check_headers(request.headers, limit)
    body = bytearray()
    try:
        async with asyncio.timeout(seconds):
            async for chunk in request.stream():
                body += chunk
                if len(body) > limit:
                    raise _too_large(limit)
    except ClientDisconnect:
        raise RequestError(400, "body_cut_short", "the body ended before its length") from None
    except TimeoutError:
        sentence = f"the whole body must arrive within {seconds:g} seconds"
        raise RequestError(408, "body_too_slow", sentence) from None
    return bytes(body)


def _check_headers(headers: Headers, limit: int) -> None:
    """What the headers say is refused before the body is waited for; a header sent twice too."""
    if not _is_json_in_utf8(headers.getlist("content-type")):
        raise RequestError(415, "content_type", "send application/json in UTF-8")
    content, transfer = _codings(headers, "content"), _codings(headers, "transfer")
    if not (content <= {"identity"} and transfer <= {"chunked"}):
        raise RequestError(415, "content_encoding", "send the body uncompressed")
    stated = headers.get("content-length", "")
    if stated.isdecimal() and (len(stated) > _MOST_DIGITS or int(stated) > limit):
        raise _too_large(limit)


def _codings(headers: Headers, of: str) -> set[str]:
    return {coding.lower() for coding in headers.getlist(f"{of}-encoding")}


def _is_json_in_utf8(stated: list[str]) -> bool:
    if len(stated) != 1:
        return False
    media_type, *parameters = (part.strip().lower() for part in stated[0].split(";"))
    named = [parameter.partition("=") for parameter in parameters]
    charsets = [text.strip().strip('"') for name, _, text in named if name.startswith("charset")]
    return media_type == "application/json" and set(charsets) <= {"utf-8", "utf8"}


def _too_large(limit: int) -> RequestError:
    return RequestError(413, "body_too_large", f"a body has at most {limit} bytes")


def parse_json(body: bytes) -> Any:
    """Parse a document that can only be read in one way.

    Raises
    ------
    RequestError
        With code ``not_json``, ``duplicate_key`` or ``too_many_fields``.
    """
    sentence = "the body is not JSON (RFC 8259) in UTF-8, or is nested too deeply"
    containers = body.count(b"[") + body.count(b"{")
    if containers + body.count(b":") > MAX_PARTS:
        raise RequestError(400, "too_many_fields", f"a body has at most {MAX_PARTS} parts in all")
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise RequestError(400, "not_json", sentence) from None
    if containers > MAX_DEPTH and _deeper_than(document, MAX_DEPTH):
        raise RequestError(400, "not_json", sentence)
    json.loads(body, object_pairs_hook=_check_keys)
    return document


def _deeper_than(document: Any, levels: int) -> bool:
    """Whether lists and objects stand within one another more than `levels` times."""
    level = [document] if isinstance(document, dict | list) else []
    for _ in range(levels):
        children = [
            child
            for container in level
            for child in (container.values() if isinstance(container, dict) else container)
        ]
        level = [child for child in children if isinstance(child, dict | list)]
        if not level:
            return False
    return True


def _check_keys(pairs: list[tuple[str, Any]]) -> None:
    if len(pairs) > MAX_ANALYTES:
        sentence = f"an object of a body has at most {MAX_ANALYTES} fields"
        raise RequestError(400, "too_many_fields", sentence)
    if len({key for key, _ in pairs}) < len(pairs):
        raise RequestError(400, "duplicate_key", "an object of the body has a key twice")
