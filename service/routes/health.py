"""`/livez`, `/readyz` and `/metrics`, for whoever watches over the process."""

from typing import Any, Final

import orjson
from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST

from service.champions import Champions
from service.errors import problem
from service.metrics import Metrics
from service.openapi import problems, text_of

router = APIRouter(tags=["health"])


@router.head("/livez", include_in_schema=False)
@router.get("/livez", response_model=None)
async def live(request: Request) -> Response:
    """The process answers."""
    return Response(b'{"status":"alive"}', media_type="application/json")


@router.head("/readyz", include_in_schema=False)
@router.get("/readyz", response_model=None, responses=problems(503))
async def ready(request: Request) -> Response:
    """The process can predict: at least one task has a champion.

    `problems`, where there are any, say why a champion of the registry is not the one that answers.
    """
    champions: Champions = request.app.state.champions
    if not champions.by_task and champions.problems:
        return problem(503, "bundle_unusable", "; ".join(champions.problems))
    if not champions.by_task:
        return problem(503, "no_champion", "no bundle is promoted yet for any task")
    answer: dict[str, Any] = {"status": "ready", "champions": champions.ids}
    if champions.problems:
        answer["problems"] = champions.problems
    return Response(orjson.dumps(answer), media_type="application/json")


@router.get(
    "/metrics", response_model=None, response_class=Response, responses=text_of("text/plain")
)
def read_metrics(request: Request) -> Response:
    """Counts and times of all workers, as Prometheus reads them."""
    metrics: Metrics = request.app.state.metrics
    return Response(
        metrics.text(request.app.state.champions), headers={"content-type": CONTENT_TYPE_LATEST}
    )


DIRECT: Final = {"/livez": live, "/readyz": ready}
"""Routes that need none of FastAPI's work between request and answer."""
