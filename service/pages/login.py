"""`/login` and `/logout`: a key for a session, which the browser keeps for a working day.

Guessing needs no bound: a key has 256 random bits.
"""

import re
from datetime import UTC, datetime
from typing import Final

from fastapi import Response

from service.pages.guard import COOKIE
from service.pages.visit import Visit
from service.security import Doorkeeper
from service.store.errors import KeyRefusedError
from service.store.sessions import LONGEST, open_session

_OWN_PATH: Final = re.compile(r"/(?:[A-Za-z0-9_-]+(?:/[A-Za-z0-9_-]+)*)?")
_NEEDED: Final = "read"


def show(visit: Visit) -> Response:
    """The form that asks for a key."""
    return visit.page("login.html", next=_next(visit.request.query_params.get("next", "/")))


def log_in(visit: Visit) -> Response:
    """Open a session, and go on to the page that was asked for."""
    back = _next(visit.form.get("next", "/"))
    doorkeeper: Doorkeeper = visit.request.app.state.doorkeeper
    try:
        key, session = open_session(
            doorkeeper.ring, visit.form.get("key", "").strip(), datetime.now(UTC)
        )
    except KeyRefusedError as error:
        return visit.page("login.html", 401, next=back, fault=str(error))
    if _NEEDED not in key.scopes:
        fault = f"these pages need a key with the scope {_NEEDED}"
        return visit.page("login.html", 403, next=back, fault=fault)
    response = Response(None, 303, {"location": back})
    response.set_cookie(
        COOKIE,
        session,
        max_age=int(LONGEST.total_seconds()),
        httponly=True,
        samesite="strict",
        # Behind a proxy only the browser knows which way it came; it says so with every form.
        secure=visit.request.headers.get("origin", "").startswith("https:"),
    )
    return response


def log_out(visit: Visit) -> Response:
    """Let the browser forget its session."""
    response = Response(None, 303, {"location": "/login"})
    response.delete_cookie(COOKIE, httponly=True, samesite="strict")
    return response


def _next(path: str) -> str:
    """A page of ours; anything else could lead elsewhere."""
    return path if _OWN_PATH.fullmatch(path) else "/"
