"""Bodies read strictly: one content type, bounded size, one meaning of JSON.

Refused: other encodings than UTF-8, a byte order mark, NaN and Infinity, numbers beyond
float64, lone surrogates, deep nesting, text after the document, a key given twice, and more
fields or objects than any body of ours has.
"""

import asyncio
import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

import orjson
from fastapi import Request

from service.errors import RequestError
from service.schemas import MAX_ANALYTES

MAX_DEPTH: Final = 16
"""Lists and objects within one another; our deepest body has seven."""
MAX_PARTS: Final = 400_000
"""Lists, objects and fields in a body: the most patients as `items`, with all three analytes in
both panels and every field, have four fifths of that."""
_MOST_DIGITS: Final = 18
_CONTAINERS: Final = (dict, list)
_LOOKED_AT: Final = frozenset(
    {b"content-type", b"content-encoding", b"transfer-encoding", b"content-length"}
)
_USUAL_TYPE: Final = [b"application/json"]
_NONE: Final = (b"",)
_NOT_JSON: Final = "the body is not JSON (RFC 8259) in UTF-8, or is nested too deeply"


async def read_body(request: Request, *, limit: int, seconds: float) -> bytes:
    """The bytes of a request that says it is JSON; `parse_json` reads them.

    At most `limit` bytes, all of them within `seconds`.

    Raises
    ------
    RequestError
        Wrong content type or encoding, too large, too slow, or not sent to its end.
    """
    _check_headers(request.scope["headers"], limit)
    return await receive_body(request, limit=limit, seconds=seconds)


async def receive_body(request: Request, *, limit: int, seconds: float) -> bytes:
    """The bytes of a request of any kind: at most `limit`, all of them within `seconds`.

    Raises
    ------
    RequestError
        Too large, too slow, or not sent to its end.
    """
    try:
        async with asyncio.timeout(seconds):
            return await _receive(request, limit)
    except TimeoutError:
        sentence = f"the whole body must arrive within {seconds:g} seconds"
        raise RequestError(408, "body_too_slow", sentence) from None


async def _receive(request: Request, limit: int) -> bytes:
    parts, n_bytes = [], 0
    while True:
        message = await request.receive()
        if message["type"] != "http.request":
            raise RequestError(400, "body_cut_short", "the body ended before its length")
        parts.append(message.get("body", b""))
        n_bytes += len(parts[-1])
        if n_bytes > limit:
            raise _too_large(limit)
        if not message.get("more_body", False):
            return b"".join(parts)


def _check_headers(headers: Iterable[tuple[bytes, bytes]], limit: int) -> None:
    """What the headers say is refused before the body is waited for; a header sent twice too."""
    stated: dict[bytes, list[bytes]] = {}
    for name, value in headers:
        if name in _LOOKED_AT:
            stated.setdefault(name, []).append(value)
    if stated.get(b"content-type") != _USUAL_TYPE and not _is_json_in_utf8(stated):
        raise RequestError(415, "content_type", "send application/json in UTF-8")
    content, transfer = stated.get(b"content-encoding"), stated.get(b"transfer-encoding")
    if (content and not _is_coded_as(b"identity", content)) or (
        transfer and not _is_coded_as(b"chunked", transfer)
    ):
        raise RequestError(415, "content_encoding", "send the body uncompressed")
    length = stated.get(b"content-length", _NONE)[0]
    if length.isdigit() and (len(length) > _MOST_DIGITS or int(length) > limit):
        raise _too_large(limit)


def _is_coded_as(usual: bytes, stated: Iterable[bytes]) -> bool:
    return all(coding.strip().lower() == usual for coding in stated)


def _is_json_in_utf8(stated: Mapping[bytes, list[bytes]]) -> bool:
    types = stated.get(b"content-type", ())
    if len(types) != 1:
        return False
    media_type, *parameters = (part.strip().lower() for part in types[0].split(b";"))
    named = [parameter.partition(b"=") for parameter in parameters]
    charsets = [text.strip().strip(b'"') for name, _, text in named if name.startswith(b"charset")]
    return media_type == b"application/json" and set(charsets) <= {b"utf-8", b"utf8"}


def _too_large(limit: int) -> RequestError:
    return RequestError(413, "body_too_large", f"a body has at most {limit} bytes")


def parse_json(body: bytes) -> Any:
    """Parse a document that can only be read in one way.

    Raises
    ------
    RequestError
        With code ``not_json``, ``duplicate_key`` or ``too_many_fields``.
    """
    containers, colons = body.count(b"[") + body.count(b"{"), body.count(b":")
    if containers + colons > MAX_PARTS:
        raise RequestError(400, "too_many_fields", f"a body has at most {MAX_PARTS} parts in all")
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise RequestError(400, "not_json", _NOT_JSON) from None
    if b"\\" in body or _count_colons(document) != colons:
        # Without escapes a text is written as it was read, so that only a key given twice makes
        # fewer colons. With them only reading it again tells.
        json.loads(body, object_pairs_hook=_check_keys)
    return document


def _count_colons(document: Any) -> int:
    try:
        return orjson.dumps(document).count(b":")
    except orjson.JSONEncodeError:  # it reads deeper documents than it writes
        raise RequestError(400, "not_json", _NOT_JSON) from None


def check_shape(document: Any) -> None:
    """Look for what no body of ours has, in a document that fits none.

    Raises
    ------
    RequestError
        It is nested too deeply, or an object has too many fields.
    """
    level = [document]
    for _ in range(MAX_DEPTH):
        objects = [container for container in level if type(container) is dict]
        if any(len(found) > MAX_ANALYTES for found in objects):
            raise _too_many_fields()
        parts: list[Any] = [container for container in level if type(container) is list]
        parts += [found.values() for found in objects]
        level = [part for container in parts for part in container if type(part) in _CONTAINERS]
        if not level:
            return
    raise RequestError(400, "not_json", _NOT_JSON)


def _too_many_fields() -> RequestError:
    sentence = f"an object of a body has at most {MAX_ANALYTES} fields"
    return RequestError(400, "too_many_fields", sentence)


def _check_keys(pairs: list[tuple[str, Any]]) -> None:
    if len(pairs) > MAX_ANALYTES:
        raise _too_many_fields()
    if len({key for key, _ in pairs}) < len(pairs):
        raise RequestError(400, "duplicate_key", "an object of the body has a key twice")
