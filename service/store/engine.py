"""One engine for each database, set so that what is committed is on disk.

SQLite: write-ahead log with `synchronous=FULL` (with NORMAL a power cut loses acknowledged
rows), foreign keys, pages zeroed when freed. PostgreSQL: `fsync` and `synchronous_commit` on.
Anything less is refused when the service starts.
"""

import os
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any, Final

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from service.store.errors import StoreDamagedError, StoreSettingsError

WAIT_SECONDS: Final = 2.0
"""Longest wait for another writer."""
WRITING: Final = "csf_writing"
"""Execution option of a connection whose transactions are to write."""
_CONNECTIONS: Final = 10
_MORE_CONNECTIONS: Final = 40
"""As many threads as a worker has for routes that wait for the database."""
_SQLITE: Final = {
    "synchronous": ("FULL", 2),
    "foreign_keys": ("ON", 1),
    "secure_delete": ("ON", 1),
    "busy_timeout": (int(WAIT_SECONDS * 1000), int(WAIT_SECONDS * 1000)),
}
"""What each connection sets, and what it must then read back."""
_POSTGRESQL: Final = {"fsync": ("on",), "synchronous_commit": ("on", "remote_apply")}


def parse_url(url: str) -> URL:
    """A database's address, of a kind that is known here.

    Examples
    --------
    >>> parse_url("sqlite:///store.sqlite3").database
    'store.sqlite3'

    Raises
    ------
    StoreSettingsError
        It is none; the address is not repeated, for it may hold a password.
    """
    try:
        found = make_url(url)
    except (ArgumentError, ValueError):
        raise StoreSettingsError("the database address cannot be read; " + _WANTED) from None
    backend = found.get_backend_name()
    if backend == "sqlite" and found.database not in (None, "", ":memory:") and not found.query:
        return found.set(drivername="sqlite+pysqlite")
    if backend == "postgresql":
        return found.set(drivername="postgresql+psycopg")
    raise StoreSettingsError("the database is of no kind that is known here; " + _WANTED)


_WANTED: Final = "use sqlite:///FILE or postgresql://USER@HOST/NAME"


def make_engine(url: URL) -> Engine:
    """The engine of a database; nothing is connected yet.

    Raises
    ------
    StoreSettingsError
        The driver of PostgreSQL is not installed.
    """
    is_sqlite = url.get_backend_name() == "sqlite"
    try:
        engine = create_engine(
            url,
            hide_parameters=True,
            pool_pre_ping=not is_sqlite,
            pool_size=_CONNECTIONS,
            max_overflow=_MORE_CONNECTIONS,
            pool_timeout=WAIT_SECONDS,
            connect_args=_SQLITE_CONNECT if is_sqlite else _POSTGRESQL_CONNECT,
        )
    except (ModuleNotFoundError, NoSuchModuleError):
        raise StoreSettingsError(
            "PostgreSQL needs more libraries: pip install 'csf-responder[postgresql]'"
        ) from None
    event.listen(engine, "connect", _closed_unless(_set_sqlite if is_sqlite else _check_postgresql))
    if is_sqlite:
        event.listen(engine, "begin", _begin_sqlite)
    return engine


def _closed_unless(fits: Callable[[Any], None]) -> Callable[[Any, object], None]:
    """What is done with a new connection: one that does not fit is closed."""

    def on_connect(connection: Any, record: object) -> None:
        with ExitStack() as undo:
            undo.callback(connection.close)
            fits(connection)
            undo.pop_all()

    return on_connect


_SQLITE_CONNECT: Final = {"isolation_level": None}
"""The driver begins no transactions of its own: it would not know which are to write."""
_POSTGRESQL_CONNECT: Final = {
    "connect_timeout": 5,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
    "options": (
        f"-c lock_timeout={int(WAIT_SECONDS * 1000)} -c timezone=UTC "
        "-c idle_in_transaction_session_timeout=5000"
    ),
}
"""A worker that vanishes in a transaction keeps others from writing for five seconds at most."""


def create_sqlite_file(path: Path) -> None:
    """Make the database's file, empty and readable by its owner alone, unless it is there.

    One that is there is not even opened: closing it again would take away the locks that SQLite
    holds on it for this process, and another process would take the log from under our feet.

    Raises
    ------
    StoreSettingsError
        It cannot be made.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileExistsError):
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    except OSError as error:
        raise StoreSettingsError(f"the database cannot be made: {error.strerror}") from None


def _set_sqlite(connection: Any) -> None:
    for name, (wanted, read_back) in _SQLITE.items():
        connection.execute(f"PRAGMA {name}={wanted}")
        if connection.execute(f"PRAGMA {name}").fetchone() != (read_back,):
            raise StoreSettingsError(f"SQLite does not keep the setting {name}={wanted}")
    if connection.execute("PRAGMA journal_mode").fetchone() != ("wal",):
        _set_write_ahead_log(connection)


def _set_write_ahead_log(connection: Any) -> None:
    """An empty database gets one, for good; one with tables is not ours to change."""
    if connection.execute("SELECT 1 FROM sqlite_schema").fetchone():
        raise StoreDamagedError(
            "the database belongs to another program or lost its write-ahead log: "
            "name one of its own, or restore a backup"
        )
    if connection.execute("PRAGMA journal_mode=WAL").fetchone() != ("wal",):
        raise StoreSettingsError("the disk of the database cannot keep a write-ahead log")


def _begin_sqlite(connection: Connection) -> None:
    """A transaction that is to write says so: one that turns to writing later may not wait."""
    writes = connection.get_execution_options().get(WRITING, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _check_postgresql(connection: Any) -> None:
    with connection.cursor() as cursor:
        for name, wanted in _POSTGRESQL.items():
            cursor.execute(f"SHOW {name}")
            if cursor.fetchone()[0] not in wanted:
                raise StoreSettingsError(f"PostgreSQL must run with {name}=on to lose nothing")
    connection.rollback()
