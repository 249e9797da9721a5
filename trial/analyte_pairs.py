"""Of each patient, an analyte's level before treatment and at one follow-up.

Chosen per analyte, so that a result that is missing from the last panel is looked for in the one
before; the rules are those of `data.panel.choose_pair`.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from data.cohort import Patient
from data.errors import PanelError
from data.panel import Panel, PanelPair, Task, choose_pair
from trial.levels import Level, level_of

SECOND_INJECTION: Final = Task("on_treatment")
"""The follow-up panel nearest to month 1, at most one month away."""
LEAST_PAIRS: Final = 5
"""Pairs from which on another follow-up month is looked at (our choice)."""
_WINDOW_MONTHS: Final = 0.5

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class AnalytePair:
    """One patient's levels; months since the first injection.

    Attributes
    ----------
    on_two_plates
        Whether they were measured on different plates; False where a plate is not named.
    """

    patient_id: str
    month_before: float
    month_after: float
    before: Level
    after: Level
    on_two_plates: bool

    @property
    def is_censored(self) -> bool:
        """Whether a level lies beyond a limit, before or after."""
        return {self.before.bound, self.after.bound} != {"none"}

    @property
    def is_unseen(self) -> bool:
        """Whether both levels lie beyond the same side of a limit, so that no change is seen."""
        return self.before.bound == self.after.bound != "none"

    @property
    def substituted(self) -> tuple[float, float]:
        """Numbers in place of both levels; beyond the same side of a limit they are the same.

        Of two limits the wider one holds for both levels, so that nothing seems to change.
        """
        before, after = self.before, self.after
        if self.is_unseen:
            wider = max if before.bound == "<" else min
            both = Level(wider(before.value, after.value), before.bound).substituted
            return both, both
        return before.substituted, after.substituted


@dataclass(frozen=True, slots=True)
class AnalytePairs:
    """The pairs of one analyte at one follow-up.

    Attributes
    ----------
    month
        The follow-up that is meant: 1 for the second injection.
    left_out
        Number of patients without a pair, by reason.
    """

    analyte: str
    month: float
    pairs: tuple[AnalytePair, ...]
    left_out: Mapping[str, int]

    @property
    def before(self) -> Numbers:
        """Shape (n_pairs,), numbers in place of levels beyond a limit."""
        return np.array([pair.substituted[0] for pair in self.pairs], dtype=np.float64)

    @property
    def after(self) -> Numbers:
        """Shape (n_pairs,), numbers in place of levels beyond a limit."""
        return np.array([pair.substituted[1] for pair in self.pairs], dtype=np.float64)

    @property
    def n_censored(self) -> int:
        """Pairs with a level beyond a limit, before or after."""
        return sum(pair.is_censored for pair in self.pairs)


def analyte_pairs(
    patients: Iterable[Patient], analyte: str, month: float, *, horizon: float | None = None
) -> AnalytePairs:
    """Choose the pairs of one analyte.

    Parameters
    ----------
    month
        1 for the second injection (`SECOND_INJECTION`), else a follow-up month from which a
        panel may be half a month away.
    horizon
        A panel drawn later is not taken [months].

    Examples
    --------
    >>> from data.simulate import simulate_cohort
    >>> found = analyte_pairs(simulate_cohort("null", 64, 1).of_arm("msc"), "TNF", 1)
    >>> len(found.pairs), found.pairs[0].month_after
    (33, 0.85)
    """
    task = SECOND_INJECTION
    if month != task.follow_up_month:
        task = Task("on_treatment", month, _WINDOW_MONTHS)
    pairs, left_out = [], Counter[str]()
    for patient in patients:
        panels = panels_of(patient, analyte)
        try:
            pair = choose_pair(patient.patient_id, panels, task, horizon_months=horizon)
        except PanelError:
            left_out["two_platforms"] += 1
            continue
        found = _pair(pair)
        if found is not None:
            pairs.append(found)
        else:
            has_baseline = any(panel.month <= 0 for panel in panels)
            left_out["no_follow_up" if has_baseline else "no_baseline"] += 1
    return AnalytePairs(analyte, month, tuple(pairs), dict(sorted(left_out.items())))


def baseline_level(patient: Patient, analyte: str) -> Level | None:
    """The last level reported at month 0 or before; None where there is none."""
    before = [panel for panel in panels_of(patient, analyte) if panel.month <= 0]
    return level_of(before[-1].measurements[0]) if before else None


def panels_of(patient: Patient, analyte: str) -> list[Panel]:
    """One analyte's panels, ascending, without those in which it was not reported."""
    found = [(panel.month, panel.find(analyte)) for panel in patient.panels]
    return [
        Panel(month, (measured,))
        for month, measured in sorted(found, key=lambda one: one[0])
        if measured is not None and level_of(measured) is not None
    ]


def follow_up_months(patients: Sequence[Patient], analyte: str) -> tuple[float, ...]:
    """The second injection, and each other whole month at which there are enough pairs.

    A month that has only pairs of the second injection again is left out.
    """
    second = SECOND_INJECTION.follow_up_month
    seen = {panel.month for patient in patients for panel in panels_of(patient, analyte)}
    months = sorted({float(round(month)) for month in seen if month > 1.5} - {second})
    known = analyte_pairs(patients, analyte, second).pairs
    found = [second]
    for month in months:
        pairs = analyte_pairs(patients, analyte, month).pairs
        if len(pairs) >= LEAST_PAIRS and not set(pairs) <= set(known):
            found.append(month)
    return tuple(found)


def _pair(pair: PanelPair | None) -> AnalytePair | None:
    if pair is None or pair.follow_up is None:
        return None
    (first,), (second,) = pair.baseline.measurements, pair.follow_up.measurements
    before, after = level_of(first), level_of(second)
    if before is None or after is None:
        return None
    plates = {first.plate, second.plate} - {None}
    return AnalytePair(
        pair.patient_id,
        pair.baseline.month,
        pair.follow_up.month,
        before,
        after,
        on_two_plates=len(plates) == 2,
    )
