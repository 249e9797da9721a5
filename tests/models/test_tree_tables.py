"""Tables of trees beside walking the trees, and their bits in any batch."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from numpy.typing import NDArray

from models import tree_paths
from models.tree_paths import groups_of, paths_of, unit_of
from models.tree_tables import TreeTables
from models.trees import TreeEnsembles

N_FEATURES = 5


def made_up(n_ensembles: int, n_trees: int, depth: int, seed: int = 1) -> TreeEnsembles:
    """Trees over few thresholds, some of a single leaf."""
    rng = np.random.default_rng(seed)
    shape = (n_ensembles, n_trees, 2**depth - 1)
    leaf = rng.normal(size=(n_ensembles, n_trees, 2**depth))
    leaf[:, ::4] = leaf[:, ::4, :1]
    thresholds = rng.normal(size=30).astype(np.float32)
    return TreeEnsembles(
        rng.integers(N_FEATURES, size=shape),
        thresholds[rng.integers(30, size=shape)],
        rng.random(shape) < 0.5,
        leaf,
        rng.normal(size=n_ensembles),
    )


def rows(n: int, trees: TreeEnsembles) -> NDArray[np.float32]:
    """Values between thresholds and on them, some missing."""
    rng = np.random.default_rng(7)
    values = rng.normal(size=(n, N_FEATURES)).astype(np.float32)
    on = rng.random(values.shape) < 0.3
    values[on] = rng.choice(trees.threshold.ravel(), on.sum())
    values[rng.random(values.shape) < 0.1] = np.nan
    return values


def scores(tables: TreeTables, features: NDArray[np.float32]) -> NDArray[np.int32]:
    return np.vstack([found for _, found in tables.scores(features)])


def walked(trees: TreeEnsembles, ensemble: int, row: NDArray[np.float32], unit: float) -> int:
    """The sum of the leaves that one patient comes to, in units."""
    total = round(trees.base[ensemble] / unit)
    n_inner = trees.feature.shape[2]
    for tree in range(trees.feature.shape[1]):
        node = 0
        while node < n_inner:
            at = ensemble, tree, node
            value = row[trees.feature[at]]
            left = trees.missing_left[at] if np.isnan(value) else value < trees.threshold[at]
            node = 2 * node + (1 if left else 2)
        total += round(trees.leaf[ensemble, tree, node - n_inner] / unit)
    return total


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_tables_give_the_exact_sum_of_the_leaves(depth: int) -> None:
    trees = made_up(3, 20, depth)
    features = rows(80, trees)
    tables = TreeTables.of_trees([trees], N_FEATURES)
    found = scores(tables, features)
    for row, ensemble in np.ndindex(found.shape):
        assert found[row, ensemble] == walked(trees, ensemble, features[row], tables.unit)


@pytest.mark.parametrize("size", [1e-3, 1.0, 1e3, 1e6])
def test_no_sum_is_more_than_its_whole_numbers_hold(size: float) -> None:
    trees = made_up(2, 60, 2)
    leaf = np.abs(trees.leaf) * size
    large = replace(trees, leaf=np.stack([leaf[0], -leaf[1]]), base=np.array([size, -size]))
    unit = unit_of([large])
    most = np.abs(large.leaf).max(axis=2).sum(axis=1) + size
    assert (most / unit + 61 < 2**31).all()
    assert unit <= max(1.0, float(most.max())) * 2.0**-29


@pytest.mark.parametrize("size", [1, 3, 63, 64, 65, 1024])
def test_row_has_the_same_bits_in_any_batch(size: int) -> None:
    trees = made_up(4, 30, 2)
    tables, features = TreeTables.of_trees([trees], N_FEATURES), rows(1100, trees)
    parts = [scores(tables, features[at : at + size]) for at in range(0, 1100, size)]
    assert_array_equal(np.vstack(parts), scores(tables, features))


def test_forests_are_counted_on() -> None:
    first, second = made_up(2, 8, 2), made_up(3, 5, 1, seed=2)
    features = rows(50, first)
    together = TreeTables.of_trees([first, second], N_FEATURES)
    found = scores(together, features)
    for row, ensemble in np.ndindex(found.shape):
        trees, number = (first, ensemble) if ensemble < 2 else (second, ensemble - 2)
        assert found[row, ensemble] == walked(trees, number, features[row], together.unit)


def test_tables_in_parts_give_the_same_bits(monkeypatch: pytest.MonkeyPatch) -> None:
    trees = made_up(6, 30, 2)
    features = rows(200, trees)
    whole = scores(TreeTables.of_trees([trees], N_FEATURES), features)
    monkeypatch.setattr(tree_paths, "MAX_CELLS", 40)
    groups = list(groups_of(path for path in paths_of([trees], 2**-25) if path.steps))
    assert max(group.n_cells for group in groups) <= 40
    assert_array_equal(scores(TreeTables.of_trees([trees], N_FEATURES), features), whole)


def test_no_rows_give_no_scores() -> None:
    tables = TreeTables.of_trees([made_up(2, 4, 2)], N_FEATURES)
    assert list(tables.scores(np.empty((0, N_FEATURES), np.float32))) == []
