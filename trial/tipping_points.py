"""How far missing patients would have to be from what was imputed before the result is undone."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from analysis.checks import Mask, Vector
from analysis.rubin import Pooled
from analysis.tipping_point import (
    Completed,
    Group,
    pooled_difference,
    pooled_grid,
    tipping_shift,
)
from data.cohort import ARMS, Arm

_NAMES: Final = {"msc": "MSC", "control": "control"}
WHOLE_SCALE: Final = 48.0
"""Largest shift that is looked at [points]: ALSFRS-R goes from 0 to 48."""
_DOWN: Final = tuple(float(shift) for shift in range(-12, 8, 2))
_UP: Final = tuple(float(shift) for shift in range(-6, 14, 2))
"""Shifts of imputed values in the grid of both arms [points]: down for the arm that does better,
up for the other, and some the other way."""


@dataclass(frozen=True, slots=True)
class CompletedChanges:
    """Changes to one month with their gaps filled, and the baselines that they start from."""

    changes: Completed
    baseline: Vector

    def of_missing(self, arm: Arm) -> Mask:
        """Shape (n_patients,): the patients of an arm who were not seen."""
        missing: Mask = self.changes.is_imputed & (self.changes.is_first == (arm == "msc"))
        return missing

    def imputed_mean(self, arm: Arm) -> float | None:
        """Mean imputed change of those patients, over all imputations."""
        values = self.changes.values[:, self.of_missing(arm)]
        return float(values.mean()) if values.size else None


@dataclass(frozen=True, slots=True)
class TippingPoint:
    """How far one arm's missing patients must be from what was imputed to undo the result.

    Attributes
    ----------
    shift
        Added to their imputed changes where the interval meets 0 [points]: below 0 in the arm that
        does better, above 0 in the other; None where `explanation` says why.
    imputed_change, tipped_change
        Their mean imputed change, and the same with the shift.
    farthest_change
        Their mean change if all had the worst total, 0, or in the arm that must do better the
        best, 48; None where there is nothing to tip.
    """

    shift: float | None
    imputed_change: float | None
    tipped_change: float | None
    farthest_change: float | None
    explanation: str


@dataclass(frozen=True, slots=True)
class ShiftGrid:
    """The pooled difference for shifts of imputed values; rows are MSC's, columns control's.

    Attributes
    ----------
    shifts_msc, shifts_control
        Added to the imputed changes [points]; 0 alone where nobody of the arm was missed.
    difference, lower, upper, p
        Of MSC less control.
    """

    shifts_msc: tuple[float, ...]
    shifts_control: tuple[float, ...]
    difference: tuple[tuple[float, ...], ...]
    lower: tuple[tuple[float, ...], ...]
    upper: tuple[tuple[float, ...], ...]
    p: tuple[tuple[float, ...], ...]


def tipping_point(completed: CompletedChanges, arm: Arm, level: float) -> TippingPoint:
    """The shift of one arm's imputed values at which the interval meets 0.

    Examples
    --------
    MSC does worse, so that its missing patient would have to do better:

    >>> import numpy as np
    >>> seen = [-6, -7, -5, -6, -2, -1, 0, -1]
    >>> changes = Completed([seen, seen], [1, 1, 1, 1, 0, 0, 0, 0], [0, 0, 0, 1, 0, 0, 0, 0])
    >>> found = tipping_point(CompletedChanges(changes, np.full(8, 40.0)), "msc", 0.95)
    >>> found.explanation.startswith("The one MSC patient who was missed would have to do 4.1")
    True
    """
    imputed = completed.imputed_mean(arm)
    if imputed is None:
        return TippingPoint(None, None, None, None, f"No {_NAMES[arm]} patient was missed.")
    sign = _sign(completed, level)
    if sign == 0:
        why = "The interval includes 0 without any shift: there is nothing to tip."
        return TippingPoint(None, imputed, None, None, why)
    must_fall = (arm == "msc") == (sign > 0)
    group: Group = "first" if arm == "msc" else "second"
    shift = tipping_shift(completed.changes, group, farthest=WHOLE_SCALE, level=level)
    missing = completed.of_missing(arm)
    end = 0.0 if must_fall else WHOLE_SCALE
    farthest = end - float(completed.baseline[missing].mean())
    how = "worse" if must_fall else "better"
    if shift is None:
        why = (
            f"Were every {_NAMES[arm]} patient who was missed {WHOLE_SCALE:g} points {how} than"
            " imputed, the whole scale, the interval would still be"
            f" {'above' if sign > 0 else 'below'} 0."
        )
        return TippingPoint(None, imputed, None, farthest, why)
    tipped = imputed + shift
    beyond = tipped < farthest if must_fall else tipped > farthest
    n_missing = int(missing.sum())
    who = (
        f"The one {_NAMES[arm]} patient who was missed"
        if n_missing == 1
        else f"The {n_missing} {_NAMES[arm]} patients who were missed"
    )
    why = (
        f"{who} would have to do {abs(shift):.1f} points {how}"
        f" than imputed, a mean change of {tipped:.1f} points;"
        f" {'the scale does not reach so far' if beyond else 'the scale allows it'}."
    )
    return TippingPoint(shift, imputed, tipped, farthest, why)


def _sign(completed: CompletedChanges, level: float) -> int:
    """1 where the interval without any shift is above 0, -1 below, 0 where it includes 0."""
    found = pooled_difference(completed.changes, level=level).estimate
    return int(found.lower > 0) - int(found.upper < 0)


def shift_grid(completed: CompletedChanges, level: float) -> ShiftGrid:
    """The pooled difference for every pair of shifts."""
    is_harm = _sign(completed, level) < 0
    most = {"msc": _UP if is_harm else _DOWN, "control": _DOWN if is_harm else _UP}
    shifts = {arm: most[arm] if completed.of_missing(arm).any() else (0.0,) for arm in ARMS}
    cells = pooled_grid(completed.changes, shifts["msc"], shifts["control"], level=level)

    def each(number: Callable[[Pooled], float]) -> tuple[tuple[float, ...], ...]:
        return tuple(tuple(number(cell) for cell in row) for row in cells)

    return ShiftGrid(
        shifts["msc"],
        shifts["control"],
        difference=each(lambda cell: cell.estimate.value),
        lower=each(lambda cell: cell.estimate.lower),
        upper=each(lambda cell: cell.estimate.upper),
        p=each(lambda cell: cell.p),
    )
