"""The store that the settings name, opened with its pepper; the first start makes both."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from service.settings import Settings
from service.store.engine import parse_url
from service.store.errors import PepperError, StoreSettingsError
from service.store.open_store import open_store
from service.store.pepper import Pepper, create_pepper, read_pepper
from service.store.store import Store


@contextmanager
def opened_store(settings: Settings) -> Iterator[Store]:
    """The store of a service, for as long as it is needed.

    Raises
    ------
    StoreError
        Its database or pepper cannot be used.
    """
    store = open_store(database_address(settings), _pepper(settings))
    try:
        yield store
    finally:
        store.close()


def database_address(settings: Settings) -> str:
    """Address of the database, with the password of its file where there is one.

    Raises
    ------
    StoreSettingsError
        The file cannot be read or is empty, or the address has a password already.
    """
    path = settings.database_password_file
    if path is None:
        return settings.database
    url = parse_url(settings.database)
    if url.get_backend_name() != "postgresql" or url.password is not None:
        raise StoreSettingsError(
            "a password file goes with an address postgresql://USER@HOST/NAME without a password"
        )
    try:
        password = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeError):
        raise StoreSettingsError("the password file of the database cannot be read") from None
    if not password:
        raise StoreSettingsError("the password file of the database is empty")
    return url.set(password=password).render_as_string(hide_password=False)


def _pepper(settings: Settings) -> Pepper:
    """The pepper; made where nobody named one and nothing was kept with one yet.

    Raises
    ------
    PepperError
        It cannot be used, or the default database has lost its own.
    """
    if settings.pepper_file is not None:
        return read_pepper(settings.pepper_file)
    path = settings.pepper_path
    if not path.exists():
        if settings.database_url is None and settings.default_database.exists():
            raise PepperError(f"the database beside the registry needs its pepper: put {path} back")
        return _make_pepper(path)
    return read_pepper(path)


def _make_pepper(path: Path) -> Pepper:
    """A new pepper, or that of another process that starts at this moment."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return create_pepper(path)
    except OSError as error:
        raise PepperError(f"the pepper file cannot be made: {error.strerror}") from None
    except PepperError:
        if path.exists():
            return read_pepper(path)
        raise
