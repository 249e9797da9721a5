from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import event

from service.store.audit import verify_audit
from service.store.erasure import void_prediction
from service.store.errors import UnknownPredictionError
from service.store.outcomes import Outcome, judged_predictions, outcome_history, set_outcome
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


def test_the_last_outcome_counts_and_the_ones_before_stay(store, keep, tell):
    kept = keep()
    tell(kept, RESPONDED)
    tell(kept, DID_NOT, now=NOON + timedelta(days=1))
    history = outcome_history(store, "lab", kept.prediction_id)
    assert [told.outcome for told in history] == [RESPONDED, DID_NOT]
    (judged,) = judged_predictions(store, "lab", ALL)
    assert (judged.outcome, judged.answer) == (DID_NOT, kept.answer)


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
    keep(supersedes=wrong.prediction_id)
    judged = [one.prediction_id for one in judged_predictions(store, None, ALL)]
    assert judged == [counted.prediction_id]
    assert unknown.prediction_id not in judged


def test_judged_of_a_tenant_are_its_own(store, keep, tell):
    theirs = keep(tenant="other")
    tell(theirs, RESPONDED, tenant="other")
    assert not list(judged_predictions(store, "lab", ALL))
    assert len(list(judged_predictions(store, "other", ALL))) == 1


def test_no_list_of_outcomes_is_gone_through_for_each_prediction(store, keep):
    if store.turn is None:
        return
    asked = []
    event.listen(store.engine, "before_cursor_execute", lambda *given: asked.append(given[2:4]))
    list(judged_predictions(store, "lab", PredictionFilter()))
    with store.reading() as connection:
        plan = connection.exec_driver_sql("EXPLAIN QUERY PLAN " + asked[-1][0], asked[-1][1]).all()
    assert "ix_outcomes_prediction_id" in str(plan)
    assert "LIST SUBQUERY" not in str(plan)
