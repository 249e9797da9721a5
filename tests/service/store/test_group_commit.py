import asyncio
import threading
import time
from contextlib import contextmanager
from datetime import datetime

import pytest
from sqlalchemy import event

from service.store.audit import verify_audit
from service.store.errors import (
    DuplicatePredictionError,
    IdempotencyConflictError,
    StoreBusyError,
    StoreUnavailableError,
)
from service.store.group_commit import GroupCommit
from service.store.reading import PredictionFilter, recorded_predictions
from service.store.records import Reply

ALL = PredictionFilter()


@contextmanager
def somebody_writing(store):
    """Another transaction that holds the turn until the end of the block."""
    begun, end = threading.Event(), threading.Event()

    def write():
        with store.writing():
            begun.set()
            end.wait()

    thread = threading.Thread(target=write)
    thread.start()
    try:
        assert begun.wait(5)
        yield
    finally:
        end.set()
        thread.join()


def test_everybody_gets_their_own_reply(together, submit):
    group = [submit() for _ in range(200)]
    replies = together(group)
    assert [reply.answer for reply in replies] == [one.answer for one in group]


def test_those_who_wait_together_share_commits(store, together, submit):
    commits = []
    event.listen(store.engine, "commit", lambda connection: commits.append(1))
    together([submit() for _ in range(200)])
    assert 1 <= len(commits) <= 50


def test_whoever_is_answered_is_on_disk_already(store, commits, submit):
    async def send():
        reply = await commits.append(submit())
        return [one.prediction_id for one in recorded_predictions(store, ALL)], reply

    there, reply = asyncio.run(send())
    assert there == [reply.prediction_id]


def test_a_conflict_is_its_own_alone(store, together, submit, keep):
    taken = keep().prediction_id
    results = together([submit(), submit(prediction_id=taken), submit()])
    assert [type(one) for one in results] == [Reply, DuplicatePredictionError, Reply]


def test_one_key_posted_thirty_two_times_is_one_record(store, together, submit):
    results = together([submit(key="k") for _ in range(32)])
    assert len({reply.answer for reply in results}) == 1
    assert sum(not reply.replayed for reply in results) == 1
    assert len(list(recorded_predictions(store, ALL))) == 1


def test_one_key_with_two_bodies_keeps_one_of_them(together, submit):
    results = together([submit(key="k", body=body) for body in "bcbcbc"])
    kinds = [type(one) for one in results]
    assert kinds == [Reply, IdempotencyConflictError] * 3


def test_two_corrections_of_one_prediction_keep_the_first(store, together, submit, keep):
    wrong = keep().prediction_id
    first, second = together([submit(supersedes=wrong), submit(supersedes=wrong)])
    assert isinstance(first, Reply)
    assert "superseded already" in str(second)
    assert not verify_audit(store).faults


def test_a_full_queue_refuses_at_once(store, submit):
    commits = GroupCommit(store, most_waiting=3)

    async def send():
        waiting = [asyncio.ensure_future(commits.append(submit())) for _ in range(9)]
        done, _ = await asyncio.wait(waiting, timeout=0.5)
        kinds = {type(one.exception()) for one in done}
        await asyncio.gather(*waiting, return_exceptions=True)
        return kinds, len(done)

    with somebody_writing(store):
        kinds, n_refused = asyncio.run(send())
    commits.close()
    assert kinds == {StoreBusyError}
    assert n_refused in (5, 6)


def test_nobody_waits_longer_than_two_seconds_for_a_turn(store, together, submit):
    with somebody_writing(store):
        begun = time.monotonic()
        results = together([submit() for _ in range(5)])
        waited = time.monotonic() - begun
    assert {type(one) for one in results} == {StoreBusyError}
    assert 1.5 < waited < 3.5
    assert isinstance(together([submit()])[0], Reply)


def test_closing_records_those_who_wait_and_refuses_the_rest(store, submit):
    commits = GroupCommit(store)
    group = [submit() for _ in range(100)]

    async def send():
        waiting = [asyncio.ensure_future(commits.append(one)) for one in group]
        await asyncio.sleep(0)
        await asyncio.to_thread(commits.close)
        with pytest.raises(StoreUnavailableError, match="stopping"):
            await commits.append(submit())
        return await asyncio.gather(*waiting)

    assert len(asyncio.run(send())) == len(list(recorded_predictions(store, ALL))) == 100


def test_a_caller_who_goes_away_disturbs_nobody(commits, submit):
    async def send():
        leaving = asyncio.ensure_future(commits.append(submit()))
        await asyncio.sleep(0)
        leaving.cancel()
        return await asyncio.gather(*(commits.append(submit()) for _ in range(10)))

    assert len(asyncio.run(send())) == 10


def test_a_loop_that_is_gone_disturbs_nobody(store, commits, together, submit):
    async def leave():
        asyncio.ensure_future(commits.append(submit()))  # noqa: RUF006 - it is not waited for
        await asyncio.sleep(0)

    asyncio.run(leave())
    assert isinstance(together([submit()])[0], Reply)


def test_a_mistake_of_ours_reaches_whoever_asked(together, submit):
    without_zone = datetime(2026, 1, 2)  # noqa: DTZ001 - the mistake
    (result,) = together([submit(created_at=without_zone)])
    assert isinstance(result, ValueError)
    assert "P-017" not in str(result)
    assert isinstance(together([submit()])[0], Reply)


def test_whoever_has_a_table_before_them_is_refused_nothing(store, commits, submit, wide):
    async def send():
        large = [asyncio.ensure_future(commits.append(wide(5000))) for _ in range(2)]
        while not commits._waiting:
            await asyncio.sleep(0)
        return await asyncio.gather(*large, *(commits.append(submit()) for _ in range(20)))

    assert all(isinstance(reply, Reply) for reply in asyncio.run(send()))
    assert not verify_audit(store).faults
