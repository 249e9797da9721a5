"""Ensembles of small trees as tables of sums, looked up instead of walked.

A tree of depth 2 compares two features on each way down, so an ensemble is a sum of functions of
pairs of features, each constant between neighbouring thresholds. Leaves are taken to 2**-40,
so that every sum of them is exact: no order of adding, and no batch, changes a bit.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.trees import TreeEnsembles

Floats = NDArray[np.float64]

GRID: Final = 2.0**40
"""Sums below 2**12 of multiples of its inverse are exact in float64."""
_MAX_CELLS: Final = 1 << 14
"""Of one table (our choice): it stays in the processor's cache and is made in milliseconds."""
_BLOCK: Final = 1024


@dataclass(frozen=True, slots=True)
class _Path:
    """From the root of a tree to a leaf: the leaf counts where all steps hold."""

    ensemble: int
    steps: tuple[tuple[int, np.float32, bool, bool], ...]
    """Feature, threshold, whether a value below it (or a missing one) gets here."""
    leaf: float


@dataclass(frozen=True, slots=True)
class _Table:
    """Sums over the leaves that depend on some features, by cell between their thresholds.

    `places` has, per feature, where its interval begins in `sums` (n_cells, n_ensembles).
    """

    features: tuple[int, ...]
    places: tuple[NDArray[np.intp], ...]
    sums: Floats


@dataclass(frozen=True, slots=True)
class TreeTables:
    """Several ensembles at once.

    Attributes
    ----------
    cuts
        Thresholds of each feature, ascending; interval i lies below cut i, the last but one above
        all of them, and the last holds what is missing.
    tables
        What to look up and add to `base` (n_ensembles,) [log-odds].
    """

    cuts: tuple[NDArray[np.float32], ...]
    tables: tuple[_Table, ...]
    base: Floats
