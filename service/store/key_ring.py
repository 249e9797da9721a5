"""The keys as one worker knows them: read anew several times a second, checked in memory.

Checking asks no database, so that a route can do it in place. A worker that cannot read the keys
for a second lets nobody in, for one of them may have been revoked.
"""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, Final

from service.store.errors import KeyRefusedError, StoreError, StoreUnavailableError
from service.store.keys import PREFIX, ApiKey, fits_key, read_keys, signed_facts
from service.store.store import Store

_READ_SECONDS: Final = 0.25
_STALE_SECONDS: Final = 1.0
_LONGEST: Final = 128
_SESSION: Final = "session"
_NEVER: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class _Lock:
    """A key, and what a secret must fit."""

    key: ApiKey
    facts: bytes
    mac: str


_NOBODY: Final = _Lock(ApiKey("", "", frozenset(), _NEVER, _NEVER), b"", "0" * 64)


@dataclass(frozen=True, slots=True)
class _Known:
    locks: Mapping[str, _Lock]
    at: float


class KeyRing:
    """Keys of a store, followed by a thread until closed.

    Parameters
    ----------
    store
        Whose.
    log
        ``log(event, **facts)``, told of what should not happen while they are read.

    Raises
    ------
    StoreError
        They cannot be read the first time.
    """

    def __init__(self, store: Store, log: Callable[..., Any] = lambda event, **facts: None) -> None:
        self._store, self._log = store, log
        self._known = self._read()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._follow, name="key-ring", daemon=True)
        self._thread.start()

    @property
    def is_empty(self) -> bool:
        """Whether there are no keys at all."""
        return not self._known.locks

    def check(self, token: str, now: datetime) -> ApiKey:
        """The key that a client sent.

        Wrong, unknown, expired and revoked keys take the same time and get the same answer.

        Raises
        ------
        KeyRefusedError
            It opens nothing.
        StoreUnavailableError
            Whether it was revoked could not be read for a second.
        """
        known = self._fresh()
        prefix, _, rest = (token[:_LONGEST] if token.isascii() else "").partition("_")
        key_id, _, secret = rest.partition("_")
        lock = known.locks.get(key_id, _NOBODY)
        fits = fits_key(self._store.pepper, lock.facts, secret, lock.mac)
        if not (fits and prefix == PREFIX and lock.key.is_valid(now)):
            raise KeyRefusedError
        return lock.key

    def seal(self, key_id: str, message: bytes, now: datetime) -> tuple[ApiKey, str]:
        """A key that is valid now, and a MAC over a message that fits while the key is as it is.

        Raises
        ------
        KeyRefusedError
            No key with this id opens anything.
        StoreUnavailableError
            As `check`.
        """
        lock = self._fresh().locks.get(key_id, _NOBODY)
        if not lock.key.is_valid(now):
            raise KeyRefusedError
        bound = b"\0".join((lock.facts, lock.mac.encode(), message))
        return lock.key, self._store.pepper.mac(_SESSION, bound)

    def refresh(self) -> None:
        """Read the keys now.

        Raises
        ------
        StoreError
            They cannot be read.
        """
        found = self._read()
        # What began to be read earlier may end later, and know less.
        if found.at >= self._known.at:
            self._known = found

    def close(self) -> None:
        """End the thread."""
        self._closing.set()
        self._thread.join()

    def _fresh(self) -> _Known:
        known = self._known
        if time.monotonic() - known.at > _STALE_SECONDS:
            raise StoreUnavailableError("the API keys cannot be read at the moment")
        return known

    def _follow(self) -> None:
        while not self._closing.wait(_READ_SECONDS):
            # `check` refuses everybody when this lasts.
            try:
                self.refresh()
            except StoreError:
                pass
            except Exception as error:  # a worker that stopped reading would refuse for good
                self._log("keys_not_read", error=type(error).__name__)

    def _read(self) -> _Known:
        at = time.monotonic()
        locks = {
            key.key_id: _Lock(key, signed_facts(key), mac) for key, mac in read_keys(self._store)
        }
        return _Known(MappingProxyType(locks), at)
