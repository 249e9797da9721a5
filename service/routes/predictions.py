"""`POST /v1/predictions`: panels in, responder probabilities out, on disk before they are sent.

Routes are `async` and score in place: scoring takes microseconds and waits for nothing but the
requests of the same moment. A batch is scored in a thread, for it may take a while.
"""

import gc
from collections import Counter
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from datetime import UTC, datetime
from typing import Any, Final

import orjson
from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from data.errors import CsfError, Fault, PanelError
from service.answers import PredictionAnswer
from service.batch_answers import ItemsAnswer, TableOfAnswers
from service.bodies import parse_json, read_body
from service.errors import RequestError
from service.guard import caller_of
from service.metrics import Metrics
from service.openapi import body_of, links_to, problems
from service.panels import task_of
from service.predictions import AskedPair, answerable_pair, predict_items
from service.recording import Asked, idempotency_key
from service.schemas import BATCH, PREDICTION, BatchBody
from service.settings import Settings
from service.store.group_commit import GroupCommit
from service.store.records import Reply, Submission
from service.store.replies import find_reply
from service.structure import validate
from service.tables import predict_table
from service.together import Together
from service.work import Work

router = APIRouter(prefix="/v1/predictions", tags=["predictions"])

PROBLEMS: Final = problems(400, 404, 408, 409, 413, 415, 422, 503)
LINKS: Final = links_to(
    "read_prediction", "tell_outcome", "erase_input", "void_prediction",
    prediction_id="/prediction_id",
)  # fmt: skip


@router.post(
    "",
    status_code=201,
    response_model=None,
    responses={201: {"model": PredictionAnswer, **LINKS}, **PROBLEMS},
    openapi_extra=body_of("PredictionBody"),
)
async def create_prediction(request: Request) -> Response:
    """Predict from one panel pair."""
    settings: Settings = request.app.state.settings
    asked = await _read(request, settings.max_body_bytes)
    try:
        document = parse_json(asked.received)
        body = validate(PREDICTION, document)
        classifier = asked.champions.of(task_of(body))
        pair = AskedPair(body.supersedes, answerable_pair(classifier, body), asked.now)
    except CsfError:
        if (earlier := await _earlier(request, asked)) is not None:
            return _response(earlier)
        raise
    together: Together = request.app.state.together
    answer = await together.answer(classifier, pair)
    _metrics(request).predicted(answer["task"], 1)
    each, corrects = [(document, answer)], "supersedes" in answer
    submission = asked.submission(201, orjson.dumps(answer), each, corrects=corrects)
    return _response(await _kept(request, asked, submission, answer["prediction_id"]))


@router.post(
    "/batch",
    response_model=None,
    responses={200: {"model": ItemsAnswer | TableOfAnswers}, **PROBLEMS},
    openapi_extra=body_of("BatchBody"),
)
async def create_predictions(request: Request) -> Response:
    """Predict from many panel pairs: `items`, one request each, or one `table` of columns."""
    settings: Settings = request.app.state.settings
    asked = await _read(request, settings.max_batch_bytes)
    async with _room(request, asked):
        gc.disable()  # a batch makes many objects and no cycles; looking for some takes a quarter
        try:
            submission = await run_in_threadpool(_predict_batch, asked, settings, _metrics(request))
        except CsfError:
            if (earlier := await _earlier(request, asked)) is not None:
                return _response(earlier)
            raise
        finally:
            gc.enable()
        return _response(await _kept(request, asked, submission, None))


DIRECT: Final = {
    "/v1/predictions": create_prediction,
    "/v1/predictions/batch": create_predictions,
}
"""Routes that need none of FastAPI's work between request and answer."""


async def _read(request: Request, limit: int) -> Asked:
    settings: Settings = request.app.state.settings
    champions, caller = request.app.state.champions, caller_of(request)
    received = await read_body(request, limit=limit, seconds=settings.max_body_seconds)
    key = idempotency_key(request.scope["headers"], caller, received)
    return Asked(caller, champions, received, key, datetime.now(UTC), settings.record)


def _room(request: Request, asked: Asked) -> AbstractAsyncContextManager[None]:
    """What a batch needs before it is worked on; a small one, or one that is not kept, nothing."""
    settings: Settings = request.app.state.settings
    work: Work = request.app.state.work
    is_large = asked.is_recorded and len(asked.received) > settings.max_body_bytes
    return work.one_recorded if is_large else nullcontext()


async def _earlier(request: Request, asked: Asked) -> Reply | None:
    """What was answered before to a body that is refused now: champions change."""
    if asked.key is None:
        return None
    found = await run_in_threadpool(find_reply, request.app.state.store, asked.key)
    if found is not None:
        _metrics(request).replayed()
    return found


async def _kept(
    request: Request, asked: Asked, submission: Submission, prediction_id: str | None
) -> Reply:
    """The reply to a submission, once it is on disk; or the one that was given before."""
    if not submission.predictions and submission.idempotency_key is None:
        return Reply(submission.status, submission.answer, prediction_id, replayed=False)
    commits: GroupCommit = request.app.state.commits
    reply = await commits.append(submission)
    if reply.replayed:
        _metrics(request).replayed()
    else:
        _metrics(request).recorded(len(submission.predictions))
    return reply


def _response(reply: Reply) -> Response:
    headers = {}
    if reply.status == 201:
        headers["location"] = f"/v1/predictions/{reply.prediction_id}"
    if reply.replayed:
        headers["idempotent-replayed"] = "true"
    return Response(reply.answer, reply.status, headers, media_type="application/json")


def _metrics(request: Request) -> Metrics:
    metrics: Metrics = request.app.state.metrics
    return metrics


def _predict_batch(asked: Asked, settings: Settings, metrics: Metrics) -> Submission:
    body: BatchBody = validate(BATCH, parse_json(asked.received))
    if (body.items is None) == (body.table is None):
        raise PanelError([Fault("", "items_or_table", "send either items or one table")])
    if body.table is not None:
        most = settings.max_recorded_rows if settings.record else settings.max_batch_rows
        _check_rows(body.table.patient_id, min(most, settings.max_batch_rows))
        found = predict_table(asked.champions, body.table, now=asked.now)
        metrics.predicted(found.table.classifier.task.name, len(found.prediction_ids))
        metrics.faulty(fault["code"] for fault in found.body["faults"])
        return asked.submission(200, orjson.dumps(found.body), found, corrects=False)
    items = body.items or []
    _check_rows(items, settings.max_batch_items)
    answers = predict_items(asked.champions, items, now=asked.now)
    for answer in answers:
        metrics.faulty(fault["code"] for fault in answer.get("faults", ()))
    each = [
        (item, answer["prediction"])
        for item, answer in zip(items, answers, strict=True)
        if "prediction" in answer
    ]
    for task, n in Counter(answer["task"] for _, answer in each).items():
        metrics.predicted(task, n)
    corrects = any("supersedes" in answer for _, answer in each)
    return asked.submission(200, orjson.dumps({"items": answers}), each, corrects=corrects)


def _check_rows(rows: Sequence[Any], most: int) -> None:
    if len(rows) > most:
        raise RequestError(413, "too_many_rows", f"a batch of this form has at most {most} rows")
