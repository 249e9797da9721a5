"""Bodies read strictly: one content type, bounded size, one meaning of JSON.

Refused: other encodings than UTF-8, a byte order mark, NaN and Infinity, numbers beyond
float64, lone surrogates, deep nesting, text after the document, a key given twice, and objects
with more fields than any of ours.
"""

import json
from collections.abc import Sequence
from itertools import takewhile
from typing import Any, Final, TypeVar

import orjson
from fastapi import Request
from pydantic import TypeAdapter, ValidationError
from starlette.requests import ClientDisconnect

from data.errors import Fault, PanelError
from data.identifier import IDENTIFIER_RULE
from models.result_columns import RESULT_TYPE_RULE
from service.errors import RequestError
from service.schemas import BODY_FIELDS, MAX_ANALYTES

Body = TypeVar("Body")

MAX_DEPTH: Final = 16
"""Lists and objects within one another; our deepest body has seven."""
_MAX_FAULTS: Final = 100

_SENTENCES: Final = {
    "missing": "this field is needed",
    "extra_forbidden": "there is no field of this name",
    "string_type": "this must be text",
    "float_type": "this must be a number",
    "finite_number": "this must be a finite number",
    "list_type": "this must be a list",
    "dict_type": "this must be an object",
    "model_type": "this must be an object",
    "model_attributes_type": "this must be an object",
    "string_too_long": "this text is too long",
    "string_too_short": "this text is too short",
    "too_long": "this has too many entries",
    "too_short": "this has too few entries",
    "string_pattern_mismatch": "this text does not have the form it needs",
}
"""Our words for what pydantic finds; its own sentences may repeat what was received."""


async def read_body(request: Request, *, limit: int) -> bytes:
    """The bytes of a request that says it is JSON; `parse_json` reads them.

    Raises
    ------
    RequestError
        Wrong content type or encoding, too large, or not sent to its end.
    """
    content_type = request.headers.get("content-type", "").split(";")
    if content_type[0].strip().lower() != "application/json" or not _utf8(content_type[1:]):
        raise RequestError(415, "content_type", "send application/json in UTF-8")
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise RequestError(415, "content_encoding", "send the body uncompressed")
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > limit:
                raise RequestError(413, "body_too_large", f"a body has at most {limit} bytes")
    except ClientDisconnect:
        raise RequestError(400, "body_cut_short", "the body ended before its length") from None
    return bytes(body)


def _utf8(parameters: list[str]) -> bool:
    stated = [p.split("=")[-1].strip().strip('"').lower() for p in parameters if "charset" in p]
    return all(charset in ("utf-8", "utf8") for charset in stated)


def parse_json(body: bytes) -> Any:
    """Parse a document that can only be read in one way.

    Raises
    ------
    RequestError
        With code ``not_json``, ``duplicate_key`` or ``too_many_fields``.
    """
    sentence = "the body is not JSON (RFC 8259) in UTF-8, or is nested too deeply"
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise RequestError(400, "not_json", sentence) from None
    if body.count(b"[") + body.count(b"{") > MAX_DEPTH and _deeper_than(document, MAX_DEPTH):
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


def validate(adapter: TypeAdapter[Body], document: Any) -> Body:
    """Check a document against a schema.

    Raises
    ------
    PanelError
        With every fault of structure, none repeating what was received.
    """
    try:
        return adapter.validate_python(document)
    except ValidationError as error:
        details = error.errors(include_input=False, include_url=False)
        raise PanelError(structure_faults(details, BODY_FIELDS)) from None


def structure_faults(details: Sequence[Any], fields: frozenset[str]) -> list[Fault]:
    """What pydantic found, in our words: each place and sentence once, the first 100.

    `fields` are the names that may stand in a path; a path ends before any other name, for that
    would be one that was received.
    """
    faults: dict[tuple[str, str], Fault] = {}
    for detail in details[:_MAX_FAULTS]:
        fault = _structure_fault(detail, _pointer(detail["loc"], fields))
        faults[fault.path, fault.message] = fault
    return list(faults.values())


def _structure_fault(detail: Any, path: str) -> Fault:
    last = path.rpartition("/")[2]
    if last == "result" and detail["type"] in ("float_type", "string_type"):
        return Fault(path, "result_type", RESULT_TYPE_RULE)
    if detail["type"] == "string_pattern_mismatch" and last in ("patient_id", "specimen_id"):
        return Fault(path, "bad_id", IDENTIFIER_RULE)
    return Fault(path, detail["type"], _SENTENCES.get(detail["type"]) or _bounded(detail))


def _bounded(detail: Any) -> str:
    """A sentence for rules with a number or a list of choices in them; both are ours."""
    context = detail.get("ctx", {})
    if "expected" in context:
        return f"this must be {context['expected']}"
    limits = {"ge": "at least", "gt": "above", "le": "at most", "lt": "below"}
    bounds = [f"{words} {context[name]}" for name, words in limits.items() if name in context]
    return f"this must be {' and '.join(bounds)}" if bounds else "this does not have the right form"


def _pointer(location: Sequence[int | str], fields: frozenset[str]) -> str:
    """A JSON pointer up to the first step that is neither an index nor a field of ours."""
    ours = takewhile(lambda step: isinstance(step, int) or step in fields, location)
    return "".join(f"/{step}" for step in ours)
