import resource
import stat
import threading

import pytest

from service.store.audit import verify_audit
from service.store.backup import backup
from service.store.errors import StoreDamagedError, StoreSettingsError
from service.store.open_store import open_store
from service.store.reading import PredictionFilter, recorded_predictions
from service.store.recording import record

ALL = PredictionFilter()


@pytest.fixture
def store(tmp_path, pepper):
    """SQLite: PostgreSQL has its own backup."""
    store = open_store(f"sqlite:///{tmp_path}/store.sqlite3", pepper)
    yield store
    store.close()


def test_a_backup_made_while_others_write_is_whole(store, submit, pepper, tmp_path):
    record(store, [submit() for _ in range(300)])
    stop = threading.Event()

    def write():
        while not stop.is_set():
            record(store, [submit()])

    writer = threading.Thread(target=write)
    writer.start()
    backup(store, tmp_path / "copy.sqlite3")
    stop.set()
    writer.join()
    restored = open_store(f"sqlite:///{tmp_path}/copy.sqlite3", pepper)
    copied = list(recorded_predictions(restored, ALL))
    assert copied == list(recorded_predictions(store, ALL))[: len(copied)]
    assert len(copied) >= 300
    assert not verify_audit(restored).faults
    restored.close()


def test_a_restored_backup_goes_on(store, submit, pepper, tmp_path):
    record(store, [submit()])
    backup(store, tmp_path / "copy.sqlite3")
    restored = open_store(f"sqlite:///{tmp_path}/copy.sqlite3", pepper)
    record(restored, [submit()])
    assert verify_audit(restored).n_events == 2
    restored.close()


def test_nothing_is_written_once_a_backup_was_put_in_the_place_of_an_open_database(
    store, submit, tmp_path
):
    record(store, [submit()])
    backup(store, tmp_path / "copy.sqlite3")
    (tmp_path / "copy.sqlite3").replace(tmp_path / "store.sqlite3")
    with pytest.raises(StoreDamagedError, match="was replaced"):
        record(store, [submit()])


def test_a_backup_that_finds_no_room_leaves_nothing_and_says_so(store, submit, tmp_path):
    record(store, [submit() for _ in range(300)])
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (32_768, before[1]))
    try:
        with pytest.raises(StoreSettingsError, match="cannot be made"):
            backup(store, tmp_path / "copy.sqlite3")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert not [path.name for path in tmp_path.iterdir() if "copy" in path.name]


def test_a_backup_is_its_owners_alone_and_replaces_nothing(store, tmp_path):
    backup(store, tmp_path / "copy.sqlite3")
    assert stat.S_IMODE((tmp_path / "copy.sqlite3").stat().st_mode) == 0o600
    with pytest.raises(StoreSettingsError, match="replaces none"):
        backup(store, tmp_path / "copy.sqlite3")
    with pytest.raises(StoreSettingsError, match="cannot be written"):
        backup(store, tmp_path / "missing" / "copy.sqlite3")
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]
