"""Who may do what: every route's scope in one table, and the key that each request brings.

A route that is not in the table refuses everybody. Whoever is let in is known by a `Caller`,
whose tenant is a wall: records of others are not found.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from data.errors import CsfError
from service.settings import is_loopback
from service.store.errors import KeyRefusedError
from service.store.key_ring import KeyRing
from service.store.keys import SCOPES
from service.store.sessions import read_session

OPEN: Final = "open"
"""Anybody may ask."""
LOCAL_OR_READ: Final = "local-or-read"
"""`read`, or nobody in particular on this machine."""

ROUTE_SCOPES: Final[Mapping[tuple[str, str], str]] = {
    ("GET", "/livez"): OPEN,
    ("HEAD", "/livez"): OPEN,
    ("GET", "/readyz"): OPEN,
    ("HEAD", "/readyz"): OPEN,
    ("GET", "/openapi.json"): OPEN,
    ("HEAD", "/openapi.json"): OPEN,
    ("GET", "/metrics"): LOCAL_OR_READ,
    ("POST", "/v1/predictions"): "predict",
    ("POST", "/v1/predictions/batch"): "predict",
    ("GET", "/v1/predictions"): "read-patient",
    ("GET", "/v1/predictions/{prediction_id}"): "read-patient",
    ("PUT", "/v1/predictions/{prediction_id}/outcome"): "read-patient",
    ("DELETE", "/v1/predictions/{prediction_id}/input"): "read-patient",
    ("POST", "/v1/predictions/{prediction_id}/void"): "read-patient",
    ("GET", "/v1/models"): "read",
    ("GET", "/v1/models/{name}"): "read",
    ("GET", "/v1/models/{name}/roc"): "read",
    ("GET", "/v1/models/{name}/calibration"): "read",
    ("GET", "/v1/models/{name}/card"): "read",
    ("GET", "/v1/models/{name}/report"): "read",
    ("GET", "/v1/models/{name}/plots"): "read",
    ("GET", "/v1/models/{name}/plots/{plot}"): "read",
    ("GET", "/v1/monitoring/performance"): "read",
    ("GET", "/v1/monitoring/drift"): "read",
    ("GET", "/v1/monitoring/volume"): "read",
    ("POST", "/v1/models/{bundle_id}/promotions"): "promote",
    # Pages: people with a session, or whoever is on this machine; a key in a header opens none.
    ("GET", "/static/{name}"): OPEN,
    ("GET", "/login"): OPEN,
    ("POST", "/login"): OPEN,
    ("POST", "/logout"): OPEN,
    ("GET", "/docs"): OPEN,
    ("GET", "/"): "read",
    ("GET", "/models"): "read",
    ("GET", "/models/{bundle_id}"): "read",
    ("GET", "/models/{bundle_id}/comparison"): "read",
    ("GET", "/models/{bundle_id}/plots/{plot}"): "read",
    ("GET", "/models/{bundle_id}/report"): "read",
    ("GET", "/monitoring"): "read",
    ("GET", "/monitoring/attention"): "read",
    ("GET", "/try"): "predict",
    ("POST", "/try"): "predict",
    ("GET", "/predictions"): "read-patient",
    ("GET", "/predictions.csv"): "read-patient",
    ("GET", "/predictions/{prediction_id}"): "read-patient",
    ("POST", "/predictions/{prediction_id}/outcome"): "read-patient",
}
"""What each route needs. `read-patient` is for a tenant's own records, changing them included."""

_FORWARDED: Final = (b"forwarded", b"x-forwarded-", b"x-real-ip", b"via")
"""How the headers begin that proxies add."""


class Caller(NamedTuple):
    """Who asks: the id of a key, whose records it sees, and what it may do."""

    key_id: str
    tenant: str
    scopes: frozenset[str]


ANONYMOUS: Final = Caller("(anonymous)", "(anonymous)", frozenset(SCOPES))
"""Whoever is on this machine, where that is allowed; no key can have this tenant."""
_NOBODY: Final = Caller("", "", frozenset())


