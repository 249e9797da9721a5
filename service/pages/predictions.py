"""`/predictions`: the tenant's own, newest first, a page at a time, or all as CSV."""

from collections.abc import Iterator
from itertools import islice
from typing import Any, Final

from fastapi import Response
from starlette.responses import StreamingResponse

from data.panel import TASK_NAMES
from service.pages.prediction_filter import read_filter
from service.pages.spreadsheet import Cell, csv_lines
from service.pages.visit import Visit
from service.recorded import listed_prediction, told_outcome
from service.store.outcomes import last_outcomes
from service.store.reading import (
    MOST_ON_PAGE,
    Page,
    PredictionFilter,
    page_predictions,
)
from service.store.store import Store

_ON_PAGE: Final = 50

COLUMNS: Final = (
    "prediction_id", "created_at", "patient_id", "task", "bundle_id", "definition", "lead_months",
    "score", "probability", "lower", "upper", "threshold", "responder", "flags", "simulated",
    "exploratory", "outcome_responder", "outcome_observed_on", "superseded_by", "voided_at",
    "erased_at",
)  # fmt: skip
"""Of the CSV."""


def show(visit: Visit) -> Response:
    """A page of predictions."""
    query = visit.request.query_params
    wanted = read_filter(query)
    found = page_predictions(
        visit.store,
        visit.caller.tenant,
        wanted.predictions(),
        limit=_ON_PAGE,
        cursor=query.get("cursor"),
    )
    listed = _with_outcomes(visit.store, visit.caller.tenant, found)
    return visit.page(
        "predictions.html",
        predictions=listed,
        wanted=wanted,
        tasks=TASK_NAMES,
        next=None if found.next_cursor is None else wanted.query(cursor=found.next_cursor),
        is_first="cursor" not in query,
        simulated=any(one["simulated"] for one in listed),
    )


def export(visit: Visit) -> Response:
    """All predictions of a filter as CSV, read a page at a time while it is sent."""
    wanted = read_filter(visit.request.query_params).predictions()
    every = _every(visit.store, visit.caller.tenant, wanted)
    return StreamingResponse(
        _in_parts(csv_lines(COLUMNS, map(_cells, every))),
        headers={"content-disposition": 'attachment; filename="predictions.csv"'},
        media_type="text/csv; charset=utf-8",
    )


def _in_parts(lines: Iterator[str]) -> Iterator[str]:
    """Many lines at a time: each part is waited for in a thread."""
    while part := "".join(islice(lines, MOST_ON_PAGE)):
        yield part


def _every(store: Store, tenant: str, wanted: PredictionFilter) -> Iterator[dict[str, Any]]:
    cursor = None
    while True:
        found = page_predictions(store, tenant, wanted, limit=MOST_ON_PAGE, cursor=cursor)
        yield from _with_outcomes(store, tenant, found)
        cursor = found.next_cursor
        if cursor is None:
            return


def _with_outcomes(store: Store, tenant: str, page: Page) -> list[dict[str, Any]]:
    ids = [prediction.prediction_id for prediction in page.predictions]
    told = last_outcomes(store, tenant, ids)
    outcomes = {prediction_id: told_outcome(outcome) for prediction_id, outcome in told.items()}
    return [
        {**listed_prediction(one), "outcome": outcomes.get(one.prediction_id)}
        for one in page.predictions
    ]


def _cells(one: dict[str, Any]) -> list[Cell]:
    outcome, interval = one["outcome"] or {}, one["probability_interval"]
    found = one | {
        "definition": one["definition"]["name"],
        "lower": interval["lower"],
        "upper": interval["upper"],
        "threshold": one["operating_point"]["threshold"],
        "flags": ";".join(flag["code"] for flag in one["flags"]),
        "outcome_responder": outcome.get("responder"),
        "outcome_observed_on": outcome.get("observed_on"),
    }
    return [found[column] for column in COLUMNS]
