"""What each feature adds to the margin of boosted trees, as tables: TreeSHAP, exactly.

A leaf is a game whose players are the features compared on the way to it: one that is known lets
the patient pass or not, one that is not known passes the share of training patients that did. The
leaf's value is divided among them by Shapley's weights.
Source: Lundberg and others 2018, arXiv:1802.03888, algorithm 2 (path-dependent TreeSHAP).
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.tree_paths import Path, PathGroup, Step, groups_of
from models.tree_tables import Table, TreeTables, passing, place_of_each, rising

Floats = NDArray[np.float64]


class _Leaf(NamedTuple):
    """A leaf, the comparisons on the way to it, and the share of patients that passed each."""

    steps: tuple[Step, ...]
    shares: tuple[float, ...]
    value: float


def share_tables(model: Mapping[str, Any], tables: TreeTables, *, slope: float) -> TreeTables:
    """Tables whose sums are what each feature adds to ``slope * margin``.

    Parameters
    ----------
    model
        A booster as XGBoost writes it.
    tables
        Of the same trees: they give thresholds and unit.

    Returns
    -------
    Tables with one column per feature, (n_patients, n_features) in units of `tables`.
    """
    trees = model["learner"]["gradient_booster"]["model"]["trees"]
    leaves = [leaf for tree in trees for leaf in _leaves(tree, 0) if leaf.steps]
    paths = [Path(number, leaf.steps, 1) for number, leaf in enumerate(leaves)]
    found = tuple(_table(group, leaves, slope, tables) for group in groups_of(paths))
    nothing = np.zeros(len(tables.thresholds), dtype=np.int32)
    return TreeTables(tables.thresholds, found, nothing, tables.unit)


def _leaves(tree: Mapping[str, Any], node: int) -> Iterator[_Leaf]:
    children = int(tree["left_children"][node]), int(tree["right_children"][node])
    if children[0] == -1:
        yield _Leaf((), (), float(tree["split_conditions"][node]))
        return
    feature, threshold = int(tree["split_indices"][node]), float(tree["split_conditions"][node])
    for child, below in zip(children, (True, False), strict=True):
        step = Step(feature, threshold, below, missing=bool(tree["default_left"][node]) == below)
        share = float(tree["sum_hessian"][child]) / float(tree["sum_hessian"][node])
        for leaf in _leaves(tree, child):
            yield _Leaf((step, *leaf.steps), (share, *leaf.shares), leaf.value)


def _table(group: PathGroup, leaves: Sequence[_Leaf], slope: float, tables: TreeTables) -> Table:
    """The table of the leaves of a group."""
    own = {feature: rising(compared) for feature, compared in group.thresholds.items()}
    sizes = [len(compared) + 2 for compared in own.values()]
    sums = np.zeros((len(tables.thresholds), *sizes))
    for path in group.paths:
        leaf = leaves[path.ensemble]
        known, unknown = _players(leaf, own)
        for feature, share in _divided(known, unknown):
            sums[feature] += slope * leaf.value * share
    by_cell = np.rint(sums.reshape(len(sums), -1).T / tables.unit).astype(np.int32)
    places = tuple(
        place_of_each(tables.thresholds[feature], compared) * math.prod(sizes[number + 1 :])
        for number, (feature, compared) in enumerate(own.items())
    )
    return Table(tuple(own), places, np.ascontiguousarray(by_cell), slice(0, len(sums)))


def _players(
    leaf: _Leaf, own: Mapping[int, NDArray[np.float32]]
) -> tuple[dict[int, Floats], dict[int, float]]:
    """By feature: which of its intervals pass, along its axis of the table, and its share."""
    known: dict[int, Floats] = {}
    unknown: dict[int, float] = {}
    for step, share in zip(leaf.steps, leaf.shares, strict=True):
        axis = list(own).index(step.feature)
        passes = passing(step, own[step.feature]).astype(np.float64)
        passes = passes.reshape([-1 if number == axis else 1 for number in range(len(own))])
        known[step.feature] = known.get(step.feature, 1.0) * passes
        unknown[step.feature] = unknown.get(step.feature, 1.0) * share
    return known, unknown


def _divided(
    known: Mapping[int, Floats], unknown: Mapping[int, float]
) -> Iterator[tuple[int, Floats]]:
    """Each player's part of a game that is worth 1 when everybody passes."""
    n = len(known)
    for feature in known:
        others = [other for other in known if other != feature]
        rest: Floats = np.zeros(1)
        for size in range(n):
            weight = 1 / (n * math.comb(n - 1, size))
            for coalition in combinations(others, size):
                product: Any = weight
                for other in others:
                    product = product * (known if other in coalition else unknown)[other]
                rest = rest + product
        yield feature, (known[feature] - unknown[feature]) * rest
