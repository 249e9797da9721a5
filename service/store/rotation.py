"""Another pepper for a database: its audit is anchored anew, and keys made before still open.

The file is renewed before the database, so that what a crash leaves between the two is finished
by doing it again. Services that run know the old pepper alone: they record nothing more until
they are started again.
"""

from contextlib import closing
from datetime import datetime
from pathlib import Path

from service.store.audit_chain import Event, move_anchor
from service.store.errors import EarlierKeysError, PepperError
from service.store.keys import keys_before_rotation
from service.store.open_store import open_store
from service.store.pepper import Pepper, drop_earlier, read_pepper, renew_pepper
from service.store.store import Store


def rotate_pepper(url: str, path: Path, *, actor: str, now: datetime) -> list[str]:
    """Put a database under a new pepper, which is made unless the file has one already.

    The file has one already where it was renewed by hand or by a rotation that did not end, and
    where the database is a backup from before.

    Returns
    -------
    list of str
        Ids of valid keys that were made with earlier peppers.

    Raises
    ------
    PepperError
        None in the file is the database's, or the file cannot be replaced.
    StoreError
        The database cannot be used, or its audit was changed from outside.
    """
    known = read_pepper(path)
    with closing(_open_with_any(url, known)) as store, store.writing() as work:
        # Nobody else writes now: of two rotations at once, the second is refused.
        is_new = read_pepper(path).secret != store.pepper.secret
        pepper = read_pepper(path) if is_new else renew_pepper(path)
        event = Event(now, "", actor, "pepper_rotated", "")
        move_anchor(work.connection, pepper, work.head, event)
    with closing(open_store(url, pepper)) as store:
        return keys_before_rotation(store, now)


def drop_earlier_peppers(url: str, path: Path, *, actor: str, now: datetime) -> None:
    """Take the earlier peppers out of the file: keys made with them open nothing any more.

    Raises
    ------
    EarlierKeysError
        Such keys are still valid.
    StoreError
        The database or the pepper cannot be used.
    """
    with closing(open_store(url, read_pepper(path))) as store:
        if still_valid := keys_before_rotation(store, now):
            raise EarlierKeysError(len(still_valid))
        with store.writing() as work:
            work.note(Event(now, "", actor, "earlier_peppers_dropped", ""))
        drop_earlier(path)


def _open_with_any(url: str, pepper: Pepper) -> Store:
    """The store, opened with the one secret of several that it is under."""
    *others, last = (Pepper(pepper.secret), *pepper.replaced())
    for one in others:
        try:
            return open_store(url, one)
        except PepperError:
            continue
    return open_store(url, last)
