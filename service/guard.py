"""What stands before every route: who asks is known and allowed, and there is room to work."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from fastapi import FastAPI, Request, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from data.errors import CsfError
from service.errors import problem_of
from service.security import OPEN, ROUTE_SCOPES, Caller, Doorkeeper
from service.work import Work

CALLER: Final = "csf.caller"
ROUTE: Final = "csf.route"
"""Where a request, as ASGI has it, carries its `Caller` and the path of its route."""
BATCH: Final = "/v1/predictions/batch"

Endpoint = Callable[[Request], Awaitable[Response]]


class Guard:
    """A route that answers only those who may ask it.

    Parameters
    ----------
    app
        What answers them.
    path
        The route's path, with the names of its parameters.
    """

    def __init__(self, app: ASGIApp, path: str) -> None:
        self._app, self._path = app, path
        self._is_batch = path == BATCH
        self._needed = {method: s for (method, of), s in ROUTE_SCOPES.items() if of == path}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or say why not."""
        scope[ROUTE] = self._path
        needed = self._needed.get(scope["method"])
        doorkeeper: Doorkeeper = scope["app"].state.doorkeeper
        work: Work = scope["app"].state.work
        try:
            scope[CALLER] = doorkeeper.admit(scope, needed)
            if needed != OPEN:
                work.begin(is_batch=self._is_batch)
        except CsfError as error:
            await problem_of(error)(scope, receive, send)
            return
        try:
            await self._app(scope, receive, send)
        finally:
            if needed != OPEN:
                work.end(is_batch=self._is_batch)


class Direct:
    """An endpoint that takes the request and gives the response, with nothing in between."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer; errors of the domain become problems as everywhere."""
        try:
            response = await self._endpoint(Request(scope, receive))
        except CsfError as error:
            response = problem_of(error)
        await response(scope, receive, send)


class Shortcut:
    """Finds routes without parameters by their path, before the router looks at every route.

    The router has them, too: this only spares the time.
    """

    def __init__(self, app: ASGIApp, routes: Mapping[tuple[str, str], ASGIApp]) -> None:
        self._app, self._routes = app, routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the route answer, or the router find who does."""
        found = self._routes.get((scope["method"], scope["path"])) if _is_http(scope) else None
        await (found or self._app)(scope, receive, send)


def guard_routes(app: FastAPI, direct: Mapping[str, Endpoint]) -> dict[tuple[str, str], ASGIApp]:
    """Put a guard before every route that an application has.

    Parameters
    ----------
    app
        With all its routes.
    direct
        Endpoints by path that need none of FastAPI's work.

    Returns
    -------
    dict
        By method and path, the guarded routes of `direct`, for a `Shortcut`.
    """
    shortcuts: dict[tuple[str, str], ASGIApp] = {}
    for route in app.router.routes:
        assert isinstance(route, Route)  # noqa: S101 - nothing else can be guarded
        if route.endpoint in direct.values():
            route.app = Guard(Direct(route.endpoint), route.path)
            shortcuts |= {(method, route.path): route.app for method in route.methods or ()}
        else:
            route.app = Guard(route.app, route.path)
    return shortcuts


def caller_of(request: Request) -> Caller:
    """Who sent a request that a guard let in."""
    caller: Caller = request.scope[CALLER]
    return caller


def _is_http(scope: Scope) -> bool:
    return bool(scope["type"] == "http")
