"""`manifest.json`: what a bundle is, everything about it but its fitted numbers.

The format has a number; a change that old readers would misread gets the next one.
"""

from datetime import datetime
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from data.analytes import Analyte, Direction, Scale
from data.outcome import ResponderDefinition
from data.panel import Task, TaskName
from models.features import Feature

MANIFEST_FORMAT: Final = 1
TIMES: Final = frozenset({"created_at", "duration_seconds"})
"""Fields that differ between two equal runs; left out of `content_sha256`."""


class _Stored(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class StoredTask(_Stored):
    """A `Task`, as stored."""

    name: TaskName
    follow_up_month: float
    window_months: float


class StoredDefinition(_Stored):
    """A `ResponderDefinition`, as stored."""

    name: str
    percent: float | None
    points: float | None
    horizon_months: float | None
    source: str = ""


class StoredAnalyte(_Stored):
    """An `Analyte`, as stored."""

    name: str
    key: str
    unit: str
    lower: float
    upper: float
    scale: Scale
    direction: Direction
    contamination_above: float | None
    synonyms: tuple[str, ...]
    source: str


class StoredFeature(_Stored):
    """One entry of the feature recipe."""

    name: str
    function: str
    analytes: tuple[str, ...]
    unit: str
    direction: Direction


class StoredEstimate(_Stored):
    """A value with its interval."""

    value: float
    lower: float
    upper: float
    level: float
    method: str
    n_cases: int
    n_controls: int


class OperatingPoint(_Stored):
    """The served threshold on the probability; sensitivity and specificity as cross-validated."""

    threshold: float
    rule: str
    sensitivity: StoredEstimate
    specificity: StoredEstimate


class TrainingRange(_Stored):
    """Lowest and highest level seen in training, rounded outwards to two digits."""

    analyte: str
    panel: Literal["baseline", "follow_up"]
    lower: float
    upper: float


class GoldenRow(_Stored):
    """A simulated row of features (None: missing) and the answer the bundle gave to it."""

    features: tuple[float | None, ...]
    score: float
    lower: float
    upper: float


class CohortFacts(_Stored):
    """The cohort a bundle was trained on."""

    sha256: str
    simulated: bool
    description: str
    n_patients: int


class Manifest(_Stored):
    """The content of `manifest.json`."""

    format: Literal[1] = MANIFEST_FORMAT
    simulated: bool
    task: StoredTask
    definition: StoredDefinition
    analytes: tuple[StoredAnalyte, ...] = Field(min_length=1)
    features: tuple[StoredFeature, ...] = Field(min_length=1)
    estimator: str
    operating_point: OperatingPoint
    platforms: dict[str, tuple[str, ...]]
    training_ranges: tuple[TrainingRange, ...]
    golden_rows: tuple[GoldenRow, ...] = Field(max_length=64)
    libraries: dict[str, str]
    cohort: CohortFacts
    config: dict[str, Any]
    exploratory: bool
    exploratory_reason: str | None
    created_at: datetime
    duration_seconds: float

    def domain_task(self) -> Task:
        """The task as the domain knows it."""
        return Task(**self.task.model_dump())

    def domain_definition(self) -> ResponderDefinition:
        """The responder definition as the domain knows it."""
        return ResponderDefinition(**self.definition.model_dump())

    def domain_analytes(self) -> tuple[Analyte, ...]:
        """The analytes as the domain knows them."""
        return tuple(Analyte(**analyte.model_dump()) for analyte in self.analytes)

    def domain_features(self) -> tuple[Feature, ...]:
        """The feature recipe as the domain knows it."""
        return tuple(Feature(**feature.model_dump()) for feature in self.features)
