"""Documents held against a schema, with every fault of structure in our words."""

from collections.abc import Sequence
from itertools import takewhile
from typing import Any, Final, TypeVar

from pydantic import TypeAdapter, ValidationError

from data.errors import Fault, PanelError
from data.identifier import IDENTIFIER_RULE
from data.measurement import RESULT_TYPE_RULE
from service.bodies import check_shape
from service.schemas import BODY_FIELDS

Body = TypeVar("Body")

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
    "datetime_parsing": "write a moment as 2026-01-02T12:00:00Z",
    "datetime_from_date_parsing": "write a moment as 2026-01-02T12:00:00Z",
    "int_parsing": "this must be a whole number",
    "int_parsing_size": "this must be a whole number",
    "bool_type": "this must be true or false",
    "timezone_aware": "write a moment with its offset from UTC, as 2026-01-02T12:00:00Z",
    "too_long": "this has too many entries",
    "too_short": "this has too few entries",
    "string_pattern_mismatch": (
        "this text does not have the form it needs; a name has no control or invisible characters"
    ),
}
"""Our words for what pydantic finds; its own sentences may repeat what was received."""


def validate(adapter: TypeAdapter[Body], document: Any) -> Body:
    """Check a document against a schema.

    Raises
    ------
    PanelError
        With every fault of structure, none repeating what was received.
    RequestError
        It is nested too deeply to list them, or an object has too many fields.
    """
    try:
        return adapter.validate_python(document)
    except ValidationError as error:
        check_shape(document)
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
