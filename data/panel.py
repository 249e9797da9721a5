"""Panels of one CSF specimen, pairs of them, and which panel serves which task."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal, get_args

from data.errors import CsfError, Fault, PanelError
from data.measurement import Measurement

TaskName = Literal["pretreatment", "on_treatment"]
TASK_NAMES: tuple[TaskName, ...] = get_args(TaskName)

_ROUNDING: Final = 1e-9
"""Distances [months] this close are equal: 1.4 - 1 is less than 1 - 0.6 in binary (our choice)."""


@dataclass(frozen=True, slots=True)
class Panel:
    """All analytes of one CSF specimen.

    Attributes
    ----------
    month
        When it was drawn [months]; 0 is the first injection.
    measurements
        One per analyte, in the order received.

    Raises
    ------
    PanelError
        No measurement, one analyte twice, or a month that is not finite.
    """

    month: float
    measurements: tuple[Measurement, ...]
    specimen_id: str | None = None

    def __post_init__(self) -> None:
        faults = list(_panel_faults(self.month, self.measurements))
        if faults:
            raise PanelError(faults)

    def find(self, analyte: str) -> Measurement | None:
        """The measurement of an analyte by canonical name, or None."""
        for measurement in self.measurements:
            if measurement.analyte == analyte:
                return measurement
        return None


def _panel_faults(month: float, measurements: Sequence[Measurement]) -> Iterator[Fault]:
    if not math.isfinite(month):
        yield Fault("/month", "month_not_finite", "month must be a finite number")
    if not measurements:
        yield Fault("/measurements", "panel_empty", "a panel has at least one measurement")
    seen = set()
    for index, measurement in enumerate(measurements):
        if measurement.analyte in seen:
            yield Fault(
                f"/measurements/{index}/analyte",
                "duplicate_analyte",
                f"{measurement.analyte} is in this panel already; send each analyte once",
            )
        seen.add(measurement.analyte)


@dataclass(frozen=True, slots=True)
class PanelPair:
    """One patient's baseline panel and, optionally, the panel after treatment began.

    Raises
    ------
    PanelError
        Baseline after month 0, follow-up not after month 0, or an analyte measured on two
        platforms (their levels cannot be compared).
    """

    patient_id: str
    baseline: Panel
    follow_up: Panel | None = None

    def __post_init__(self) -> None:
        faults = list(_pair_faults(self.baseline, self.follow_up))
        if faults:
            raise PanelError(faults)


def _pair_faults(baseline: Panel, follow_up: Panel | None) -> Iterator[Fault]:
    if baseline.month > 0:
        yield Fault(
            "/baseline/month",
            "baseline_after_treatment",
            "the baseline panel is drawn at month 0 (first injection) or before",
        )
    if follow_up is None:
        return
    if follow_up.month <= 0:
        yield Fault(
            "/follow_up/month",
            "follow_up_before_treatment",
            "the follow-up panel is drawn after month 0 (first injection)",
        )
    for index, measurement in enumerate(follow_up.measurements):
        before = baseline.find(measurement.analyte)
        if before is not None and before.platform != measurement.platform:
            yield Fault(
                f"/follow_up/measurements/{index}/platform",
                "two_platforms",
                f"{measurement.analyte} was measured on two platforms, or one is not named; "
                "a change between platforms is not a change in the patient",
            )


@dataclass(frozen=True, slots=True)
class Task:
    """Which panels a classifier may look at.

    Attributes
    ----------
    name
        ``pretreatment``: the baseline panel only; ``on_treatment``: baseline and follow-up.
    follow_up_month
        Month the follow-up panel is wanted at (default 1, the second injection).
    window_months
        How far from `follow_up_month` a follow-up panel may be drawn to train.

    Examples
    --------
    >>> Task("on_treatment").follow_up_month
    1.0
    """

    name: TaskName
    follow_up_month: float = 1.0
    window_months: float = 1.0

    def __post_init__(self) -> None:
        if self.name not in TASK_NAMES:
            raise CsfError(f"a task is one of {', '.join(TASK_NAMES)}")
        if not (0 < self.follow_up_month < math.inf and 0 <= self.window_months < math.inf):
            raise CsfError("follow_up_month must be above 0 and window_months at least 0")

    def in_window(self, month: float) -> bool:
        """Whether a follow-up panel of that month is one this task trains on."""
        return month > 0 and self.distance(month) <= self.window_months + _ROUNDING

    def distance(self, month: float) -> float:
        """How far a panel of that month is from the follow-up that is wanted [months]."""
        return abs(month - self.follow_up_month)


def choose_pair(
    patient_id: str, panels: Iterable[Panel], task: Task, *, horizon_months: float | None
) -> PanelPair | None:
    """The pair of panels that a task uses of one patient, or None where one is missing.

    Baseline: the panel nearest to month 0 at month <= 0. Follow-up (``on_treatment`` only):
    nearest to the task's month within its window and not after the outcome's horizon; of two
    equally near, the earlier.

    Raises
    ------
    PanelError
        When the chosen panels do not make a valid pair (two platforms).
    """
    ordered = sorted(panels, key=lambda panel: panel.month)
    baselines = [panel for panel in ordered if panel.month <= 0]
    if not baselines:
        return None
    if task.name == "pretreatment":
        return PanelPair(patient_id, baselines[-1])
    latest = math.inf if horizon_months is None else horizon_months
    candidates = [p for p in ordered if task.in_window(p.month) and p.month <= latest]
    if not candidates:
        return None
    farthest = min(task.distance(panel.month) for panel in candidates) + _ROUNDING
    nearest = next(panel for panel in candidates if task.distance(panel.month) <= farthest)
    return PanelPair(patient_id, baselines[-1], nearest)
