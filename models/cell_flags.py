"""Flags of single results of many patients, one bit each."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.columns import Kind

CELL_FLAGS: Final = (
    "below_lloq",
    "above_uloq",
    "extrapolated",
    "imputed_missing",
    "outside_training_range",
    "possible_blood_contamination",
)
"""What there is to say about a result: bit 0, bit 1, ..."""

_BITS_OF_KIND: Final = np.zeros(5, dtype=np.uint8)
_BITS_OF_KIND[[Kind.BELOW_LLOQ, Kind.ABOVE_ULOQ, Kind.EXTRAPOLATED, Kind.NOT_REPORTED]] = 1, 2, 4, 8
_OUTSIDE: Final = 16
_CONTAMINATED: Final = 32


class CellFlag(NamedTuple):
    """A flag of one result of many patients: positions in `PairColumns` and the code."""

    row: int
    panel: int
    analyte: int
    code: str


@dataclass(frozen=True, slots=True)
class CellFlags:
    """Flags of n patients' results.

    `bits` has shape (n_patients, n_panels, n_analytes), uint8; see `CELL_FLAGS`.
    """

    bits: NDArray[np.uint8]

    @classmethod
    def of_cells(
        cls,
        kinds: NDArray[np.int8],
        *,
        outside: NDArray[np.bool_],
        contaminated: NDArray[np.bool_],
    ) -> "CellFlags":
        """Flags of results by their kind, and where they are unusual; all of one shape."""
        bits = _BITS_OF_KIND[kinds]
        bits |= np.multiply(outside, _OUTSIDE, dtype=np.uint8)
        bits |= np.multiply(contaminated, _CONTAMINATED, dtype=np.uint8)
        return cls(bits)

    def __iter__(self) -> Iterator[CellFlag]:
        for row, panel, analyte in np.argwhere(self.bits).tolist():
            found = int(self.bits[row, panel, analyte])
            for number, code in enumerate(CELL_FLAGS):
                if found >> number & 1:
                    yield CellFlag(row, panel, analyte, code)

    def of_rows(self) -> NDArray[np.uint8]:
        """The bits of all results of each patient, shape (n_patients,)."""
        found = np.zeros(len(self.bits), dtype=np.uint8)
        for panel in range(self.bits.shape[1]):
            for analyte in range(self.bits.shape[2]):
                found |= self.bits[:, panel, analyte]
        return found
