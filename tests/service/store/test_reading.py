from datetime import UTC, datetime, timedelta
from itertools import chain

import pytest
from sqlalchemy import event, text

from service.store.audit import export_audit, verify_audit
from service.store.errors import CursorError, UnknownPredictionError
from service.store.reading import (
    PredictionFilter,
    page_predictions,
    read_prediction,
    recorded_predictions,
)
from service.store.recording import record

ALL = PredictionFilter()
NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)


def pages(store, wanted, limit):
    """Ids on each page, from the first page to the last."""
    found = [page_predictions(store, "lab", wanted, limit=limit)]
    while (cursor := found[-1].next_cursor) is not None:
        found.append(page_predictions(store, "lab", wanted, limit=limit, cursor=cursor))
    return [[one.prediction_id for one in page.predictions] for page in found]


@pytest.fixture
def days(keep):
    """One a day, of two patients in turn; every fifth at the moment of the one before."""
    moments = [NOON + timedelta(days=day - (day % 5 == 4)) for day in range(10)]
    return [
        keep(
            created_at=at, patient_id=f"P-{day % 2}", task=("on_treatment", "pretreatment")[day % 2]
        )
        for day, at in enumerate(moments)
    ]


def test_another_tenants_prediction_does_not_exist(store, keep):
    kept = keep()
    for tenant, asked in (("other", kept.prediction_id), ("lab", "nobody")):
        with pytest.raises(UnknownPredictionError) as refused:
            read_prediction(store, tenant, asked)
        assert str(refused.value) == "no prediction with this id is kept here"


def test_pages_hold_everything_once_newest_first(store, days):
    newest_first = [one.prediction_id for one in reversed(days)]
    assert list(chain(*pages(store, ALL, 3))) == newest_first
    assert [len(page) for page in pages(store, ALL, 5)] == [5, 5]


def test_a_page_does_not_move_when_others_are_kept(store, days, keep):
    first = page_predictions(store, "lab", ALL, limit=4)
    keep(created_at=NOON + timedelta(days=99))
    second = page_predictions(store, "lab", ALL, limit=4, cursor=first.next_cursor)
    assert second.predictions[0].prediction_id == days[5].prediction_id


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (PredictionFilter(patient_id="P-1"), [1, 3, 5, 7, 9]),
        (PredictionFilter(patient_id="P"), []),
        (PredictionFilter(task="pretreatment"), [1, 3, 5, 7, 9]),
        (PredictionFilter(since=NOON + timedelta(days=7)), [7, 8, 9]),
        (PredictionFilter(until=NOON + timedelta(days=1)), [0]),
        (PredictionFilter("P-0", NOON + timedelta(days=1), NOON + timedelta(days=6)), [2, 4]),
    ],
)
def test_filters_are_exact(store, days, wanted, expected):
    (page,) = pages(store, wanted, 100)
    assert sorted(page) == sorted(days[day].prediction_id for day in expected)


def test_pages_are_of_one_tenant(store, days, keep):
    keep(tenant="other")
    assert len(pages(store, ALL, 100)[0]) == len(days)


@pytest.mark.parametrize(
    "cursor", ["", "x", "1", "1-", "-1-1", "1-1-1", "9" * 18 + "-1", "\u0661-1"]
)
def test_a_cursor_of_others_is_refused(store, cursor):
    with pytest.raises(CursorError):
        page_predictions(store, "lab", ALL, limit=1, cursor=cursor)


def test_a_thousand_predictions_are_read_back_in_the_order_they_were_kept(store, submit):
    group = [submit() for _ in range(1000)]
    record(store, group)
    read = recorded_predictions(store, ALL)
    assert [one.answer for one in read] == [one.answer for one in group]
    some = list(recorded_predictions(store, ALL, after=10, limit=5))
    assert [one.number for one in some] == [11, 12, 13, 14, 15]


def test_a_page_of_a_rare_task_does_not_read_the_others(store, submit):
    record(store, [submit(task="pretreatment"), *(submit() for _ in range(2000))])
    if store.turn is None:
        with store.engine.begin() as connection:
            connection.execute(text("ANALYZE predictions"))
    asked = []
    event.listen(store.engine, "before_cursor_execute", lambda *given: asked.append(given[2:4]))
    page = page_predictions(store, "lab", PredictionFilter(task="pretreatment"), limit=5)
    assert len(page.predictions) == 1
    statement, parameters = next(given for given in asked if "FROM predictions" in given[0])
    explain = "EXPLAIN QUERY PLAN " if store.turn else "EXPLAIN "
    with store.reading() as connection:
        plan = connection.exec_driver_sql(explain + statement, parameters).all()
    assert "tenant_task_created_at" in str(plan)
    assert "TEMP B-TREE" not in str(plan)


def test_a_correction_of_another_patient_says_so(store, keep):
    wrong = keep(patient_id="P-1", input=b"{}")
    same = keep(patient_id="P-1", input=b"{}", supersedes=wrong.prediction_id)
    other = keep(patient_id="P-2", input=b"{}", supersedes=same.prediction_id)
    said = [
        read_prediction(store, "lab", one.prediction_id).patient_changed
        for one in (wrong, same, other)
    ]
    assert said == [None, False, True]
    (event_of,) = [line for line in export_audit(store) if b'"patient_changed"' in line]
    assert other.prediction_id.encode() in event_of
    assert b"P-2" not in event_of
    assert not verify_audit(store).faults
