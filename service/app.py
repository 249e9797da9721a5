"""The application: settings and registry in, an ASGI app that answers with the champions out."""

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Any, Final

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema
from starlette.requests import Request
from starlette.responses import Response

from models.registry import Registry
from models.signature import read_public_keys
from service.champions import Champions, load_champions
from service.errors import faults_sentence, install_handlers, problem
from service.following import Following
from service.log_line import log_line
from service.routes import health, models, predictions
from service.schemas import BatchBody, PredictionBody
from service.settings import Settings
from service.structure import structure_faults

DESCRIPTION: Final = (
    "Probability of response to mesenchymal stem cells in ALS from CSF cytokine panels. "
    "Not a medical device."
)

_QUERY_FIELDS: Final = frozenset({"query", "path", "task", "family", "name"})


def create_app(settings: Settings | None = None) -> FastAPI:
    """Make the application.

    Parameters
    ----------
    settings
        Read from the environment when left out.

    Raises
    ------
    BundleError, RegistryError, SigningKeyError
        A champion or the public keys cannot be used; the service does not start with it.
    """
    settings = settings or Settings()
    app = FastAPI(
        title="csf-responder",
        version=version("csf-responder"),
        description=DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=_lifespan,
    )
    app.state.settings = settings
    keys = None if settings.public_key_file is None else read_public_keys(settings.public_key_file)
    app.state.registry = Registry(settings.registry, public_keys=keys)
    app.state.champions = load_champions(app.state.registry)
    for routes in (health, models, predictions):
        app.include_router(routes.router)
    install_handlers(app)
    app.add_exception_handler(RequestValidationError, _query_refused)
    app.openapi = lambda: _openapi(app)  # type: ignore[method-assign]
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Follow the champions; what lives as long as the process the collector leaves alone."""
    gc.collect()
    gc.freeze()

    def publish(champions: Champions) -> None:
        app.state.champions = champions

    with Following(app.state.registry, app.state.champions, publish, log_line).running():
        yield


def _query_refused(request: Request, error: Exception) -> Response:
    """Faults of query parameters, in our words; what was received is not repeated."""
    assert isinstance(error, RequestValidationError)  # noqa: S101 - what it is registered for
    faults = structure_faults(error.errors(), _QUERY_FIELDS)
    return problem(422, "faults", faults_sentence(faults), faults)


def _openapi(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document, with the bodies that routes read by themselves."""
    if app.openapi_schema is None:
        document = get_openapi(
            title=app.title, version=app.version, description=DESCRIPTION, routes=app.routes
        )
        _, definitions = models_json_schema(
            [(PredictionBody, "validation"), (BatchBody, "validation")],
            ref_template="#/components/schemas/{model}",
        )
        document["components"]["schemas"] |= definitions["$defs"]
        app.openapi_schema = document
    return app.openapi_schema
