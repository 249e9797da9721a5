"""The application: settings and registry in, an ASGI app that answers with the champions out."""

from collections.abc import Callable
from importlib.metadata import version
from typing import Final

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from models.registry import Registry
from models.signature import read_public_keys
from service.champions import Champions, follow, load_champions
from service.errors import faults_sentence, install_handlers, problem
from service.guard import Shortcut, guard_routes
from service.hosts import KnownHosts
from service.log_line import log_line
from service.metrics import Metrics
from service.monitoring.reports import Reports
from service.observing import Observing
from service.openapi import openapi_document
from service.pages.refusals import install_refusals
from service.pages.routes import page_routes
from service.pictures import Pictures
from service.routes import (
    health,
    models,
    monitoring,
    plots,
    predictions,
    promotions,
    records,
)
from service.running import lifespan
from service.settings import Settings
from service.structure import structure_faults
from service.together import Together
from service.work import Work

DESCRIPTION: Final = (
    "Probability of response to mesenchymal stem cells in ALS from CSF cytokine panels. "
    "Not a medical device."
)

_QUERY_FIELDS: Final = frozenset(
    {
        *("query", "path", "task", "family", "name", "since", "until", "limit", "cursor"),
        "bundle_id",
        *("plot", "format", "theme"),
    }
)
_CORS_HEADERS: Final = ("authorization", "content-type", "idempotency-key", "if-none-match")
_CORS_EXPOSED: Final = ("location", "etag", "retry-after", "x-request-id", "idempotent-replayed")
_NO_TELEMETRY: Final = {"tracing": False, "metrics": False, "logs": False}
"""FastAPI's own would hand on queries and the texts of exceptions."""


class Application(FastAPI):
    """FastAPI with something in front that answers by itself what needs none of its layers."""

    _front: ASGIApp

    def put_in_front(self, make: Callable[[ASGIApp], ASGIApp]) -> None:
        """Let what `make` makes of FastAPI's own way of answering see every request first."""
        self._front = make(super().__call__)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        scope["app"] = self
        await self._front(scope, receive, send)


def create_worker() -> Application:
    """Make the application of one process among several, or of one that starts again.

    A champion that cannot be loaded is for `/readyz` to tell, and tried again: if this process
    did not start, the server would end all others, too.
    """
    return create_app(load=_load_what_can_be_used)


def _load_what_can_be_used(registry: Registry) -> Champions:
    champions = follow(registry, Champions({}))
    for found in champions.problems:
        log_line("champion_refused", problem=found)
    return champions


def create_app(
    settings: Settings | None = None, *, load: Callable[[Registry], Champions] = load_champions
) -> Application:
    """Make the application; its store is opened when it starts.

    Parameters
    ----------
    settings
        Read from the environment when left out.
    load
        Loads the champions to start with.

    Raises
    ------
    BundleError, RegistryError, SigningKeyError
        A champion or the public keys cannot be used; the service does not start with it.
    """
    settings = settings or Settings()
    app = Application(
        title="csf-responder",
        version=version("csf-responder"),
        description=DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        telemetry=_NO_TELEMETRY,  # type: ignore[arg-type]
        lifespan=lifespan,
    )
    app.state.settings = settings
    keys = None if settings.public_key_file is None else read_public_keys(settings.public_key_file)
    app.state.registry = Registry(settings.registry, public_keys=keys)
    app.state.champions = load(app.state.registry)
    app.state.metrics = Metrics()
    app.state.work = Work(settings.max_requests, settings.max_batches)
    app.state.together = Together()
    app.state.reports = Reports()
    app.state.pictures = Pictures()
    for routes in (predictions, health, records, models, plots, monitoring, promotions):
        # Flat, because FastAPI matches the routes of an included router twice.
        app.router.routes.extend(routes.router.routes)
    install_handlers(app)
    app.add_exception_handler(RequestValidationError, _query_refused)
    app.openapi = lambda: openapi_document(app)  # type: ignore[method-assign]
    app.put_in_front(lambda inner: _front(app, settings, inner))
    # After the rest has its guards: pages bring their own.
    app.router.routes.extend(page_routes())
    install_refusals(app)
    return app


def _front(app: Application, settings: Settings, inner: ASGIApp) -> ASGIApp:
    """From the inside out; the last one is the first to see a request."""
    front: ASGIApp = Shortcut(inner, guard_routes(app, predictions.DIRECT | health.DIRECT))
    if settings.cors_origins:
        front = CORSMiddleware(
            front,
            allow_origins=settings.cors_origins,
            allow_methods=("GET", "POST", "PUT", "DELETE"),
            allow_headers=_CORS_HEADERS,
            expose_headers=_CORS_EXPOSED,
        )
    return Observing(KnownHosts(front, settings.hosts), app.state.metrics, log_line)


def _query_refused(request: Request, error: Exception) -> Response:
    """Faults of query parameters, in our words; what was received is not repeated."""
    assert isinstance(error, RequestValidationError)  # noqa: S101 - what it is registered for
    faults = structure_faults(error.errors(), _QUERY_FIELDS)
    return problem(422, "faults", faults_sentence(faults), faults)
