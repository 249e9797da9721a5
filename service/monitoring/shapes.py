"""The JSON of `/v1/monitoring/performance`; null is what is hidden or unknown."""

from typing import Literal

from data.panel import TaskName
from models.manifest import StoredEstimate
from service.answers import DefinitionAnswer, Sent

Finding = Literal["too_few", "not_compared", "no_difference_shown", "worse", "better"]
Side = Literal["too_few", "no_difference_shown", "below", "above"]
Attention = Literal["too_few", "not_tested", "none", "notice", "alarm"]


class Heading(Sent):
    """What a report is of: whole days in UTC, `until` not included."""

    of: Literal["tenant", "everybody"]
    since: str | None
    until: str
    made_at: str


class BundleHeading(Sent):
    """Which bundle a part is about; one that cannot be read any more has its name alone."""

    bundle_id: str
    task: TaskName
    champion: bool
    readable: bool
    definition: DefinitionAnswer | None = None
    simulated: bool | None = None
    exploratory: bool | None = None
    exploratory_reason: str | None = None


class Beside(Sent):
    """A live estimate beside training's; more is better."""

    live: StoredEstimate | None
    training: StoredEstimate | None
    difference: StoredEstimate | None
    finding: Finding
    sentence: str


class BesideIdeal(Sent):
    """A live estimate that is best at one value."""

    live: StoredEstimate | None
    training: StoredEstimate | None
    ideal: float
    finding: Side


class LiveBrier(Sent):
    """Brier score with its interval."""

    live: StoredEstimate | None
    training: float


class TwoNumbers(Sent):
    """A number now and in training."""

    live: float | None
    training: float


class LiveCalibration(Sent):
    """How well probabilities agree with outcomes."""

    in_the_large: BesideIdeal
    slope: BesideIdeal
    without_slope: str | None
    observed_over_expected: StoredEstimate | None
    brier: LiveBrier
    brier_of_prevalence: TwoNumbers
    scaled_brier: Beside


class LiveOperatingPoint(Sent):
    """What the served threshold decided."""

    threshold: float
    rule: str
    sensitivity: Beside
    specificity: Beside


class RocPoint(Sent):
    """One point of a curve; the first threshold is infinite."""

    threshold: float | None
    sensitivity: float
    specificity: float


class LiveRoc(Sent):
    """A curve of at most 201 points."""

    family: Literal["responder_vs_nonresponder"]
    score: str
    unit: str
    direction: Literal["higher_is_case", "lower_is_case"]
    case: str
    n_patients: int
    auc: StoredEstimate
    points: list[RocPoint]


class LiveEstimates(Sent):
    """Everything that needs outcomes."""

    auc: Beside
    roc: LiveRoc | None
    calibration: LiveCalibration
    operating_point: LiveOperatingPoint


class LeftOut(Sent):
    """Predictions that do not count."""

    repeated: int | None
    concurrent: int | None


class Selection(Sent):
    """Whether those whose outcome is known were predicted like those whose is not."""

    n_waiting: int | None
    mean_probability_judged: float | None
    mean_probability_waiting: float | None


class BundlePerformance(BundleHeading):
    """One bundle against outcomes."""

    n_judged: int | None
    n_cases: int | None
    n_controls: int | None
    left_out: LeftOut
    n_erased: int | None
    selection: Selection
    estimates: LiveEstimates | None


class PerformanceAnswer(Heading):
    """The bundles, the newest in front; `is_cut` at 100,000 predictions."""

    is_cut: bool
    n_bundles: int
    bundles: list[BundlePerformance]
