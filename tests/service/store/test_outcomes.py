from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import event

from service.store.audit import verify_audit
from service.store.erasure import void_prediction
from service.store.errors import UnknownPredictionError
from service.store.monitoring import newest_answers
from service.store.outcomes import Outcome, outcome_history, set_outcome
from service.store.reading import PredictionFilter

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
RESPONDED = Outcome(True, "oh2018", 4.0, date(2026, 5, 1))
DID_NOT = replace(RESPONDED, responder=False)
ALL = PredictionFilter()


@pytest.fixture
def tell(store):
    """`tell(prediction, outcome, tenant="lab", now=NOON)`."""

    def tell(prediction, outcome, tenant="lab", now=NOON):
        return set_outcome(store, tenant, prediction.prediction_id, outcome, actor="a", now=now)

    return tell


def judged(store, tenant=None):
    """What is judged, newest first."""
    return [
        one for one in newest_answers(store, tenant, ALL, limit=99) if one.responder is not None
    ]


def test_the_last_outcome_counts_and_the_ones_before_stay(store, keep, tell):
    kept = keep()
    tell(kept, RESPONDED)
    tell(kept, DID_NOT, now=NOON + timedelta(days=1))
    history = outcome_history(store, "lab", kept.prediction_id)
    assert [told.outcome for told in history] == [RESPONDED, DID_NOT]
    (found,) = judged(store, "lab")
    assert (found.responder, found.answer) == (False, kept.answer)


def test_the_same_outcome_twice_is_told_once(store, keep, tell):
    kept = keep()
    first = tell(kept, RESPONDED)
    assert tell(kept, RESPONDED, now=NOON + timedelta(days=1)) == first
    assert len(outcome_history(store, "lab", kept.prediction_id)) == 1
    assert not verify_audit(store).faults


def test_another_tenant_can_neither_tell_nor_see(store, keep, tell):
    kept = keep()
    with pytest.raises(UnknownPredictionError):
        tell(kept, RESPONDED, tenant="other")
    with pytest.raises(UnknownPredictionError):
        outcome_history(store, "other", kept.prediction_id)


def test_judged_are_those_whose_outcome_is_known_and_that_still_count(store, keep, tell):
    voided, wrong, unknown, counted = keep(), keep(), keep(), keep()
    for one in (voided, wrong, counted):
        tell(one, RESPONDED)
    void_prediction(store, "lab", voided.prediction_id, actor="a", now=NOON)
    correction = keep(supersedes=wrong.prediction_id)
    assert [one.prediction_id for one in judged(store)] == [counted.prediction_id]
    waiting = {one.prediction_id for one in newest_answers(store, None, ALL, limit=99)}
    assert waiting - {counted.prediction_id} == {
        unknown.prediction_id, correction.prediction_id}  # fmt: skip


def test_judged_of_a_tenant_are_its_own(store, keep, tell):
    theirs = keep(tenant="other")
    tell(theirs, RESPONDED, tenant="other")
    assert judged(store, "lab") == []
    assert len(judged(store, "other")) == 1


def test_the_newest_come_first_and_no_more_than_asked_for(store, keep, tell):
    kept = [keep() for _ in range(4)]
    tell(kept[3], RESPONDED)
    found = newest_answers(store, "lab", ALL, limit=3)
    assert [one.prediction_id for one in found] == [one.prediction_id for one in kept[:0:-1]]


def test_no_list_of_outcomes_is_gone_through_for_each_prediction(store, keep):
    if store.turn is None:
        return
    asked = []
    event.listen(store.engine, "before_cursor_execute", lambda *given: asked.append(given[2:4]))
    list(newest_answers(store, "lab", ALL, limit=3))
    with store.reading() as connection:
        plan = connection.exec_driver_sql("EXPLAIN QUERY PLAN " + asked[-1][0], asked[-1][1]).all()
    assert "ix_outcomes_prediction_id" in str(plan)
    assert "LIST SUBQUERY" not in str(plan)
