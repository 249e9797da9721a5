"""The JSON that batches are answered with, as `docs/api.md` describes it."""

from data.panel import TaskName
from models.manifest import OperatingPoint
from service.answers import DefinitionAnswer, FaultAnswer, PredictionAnswer, Sent


class ItemAnswer(Sent):
    """What became of one item: its prediction or its faults."""

    prediction: PredictionAnswer | None = None
    faults: list[FaultAnswer] | None = None


class ItemsAnswer(Sent):
    """Items in the order of the request."""

    items: list[ItemAnswer]


class RowFaultAnswer(FaultAnswer):
    """One thing wrong with a row of a table."""

    row: int


class ColumnsAnswer(Sent):
    """One entry for each patient; a row with faults has nulls."""

    prediction_id: list[str | None]
    score: list[float | None]
    probability: list[float | None]
    lower: list[float | None]
    upper: list[float | None]
    responder: list[bool | None]
    flags: list[list[str] | None]


class TableOfAnswers(Sent):
    """A table of predictions by one bundle, and the faults of rows that have none."""

    created_at: str
    bundle_id: str
    task: TaskName
    definition: DefinitionAnswer
    lead_months: float | None
    operating_point: OperatingPoint
    simulated: bool
    exploratory: bool
    exploratory_reason: str | None
    table: ColumnsAnswer
    faults: list[RowFaultAnswer]