class KeyMissingError(CsfError):
    """A request needs a key and has none."""

    def __init__(self) -> None:
        super().__init__("send an API key: Authorization: Bearer csf_...")


class ScopeMissingError(CsfError):
    """The key of a request does not allow it."""

    def __init__(self, scope: str) -> None:
        self.scope = scope
        super().__init__(f"this needs an API key with the scope {scope}")


class RouteClosedError(CsfError):
    """Nobody may use a route that has no scope."""

    def __init__(self) -> None:
        super().__init__("nobody may do this")


@dataclass(frozen=True, slots=True)
class Doorkeeper:
    """Decides who is let in.

    Attributes
    ----------
    ring
        The keys.
    allow_anonymous
        Whether whoever is on this machine needs none.
    """

    ring: KeyRing
    allow_anonymous: bool

    def admit(self, scope: Any, needed: str | None) -> Caller:
        """Whoever sent a request, if it may be answered.

        Parameters
        ----------
        scope
            The request as ASGI has it.
        needed
            What the route needs; None where that was never said.

        Raises
        ------
        RouteClosedError, KeyMissingError, ScopeMissingError, KeyRefusedError
            It may not.
        StoreUnavailableError
            The keys cannot be read.
        """
        if needed is None:
            raise RouteClosedError
        if needed == OPEN:
            return _NOBODY
        caller = self._caller(scope, needed)
        _check_scope(caller, "read" if needed == LOCAL_OR_READ else needed)
        return caller

    def admit_visitor(self, scope: Any, session: str | None, needed: str | None) -> Caller:
        """Whoever asks for a page: known by a session, never by a header.

        Parameters
        ----------
        scope
            The request as ASGI has it.
        session
            What the browser keeps, if anything.
        needed
            What the page needs; None where that was never said.

        Raises
        ------
        RouteClosedError, KeyMissingError, ScopeMissingError
            They may not see it; a session that has ended is as good as none.
        StoreUnavailableError
            The keys cannot be read.
        """
        if needed is None:
            raise RouteClosedError
        visitor = self._visitor(scope, session)
        if needed == OPEN:
            return visitor or _NOBODY
        if visitor is None:
            raise KeyMissingError
        _check_scope(visitor, needed)
        return visitor

    def _visitor(self, scope: Any, session: str | None) -> Caller | None:
        if session is not None:
            with suppress(KeyRefusedError):
                key = read_session(self.ring, session, datetime.now(UTC))
                return Caller(key.key_id, key.tenant, key.scopes)
        return ANONYMOUS if self.allow_anonymous and _is_local(scope) else None

    def _caller(self, scope: Any, needed: str) -> Caller:
        stated = [value for name, value in scope["headers"] if name == b"authorization"]
        if stated:
            key = self.ring.check(_token(stated), datetime.now(UTC))
            return Caller(key.key_id, key.tenant, key.scopes)
        if (self.allow_anonymous or needed == LOCAL_OR_READ) and _is_local(scope):
            return ANONYMOUS
        raise KeyMissingError


def _check_scope(caller: Caller, wanted: str) -> None:
    if wanted not in caller.scopes:
        raise ScopeMissingError(wanted)


def _token(stated: list[bytes]) -> str:
    """The key in the one `Authorization` header.

    Raises
    ------
    KeyRefusedError
        There is more than one, or it is of another kind.
    """
    kind, _, token = stated[0].partition(b" ")
    if len(stated) > 1 or kind.lower() != b"bearer":
        raise KeyRefusedError
    return token.strip().decode("latin-1")


def _is_local(scope: Any) -> bool:
    """Whether a request began on this machine; a proxy here may forward one from anywhere."""
    client = scope.get("client")
    if client is None or not is_loopback(client[0]):
        return False
    return not any(name.startswith(_FORWARDED) for name, _ in scope["headers"])
