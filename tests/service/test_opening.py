"""Where the database is, and the password that its address does not show."""

from pathlib import Path

import pytest

from service.opening import database_address
from service.settings import Settings
from service.store.errors import StoreSettingsError

ADDRESS = "postgresql://csf@database/csf"


@pytest.fixture
def password_file(tmp_path: Path) -> Path:
    path = tmp_path / "password"
    path.write_text("p@ss:word/1\n")
    return path


def test_password_of_a_file_goes_into_the_address(password_file: Path) -> None:
    settings = Settings(database_url=ADDRESS, database_password_file=password_file)
    assert database_address(settings) == "postgresql+psycopg://csf:p%40ss%3Aword%2F1@database/csf"
    assert "p@ss" not in repr(settings)


@pytest.mark.parametrize("url", [None, "sqlite:///store.sqlite3", "postgresql://csf:x@host/csf"])
def test_password_file_without_an_address_that_needs_it_is_refused(
    password_file: Path, url: str | None
) -> None:
    with pytest.raises(StoreSettingsError, match="password file"):
        database_address(Settings(database_url=url, database_password_file=password_file))


@pytest.mark.parametrize("content", [None, b"", b"\xff\xfe"])
def test_password_file_that_is_none_is_refused(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "password"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(StoreSettingsError, match="password file"):
        database_address(Settings(database_url=ADDRESS, database_password_file=path))
