"""A store made ready: file, tables, pepper."""

import uuid
from contextlib import ExitStack, nullcontext
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, select

from service.store.audit_chain import STORE, begin_chain
from service.store.engine import WRITING, create_sqlite_file, make_engine, parse_url
from service.store.errors import PepperError, StoreDamagedError
from service.store.pepper import Pepper
from service.store.schema import AUDIT_HEAD
from service.store.store import Store
from service.store.translate import our_errors
from service.store.upgrade import upgrade
from service.store.write_turn import WriteTurn


def open_store(url: str, pepper: Pepper) -> Store:
    """Open a database, making or upgrading its tables where needed.

    Parameters
    ----------
    url
        ``sqlite:///FILE`` or ``postgresql://USER@HOST/NAME``.
    pepper
        The one that the database was made with.

    Raises
    ------
    StoreSettingsError
        The database would not keep what it is told.
    StoreDamagedError, StoreVersionError
        It is broken, another program's, or from a newer version.
    PepperError
        It was made with another pepper.
    StoreUnavailableError
        It does not answer.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     store = open_store(f"sqlite:///{folder}/store.sqlite3", Pepper(bytes(32)))
    ...     store.close()
    """
    parsed = parse_url(url)
    with our_errors(), ExitStack() as undo:
        engine = make_engine(parsed)
        undo.callback(engine.dispose)
        turn = _turn_of(parsed)
        if turn is not None:
            undo.callback(turn.close)
        with turn.taken() if turn is not None else nullcontext():
            _make_ready(engine, pepper)
        undo.pop_all()
        return Store(engine, pepper, turn)


def _turn_of(url: URL) -> WriteTurn | None:
    if url.get_backend_name() != "sqlite" or url.database is None:
        return None
    path = Path(url.database)
    create_sqlite_file(path)
    return WriteTurn(path)


def _make_ready(engine: Engine, pepper: Pepper) -> None:
    with engine.connect() as plain:
        connection = plain.execution_options(**{WRITING: True})
        with connection.begin():
            if upgrade(connection):
                begin_chain(connection, pepper, str(uuid.uuid4()))
            _check_pepper(connection, pepper)


def _check_pepper(connection: Connection, pepper: Pepper) -> None:
    statement = select(AUDIT_HEAD.c.store_id, AUDIT_HEAD.c.pepper_check)
    row = connection.execute(statement).one_or_none()
    if row is None:
        raise StoreDamagedError("the audit has no head; restore a backup")
    if pepper.fits(STORE, row.store_id.encode(), row.pepper_check):
        return
    if pepper.fits_any(STORE, row.store_id.encode(), row.pepper_check):
        raise PepperError(
            "the database is still under an earlier pepper of the file: "
            "run csf-responder store rotate-pepper"
        )
    raise PepperError("the pepper is not the one that the database was made with")
