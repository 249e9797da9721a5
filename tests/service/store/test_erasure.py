import time
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from service.store.audit import export_audit, verify_audit
from service.store.erasure import erase_input, erase_older, void_prediction
from service.store.errors import UnknownPredictionError
from service.store.forgetting import forget_log, forgetting
from service.store.open_store import open_store
from service.store.reading import PredictionFilter, page_predictions, read_prediction
from service.store.recording import record

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
LATER = NOON + timedelta(days=1)
CANARY = {"patient_id": "CANARY-1", "input": b'{"patient_id":"CANARY-1"}' * 500}


def test_erasure_takes_the_input_and_the_patient_and_keeps_the_answer(store, keep):
    kept = keep(**CANARY)
    digest = read_prediction(store, "lab", kept.prediction_id).input_sha256
    erased = erase_input(store, "lab", kept.prediction_id, actor="a", now=LATER)
    assert (erased.input, erased.patient_id, erased.erased_at) == (None, None, LATER)
    assert (erased.answer, erased.input_sha256) == (kept.answer, digest)
    of_patient = PredictionFilter(patient_id="CANARY-1")
    assert not page_predictions(store, "lab", of_patient, limit=9).predictions
    assert not verify_audit(store).faults


def test_nothing_of_an_erased_input_is_left_in_the_files_of_sqlite(tmp_path, pepper, submit):
    store = open_store(f"sqlite:///{tmp_path}/own/store.sqlite3", pepper)
    submission = submit(**CANARY)
    record(store, [submission, submit(), submit()])
    found = [b"CANARY" in file.read_bytes() for file in (tmp_path / "own").iterdir()]
    assert any(found)
    prediction_id = submission.predictions[0].prediction_id
    erase_input(store, "lab", prediction_id, actor="a", now=LATER)
    assert not any(b"CANARY" in file.read_bytes() for file in (tmp_path / "own").iterdir())
    store.close()


def test_what_a_reader_holds_in_the_log_goes_when_it_has_finished(tmp_path, pepper, submit):
    store = open_store(f"sqlite:///{tmp_path}/own/store.sqlite3", pepper)
    submission = submit(**CANARY)
    record(store, [submission])
    forget_log(store)
    with store.reading() as reader:
        reader.execute(text("SELECT count(*) FROM predictions")).one()
        begun = time.monotonic()
        erase_input(store, "lab", submission.predictions[0].prediction_id, actor="a", now=LATER)
        record(store, [submit()])
        assert time.monotonic() - begun < 1.5
        assert store.has_old_log.is_set()
    with forgetting(store):
        end = time.monotonic() + 10
        while any(b"CANARY" in file.read_bytes() for file in (tmp_path / "own").iterdir()):
            assert time.monotonic() < end
    store.close()


def test_erasing_twice_is_erasing_once(store, keep):
    kept = keep()
    first = erase_input(store, "lab", kept.prediction_id, actor="a", now=LATER)
    again = erase_input(store, "lab", kept.prediction_id, actor="a", now=LATER + timedelta(days=1))
    assert again == first
    assert sum(b"input_erased" in line for line in export_audit(store)) == 1


def test_old_inputs_go_and_new_ones_stay(store, submit, keep):
    record(store, [submit(key=str(day)) for day in range(450)])
    new = keep(created_at=LATER)
    assert erase_older(store, LATER, actor="retention", now=LATER) == 450
    assert erase_older(store, LATER, actor="retention", now=LATER) == 0
    assert read_prediction(store, "lab", new.prediction_id).input == new.input
    assert not verify_audit(store).faults


def test_replies_kept_for_repeated_requests_go_with_their_time(store, submit):
    record(store, [submit(key="k")])
    erase_older(store, LATER, actor="retention", now=LATER)
    (kept,) = record(store, [submit(key="k", created_at=LATER)])
    assert not kept.replayed


def test_a_void_prediction_says_since_when(store, keep):
    kept = keep()
    assert read_prediction(store, "lab", kept.prediction_id).voided_at is None
    void_prediction(store, "lab", kept.prediction_id, actor="a", now=NOON)
    again = void_prediction(store, "lab", kept.prediction_id, actor="a", now=LATER)
    assert again.voided_at == NOON
    assert not verify_audit(store).faults


@pytest.mark.parametrize("take_back", [erase_input, void_prediction])
def test_nobody_takes_back_for_another_tenant(store, keep, take_back):
    with pytest.raises(UnknownPredictionError):
        take_back(store, "other", keep().prediction_id, actor="a", now=LATER)
