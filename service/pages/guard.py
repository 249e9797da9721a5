"""What stands before every page: a session, a form that comes from a page of ours, a strict policy.

A cookie opens pages and nothing else: the API never looks at it, so that no page elsewhere can
make a browser ask the API in somebody's name.
"""

from collections.abc import Callable
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from fastapi import Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.types import Receive, Scope, Send

from data.errors import CsfError
from service.bodies import receive_body
from service.errors import RequestError, status_of
from service.guard import CALLER, ROUTE
from service.pages.visit import Visit
from service.security import OPEN, ROUTE_SCOPES, Caller, Doorkeeper, KeyMissingError
from service.settings import Settings
from service.work import Work

COOKIE: Final = "csf_session"
HEADERS: Final = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    # With `no-referrer` a browser would not say, either, from which page a form is.
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
NOBODY: Final = Caller("", "", frozenset())
_FORM: Final = "application/x-www-form-urlencoded"
_MOST_FIELDS: Final = 2000

Show = Callable[[Visit], Response]


class PageGuard:
    """A page that is shown only to those who may see it.

    Parameters
    ----------
    show
        What makes the page; it may wait for the database.
    method, path
        Of its route.
    """

    def __init__(self, show: Show, method: str, path: str) -> None:
        self._show, self._path = show, path
        self._needed = ROUTE_SCOPES.get((method, path))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with the page, or one that says why not."""
        scope[ROUTE], scope[CALLER] = self._path, NOBODY
        request = Request(scope, receive)
        try:
            response = await self._answer(request)
        except KeyMissingError:
            response = _to_login(request)
        except CsfError as error:
            visit = Visit(request, scope[CALLER])
            response = visit.refusal(status_of(error), str(error))
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        doorkeeper: Doorkeeper = request.app.state.doorkeeper
        work: Work = request.app.state.work
        caller = request.scope[CALLER] = self._admit(doorkeeper, request)
        work.begin(is_batch=False)
        try:
            form = await _read_form(request) if request.method == "POST" else {}
            return await run_in_threadpool(self._show, Visit(request, caller, form))
        finally:
            work.end(is_batch=False)

    def _admit(self, doorkeeper: Doorkeeper, request: Request) -> Caller:
        session = request.cookies.get(COOKIE)
        # Known before it is let in, so that a refusal still has their navigation.
        request.scope[CALLER] = doorkeeper.admit_visitor(request.scope, session, OPEN)
        return doorkeeper.admit_visitor(request.scope, session, self._needed)


async def _read_form(request: Request) -> dict[str, str]:
    """The fields of a form, each once.

    Raises
    ------
    RequestError
        It comes from elsewhere, or is no form.
    """
    check_same_origin(request)
    if request.headers.get("content-type", "").partition(";")[0].strip() != _FORM:
        raise RequestError(415, "content_type", "send the form as a browser does")
    settings: Settings = request.app.state.settings
    received = await receive_body(
        request, limit=settings.max_body_bytes, seconds=settings.max_body_seconds
    )
    try:
        pairs = parse_qsl(
            received.decode("ascii"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=_MOST_FIELDS,
        )
    except ValueError:
        raise RequestError(400, "not_a_form", "the form cannot be read") from None
    return dict(pairs)


def check_same_origin(request: Request) -> None:
    """Whether a page of ours sent a form; any other page is refused, whatever cookies came along.

    Raises
    ------
    RequestError
        The browser says that it is from elsewhere, or does not say.
    """
    origin = request.headers.get("origin", "")
    is_ours = request.headers.get("sec-fetch-site") == "same-origin" or (
        "sec-fetch-site" not in request.headers
        and urlsplit(origin).netloc == request.headers.get("host", "")
    )
    if not is_ours:
        sentence = "a form must be sent from the page of this service that shows it"
        raise RequestError(403, "other_origin", sentence)


def _to_login(request: Request) -> Response:
    """The way to the login page, and from there back, unless that would post something again."""
    back = request.url.path if request.method == "GET" else "/"
    address = "/login" if back == "/" else f"/login?next={back}"
    if "hx-request" in request.headers:
        return Response(None, 401, {"hx-redirect": address})
    return Response(None, 303, {"location": address})
