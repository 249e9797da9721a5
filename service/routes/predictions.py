"""`/v1/predictions`: panels in, responder probabilities out.

Routes are `async` and score in place: scoring takes microseconds and waits for nothing. A batch
is scored in a thread, for it may take a while.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import orjson
from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from data.errors import Fault, PanelError
from service.bodies import parse_json, read_body
from service.champions import Champions
from service.errors import RequestError, problem
from service.predictions import predict_items, predict_one
from service.schemas import BATCH, PREDICTION, BatchBody, PredictionAnswer, ProblemAnswer
from service.settings import Settings
from service.structure import validate
from service.tables import predict_table

router = APIRouter(prefix="/v1/predictions", tags=["predictions"])

PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {"model": ProblemAnswer, "content": {"application/problem+json": {}}}
    for status in (400, 408, 413, 415, 422, 503)
}


@router.post(
    "",
    status_code=201,
    response_model=None,
    responses={201: {"model": PredictionAnswer}, **PROBLEMS},
    openapi_extra={"requestBody": {"required": True, "content": {"application/json": {
        "schema": {"$ref": "#/components/schemas/PredictionBody"}}}}},
)  # fmt: skip
async def create_prediction(request: Request) -> Response:
    """Predict from one panel pair."""
    settings: Settings = request.app.state.settings
    champions: Champions = request.app.state.champions
    received = await read_body(
        request, limit=settings.max_body_bytes, seconds=settings.max_body_seconds
    )
    body = validate(PREDICTION, parse_json(received))
    answer = predict_one(champions, body, now=datetime.now(UTC))
    location = f"/v1/predictions/{answer['prediction_id']}"
    return Response(
        orjson.dumps(answer), 201, {"location": location}, media_type="application/json"
    )


@router.post(
    "/batch",
    response_model=None,
    responses=PROBLEMS,
    openapi_extra={"requestBody": {"required": True, "content": {"application/json": {
        "schema": {"$ref": "#/components/schemas/BatchBody"}}}}},
)  # fmt: skip
async def create_predictions(request: Request) -> Response:
    """Predict from many panel pairs: `items`, one request each, or one `table` of columns."""
    settings: Settings = request.app.state.settings
    received = await read_body(
        request, limit=settings.max_batch_bytes, seconds=settings.max_body_seconds
    )
    answer = await run_in_threadpool(
        _predict_batch, request.app.state.champions, settings, received
    )
    return Response(answer, media_type="application/json")


def _predict_batch(champions: Champions, settings: Settings, received: bytes) -> bytes:
    body: BatchBody = validate(BATCH, parse_json(received))
    now = datetime.now(UTC)
    if (body.items is None) == (body.table is None):
        raise PanelError([Fault("", "items_or_table", "send either items or one table")])
    if body.table is not None:
        _check_rows(body.table.patient_id, settings.max_batch_rows)
        return orjson.dumps(predict_table(champions, body.table, now=now))
    items = body.items or []
    _check_rows(items, settings.max_batch_items)
    return orjson.dumps({"items": predict_items(champions, items, now=now)})


def _check_rows(rows: Sequence[Any], most: int) -> None:
    if len(rows) > most:
        raise RequestError(413, "too_many_rows", f"a batch of this form has at most {most} rows")


@router.get("/{prediction_id}", response_model=None, responses={404: {"model": ProblemAnswer}})
async def read_prediction(prediction_id: str) -> Response:
    """Read a prediction back; this service keeps none, so there is never one to read."""
    return problem(404, "prediction_not_found", "no prediction with this id is kept here")
