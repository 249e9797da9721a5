"""`/v1/monitoring`: how predictions fared, whether patients changed, how much is asked.

Aggregates of the caller's tenant, or of everybody's for the scope `admin`. Routes are `def`: they
wait for the database, and reports are made in threads, one at a time.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from importlib import import_module
from typing import Annotated, Any, Final, Literal

import orjson
from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from data.panel import TaskName
from service.champions import Champions
from service.guard import caller_of
from service.metrics import Metrics
from service.monitoring.looking import USUAL_DAYS, Looking, whole_days, whose
from service.monitoring.reports import Report, Reports
from service.monitoring.shapes import PerformanceAnswer
from service.monitoring.shapes_of_drift import DriftAnswer, VolumeAnswer
from service.monitoring.traffic import traffic
from service.openapi import problems
from service.routes.records import Moment
from service.store.monitoring import n_events
from service.store.reading import PredictionFilter
from service.store.store import Store

router = APIRouter(prefix="/v1/monitoring", tags=["monitoring"], responses=problems(422, 503))


class MonitoringQuery(BaseModel):
    """Which predictions a report looks at."""

    model_config = ConfigDict(extra="forbid")

    since: Moment | None = Field(None, description="Made on this day in UTC, or later.")
    until: Moment | None = Field(None, description="Made before this moment, its day included.")
    task: TaskName | None = None
    bundle_id: Annotated[str, Field(pattern=r"^[0-9]{8}T[0-9]{6}Z-[0-9a-f]{12}$")] | None = None


Asked = Annotated[MonitoringQuery, Query()]
ReportName = Literal["performance", "drift", "volume"]
_USUAL_DAYS: Final[dict[ReportName, int | None]] = {
    "performance": None,
    "drift": USUAL_DAYS,
    "volume": USUAL_DAYS,
}


@router.get("/performance", response_model=None, responses={200: {"model": PerformanceAnswer}})
def read_performance(request: Request, asked: Asked) -> Response:
    """Predictions against the outcomes told later, beside what training claimed."""
    return _json(find_report(request, "performance", _wanted(asked)))


@router.get("/drift", response_model=None, responses={200: {"model": DriftAnswer}})
def read_drift(request: Request, asked: Asked) -> Response:
    """Patients who are sent beside those who trained; of the last 90 days if nothing is said."""
    return _json(find_report(request, "drift", _wanted(asked)))


@router.get("/volume", response_model=None, responses={200: {"model": VolumeAnswer}})
def read_volume(request: Request, asked: Asked) -> Response:
    """Predictions by day, what became of them, and the traffic since the service started."""
    report = find_report(request, "volume", _wanted(asked))
    metrics: Metrics = request.app.state.metrics
    return _json({**report, "service": traffic(metrics.samples())})


def _wanted(asked: MonitoringQuery) -> PredictionFilter:
    return PredictionFilter(None, asked.since, asked.until, asked.task, asked.bundle_id)


def find_report(request: Request, name: ReportName, asked: PredictionFilter) -> Report:
    """A report for whoever asks, on the route of the API or on a page.

    Parameters
    ----------
    request
        Of somebody who is known.
    name
        Which.
    asked
        Which predictions it looks at; moments stand for their whole days.

    Raises
    ------
    PanelError
        `until` lies before `since`.
    RequestError
        Others are waiting for theirs.
    """
    now = datetime.now(UTC)
    usual_days = _USUAL_DAYS[name]
    since, until = whole_days(asked.since, asked.until, now=now, usual_days=usual_days)
    wanted = replace(asked, since=since, until=until)
    state = request.app.state
    champions: Champions = state.champions
    store: Store = state.store
    looking = Looking(store, state.registry, champions, whose(caller_of(request)), wanted, now)
    key = (name, looking.tenant, wanted, tuple(champions.ids.items()))
    reports: Reports = state.reports
    return reports.get(key, lambda: n_events(store), lambda: _maker(name)(looking))


def _maker(name: ReportName) -> Callable[[Looking], Report]:
    """What makes a report: with SciPy, which a service that only predicts need not load."""
    made: Callable[[Looking], Report] = getattr(
        import_module(f"service.monitoring.{name}"), f"{name}_report"
    )
    return made


def _json(body: dict[str, Any]) -> Response:
    return Response(orjson.dumps(body), media_type="application/json")
