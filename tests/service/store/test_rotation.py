import threading
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta

import pytest

from service.store.audit import export_audit, record_event, verify_audit
from service.store.audit_chain import Event
from service.store.errors import (
    AuditBrokenError,
    EarlierKeysError,
    KeyRefusedError,
    PepperError,
)
from service.store.key_ring import KeyRing
from service.store.keys import create_key, revoke_key
from service.store.open_store import open_store
from service.store.pepper import Pepper, read_pepper, renew_pepper
from service.store.rotation import drop_earlier_peppers, rotate_pepper

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
BY = {"actor": "uid:0", "now": NOON}


def make_key(store):
    made = {"tenant": "lab", "scopes": frozenset(["read"]), "expires_at": NOON + timedelta(9)}
    return create_key(store, **made, **BY)


def opens(store, token):
    with closing(KeyRing(store)) as ring:
        try:
            return ring.check(token, NOON).key_id
        except KeyRefusedError:
            return None


@pytest.fixture
def path(tmp_path, pepper):
    return tmp_path / "pepper"


def test_keys_of_before_and_after_a_rotation_open_until_the_earlier_pepper_is_dropped(
    store, url, path
):
    old, old_token = make_key(store)
    assert rotate_pepper(url, path, **BY) == [old.key_id]
    with closing(open_store(url, read_pepper(path))) as rotated:
        new, new_token = make_key(rotated)
        assert (opens(rotated, old_token), opens(rotated, new_token)) == (old.key_id, new.key_id)
        with pytest.raises(EarlierKeysError, match=r"\(1\)"):
            drop_earlier_peppers(url, path, **BY)
        revoke_key(rotated, old.key_id, **BY)
    drop_earlier_peppers(url, path, **BY)
    with closing(open_store(url, read_pepper(path))) as rotated:
        assert opens(rotated, new_token) == new.key_id
    assert len(path.read_text().splitlines()) == 1


def test_a_key_of_an_earlier_pepper_opens_nothing_without_it(store, url, path):
    _, token = make_key(store)
    rotate_pepper(url, path, **BY)
    with closing(open_store(url, Pepper(read_pepper(path).secret))) as rotated:
        assert opens(rotated, token) is None


def test_the_audit_tells_of_a_rotation_and_is_anchored_by_the_new_pepper(store, url, path):
    record_event(store, Event(NOON, "lab", "actor", "opened", ""))
    kept = verify_audit(store).last
    rotate_pepper(url, path, **BY)
    with closing(open_store(url, read_pepper(path))) as rotated:
        report = verify_audit(rotated, kept=kept)
        assert (report.n_events, report.faults) == (2, ())
        assert b'"action":"pepper_rotated"' in list(export_audit(rotated))[-1]
        assert verify_audit(store).faults[0].kind == "head_changed"


def test_who_has_the_old_pepper_alone_writes_nothing_more(store, url, path, pepper):
    rotate_pepper(url, path, **BY)
    with pytest.raises(AuditBrokenError):
        record_event(store, Event(NOON, "lab", "actor", "opened", ""))
    with pytest.raises(PepperError, match="not the one"):
        open_store(url, pepper)


def test_a_rotation_that_broke_off_after_the_file_is_finished_by_another(store, url, path):
    ahead = renew_pepper(path)
    with pytest.raises(PepperError, match="rotate-pepper"):
        open_store(url, ahead)
    record_event(store, Event(NOON, "lab", "actor", "opened", ""))
    rotate_pepper(url, path, **BY)
    assert read_pepper(path) == ahead
    open_store(url, ahead).close()


def test_rotations_at_once_leave_a_database_that_fits_its_file(store, url, path):
    def rotate():
        with suppress(AuditBrokenError, PepperError):
            rotate_pepper(url, path, **BY)

    threads = [threading.Thread(target=rotate) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    pepper = read_pepper(path)
    with closing(open_store(url, pepper)) as rotated:
        assert verify_audit(rotated).n_events == len(pepper.earlier) > 0


def test_a_pepper_that_was_never_the_databases_rotates_nothing(store, url, path):
    stranger = path.with_name("stranger")
    stranger.write_text("1" * 64)
    stranger.chmod(0o600)
    with pytest.raises(PepperError, match="not the one"):
        rotate_pepper(url, stranger, **BY)
    assert stranger.read_text() == "1" * 64
    open_store(url, read_pepper(path)).close()


def test_a_renewed_pepper_keeps_mode_and_earlier_secrets_whatever_their_bytes(tmp_path):
    path = tmp_path / "pepper"
    path.write_bytes(bytes(range(1, 65)))
    path.chmod(0o600)
    first, second, third = read_pepper(path), renew_pepper(path), renew_pepper(path)
    assert third.earlier == (second.secret, first.secret)
    assert read_pepper(path) == third
    assert path.stat().st_mode & 0o777 == 0o600
    assert [entry.name for entry in tmp_path.iterdir()] == ["pepper"]


def test_an_earlier_pepper_that_is_none_is_refused(tmp_path):
    path = tmp_path / "pepper"
    path.write_text("0" * 64 + "\nearlier secret")
    path.chmod(0o600)
    with pytest.raises(PepperError, match="hexadecimal") as refused:
        read_pepper(path)
    assert "secret" not in str(refused.value)
