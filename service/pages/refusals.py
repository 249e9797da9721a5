"""Pages for browsers where there is none, or where making one failed; programs get problems."""

from contextlib import suppress
from typing import Final

from fastapi import FastAPI, Request, Response
from starlette.exceptions import HTTPException

from data.errors import CsfError
from service.errors import FAILED, failed, not_routed
from service.guard import CALLER
from service.pages.guard import COOKIE, HEADERS, NOBODY
from service.pages.visit import Visit
from service.security import OPEN, Caller, Doorkeeper

_API: Final = "/v1"
_SENTENCES: Final = {
    404: "there is no such page",
    405: "this page is there, but not to be asked for like this",
}


def install_refusals(app: FastAPI) -> None:
    """Answer people with pages where programs get problems."""
    app.add_exception_handler(HTTPException, _not_routed)
    app.add_exception_handler(Exception, _failed)


def wants_page(request: Request) -> bool:
    """Whether a browser asks for something to look at, outside the API.

    Examples
    --------
    >>> headers = [(b"accept", b"text/html,*/*;q=0.8")]
    >>> wants_page(Request({"type": "http", "path": "/modles", "headers": headers}))
    True
    """
    path = request.scope["path"]
    if path == _API or path.startswith(f"{_API}/"):
        return False
    return "text/html" in request.headers.get("accept", "")


def _not_routed(request: Request, error: Exception) -> Response:
    response = not_routed(request, error)
    if not wants_page(request) or response.status_code not in _SENTENCES:
        return response
    page = _page(request, response.status_code, _SENTENCES[response.status_code])
    if "allow" in response.headers:
        page.headers["allow"] = response.headers["allow"]
    return page


def _failed(request: Request, error: Exception) -> Response:
    return _page(request, 500, FAILED) if wants_page(request) else failed(request, error)


def _page(request: Request, status: int, sentence: str) -> Response:
    response = Visit(request, _visitor(request)).refusal(status, sentence)
    response.headers.update(HEADERS)
    return response


def _visitor(request: Request) -> Caller:
    """Whoever asks, for the navigation alone."""
    if CALLER in request.scope:
        caller: Caller = request.scope[CALLER]
        return caller
    doorkeeper: Doorkeeper = request.app.state.doorkeeper
    with suppress(CsfError):
        return doorkeeper.admit_visitor(request.scope, request.cookies.get(COOKIE), OPEN)
    return NOBODY
