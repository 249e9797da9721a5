"""`POST /v1/models/{bundle_id}/promotions`: another bundle answers from now on."""

from dataclasses import asdict
from datetime import UTC, datetime

import orjson
from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from models.registry import Registry
from service.bodies import parse_json, read_body
from service.guard import caller_of
from service.openapi import body_of, problems
from service.schemas import PROMOTION, PromotionBody
from service.settings import Settings
from service.store.audit import record_event
from service.store.audit_chain import Event
from service.structure import validate

router = APIRouter(
    prefix="/v1/models",
    tags=["models"],
    responses=problems(400, 404, 408, 413, 415, 422, 503),
)


@router.post(
    "/{bundle_id}/promotions",
    status_code=201,
    response_model=None,
    openapi_extra=body_of("PromotionBody"),
)
async def create_promotion(request: Request, bundle_id: str) -> Response:
    """Make a bundle the champion of its task, if it meets the registry's thresholds."""
    settings: Settings = request.app.state.settings
    received = await read_body(
        request, limit=settings.max_body_bytes, seconds=settings.max_body_seconds
    )
    body: PromotionBody = validate(PROMOTION, parse_json(received))
    return await run_in_threadpool(_promote, request, bundle_id, body)


def _promote(request: Request, bundle_id: str, body: PromotionBody) -> Response:
    registry: Registry = request.app.state.registry
    caller, now = caller_of(request), datetime.now(UTC)
    asked_for = registry.read(bundle_id).bundle_id
    event = Event(now, caller.tenant, caller.key_id, "promotion_asked", asked_for)
    # In the audit before it takes effect: a promotion that it does not know cannot be.
    record_event(request.app.state.store, event)
    change = registry.promote(asked_for, by=caller.key_id, reason=body.reason, now=now)
    return Response(orjson.dumps(asdict(change)), 201, media_type="application/json")
