"""Sessions of people at the pages: a key opens one, which names that key and never repeats it.

A session is ``<key id>.<end>.<MAC>``, kept by the browser alone. The MAC covers everything that
the key allows, so that a key that was revoked or changed has no session any more; nobody without
the pepper can make one.
"""

import hmac
from datetime import UTC, datetime, timedelta
from typing import Final

from service.store.errors import KeyRefusedError
from service.store.key_ring import KeyRing
from service.store.keys import ApiKey

LONGEST: Final = timedelta(hours=8)
"""A working day; whoever stays longer sends the key again."""


def open_session(ring: KeyRing, token: str, now: datetime) -> tuple[ApiKey, str]:
    """A session of whoever has a key.

    Parameters
    ----------
    ring
        The keys.
    token
        The key as it was shown once.
    now
        From when on.

    Returns
    -------
    ApiKey
        What it allows.
    str
        The session.

    Raises
    ------
    KeyRefusedError, StoreUnavailableError
        As `KeyRing.check`.
    """
    key = ring.check(token, now)
    end = str(int(min(now + LONGEST, key.expires_at).timestamp()))
    return key, f"{key.key_id}.{end}.{ring.seal(key.key_id, end.encode(), now)[1]}"


def read_session(ring: KeyRing, session: str, now: datetime) -> ApiKey:
    """The key of a session.

    Raises
    ------
    KeyRefusedError
        It is none of ours, has ended, or its key was revoked or changed.
    StoreUnavailableError
        Whether the key was revoked could not be read for a second.
    """
    key_id, _, rest = session.partition(".")
    end, _, mac = rest.partition(".")
    key, expected = ring.seal(key_id, end.encode("utf-8", "replace"), now)
    fits = hmac.compare_digest(expected, mac.encode("ascii", "replace").decode())
    if not fits or datetime.fromtimestamp(int(end), UTC) <= now:
        raise KeyRefusedError
    return key
