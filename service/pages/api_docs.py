"""`/docs`: the OpenAPI document as a page for people, without a script from anywhere."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from fastapi import FastAPI, Response

from service.examples import EXAMPLES
from service.pages.visit import Visit

_OPEN: Final = ""
_BOUNDS: Final = {
    "minimum": "at least",
    "exclusiveMinimum": "above",
    "maximum": "at most",
    "exclusiveMaximum": "below",
    "maxLength": "letters at most",
    "maxItems": "entries at most",
}


class Field(NamedTuple):
    """One field of a body or one parameter of an address."""

    name: str
    kind: str
    is_needed: bool
    says: str


class Operation(NamedTuple):
    """One thing that the API does; `scope` is empty where anybody may ask."""

    name: str
    method: str
    path: str
    scope: str
    summary: str
    parameters: list[Field]
    body: str
    answer: str
    statuses: list[tuple[str, str]]


def show(visit: Visit) -> Response:
    """All operations, then all bodies."""
    app: FastAPI = visit.request.app
    document = app.openapi()
    schemas = document["components"]["schemas"]
    return visit.page(
        "api_docs.html",
        groups=_groups(document["paths"]),
        schemas={name: (schemas[name], list(_fields(schemas[name]))) for name in sorted(schemas)},
        examples={
            name: json.dumps(next(iter(shown.values())), indent=1)
            for name, shown in EXAMPLES.items()
        },
    )


def _groups(paths: Mapping[str, Any]) -> dict[str, list[Operation]]:
    """Operations by their tag, in the order of the routes."""
    groups: dict[str, list[Operation]] = {}
    for path, by_method in paths.items():
        for method, operation in by_method.items():
            found = _operation(method.upper(), path, operation)
            groups.setdefault(operation["tags"][0], []).append(found)
    return groups


def _operation(method: str, path: str, operation: Mapping[str, Any]) -> Operation:
    responses = operation["responses"]
    good: Mapping[str, Any] = next(
        (responses[status] for status in sorted(responses) if status < "300"), {}
    )
    return Operation(
        name=operation["operationId"],
        method=method,
        path=path,
        scope=operation.get("x-scope", _OPEN),
        summary=operation.get("description", operation["summary"]),
        parameters=[
            Field(
                one["name"],
                kind_of(one["schema"]),
                one.get("required", False),
                one.get("description", ""),
            )
            for one in operation.get("parameters", ())
        ],
        body=_schema_name(operation.get("requestBody", {})),
        answer=_schema_name(good),
        statuses=[(status, responses[status]["description"]) for status in sorted(responses)],
    )


def _schema_name(message: Mapping[str, Any]) -> str:
    """The schema of a message, by name; empty where it has none."""
    for content in message.get("content", {}).values():
        return str(content.get("schema", {}).get("$ref", "")).rpartition("/")[2]
    return ""


def _fields(schema: Mapping[str, Any]) -> Iterator[Field]:
    needed = schema.get("required", ())
    for name, of in schema.get("properties", {}).items():
        yield Field(name, kind_of(of), name in needed, of.get("description", ""))


def kind_of(schema: Mapping[str, Any]) -> str:
    """What a value may be, in a few words.

    Examples
    --------
    >>> kind_of({"anyOf": [{"type": "number", "minimum": 0}, {"type": "null"}]})
    'number at least 0, or null'
    >>> kind_of({"type": "array", "items": {"$ref": "#/components/schemas/PanelBody"}})
    'list of PanelBody'
    """
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if choices := schema.get("anyOf"):
        return ", or ".join(dict.fromkeys(kind_of(choice) for choice in choices))
    if "const" in schema or "enum" in schema:
        return " or ".join(json.dumps(one) for one in schema.get("enum", [schema.get("const")]))
    kind = schema.get("type", "anything")
    if kind == "array":
        return f"list of {kind_of(schema.get('items', {}))}"
    if kind == "object" and isinstance(schema.get("additionalProperties"), dict):
        return f"object of {kind_of(schema['additionalProperties'])}"
    bounds = [f"{words} {schema[key]:g}" for key, words in _BOUNDS.items() if key in schema]
    return " ".join([{"string": "text"}.get(kind, kind), ", ".join(bounds)]).strip()
