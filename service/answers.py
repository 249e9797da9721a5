"""The JSON that is answered, as `docs/api.md` describes it."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from data.panel import TaskName
from models.manifest import OperatingPoint


class Sent(BaseModel):
    """Documents an answer; answers are written as bytes, tests hold them to this."""

    # Built when the document is asked for: the service starts without it.
    model_config = ConfigDict(extra="forbid", defer_build=True)


class DefinitionAnswer(Sent):
    """The responder definition an answer is about."""

    name: str
    percent: float | None
    points: float | None
    horizon_months: float | None


class IntervalAnswer(Sent):
    """Percentiles over bootstrap refits: stability, not coverage."""

    lower: float
    upper: float
    level: float
    method: Literal["bootstrap_refit"]


class TermAnswer(Sent):
    """What one feature adds to the score [log-odds]."""

    name: str
    log_odds: float


class ContributionsAnswer(Sent):
    """Intercept plus features, added in order, are the score."""

    intercept: float
    features: list[TermAnswer]


class FlagAnswer(Sent):
    """Something to know about the answer; `path` is a JSON pointer into the request."""

    code: str
    path: str


class PredictionAnswer(Sent):
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


class OutcomeAnswer(Sent):
    """An outcome as it is kept."""

    responder: bool
    definition: str
    horizon_months: float | None
    observed_on: str
    recorded_at: str


class ListedPrediction(PredictionAnswer):
    """A prediction as it was answered, and what became of it; erased, it has no patient."""

    patient_id: str | None
    superseded_by: str | None
    patient_changed: bool | None
    voided_at: str | None
    erased_at: str | None


class RecordedPrediction(ListedPrediction):
    """The same with what was sent, until that is erased, and the outcome, once it was told."""

    input: dict[str, Any] | None
    outcome: OutcomeAnswer | None


class PageAnswer(Sent):
    """Predictions, newest first; `next` is the cursor of the page after, null on the last."""

    predictions: list[ListedPrediction]
    next: str | None


class FaultAnswer(Sent):
    """One thing wrong with a request."""

    path: str
    code: str
    message: str


class ProblemAnswer(Sent):
    """RFC 9457."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    faults: list[FaultAnswer]
