"""The ways to the leaves of ensembles of trees, in groups that compare few features.

From them `models/tree_tables.py` makes its tables.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from models.trees import TreeEnsembles

MAX_CELLS: Final = 4096
"""Of one table (our choice): with 51 ensembles it fits into a processor's cache."""
_BITS: Final = 30
"""Of int32, one for the sign and one for what rounding adds."""


class Step(NamedTuple):
    """One comparison on the way to a leaf: which values go on to it, and whether missing ones."""

    feature: int
    threshold: float
    below: bool
    missing: bool


class Path(NamedTuple):
    """The way to one leaf of one ensemble, and what it adds in whole units."""

    ensemble: int
    steps: tuple[Step, ...]
    leaf: int


@dataclass(frozen=True, slots=True)
class PathGroup:
    """Paths by ensemble, and the thresholds that they compare each feature with."""

    paths: tuple[Path, ...]
    thresholds: Mapping[int, frozenset[float]]

    @classmethod
    def of_paths(cls, paths: Iterable[Path]) -> "PathGroup":
        """The group of some paths."""
        ordered = tuple(sorted(paths, key=lambda path: path.ensemble))
        found: dict[int, set[float]] = {}
        for path in ordered:
            for step in path.steps:
                found.setdefault(step.feature, set()).add(step.threshold)
        return cls(ordered, {feature: frozenset(found[feature]) for feature in sorted(found)})

    @property
    def n_cells(self) -> int:
        """Cells between the thresholds, beside them one for what is missing."""
        return math.prod(len(of_feature) + 2 for of_feature in self.thresholds.values())

    def joined(self, other: "PathGroup") -> "PathGroup":
        """Both as one."""
        features = sorted(self.thresholds.keys() | other.thresholds.keys())
        none: frozenset[float] = frozenset()
        both = {j: self.thresholds.get(j, none) | other.thresholds.get(j, none) for j in features}
        return PathGroup(self.paths + other.paths, both)


def unit_of(forests: Sequence[TreeEnsembles]) -> float:
    """A power of two [log-odds] of which no ensemble's sum can be more than int32 holds.

    Whole numbers of it are added exactly in any order. With sums up to 32 log-odds it is 2**-25.

    Raises
    ------
    ValueError
        A leaf is not finite.
    """
    largest = 1.0
    for trees in forests:
        reach = np.abs(trees.leaf).max(axis=2, initial=0.0).sum(axis=1) + np.abs(trees.base)
        if not np.isfinite(reach).all():
            raise ValueError("the leaves of a tree are finite")
        largest = max(largest, float(reach.max()))
    return 2.0 ** (math.ceil(math.log2(largest)) - _BITS)


def paths_of(forests: Iterable[TreeEnsembles], unit: float) -> Iterator[Path]:
    """The ways to all leaves that add anything; ensembles of all forests are counted on."""
    before = 0
    for trees in forests:
        leaves = np.rint(trees.leaf / unit).astype(np.int64)
        for ensemble, number in np.argwhere(leaves.any(axis=2)).tolist():
            below = _below(trees, leaves[ensemble, number].tolist(), (ensemble, number), 0)
            yield from (Path(before + ensemble, steps, leaf) for steps, leaf in below if leaf)
        before += len(leaves)


def _below(
    trees: TreeEnsembles, leaves: Sequence[int], at: tuple[int, int], node: int
) -> list[tuple[tuple[Step, ...], int]]:
    """Steps from a node to each leaf below it; a comparison without consequence is left out."""
    n_inner = len(leaves) - 1
    if node >= n_inner:
        return [((), leaves[node - n_inner])]
    left = _below(trees, leaves, at, 2 * node + 1)
    right = _below(trees, leaves, at, 2 * node + 2)
    if left == right:
        return left
    feature, threshold = int(trees.feature[*at, node]), float(trees.threshold[*at, node])
    to_left = bool(trees.missing_left[*at, node])
    step = Step(feature, threshold, below=True, missing=to_left)
    other = Step(feature, threshold, below=False, missing=not to_left)
    return [((step, *rest), leaf) for rest, leaf in left] + [
        ((other, *rest), leaf) for rest, leaf in right
    ]


def groups_of(paths: Iterable[Path]) -> Iterator[PathGroup]:
    """Paths in as few groups as there are tables of at most `MAX_CELLS` cells for."""
    same_features: dict[frozenset[int], list[Path]] = {}
    for path in paths:
        same_features.setdefault(frozenset(step.feature for step in path.steps), []).append(path)
    largest_first = sorted(
        map(PathGroup.of_paths, same_features.values()), key=lambda g: g.n_cells, reverse=True
    )
    merged: list[PathGroup] = []
    for group in largest_first:
        joined = [found.joined(group) for found in merged]
        best = min(range(len(joined)), key=lambda i: joined[i].n_cells, default=None)
        if best is None or joined[best].n_cells > MAX_CELLS:
            merged.append(group)
        else:
            merged[best] = joined[best]
    for group in merged:
        yield from _small_enough(group)


def _small_enough(group: PathGroup) -> Iterator[PathGroup]:
    """A group whose table would be too large, in parts with fewer thresholds."""
    if group.n_cells <= MAX_CELLS or len(group.paths) == 1:
        yield PathGroup.of_paths(group.paths)
        return
    half = len(group.paths) // 2
    for part in (group.paths[:half], group.paths[half:]):
        yield from _small_enough(PathGroup.of_paths(part))
