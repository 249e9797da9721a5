"""Pairs of panels as arrays, one row per patient: what features are computed from.

Censored results keep their limit and their kind; nothing is substituted here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from data.analytes import Analyte
from data.measurement import Measurement
from data.panel import Panel, PanelPair

BASELINE: Final = 0
FOLLOW_UP: Final = 1


class Kind:
    """How a number in `PairColumns.values` is meant; plain integers, for they fill arrays."""

    MEASURED: Final = 0
    BELOW_LLOQ: Final = 1
    ABOVE_ULOQ: Final = 2
    EXTRAPOLATED: Final = 3
    NOT_REPORTED: Final = 4


_KIND_OF_COMPARATOR: Final = {
    "none": Kind.MEASURED,
    "<": Kind.BELOW_LLOQ,
    ">": Kind.ABOVE_ULOQ,
    "extrapolated": Kind.EXTRAPOLATED,
}


@dataclass(frozen=True, slots=True)
class PairColumns:
    """Panels of n patients.

    Attributes
    ----------
    analytes
        The k analytes of the last axis.
    values
        Shape (n_patients, 2, k): baseline and follow-up in each analyte's own unit; the limit
        where censored, NaN where not reported or where there is no follow-up panel.
    kinds
        Shape (n_patients, 2, k), int8 of `Kind`.
    """

    analytes: tuple[Analyte, ...]
    values: NDArray[np.float64]
    kinds: NDArray[np.int8]

    @property
    def n_patients(self) -> int:
        """Number of rows."""
        return len(self.values)


def columns_of_pairs(pairs: Sequence[PanelPair], analytes: Sequence[Analyte]) -> PairColumns:
    """Pairs of panels as columns; an analyte that a panel lacks counts as not reported."""
    names = [analyte.name for analyte in analytes]
    cells = [_cells(panel, names) for pair in pairs for panel in (pair.baseline, pair.follow_up)]
    shape = (len(pairs), 2, len(names))
    values = np.array([[value for value, _ in row] for row in cells], dtype=np.float64)
    kinds = np.array([[kind for _, kind in row] for row in cells], dtype=np.int8)
    return PairColumns(tuple(analytes), values.reshape(shape), kinds.reshape(shape))


def _cells(panel: Panel | None, names: Sequence[str]) -> list[tuple[float, int]]:
    if panel is None:
        return [_NOTHING] * len(names)
    found = {measurement.analyte: measurement for measurement in panel.measurements}
    return [value_and_kind(found.get(name)) for name in names]


_NOTHING: Final = (float("nan"), Kind.NOT_REPORTED)


def value_and_kind(measurement: Measurement | None) -> tuple[float, int]:
    """One cell of `PairColumns`: the number and how it is meant."""
    if measurement is None:
        return _NOTHING
    if measurement.limit is not None:
        return measurement.limit, _KIND_OF_COMPARATOR[measurement.comparator]
    if measurement.value is None:
        return _NOTHING
    return measurement.value, _KIND_OF_COMPARATOR[measurement.comparator]
