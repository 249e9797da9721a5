"""`/v1/predictions`: what was predicted, read back by whom it belongs to; outcomes, corrections.

Another tenant's records are not found. Routes wait for the database and are `def`, or hand over
to a thread once the body is read.
"""

import re
from datetime import UTC, datetime
from typing import Annotated, Any, Final

import orjson
from fastapi import APIRouter, Query, Request, Response
from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError
from starlette.concurrency import run_in_threadpool

from data.panel import TaskName
from service.answers import OutcomeAnswer, PageAnswer, RecordedPrediction
from service.bodies import parse_json, read_body
from service.guard import caller_of
from service.openapi import body_of, problems
from service.outcomes import read_outcome
from service.recorded import listed_prediction, recorded_prediction, told_outcome
from service.schemas import OUTCOME, UUID_PATTERN, OutcomeBody
from service.settings import Settings
from service.store.erasure import erase_input, void_prediction
from service.store.errors import UnknownPredictionError
from service.store.outcomes import set_outcome
from service.store.reading import (
    MOST_ON_PAGE,
    PredictionFilter,
    StoredPrediction,
    page_predictions,
    read_prediction,
)
from service.store.store import Store
from service.structure import validate

router = APIRouter(
    prefix="/v1/predictions", tags=["predictions"], responses=problems(404, 422, 503)
)
_CURSOR: Final = r"^[0-9]{1,17}-[0-9]{1,18}$"
_UUID: Final = re.compile(UUID_PATTERN[1:-1])


def _written_out(moment: Any) -> Any:
    """A moment with its date and time of day; a bare number may be seconds or milliseconds."""
    if isinstance(moment, str) and "T" not in moment:
        raise PydanticCustomError("datetime_parsing", "no date and time of day")
    return moment


def _in_utc(moment: datetime) -> datetime:
    """The moment in UTC, where the first and the last year may end too early for it."""
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise PydanticCustomError("datetime_parsing", "beyond the calendar") from None


Moment = Annotated[AwareDatetime, BeforeValidator(_written_out), AfterValidator(_in_utc)]


class PageQuery(BaseModel):
    """Which predictions; patients are not asked for in addresses, which others log."""

    model_config = ConfigDict(extra="forbid")

    task: TaskName | None = None
    since: Moment | None = Field(None, description="Made at or after this moment.")
    until: Moment | None = Field(None, description="Made before this moment.")
    limit: int = Field(100, ge=1, le=MOST_ON_PAGE)
    cursor: Annotated[str, Field(pattern=_CURSOR)] | None = Field(
        None, description="`next` of the page before."
    )


@router.get("", response_model=None, responses={200: {"model": PageAnswer}})
def list_predictions(request: Request, wanted: Annotated[PageQuery, Query()]) -> Response:
    """A page of the tenant's predictions, newest first."""
    page = page_predictions(
        _store(request),
        caller_of(request).tenant,
        PredictionFilter(None, wanted.since, wanted.until, wanted.task),
        limit=wanted.limit,
        cursor=wanted.cursor,
    )
    listed = [listed_prediction(prediction) for prediction in page.predictions]
    return _json({"predictions": listed, "next": page.next_cursor})


@router.get(
    "/{prediction_id}",
    name="read_prediction",
    response_model=None,
    responses={200: {"model": RecordedPrediction}},
)
def read_one(request: Request, prediction_id: str) -> Response:
    """A prediction as it was answered, with what was sent and what became of it."""
    store, tenant = _store(request), caller_of(request).tenant
    return _record(store, tenant, read_prediction(store, tenant, known_id(prediction_id)))


@router.put(
    "/{prediction_id}/outcome",
    response_model=None,
    responses={200: {"model": OutcomeAnswer}, **problems(400, 408, 413, 415)},
    openapi_extra=body_of("OutcomeBody"),
)
async def tell_outcome(request: Request, prediction_id: str) -> Response:
    """Tell whether the patient responded, or correct it; the last word counts."""
    settings: Settings = request.app.state.settings
    received = await read_body(
        request, limit=settings.max_body_bytes, seconds=settings.max_body_seconds
    )
    body: OutcomeBody = validate(OUTCOME, parse_json(received))
    return await run_in_threadpool(_tell, request, known_id(prediction_id), body)


def _tell(request: Request, prediction_id: str, body: OutcomeBody) -> Response:
    store, caller, now = _store(request), caller_of(request), datetime.now(UTC)
    prediction = read_prediction(store, caller.tenant, prediction_id)
    outcome = read_outcome(body, orjson.loads(prediction.answer)["definition"], now=now)
    told = set_outcome(store, caller.tenant, prediction_id, outcome, actor=caller.key_id, now=now)
    return _json(told_outcome(told))


@router.delete(
    "/{prediction_id}/input",
    name="erase_input",
    response_model=None,
    responses={200: {"model": RecordedPrediction}},
)
def erase(request: Request, prediction_id: str) -> Response:
    """Erase what was sent and whose it was; the answer stays, the audit keeps hashes only."""
    store, caller = _store(request), caller_of(request)
    erased = erase_input(
        store, caller.tenant, known_id(prediction_id), actor=caller.key_id, now=datetime.now(UTC)
    )
    return _record(store, caller.tenant, erased)


@router.post(
    "/{prediction_id}/void",
    name="void_prediction",
    response_model=None,
    responses={200: {"model": RecordedPrediction}},
)
def void(request: Request, prediction_id: str) -> Response:
    """Declare a prediction void: it is kept, and counts no more."""
    store, caller = _store(request), caller_of(request)
    voided = void_prediction(
        store, caller.tenant, known_id(prediction_id), actor=caller.key_id, now=datetime.now(UTC)
    )
    return _record(store, caller.tenant, voided)


def _store(request: Request) -> Store:
    store: Store = request.app.state.store
    return store


def known_id(prediction_id: str) -> str:
    """An id that a prediction may have; not every database takes any text."""
    if not _UUID.fullmatch(prediction_id):
        raise UnknownPredictionError
    return prediction_id


def _record(store: Store, tenant: str, prediction: StoredPrediction) -> Response:
    return _json(recorded_prediction(store, tenant, prediction))


def _json(body: dict[str, Any]) -> Response:
    return Response(orjson.dumps(body), media_type="application/json")
