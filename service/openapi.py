"""The OpenAPI document: FastAPI's, with the bodies that routes read and the keys they need."""

from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema

from service.answers import ProblemAnswer
from service.schemas import BatchBody, OutcomeBody, PredictionBody, PromotionBody
from service.security import LOCAL_OR_READ, OPEN, ROUTE_SCOPES

_BODIES: Final = (PredictionBody, BatchBody, OutcomeBody, PromotionBody)
_PROBLEM: Final = {
    "description": "Problem",
    "content": {
        "application/problem+json": {"schema": {"$ref": "#/components/schemas/ProblemAnswer"}}
    },
}
_KEY: Final = {"type": "http", "scheme": "bearer", "bearerFormat": "csf_<id>_<secret>"}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """What a route says of the refusals with these statuses."""
    content: dict[str, Any] = {"application/problem+json": {}}
    return {status: {"model": ProblemAnswer, "content": content} for status in statuses}


def text_of(media_type: str) -> dict[int | str, dict[str, Any]]:
    """What a route says that answers with text."""
    return {200: {"content": {media_type: {"schema": {"type": "string"}}}}}


def body_of(name: str) -> dict[str, Any]:
    """What a route that reads its body by itself adds to the document."""
    schema = {"$ref": f"#/components/schemas/{name}"}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


def openapi_document(app: FastAPI) -> dict[str, Any]:
    """The document of an application, made once."""
    if app.openapi_schema is None:
        document = get_openapi(
            title=app.title, version=app.version, description=app.description, routes=app.routes
        )
        _, definitions = models_json_schema(
            [(body, "validation") for body in _BODIES],
            ref_template="#/components/schemas/{model}",
        )
        components = document["components"]
        components["schemas"] |= definitions["$defs"]
        components["securitySchemes"] = {"key": _KEY}
        _add_keys(document["paths"])
        app.openapi_schema = document
    return app.openapi_schema


def _add_keys(paths: dict[str, Any]) -> None:
    """Say of every operation which scope it needs."""
    for path, operations in paths.items():
        for method, operation in operations.items():
            scope = ROUTE_SCOPES[method.upper(), path]
            if scope != OPEN:
                operation["security"] = [{"key": []}] + [{}] * (scope == LOCAL_OR_READ)
                operation["x-scope"] = scope
                operation["responses"] |= dict.fromkeys(("401", "403", "421"), _PROBLEM)
