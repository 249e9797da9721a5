"""What holds for a row beside its results: unit, platform, months, limits of quantification."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal

from data.errors import Fault, MeasurementError, PanelError
from data.measurement import read_measurement
from data.number_text import NumberTextError, read_number
from models.cell_flags import CELL_FLAGS
from models.classifier import Classifier

Meaning = tuple[str, str]
"""What a column or option holds, and of which analyte: ``("lloq", "TNF")``, ``("unit", "")``."""

FACTS: Final = ("unit", "platform", "baseline_month", "follow_up_month")
LIMITS: Final[tuple[Literal["lloq", "uloq"], ...]] = ("lloq", "uloq")

ROW_FLAGS: Final = (
    *CELL_FLAGS,
    "outside_follow_up_window",
    "concurrent_not_a_prediction",
    "unknown_platform",
    "follow_up_not_used",
)
"""Everything that can be flagged of a row: bit 0, bit 1, ..."""


@dataclass(frozen=True, slots=True)
class Circumstances:
    """Of some rows; limits of quantification by canonical analyte, in `unit`.

    Months count from the first injection.
    """

    unit: str | None = None
    platform: str | None = None
    baseline_month: float = 0.0
    follow_up_month: float | None = None
    lloq: Mapping[str, float] = field(default_factory=dict)
    uloq: Mapping[str, float] = field(default_factory=dict)

    def with_cells(self, cells: Mapping[Meaning, Any]) -> "Circumstances":
        """These, but for what the cells of a row say.

        Raises
        ------
        PanelError
            A month or limit is no number.
        """
        faults: list[Fault] = []
        limits = {"lloq": dict(self.lloq), "uloq": dict(self.uloq)}
        said: dict[str, Any] = {}
        for (fact, analyte), cell in cells.items():
            if fact in limits:
                limit = _number(cell)
                if limit is None:
                    limits[fact].pop(analyte, None)
                else:
                    limits[fact][analyte] = limit
            elif fact in ("unit", "platform"):
                said[fact] = str(cell).strip() or None if cell is not None else None
            else:
                month = _number(cell)
                if month is None or not math.isfinite(month):
                    faults.append(
                        Fault(fact, "month_not_finite", "a month is a finite number, not blank")
                    )
                said[fact] = month
        if faults:
            raise PanelError(faults)
        return replace(self, lloq=limits["lloq"], uloq=limits["uloq"], **said)

    @property
    def reading(self) -> tuple[Any, ...]:
        """What results are read by: equal where they are read alike."""
        return self.unit, *(tuple(sorted(limits.items())) for limits in (self.lloq, self.uloq))

    def faults(self, classifier: Classifier) -> Iterator[Fault]:
        """Why a classifier cannot answer for any row like this; the path names the fact."""
        yield from self._month_faults(classifier)
        seen = set()
        for analyte in classifier.analytes:
            if classifier.refuses_platform(analyte.name, self.platform):
                sentence = classifier.platform_sentence(analyte.name)
                yield Fault("platform", "unknown_platform", sentence)
            limits = self.lloq.get(analyte.name), self.uloq.get(analyte.name)
            for fault in _limit_faults(classifier, analyte.name, self.unit, *limits):
                if fault not in seen:
                    seen.add(fault)
                    yield fault

    def _month_faults(self, classifier: Classifier) -> Iterator[Fault]:
        if self.baseline_month > 0:
            message = "the baseline panel is drawn at month 0 (first injection) or before"
            yield Fault("baseline_month", "baseline_after_treatment", message)
        if classifier.task.name == "pretreatment":
            return
        if self.follow_up_month is None:
            message = "say when the follow-up panel was drawn"
            yield Fault("follow_up_month", "follow_up_missing", message)
            return
        if self.follow_up_month <= 0:
            message = "the follow-up panel is drawn after month 0 (first injection)"
            yield Fault("follow_up_month", "follow_up_before_treatment", message)
        for fault in classifier.month_faults(self.follow_up_month):
            yield replace(fault, path="follow_up_month")

    def flags(self, classifier: Classifier, *, has_follow_up: bool) -> int:
        """What is to be said of every row like this, as bits of `ROW_FLAGS`."""
        codes = []
        if classifier.task.name == "pretreatment":
            codes = ["follow_up_not_used"] if has_follow_up else []
        elif self.follow_up_month is not None:
            codes = [flag.code for flag in classifier.month_flags(self.follow_up_month)]
            if any(classifier.new_platform(a.name, self.platform) for a in classifier.analytes):
                codes.append("unknown_platform")
        return sum(1 << ROW_FLAGS.index(code) for code in codes)


def _limit_faults(
    classifier: Classifier,
    analyte: str,
    unit: str | None,
    lloq: float | None,
    uloq: float | None,
) -> Iterator[Fault]:
    try:
        read_measurement(classifier.analyte_table, analyte, None, unit=unit, lloq=lloq, uloq=uloq)
    except MeasurementError as error:
        for fault in error.faults:
            fact = fault.path.removeprefix("/")
            yield replace(fault, path=f"{fact}_{analyte}" if fact in LIMITS else fact)


def _number(cell: Any) -> float | None:
    """The number in a cell, None where it is blank, NaN where it is no number."""
    if cell is None or (isinstance(cell, float) and math.isnan(cell)):
        return None
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return float(cell)
    text = str(cell).strip()
    if not text:
        return None
    try:
        return read_number(text)
    except NumberTextError:
        return math.nan
