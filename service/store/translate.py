"""Errors of a database's driver as ours: the driver's own text may hold what was stored."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as NoConnectionError

from service.store.errors import (
    StoreBusyError,
    StoreDamagedError,
    StoreError,
    StoreFullError,
    StoreUnavailableError,
)

_SQLITE_KINDS: Final[dict[int, type[StoreError]]] = {
    1: StoreDamagedError,
    5: StoreBusyError,
    6: StoreBusyError,
    11: StoreDamagedError,
    13: StoreFullError,
    26: StoreDamagedError,
}
"""Primary result codes of sqlite.org/rescode.html; 1 is a table or column that is not there."""
_POSTGRESQL_KINDS: Final[dict[str, type[StoreError]]] = {
    "53100": StoreFullError,
    "55P03": StoreBusyError,
    "40P01": StoreBusyError,
    "42703": StoreDamagedError,
    "42P01": StoreDamagedError,
    "XX001": StoreDamagedError,
    "XX002": StoreDamagedError,
}
"""SQLSTATEs of PostgreSQL's appendix A."""


@contextmanager
def our_errors() -> Iterator[None]:
    """Whatever a database refuses within comes out as one of our errors.

    Raises
    ------
    StoreError
        `IntegrityError` alone passes: whoever wrote knows what it means.
    """
    try:
        yield
    except IntegrityError:
        raise
    except NoConnectionError:
        raise StoreBusyError from None
    except DBAPIError as error:
        raise our_error(error) from None


def our_error(error: DBAPIError) -> StoreError:
    """What an error of the driver is, by its code."""
    original = error.orig
    code = getattr(original, "sqlite_errorcode", None)
    kind: type[StoreError] | None
    if code is not None:
        kind = _SQLITE_KINDS.get(code & 0xFF)
    else:
        kind = _POSTGRESQL_KINDS.get(getattr(original, "sqlstate", None) or "")
    if kind in (StoreBusyError, StoreFullError):
        return kind()
    if kind is StoreDamagedError:
        return StoreDamagedError("the database is damaged or not one of ours; restore a backup")
    name = getattr(original, "sqlite_errorname", None) or getattr(original, "sqlstate", None)
    return StoreUnavailableError(f"the database did not answer ({name or 'no connection'})")
