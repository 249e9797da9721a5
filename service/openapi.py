"""The OpenAPI document: FastAPI's, with the bodies that routes read and the keys they need."""

from http import HTTPStatus
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from pydantic.json_schema import models_json_schema

from service.answers import ProblemAnswer
from service.examples import EXAMPLES
from service.schemas import BatchBody, OutcomeBody, PredictionBody, PromotionBody
from service.security import LOCAL_OR_READ, OPEN, ROUTE_SCOPES

_SCHEMAS: Final = (ProblemAnswer, PredictionBody, BatchBody, OutcomeBody, PromotionBody)
_KEY: Final = {"type": "http", "scheme": "bearer", "bearerFormat": "csf_<id>_<secret>"}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """What a route says of the refusals with these statuses."""
    schema = {"$ref": "#/components/schemas/ProblemAnswer"}
    content = {"application/problem+json": {"schema": schema}}
    return {
        status: {"description": HTTPStatus(status).phrase, "content": content}
        for status in statuses
    }


def text_of(*media_types: str) -> dict[int | str, dict[str, Any]]:
    """What a route says that answers with text of one of these types."""
    return {200: {"content": {name: {"schema": {"type": "string"}} for name in media_types}}}


def body_of(name: str) -> dict[str, Any]:
    """What a route that reads its body by itself adds to the document."""
    described = {
        "schema": {"$ref": f"#/components/schemas/{name}"},
        "examples": {shown: {"value": value} for shown, value in EXAMPLES[name].items()},
    }
    return {"requestBody": {"required": True, "content": {"application/json": described}}}


def links_to(*names: str, **parameters: str) -> dict[str, Any]:
    """What an answer says of the operations that take something out of it.

    `parameters` are JSON pointers into the answer.
    """
    taken = {name: f"$response.body#{pointer}" for name, pointer in parameters.items()}
    return {"links": {name: {"operationId": name, "parameters": taken} for name in names}}


def openapi_document(app: FastAPI) -> dict[str, Any]:
    """The document of an application, made once."""
    if app.openapi_schema is None:
        document = get_openapi(
            title=app.title, version=app.version, description=app.description, routes=app.routes
        )
        _, definitions = models_json_schema(
            [(body, "validation") for body in _SCHEMAS],
            ref_template="#/components/schemas/{model}",
        )
        components = document["components"]
        components["schemas"] |= definitions["$defs"]
        components["securitySchemes"] = {"key": _KEY}
        _name_operations(app, document["paths"])
        _add_keys(document["paths"])
        app.openapi_schema = document
    return app.openapi_schema


def _name_operations(app: FastAPI, paths: dict[str, Any]) -> None:
    """Call every operation as its route: a name that stays when its path changes."""
    for route in app.routes:
        if isinstance(route, APIRoute) and route.include_in_schema:
            for method in route.methods or ():
                paths[route.path_format][method.lower()]["operationId"] = route.name


def _add_keys(paths: dict[str, Any]) -> None:
    """Say of every operation which scope it needs."""
    for path, operations in paths.items():
        for method, operation in operations.items():
            scope = ROUTE_SCOPES[method.upper(), path]
            statuses = (421,) if scope == OPEN else (401, 403, 421)
            responses = {str(status): said for status, said in problems(*statuses).items()}
            operation["responses"] |= responses
            if scope != OPEN:
                operation["security"] = [{"key": []}] + [{}] * (scope == LOCAL_OR_READ)
                operation["x-scope"] = scope
