import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

import service.store.engine
from service.store.errors import (
    PepperError,
    StoreDamagedError,
    StoreSettingsError,
    StoreUnavailableError,
    StoreVersionError,
)
from service.store.open_store import open_store
from service.store.pepper import Pepper
from service.store.reading import read_prediction
from service.store.schema import METADATA
from service.store.upgrade import REVISION

MIGRATIONS = Path(service.store.engine.__file__).parent / "migrations"


def sqlite_file(tmp_path: Path) -> Path:
    return tmp_path / "elsewhere.sqlite3"


def test_migrations_make_the_tables_that_the_code_knows(store):
    with store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, METADATA) == []


def test_the_newest_migration_is_the_one_that_is_wanted():
    assert ScriptDirectory(str(MIGRATIONS)).get_heads() == [REVISION]


def test_what_is_kept_is_there_when_opened_again(store, url, pepper, keep):
    kept = keep()
    again = open_store(url, pepper)
    assert read_prediction(again, "lab", kept.prediction_id).answer == kept.answer
    again.close()


def test_a_store_that_is_up_to_date_opens_without_alembic(store, url, tmp_path):
    program = (
        "import sys; from pathlib import Path\n"
        "from service.store.open_store import open_store\n"
        "from service.store.pepper import read_pepper\n"
        "open_store(sys.argv[1], read_pepper(Path(sys.argv[2]))).close()\n"
        "sys.exit('alembic' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program, url, tmp_path / "pepper"], check=True)


def test_another_pepper_does_not_open_a_store(store, url):
    with pytest.raises(PepperError):
        open_store(url, Pepper(bytes(32)))


def test_a_database_of_a_newer_version_is_refused(store, url, pepper):
    with store.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'csf_9999'"))
    with pytest.raises(StoreVersionError):
        open_store(url, pepper)


def test_a_database_of_another_program_is_refused_and_left_alone(store, url, pepper):
    with store.engine.begin() as connection:
        connection.execute(text("ALTER TABLE alembic_version RENAME TO other"))
    with pytest.raises(StoreDamagedError, match="another program"):
        open_store(url, pepper)


def test_another_programs_file_keeps_its_journal(tmp_path, pepper):
    path = sqlite_file(tmp_path)
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE theirs (id)")
    before = path.read_bytes()
    with pytest.raises(StoreDamagedError):
        open_store(f"sqlite:///{path}", pepper)
    assert path.read_bytes() == before


@pytest.mark.parametrize("content", [b"not a database, " * 100, b"SQLite format 3\0" + b"x" * 4096])
def test_a_file_that_is_no_database_is_refused_in_one_sentence(tmp_path, pepper, content):
    path = sqlite_file(tmp_path)
    path.write_bytes(content)
    with pytest.raises(StoreDamagedError) as refused:
        open_store(f"sqlite:///{path}", pepper)
    assert "\n" not in str(refused.value)


def test_a_database_without_its_audit_head_is_refused(store, url, pepper):
    with store.engine.begin() as connection:
        connection.execute(text("DROP TABLE audit_head"))
    with pytest.raises(StoreDamagedError):
        open_store(url, pepper)


def test_the_files_of_a_store_are_their_owners_alone(tmp_path, pepper):
    open_store(f"sqlite:///{tmp_path}/in/store.sqlite3", pepper).close()
    files = list((tmp_path / "in").iterdir())
    assert files
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}


def test_synchronous_that_does_not_hold_stops_the_start(tmp_path, pepper, monkeypatch):
    settings = {**service.store.engine._SQLITE, "synchronous": ("NORMAL", 2)}
    monkeypatch.setattr(service.store.engine, "_SQLITE", settings)
    with pytest.raises(StoreSettingsError, match="synchronous"):
        open_store(f"sqlite:///{sqlite_file(tmp_path)}", pepper)


@pytest.mark.parametrize(
    "url",
    ["", "sqlite://", "sqlite:///:memory:", "sqlite:///f?mode=ro", "mysql://u:secret@h/d", "x"],
)
def test_an_address_that_keeps_nothing_is_refused_and_not_repeated(pepper, url):
    with pytest.raises(StoreSettingsError) as refused:
        open_store(url, pepper)
    assert "secret" not in str(refused.value)


def test_postgresql_without_its_driver_says_what_to_install(pepper, monkeypatch):
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(StoreSettingsError, match="postgresql"):
        open_store("postgresql://nobody@127.0.0.1/nothing", pepper)


def test_a_server_that_is_not_there_is_said_in_one_sentence(pepper):
    with pytest.raises(StoreUnavailableError, match="did not answer") as refused:
        open_store("postgresql://nobody:secret@127.0.0.1:1/nothing", pepper)
    assert "secret" not in str(refused.value)


def test_a_folder_that_cannot_be_written_is_named_as_such(tmp_path, pepper):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreSettingsError, match="cannot be made"):
        open_store(f"sqlite:///{tmp_path}/file/store.sqlite3", pepper)


ELSEWHERE = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1])
connection.execute("SELECT count(*) FROM predictions").fetchall()
connection.close()
"""


def test_opening_a_store_twice_keeps_its_log_from_being_taken_away(pepper, tmp_path):
    database = tmp_path / "twice.sqlite3"
    first = open_store(f"sqlite:///{database}", pepper)
    with first.engine.connect():
        open_store(f"sqlite:///{database}", pepper).close()
        subprocess.run([sys.executable, "-c", ELSEWHERE, str(database)], check=True)
        assert database.with_name("twice.sqlite3-wal").exists()
    first.close()
