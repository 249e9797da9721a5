"""A copy of a running SQLite database, whole and at one moment; copying its file is neither."""

import os
import secrets
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final

from models.durable import sync_folder
from service.store.errors import StoreDamagedError, StoreSettingsError
from service.store.store import Store

_LEFT_BEHIND: Final = ("", "-journal", "-wal", "-shm")
"""What SQLite may leave of a copy that was not finished."""


def backup(store: Store, path: Path) -> None:
    """Copy a store to a file that is not there yet, while others read and write.

    The pepper is not in it: keep that elsewhere, for without it the copy cannot be opened.

    Raises
    ------
    StoreSettingsError
        There is a file already, none can be made, or the database is PostgreSQL.
    StoreDamagedError
        What was copied is not whole.
    """
    if store.turn is None:
        raise StoreSettingsError("PostgreSQL has its own backup: use pg_dump")
    if path.exists():
        raise StoreSettingsError("there is a file with this name; a backup replaces none")
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        os.close(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        _copy(store, temporary)
        _sync(temporary)
        os.link(temporary, path)
    except FileExistsError:
        raise StoreSettingsError("there is a file with this name; a backup replaces none") from None
    except OSError as error:
        raise StoreSettingsError(f"the backup cannot be written: {error.strerror}") from None
    except sqlite3.Error as error:
        raise StoreSettingsError(f"the backup cannot be made: {error.sqlite_errorname}") from None
    finally:
        for suffix in _LEFT_BEHIND:
            temporary.with_name(temporary.name + suffix).unlink(missing_ok=True)
    sync_folder(path.parent)


def _copy(store: Store, path: Path) -> None:
    """One step: the copy is of the moment when it begins, and nobody waits for it."""
    with closing(sqlite3.connect(path)) as copy:
        with store.reading() as connection:
            source = connection.connection.driver_connection
            assert isinstance(source, sqlite3.Connection)  # noqa: S101 - it has a write turn
            source.backup(copy)
        copy.execute("PRAGMA journal_mode=WAL")
        found = copy.execute("PRAGMA integrity_check").fetchone()
        if found != ("ok",):
            raise StoreDamagedError("the database is damaged: its copy is not whole")


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
