"""The JSON that laboratories send and receive, as `docs/api.md` describes it."""

from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from data.identifier import IDENTIFIER_PATTERN
from data.panel import TaskName
from models.manifest import OperatingPoint

Finite = Annotated[float, Field(allow_inf_nan=False, strict=True)]
Text = Annotated[str, Field(strict=True)]
PRINTABLE: Final = r"^[^\p{Cc}\p{Cf}]*$"
"""No control characters and none that are invisible or turn the direction of writing."""
Name = Annotated[str, Field(min_length=1, max_length=64, pattern=PRINTABLE, strict=True)]
Identifier = Annotated[str, Field(pattern=IDENTIFIER_PATTERN, strict=True)]
UUID_PATTERN: Final = r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"
Result = Finite | Text
MAX_ANALYTES: Final = 200
Columns = Annotated[dict[Name, list[Any]], Field(min_length=1)]


class _Received(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class MeasurementBody(_Received):
    """One result as the laboratory writes it."""

    analyte: Name
    result: Result | None
    unit: Name | None = None
    lloq: Finite | None = None
    uloq: Finite | None = None
    platform: Name | None = None
    plate: Name | None = None


class PanelBody(_Received):
    """All results of one CSF specimen."""

    specimen_id: Identifier | None = None
    month: Annotated[Finite, Field(ge=-120, le=120)]
    measurements: Annotated[list[MeasurementBody], Field(min_length=1, max_length=MAX_ANALYTES)]


class PredictionBody(_Received):
    """One panel pair of one patient; without `task`, a follow-up panel means on_treatment."""

    patient_id: Identifier
    task: TaskName | None = None
    baseline: PanelBody
    follow_up: PanelBody | None = None
    supersedes: Annotated[str, Field(pattern=UUID_PATTERN)] | None = None


class TableBody(_Received):
    """Panels of many patients as columns: one platform, unit and pair of months for all."""

    task: TaskName | None = None
    unit: Name | None = None
    platform: Name | None = None
    baseline_month: Annotated[Finite, Field(ge=-120, le=0)] = 0.0
    follow_up_month: Annotated[Finite, Field(gt=0, le=120)] | None = None
    lloq: dict[Name, Finite] = {}
    uloq: dict[Name, Finite] = {}
    patient_id: Annotated[list[Any], Field(min_length=1)]
    baseline: Columns
    follow_up: Columns | None = None


class BatchBody(_Received):
    """Either `items`, one request each, or one `table` of columns."""

    items: Annotated[list[Any], Field(min_length=1)] | None = None
    table: TableBody | None = None


PREDICTION: TypeAdapter[PredictionBody] = TypeAdapter(PredictionBody)
BATCH: TypeAdapter[BatchBody] = TypeAdapter(BatchBody)

BODY_FIELDS = frozenset(
    name
    for body in (MeasurementBody, PanelBody, PredictionBody, TableBody, BatchBody)
    for name in body.model_fields
)
"""Names that may stand in the path of a fault."""


class _Sent(BaseModel):
    """Documents an answer; answers are written as bytes, tests hold them to this."""

    model_config = ConfigDict(extra="forbid")


class DefinitionAnswer(_Sent):
    """The responder definition an answer is about."""

    name: str
    percent: float | None
    points: float | None
    horizon_months: float | None


class IntervalAnswer(_Sent):
    """Percentiles over bootstrap refits: stability, not coverage."""

    lower: float
    upper: float
    level: float
    method: Literal["bootstrap_refit"]


class TermAnswer(_Sent):
    """What one feature adds to the score [log-odds]."""

    name: str
    log_odds: float


class ContributionsAnswer(_Sent):
    """Intercept plus features, added in order, are the score."""

    intercept: float
    features: list[TermAnswer]


class FlagAnswer(_Sent):
    """Something to know about the answer; `path` is a JSON pointer into the request."""

    code: str
    path: str


class PredictionAnswer(_Sent):
    """A responder probability with its uncertainty, explanation and flags."""

    prediction_id: str
    created_at: str
    bundle_id: str
    task: TaskName
    definition: DefinitionAnswer
    lead_months: float | None
    score: float
    probability: float
    probability_interval: IntervalAnswer
    operating_point: OperatingPoint
    responder: bool
    contributions: ContributionsAnswer
    flags: list[FlagAnswer]
    simulated: bool
    exploratory: bool
    exploratory_reason: str | None
    supersedes: str | None = None


class FaultAnswer(_Sent):
    """One thing wrong with a request."""

    path: str
    code: str
    message: str


class ProblemAnswer(_Sent):
    """RFC 9457."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    faults: list[FaultAnswer]
