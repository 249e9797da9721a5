"""`/livez` and `/readyz`, for whoever watches over the process."""

import orjson
from fastapi import APIRouter, Request, Response

from service.champions import Champions
from service.errors import problem

router = APIRouter(tags=["health"])


@router.head("/livez", include_in_schema=False)
@router.get("/livez", response_model=None)
async def live() -> Response:
    """The process answers."""
    return Response(b'{"status":"alive"}', media_type="application/json")


@router.head("/readyz", include_in_schema=False)
@router.get("/readyz", response_model=None)
async def ready(request: Request) -> Response:
    """The process can predict: at least one task has a champion."""
    champions: Champions = request.app.state.champions
    if not champions.by_task:
        return problem(503, "no_champion", "no bundle is promoted yet for any task")
    ids = {task: classifier.bundle_id for task, classifier in champions.by_task.items()}
    return Response(
        orjson.dumps({"status": "ready", "champions": ids}), media_type="application/json"
    )
