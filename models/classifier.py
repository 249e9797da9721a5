"""A bundle ready to answer: checks in front of the estimator, flags and probabilities behind.

The service, the command line and the library all ask a `Classifier`; it knows no HTTP.
"""

import math
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Any, Final, Literal, NamedTuple

import numpy as np

from data.analytes import Analyte, AnalyteTable
from data.errors import Fault
from data.measurement import platform_name
from data.outcome import ResponderDefinition
from data.panel import Panel, PanelPair, Task
from models.bundle import Bundle
from models.cell_flags import CellFlag, CellFlags
from models.columns import Kind, PairColumns, columns_of_pairs
from models.errors import BundleError
from models.estimator import BoostedEstimator, LinearEstimator, load_estimator
from models.features import Feature, compute
from models.golden_rows import UNREADABLE, replay
from models.libraries import SCORING_LIBRARIES
from models.libraries import library_version as library_version
from models.manifest import Manifest
from models.plain_results import PlainRule, plain_rules
from models.probation import GOLDEN_ROWS_SENTENCE, UNREADABLE_SENTENCE, Probation
from models.scorer import Floats, Scores, score

PANELS: Final[tuple[Literal["baseline", "follow_up"], ...]] = ("baseline", "follow_up")


class Flag(NamedTuple):
    """Something to know about one prediction; `path` is a JSON pointer into the pair."""

    code: str
    path: str


@dataclass(frozen=True, slots=True)
class Predictions:
    """Answers for n patients.

    `responder` has shape (n_patients,): probability at or above the operating point's
    threshold.
    """

    scores: Scores
    responder: np.ndarray[Any, np.dtype[np.bool_]]
    flags: CellFlags

    @property
    def cell_flags(self) -> tuple[CellFlag, ...]:
        """Flags of single results, by row."""
        return tuple(self.flags)


@dataclass(frozen=True, slots=True)
class Classifier:
    """A verified bundle with its estimator; everything an answer needs travels with it."""

    bundle: Bundle
    estimator: LinearEstimator | BoostedEstimator
    task: Task
    definition: ResponderDefinition
    analytes: tuple[Analyte, ...]
    analyte_table: AnalyteTable
    features: tuple[Feature, ...]
    ranges: Floats
    """Shape (2, 2, n_analytes): lowest and highest level in training, of baseline, follow-up."""
    plain: Mapping[str, PlainRule] = field(init=False, repr=False, compare=False)
    """Which results need no second look."""

    def __post_init__(self) -> None:
        rules = plain_rules(self.analytes, self.manifest.platforms)
        object.__setattr__(self, "plain", rules)

    @property
    def bundle_id(self) -> str:
        """Id of the bundle every answer is labelled with."""
        return self.bundle.bundle_id

    @property
    def manifest(self) -> Manifest:
        """The bundle's manifest."""
        return self.bundle.manifest

    @property
    def threshold(self) -> float:
        """Least probability that counts as responder."""
        return self.manifest.operating_point.threshold

    def faults(self, baseline: Panel, follow_up: Panel | None) -> list[Fault]:
        """Why this classifier cannot answer for a pair of panels; empty when it can."""
        found = list(self._panel_faults("/baseline", baseline))
        if self.task.name == "on_treatment":
            if follow_up is None:
                message = "on_treatment needs the follow-up panel"
                found.append(Fault("/follow_up", "follow_up_missing", message))
            else:
                found += self._panel_faults("/follow_up", follow_up)
                found += self.month_faults(follow_up.month)
        return found

    def month_faults(self, follow_up_month: float) -> Iterator[Fault]:
        """Why a follow-up panel of that month cannot be used."""
        horizon = self.definition.horizon_months
        if horizon is not None and follow_up_month > horizon:
            yield Fault(
                "/follow_up/month",
                "follow_up_after_horizon",
                f"the follow-up panel was drawn after the outcome's horizon ({horizon:g} months)",
            )

    def _panel_faults(self, path: str, panel: Panel) -> Iterator[Fault]:
        needed = [panel.find(analyte.name) for analyte in self.analytes]
        if all(m is None or "not_reported" in m.flags for m in needed):
            message = "none of the analytes needed has a result"
            yield Fault(f"{path}/measurements", "nothing_reported", message)
        for index, measurement in enumerate(panel.measurements):
            if self.refuses_platform(measurement.analyte, measurement.platform):
                yield Fault(
                    f"{path}/measurements/{index}/platform",
                    "unknown_platform",
                    self.platform_sentence(measurement.analyte),
                )

    def refuses_platform(self, analyte: str, platform: str | None) -> bool:
        """Whether a platform stands in the way: levels cannot be compared before treatment."""
        return self.task.name == "pretreatment" and self.new_platform(analyte, platform)

    def new_platform(self, analyte: str, platform: str | None) -> bool:
        """Whether an analyte was never seen on a platform in training."""
        seen = self.manifest.platforms.get(analyte)
        return seen is not None and (platform_name(platform) or "") not in seen

    def platform_sentence(self, analyte: str) -> str:
        """Why a new platform is refused, and which ones are not."""
        seen = ", ".join(self.manifest.platforms[analyte])
        return f"levels differ between platforms: this classifier knows {analyte} from {seen}"

    def predict_pairs(self, pairs: Sequence[PanelPair]) -> Predictions:
        """Answers for pairs without faults, in the same order."""
        return self.predict(columns_of_pairs(pairs, self.analytes))

    def predict(self, columns: PairColumns) -> Predictions:
        """Answers for panels given as columns over `self.analytes`."""
        scores = score(self.estimator, compute(self.features, columns))
        return Predictions(scores, scores.probability >= self.threshold, self._cell_flags(columns))

    def _cell_flags(self, columns: PairColumns) -> CellFlags:
        n_panels = 2 if self.task.name == "on_treatment" else 1
        kinds = columns.kinds[:, :n_panels]
        values = columns.values[:, :n_panels]
        reported = kinds != Kind.NOT_REPORTED
        outside = outside_ranges(self.ranges[:n_panels], values, kinds)
        above = np.array([a.contamination_above or math.inf for a in self.analytes])
        contaminated = reported & (values > above)
        return CellFlags.of_cells(kinds, outside=outside, contaminated=contaminated)

    def pair_flags(self, pair: PanelPair) -> Iterator[Flag]:
        """Flags of a pair as a whole: platforms and months."""
        if self.task.name == "pretreatment":
            if pair.follow_up is not None:
                yield Flag("follow_up_not_used", "/follow_up")
            return
        if pair.follow_up is None:
            return
        yield from self._platform_flags("/follow_up", pair.follow_up)
        later = {measurement.analyte for measurement in pair.follow_up.measurements}
        yield from self._platform_flags("/baseline", pair.baseline, besides=later)
        yield from self.month_flags(pair.follow_up.month)

    def _platform_flags(
        self, path: str, panel: Panel, *, besides: Set[str] = frozenset()
    ) -> Iterator[Flag]:
        for index, measurement in enumerate(panel.measurements):
            known = measurement.analyte in besides
            if not known and self.new_platform(measurement.analyte, measurement.platform):
                yield Flag("unknown_platform", f"{path}/measurements/{index}")

    def month_flags(self, follow_up_month: float) -> Iterator[Flag]:
        """Flags of the month a follow-up panel was drawn in."""
        if not self.task.in_window(follow_up_month):
            yield Flag("outside_follow_up_window", "/follow_up/month")
        if follow_up_month == self.definition.horizon_months:
            yield Flag("concurrent_not_a_prediction", "/follow_up/month")

    def lead_months(self, last_month: float) -> float | None:
        """Months from the last panel used to the outcome's horizon; 0 is concurrent.

        None where the outcome has no horizon (it was stated by a table).
        """
        horizon = self.definition.horizon_months
        return None if horizon is None else horizon - last_month


