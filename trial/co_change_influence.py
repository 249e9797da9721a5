"""Whether one patient decides how two changes go together: each is left out in turn."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from analysis.correlation import pearson
from analysis.correlation_difference import correlation_difference, interaction
from trial.analyte_pairs import Numbers
from trial.not_computed import NotComputed, computed

_MOVED: Final = 1.0
"""Standard errors that make a patient influential (Belsley, Kuh and Welsch 1980: DFBETAS)."""
Quantity = Literal["good", "poor", "correlation_difference", "slope_difference"]
"""Pearson's r of either group; good less poor, of the correlations and of the slopes."""
_Found = tuple[float, float, float]
"""Value, p, and the statistic behind p."""
_Members = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Decisive:
    """Patients without any one of whom a quantity is judged otherwise.

    Attributes
    ----------
    value, p
        Of all patients.
    patient_ids
        Without one of them p falls on the other side of 1 less the level of intervals, or the
        sign of a difference turns and its statistic moves by more than 1. The one who moves the
        value most comes first.
    value_without, p_without
        Without the first of them.
    """

    quantity: Quantity
    value: float
    p: float
    patient_ids: tuple[str, ...]
    value_without: float
    p_without: float


def decisive_patients(
    changes: Numbers, is_good: _Members, patient_ids: tuple[str, ...], *, level: float
) -> tuple[Decisive, ...]:
    """Leave out each patient in turn and see whether a quantity is judged otherwise.

    Parameters
    ----------
    changes
        Shape (n_patients, 2): of x and of y.
    is_good
        Shape (n_patients,).
    patient_ids
        Of the rows of changes.

    Examples
    --------
    Six patients on a falling line and one far away, who turns it:

    >>> x = np.array([1.0, 2, 3, 4, 5, 6, 20])
    >>> y = np.array([6.0, 5, 4.5, 3, 2, 1, 12])
    >>> ids = tuple(f"P{i}" for i in range(1, 8))
    >>> (found,) = decisive_patients(np.c_[x, y], np.full(7, True), ids, level=0.95)
    >>> found.quantity, found.patient_ids, round(found.value, 2), round(found.value_without, 2)
    ('good', ('P7', 'P1', 'P6'), 0.72, -0.99)
    """
    found = (_decisive(quantity, (changes, is_good), patient_ids, level) for quantity in _MEASURES)
    return tuple(one for one in found if one is not None)


def _decisive(
    quantity: Quantity,
    rows: tuple[Numbers, _Members],
    patient_ids: tuple[str, ...],
    level: float,
) -> Decisive | None:
    whole = computed(lambda: _MEASURES[quantity](*rows))
    if isinstance(whole, NotComputed):
        return None
    without = {
        patient_id: left
        for patient_id, left in _left_out(quantity, rows, patient_ids)
        if _is_other(quantity, whole, left, level)
    }
    if not without:
        return None
    ids = sorted(without, key=lambda one: -abs(without[one][0] - whole[0]))
    return Decisive(quantity, *whole[:2], tuple(ids), *without[ids[0]][:2])


def _left_out(
    quantity: Quantity, rows: tuple[Numbers, _Members], patient_ids: tuple[str, ...]
) -> Iterator[tuple[str, _Found]]:
    changes, is_good = rows
    for place, patient_id in enumerate(patient_ids):
        stay = np.arange(is_good.size) != place
        found = computed(partial(_MEASURES[quantity], changes[stay], is_good[stay]))
        if not isinstance(found, NotComputed):
            yield patient_id, found


def _is_other(quantity: Quantity, whole: _Found, without: _Found, level: float) -> bool:
    turned = (whole[0] < 0) != (without[0] < 0) and abs(whole[2] - without[2]) > _MOVED
    return (turned and quantity.endswith("difference")) or (whole[1] < 1 - level) != (
        without[1] < 1 - level
    )


def _correlation(changes: Numbers, members: _Members) -> _Found:
    found = pearson(*changes[members].T)
    return found.r, found.p, found.t


def _correlation_difference(changes: Numbers, is_good: _Members) -> _Found:
    r = [_correlation(changes, members)[0] for members in (is_good, ~is_good)]
    found = correlation_difference(r[0], int(is_good.sum()), r[1], int((~is_good).sum()))
    return found.difference.value, found.p, found.z


def _slope_difference(changes: Numbers, is_good: _Members) -> _Found:
    found = interaction(changes[:, 0], changes[:, 1], is_good).slope_difference
    return found.value, found.p, found.t


_MEASURES: Final[Mapping[Quantity, Callable[[Numbers, _Members], _Found]]] = {
    "good": _correlation,
    "poor": lambda changes, is_good: _correlation(changes, ~is_good),
    "correlation_difference": _correlation_difference,
    "slope_difference": _slope_difference,
}
