"""Ensembles of small trees as tables of sums, looked up instead of walked.

What a leaf adds depends on the few features that are compared on the way to it, and only on which
thresholds they lie between. Sums are whole numbers, so that no order of adding and no batch
changes a bit.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.tree_paths import PathGroup, Step, groups_of, paths_of, unit_of
from models.trees import TreeEnsembles

Units = NDArray[np.int32]
Intervals = NDArray[np.intp]

_BLOCK: Final = 1024
"""Rows that are looked up together (our choice): their scores stay near the processor."""
_FEW: Final = 64


@dataclass(frozen=True, slots=True)
class Table:
    """Sums over some leaves by cell of the features that lead to them.

    `places` has, for each of `features`, what each of its intervals adds to the cell's number;
    `sums` has shape (n_cells, n_ensembles of `ensembles`).
    """

    features: tuple[int, ...]
    places: tuple[Intervals, ...]
    sums: Units
    ensembles: slice

    def cells(self, intervals: Sequence[Intervals]) -> Intervals:
        """Each patient's cell, from the intervals that the features lie in."""
        cells = self.places[0].take(intervals[self.features[0]])
        for feature, places in zip(self.features[1:], self.places[1:], strict=True):
            cells += places.take(intervals[feature])
        return cells


@dataclass(frozen=True, slots=True)
class TreeTables:
    """Several ensembles of trees, ready to score.

    Attributes
    ----------
    thresholds
        Of each feature, rising, float32. Interval i holds the values with i thresholds at or
        below them; the one after holds what is missing.
    tables
        What is added to `base` (n_ensembles,), in units.
    unit
        How much one of them is [log-odds].
    """

    thresholds: tuple[NDArray[np.float32], ...]
    tables: tuple[Table, ...]
    base: Units
    unit: float

    @classmethod
    def of_trees(cls, forests: Sequence[TreeEnsembles], n_features: int) -> "TreeTables":
        """The tables of all ensembles of some forests over `n_features` features."""
        unit = unit_of(forests)
        base = np.rint(np.concatenate([trees.base for trees in forests]) / unit).astype(np.int32)
        branching = []
        for path in paths_of(forests, unit):
            if path.steps:
                branching.append(path)
            else:  # a tree of one leaf
                base[path.ensemble] += path.leaf
        compared = PathGroup.of_paths(branching).thresholds
        thresholds = tuple(rising(compared.get(j, ())) for j in range(n_features))
        groups = groups_of(branching)
        tables = tuple(_table(group, thresholds, len(base)) for group in groups)
        return cls(thresholds, tables, base, unit)

    def scores(self, features: NDArray[np.float32]) -> Iterator[tuple[slice, Units]]:
        """Score of every ensemble for some rows after others.

        Parameters
        ----------
        features
            Shape (n_patients, n_features); NaN is missing.

        Yields
        ------
        The rows, and their scores of shape (n_rows, n_ensembles), in units; theirs to keep.
        """
        found = [
            _intervals(column, cuts)
            for column, cuts in zip(features.T, self.thresholds, strict=True)
        ]
        cells = [table.cells(found) for table in self.tables]
        for start in range(0, len(features), _BLOCK):
            rows = slice(start, start + _BLOCK)
            n_rows = len(features[rows])
            scores = np.empty((n_rows, len(self.base)), dtype=np.int32)
            scores[:] = self.base
            looked_up = np.empty_like(scores)
            for table, of_table in zip(self.tables, cells, strict=True):
                if table.sums.shape[1] < len(self.base):
                    scores[:, table.ensembles] += table.sums.take(of_table[rows], axis=0)
                else:  # in place, without checking numbers that cannot be wrong
                    table.sums.take(of_table[rows], axis=0, out=looked_up, mode="clip")
                    scores += looked_up
            yield rows, scores


def rising(thresholds: Iterable[float]) -> NDArray[np.float32]:
    """Thresholds as they are compared, in order."""
    return np.array(sorted(thresholds), dtype=np.float32)


def _intervals(values: NDArray[np.float32], thresholds: NDArray[np.float32]) -> Intervals:
    """The interval of each value; of many, counting is faster than searching."""
    missing, last = np.isnan(values), len(thresholds) + 1
    if len(values) < _FEW:
        return thresholds.searchsorted(values, side="right") + missing  # NaN is put last
    found = np.zeros(len(values), dtype=np.min_scalar_type(last))
    for threshold in thresholds:
        found += values >= threshold
    found[missing] = last
    return found.astype(np.intp)


def _table(group: PathGroup, thresholds: Sequence[NDArray[np.float32]], n_ensembles: int) -> Table:
    """The table of a group: each leaf added to all cells that lead to it."""
    own = {feature: rising(compared) for feature, compared in group.thresholds.items()}
    sizes = [len(compared) + 2 for compared in own.values()]
    ensembles = _columns(group, n_ensembles)
    sums = np.zeros((ensembles.stop - ensembles.start, *sizes), dtype=np.int32)
    for path in group.paths:
        inside = {j: np.ones(len(compared) + 2, np.bool_) for j, compared in own.items()}
        for step in path.steps:
            inside[step.feature] &= passing(step, own[step.feature])
        sums[path.ensemble - ensembles.start][np.ix_(*inside.values())] += path.leaf
    places = tuple(
        place_of_each(thresholds[feature], compared) * math.prod(sizes[number + 1 :])
        for number, (feature, compared) in enumerate(own.items())
    )
    return Table(tuple(own), places, np.ascontiguousarray(sums.reshape(len(sums), -1).T), ensembles)


def _columns(group: PathGroup, n_ensembles: int) -> slice:
    """The ensembles of a group; most of them count as all, which are added faster than some."""
    numbers = [path.ensemble for path in group.paths]
    some = slice(min(numbers), max(numbers) + 1)
    return some if 2 * (some.stop - some.start) < n_ensembles else slice(0, n_ensembles)


def passing(step: Step, thresholds: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Which intervals pass a step: up to its threshold's own place, or beyond it."""
    place = int(np.searchsorted(thresholds, step.threshold))
    passes: NDArray[np.bool_] = (np.arange(len(thresholds) + 2) <= place) == step.below
    passes[-1] = step.missing
    return passes


def place_of_each(thresholds: NDArray[np.float32], fewer: NDArray[np.float32]) -> Intervals:
    """The interval between fewer thresholds that each interval between all of them lies in."""
    of_cuts = np.searchsorted(fewer, thresholds, side="right")
    return np.concatenate([[0], of_cuts, [len(fewer) + 1]]).astype(np.intp)
