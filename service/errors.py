"""Every refusal as RFC 9457 `application/problem+json`, with all faults and no received value.

The one table from errors of the domain to HTTP is here.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from http import HTTPStatus
from typing import Any, Final

import orjson
from fastapi import FastAPI, Request, Response
from starlette.exceptions import HTTPException
from starlette.routing import Match

from data.errors import CsfError, Fault, FaultsError
from models.errors import BundleError, NoChampionError, RegistryError, UnknownBundleError
from service.security import (
    KeyMissingError,
    RouteClosedError,
    ScopeMissingError,
)
from service.store.errors import (
    AuditBrokenError,
    CommitUnknownError,
    CursorError,
    DuplicatePredictionError,
    IdempotencyConflictError,
    KeyRefusedError,
    StoreBusyError,
    StoreDamagedError,
    StoreError,
    StoreFullError,
    StoreUnavailableError,
    SupersededError,
    UnknownPredictionError,
)

PROBLEM_JSON: Final = "application/problem+json"

PROBLEMS: Final[dict[type[CsfError], tuple[int, str]]] = {
    FaultsError: (422, "faults"),
    UnknownBundleError: (404, "unknown_bundle"),
    NoChampionError: (503, "no_champion"),
    BundleError: (503, "bundle_unusable"),
    RegistryError: (503, "registry_unusable"),
    KeyMissingError: (401, "key_missing"),
    KeyRefusedError: (401, "key_refused"),
    ScopeMissingError: (403, "scope_missing"),
    RouteClosedError: (403, "route_closed"),
    UnknownPredictionError: (404, "prediction_not_found"),
    DuplicatePredictionError: (409, "duplicate_prediction"),
    SupersededError: (409, "superseded"),
    IdempotencyConflictError: (422, "idempotency_conflict"),
    CursorError: (422, "bad_cursor"),
    AuditBrokenError: (503, "audit_broken"),
    CommitUnknownError: (503, "commit_unknown"),
    StoreBusyError: (503, "store_busy"),
    StoreDamagedError: (503, "store_damaged"),
    StoreFullError: (503, "store_full"),
    StoreUnavailableError: (503, "store_unavailable"),
    StoreError: (503, "store_unusable"),
    CsfError: (422, "refused"),
}
"""Status and code of each error; the nearest class up the tree counts."""

FAILED: Final = "the service failed to answer; nothing was decided"
"""What is said of an error of ours."""
RETRY_SECONDS: Final = "1"
"""After how long whoever got a 503 may ask again."""
_CODE_OF_STATUS: Final = {404: "not_found", 405: "method_not_allowed"}


class RequestError(CsfError):
    """A request is refused before its content is looked at."""

    def __init__(self, status: int, code: str, sentence: str) -> None:
        self.status, self.code = status, code
        super().__init__(sentence)


def problem(
    status: int,
    code: str,
    detail: str,
    faults: Iterable[Fault] = (),
    headers: dict[str, str] | None = None,
) -> Response:
    """One problem as a response."""
    body: dict[str, Any] = {
        "type": f"urn:csf-responder:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": detail,
        "faults": [asdict(fault) for fault in faults],
    }
    return Response(orjson.dumps(body), status, headers, media_type=PROBLEM_JSON)


def faults_sentence(faults: Sequence[Fault]) -> str:
    """The `detail` above a list of faults."""
    noun = "fault" if len(faults) == 1 else "faults"
    return f"{len(faults)} {noun}; each is listed with its place"


def problem_of(error: CsfError) -> Response:
    """The response that an error of the domain becomes."""
    if isinstance(error, RequestError):
        return problem(error.status, error.code, str(error), headers=_headers(error, error.status))
    status, code = next(PROBLEMS[kind] for kind in type(error).__mro__ if kind in PROBLEMS)
    if isinstance(error, FaultsError):
        return problem(status, code, faults_sentence(error.faults), error.faults)
    return problem(status, code, str(error), headers=_headers(error, status))


def status_of(error: CsfError) -> int:
    """HTTP's number for an error of the domain."""
    if isinstance(error, RequestError):
        return error.status
    return next(PROBLEMS[kind] for kind in type(error).__mro__ if kind in PROBLEMS)[0]


def _headers(error: CsfError, status: int) -> dict[str, str]:
    """What a client needs to know to do better: which key, or when to ask again."""
    if isinstance(error, KeyMissingError):
        return {"www-authenticate": 'Bearer realm="csf-responder"'}
    if isinstance(error, KeyRefusedError):
        return {"www-authenticate": 'Bearer realm="csf-responder", error="invalid_token"'}
    if isinstance(error, ScopeMissingError):
        needed = f'error="insufficient_scope", scope="{error.scope}"'
        return {"www-authenticate": f'Bearer realm="csf-responder", {needed}'}
    return {"retry-after": RETRY_SECONDS} if status == 503 else {}


def install_handlers(app: FastAPI) -> None:
    """Make every error of an application a problem."""
    app.add_exception_handler(CsfError, _refused)
    app.add_exception_handler(HTTPException, not_routed)
    app.add_exception_handler(Exception, failed)


def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, CsfError)  # noqa: S101 - what the handler is registered for
    return problem_of(error)


def not_routed(request: Request, error: Exception) -> Response:
    """Nothing is there, or not for this method; the problem says which methods there are."""
    assert isinstance(error, HTTPException)  # noqa: S101 - what the handler is registered for
    code = _CODE_OF_STATUS.get(error.status_code, "refused")
    response = problem(error.status_code, code, HTTPStatus(error.status_code).description)
    response.headers.update(error.headers or {})
    if error.status_code == 405:
        # The router names the methods of one route; its path may have several. A path with
        # parameters that fits, too, is another's: the literal one stands before it.
        routes = request.app.routes
        path = next(r.path for r in routes if r.matches(request.scope)[0] is not Match.NONE)
        allowed = sorted(
            {method for route in routes if route.path == path for method in route.methods}
        )
        response.headers["allow"] = ", ".join(allowed)
    return response


def failed(request: Request, error: Exception) -> Response:
    """An error of ours: the text of the exception stays inside."""
    return problem(500, "internal_error", FAILED)
