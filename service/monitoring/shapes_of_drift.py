"""The JSON of `/v1/monitoring/drift` and `volume`; null is what is hidden or unknown."""

from typing import Literal

from data.panel import TaskName
from service.answers import Sent
from service.monitoring.shapes import Attention, BundleHeading, Heading


class Tested(Sent):
    """A test, its p adjusted for all of the report (Holm), and what it deserves."""

    p: float | None
    p_adjusted: float | None
    attention: Attention


class Limits(Sent):
    """A number with its interval."""

    value: float
    lower: float
    upper: float
    level: float
    method: str


class RangeRow(Tested):
    """Results of one analyte in one panel that lie outside training's range."""

    analyte: str
    panel: Literal["baseline", "follow_up"]
    lower: float
    upper: float
    k: int | None
    n: int | None
    share: float | None
    n_training: int


class MeanAndSpread(Sent):
    """Of a feature in training."""

    n: int
    mean: float | None
    sd: float | None


class LevelRow(Tested):
    """The mean of a feature; `shift` is in SDs of training."""

    feature: str
    n: int | None
    mean: float | None
    sd: float | None
    training: MeanAndSpread
    shift: Limits | None
    sd_ratio: float | None


class TrainingShare(Sent):
    """A share in training."""

    n: int
    share: float | None


class ShareRow(Tested):
    """How often a feature is missing, or rests on a censored result."""

    feature: str
    k: int | None
    n: int | None
    share: float | None
    training: TrainingShare
    difference: Limits | None


class Leverage(Sent):
    """Panels farther from training than one in twenty would be."""

    method: Literal["largest_standardised_distance"]
    n: int | None
    k: int | None
    share: float | None
    expected_share: float


class ScoreSummary(Sent):
    """Scores now and out of fold in training."""

    mean: float | None
    sd: float | None
    training: MeanAndSpread


class Tenth(Sent):
    """Patients with a probability between two tenths."""

    lower: float
    upper: float
    n: int | None


class Drift(Sent):
    """What was sent to one bundle beside what trained it."""

    attention: Attention
    n_tests: int
    leverage: Leverage
    ranges: list[RangeRow]
    levels: list[LevelRow]
    censored: list[ShareRow]
    missing: list[ShareRow]
    score: ScoreSummary
    probability: list[Tenth]


class NotLooked(Sent):
    """Predictions that do not count."""

    repeated: int | None
    erased: int | None


class BundleDrift(BundleHeading):
    """One bundle; `drift` is null where it has nothing to compare with."""

    n_patients: int | None
    left_out: NotLooked
    drift: Drift | None


class DriftAnswer(Heading):
    """The bundles, the newest in front; `is_cut` at 20,000 predictions."""

    is_cut: bool
    n_bundles: int
    bundles: list[BundleDrift]


class DayCount(Sent):
    """Predictions of a day."""

    day: str
    n: int | None


class CodeCount(Sent):
    """How often a code was given."""

    code: str
    n: int | None


class BundleVolume(Sent):
    """Predictions of one bundle; days without any are left out."""

    bundle_id: str
    task: TaskName
    champion: bool
    n_predictions: int | None
    n_voided: int | None
    n_superseded: int | None
    n_erased: int | None
    n_with_outcome: int | None
    days: list[DayCount]
    flags: list[CodeCount]


class RouteLatency(Sent):
    """Times to answer, from a histogram."""

    route: str
    n: int | None
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None


class Traffic(Sent):
    """What all workers have counted since they started."""

    of: Literal["everybody"]
    since: Literal["start"]
    refusals: list[CodeCount]
    faults: list[CodeCount]
    n_replayed: int | None
    latency: list[RouteLatency]


class VolumeAnswer(Heading):
    """The bundles, and the traffic of the whole service."""

    n_predictions: int | None
    bundles: list[BundleVolume]
    service: Traffic
