from datetime import UTC, datetime

import pytest

from service.store.audit import verify_audit
from service.store.errors import (
    DuplicatePredictionError,
    IdempotencyConflictError,
    StoreError,
    SupersededError,
    UnknownPredictionError,
)
from service.store.reading import PredictionFilter, read_prediction, recorded_predictions
from service.store.recording import record
from service.store.records import Reply, Submission

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)


def ids(store):
    return [kept.prediction_id for kept in recorded_predictions(store, PredictionFilter())]


def test_what_was_handed_in_is_read_back_byte_for_byte(store, keep):
    kept = keep(input=b'{"a":1}', answer=b'{"b":0.1}\n')
    read = read_prediction(store, "lab", kept.prediction_id)
    assert (read.input, read.answer, read.created_at) == (kept.input, kept.answer, kept.created_at)
    assert read.input_sha256.startswith("015abd7f")


def test_submissions_of_a_group_are_kept_in_their_order(store, submit):
    group = [submit() for _ in range(5)]
    replies = record(store, group)
    assert [reply.answer for reply in replies] == [one.answer for one in group]
    assert ids(store) == [reply.prediction_id for reply in replies]


def test_same_key_and_body_give_the_first_reply_byte_for_byte(store, submit):
    first, again = submit(key="k"), submit(key="k")
    (kept,) = record(store, [first])
    (replayed,) = record(store, [again])
    assert replayed == kept._replace(replayed=True)
    assert ids(store) == [first.predictions[0].prediction_id]


def test_same_key_with_another_body_is_refused(store, submit):
    record(store, [submit(key="k")])
    (refused,) = record(store, [submit(key="k", body="c")])
    assert isinstance(refused, IdempotencyConflictError)
    assert len(ids(store)) == 1


def test_keys_of_two_clients_are_two_keys(store, submit):
    mine = submit(key="k")
    others = submit(key="k")
    others = others._replace(idempotency_key=others.idempotency_key._replace(client="other"))
    assert not any(reply.replayed for reply in record(store, [mine, others]))


def test_one_that_is_refused_does_not_touch_its_neighbours(store, submit, keep):
    taken = keep()
    group = [
        submit(),
        submit(prediction_id=taken.prediction_id),
        submit(supersedes="nobody"),
        submit(key="k"),
    ]
    results = record(store, group)
    assert [type(result) for result in results] == [
        Reply, DuplicatePredictionError, UnknownPredictionError, Reply,
    ]  # fmt: skip
    assert len(ids(store)) == 3
    assert not verify_audit(store).faults


def test_a_refused_key_can_be_used_again(store, submit, keep):
    (refused,) = record(store, [submit(key="k", supersedes="nobody")])
    assert isinstance(refused, StoreError)
    (kept,) = record(store, [submit(key="k", supersedes=keep().prediction_id)])
    assert isinstance(kept, Reply)


def test_a_prediction_is_superseded_once_and_says_by_which(store, submit, keep):
    wrong = keep()
    (right,) = record(store, [submit(supersedes=wrong.prediction_id)])
    assert read_prediction(store, "lab", wrong.prediction_id).superseded_by == right.prediction_id
    (refused,) = record(store, [submit(supersedes=wrong.prediction_id)])
    assert isinstance(refused, SupersededError)


def test_a_repeated_correction_gives_its_reply_again(store, submit, keep):
    wrong = keep()
    correction = submit(key="k", supersedes=wrong.prediction_id)
    record(store, [correction])
    (replayed,) = record(store, [submit(key="k", supersedes=wrong.prediction_id)])
    assert replayed.answer == correction.answer


def test_nobody_corrects_another_tenants_prediction(store, submit, keep):
    (refused,) = record(store, [submit(tenant="other", supersedes=keep().prediction_id)])
    assert isinstance(refused, UnknownPredictionError)


def test_a_batch_is_kept_whole_or_not_at_all(store, prediction, keep):
    taken = keep().prediction_id
    good, bad = prediction(), prediction(prediction_id=taken)
    (refused,) = record(store, [Submission((good, bad), NOON, "actor", 200, b"{}")])
    assert isinstance(refused, DuplicatePredictionError)
    assert ids(store) == [taken]
    (reply,) = record(store, [Submission((good, prediction()), NOON, "actor", 200, b"{}")])
    assert (reply.answer, reply.prediction_id, len(ids(store))) == (b"{}", None, 3)


def test_a_batch_of_nothing_but_faults_is_answered_once_too(store, submit):
    key = submit(key="k").idempotency_key
    (first,) = record(store, [Submission((), NOON, "actor", 200, b"faults", key)])
    (again,) = record(store, [Submission((), NOON, "actor", 200, b"others", key)])
    assert (again.answer, again.replayed, first.replayed) == (b"faults", True, False)
    assert verify_audit(store).n_events == 1


@pytest.mark.parametrize("field", ["patient_id", "input", "answer"])
def test_errors_of_the_database_do_not_repeat_what_was_stored(store, submit, keep, field):
    canary = "canary" if field == "patient_id" else b"canary"
    taken = keep(**{field: canary}).prediction_id
    (refused,) = record(store, [submit(prediction_id=taken, **{field: canary})])
    assert "canary" not in repr(refused)
    assert taken not in repr(refused)
