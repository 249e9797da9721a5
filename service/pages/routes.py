"""Every page: its address, and the function that makes it. Who may see it: `service.security`."""

from collections.abc import Iterator
from typing import Final

from starlette.routing import Route

from service.pages import (
    api_docs,
    login,
    model,
    models,
    monitoring,
    overview,
    prediction,
    predictions,
    static_files,
    try_it,
)
from service.pages.guard import PageGuard, Show

PAGES: Final[dict[tuple[str, str], Show]] = {
    ("GET", "/static/{name}"): static_files.show,
    ("GET", "/login"): login.show,
    ("POST", "/login"): login.log_in,
    ("POST", "/logout"): login.log_out,
    ("GET", "/docs"): api_docs.show,
    ("GET", "/"): overview.show,
    ("GET", "/models"): models.show,
    ("GET", "/models/{bundle_id}"): model.show,
    ("GET", "/models/{bundle_id}/comparison"): model.compare,
    ("GET", "/models/{bundle_id}/plots/{plot}"): model.numbers,
    ("GET", "/models/{bundle_id}/report"): model.report,
    ("GET", "/monitoring"): monitoring.show,
    ("GET", "/monitoring/attention"): monitoring.attention,
    ("GET", "/try"): try_it.show,
    ("POST", "/try"): try_it.answer,
    ("GET", "/predictions"): predictions.show,
    ("GET", "/predictions.csv"): predictions.export,
    ("GET", "/predictions/{prediction_id}"): prediction.show,
    ("POST", "/predictions/{prediction_id}/outcome"): prediction.tell_outcome,
}


def page_routes() -> Iterator[Route]:
    """A guarded route for every page."""
    for (method, path), show in PAGES.items():
        route = Route(path, PageGuard(show, method, path), methods=[method])
        route.methods = {method}  # without HEAD, which would be added
        yield route