def load_classifier(
    bundle: Bundle, probation: Probation | None = None, *, with_booster: bool = True
) -> Classifier:
    """Make a verified bundle answer; its libraries are compared and golden rows replayed.

    Parameters
    ----------
    probation
        Remembers whose booster was tried in a process of its own; left out, it is tried anew.
    with_booster
        Whether a booster is given to XGBoost, too, which answering does not need.

    Raises
    ------
    BundleError
        The estimator cannot be read, a library's major version differs, or a golden row no
        longer gives the stored answer.
    """
    _check_libraries(bundle)
    if with_booster:
        (probation or Probation()).admit(bundle)
    try:
        classifier = _classifier(bundle, with_booster=with_booster)
        rows = [row.model_dump() for row in bundle.manifest.golden_rows]
        intact = replay(classifier.estimator, rows)
    except UNREADABLE as error:
        raise BundleError(bundle.bundle_id, UNREADABLE_SENTENCE) from error
    if not intact:
        raise BundleError(bundle.bundle_id, GOLDEN_ROWS_SENTENCE)
    return classifier


def _classifier(bundle: Bundle, *, with_booster: bool) -> Classifier:
    manifest = bundle.manifest
    analytes = manifest.domain_analytes()
    return Classifier(
        bundle=bundle,
        estimator=load_estimator(dict(bundle.estimator), bundle.booster, with_booster),
        task=manifest.domain_task(),
        definition=manifest.domain_definition(),
        analytes=analytes,
        analyte_table=AnalyteTable(analytes),
        features=manifest.domain_features(),
        ranges=training_ranges(manifest, analytes),
    )


def outside_ranges(
    ranges: Floats, values: Floats, kinds: np.ndarray[Any, np.dtype[np.int8]]
) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Which results are levels that training has not seen.

    Parameters
    ----------
    ranges
        Shape (n_panels, 2, n_analytes), as `training_ranges` gives them.
    values, kinds
        Shape (n_patients, n_panels, n_analytes), as in `PairColumns`.
    """
    reported = kinds != Kind.NOT_REPORTED
    # A limit of quantification may lie anywhere below the range; above it, it is as far
    # out as a value there would be.
    too_low = (values < ranges[:, 0]) & (kinds != Kind.BELOW_LLOQ) & (kinds != Kind.ABOVE_ULOQ)
    return np.asarray(reported & (too_low | (values > ranges[:, 1])))


def training_ranges(manifest: Manifest, analytes: Sequence[Analyte]) -> Floats:
    """Lowest and highest level in training, shape (2, 2, n_analytes); infinite where unknown."""
    ranges = np.empty((2, 2, len(analytes)))
    ranges[:, 0], ranges[:, 1] = -math.inf, math.inf
    position = {analyte.name: index for index, analyte in enumerate(analytes)}
    for found in manifest.training_ranges:
        at = PANELS.index(found.panel), position[found.analyte]
        ranges[at[0], :, at[1]] = found.lower, found.upper
    return ranges


def _check_libraries(bundle: Bundle) -> None:
    for name in SCORING_LIBRARIES.get(bundle.estimator.get("kind", ""), ()):
        made_with = bundle.manifest.libraries.get(name, "")
        if made_with.split(".")[0] != library_version(name).split(".")[0]:
            problem = f"it was made with another major version of {name}: train it again"
            raise BundleError(bundle.bundle_id, problem)
