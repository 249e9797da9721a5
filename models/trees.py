"""Ensembles of small trees as NumPy arrays, as a bundle keeps its bootstrap refits.

XGBoost predicts one booster at a time; fifty refits would cost fifty calls a request. How they
score is in `models/tree_tables.py`.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

MAX_DEPTH: Final = 8
"""Our choice: padded trees double in size with every comparison."""


@dataclass(frozen=True, slots=True)
class TreeEnsembles:
    """Trees of several ensembles, padded to complete binary trees of one depth.

    Node i of a tree has children 2i+1 (value below the threshold) and 2i+2.

    Attributes
    ----------
    feature
        Shape (n_ensembles, n_trees, n_inner), int64.
    threshold
        Same shape, float32, as XGBoost compares.
    missing_left
        Same shape, bool: where a missing feature goes.
    leaf
        Shape (n_ensembles, n_trees, n_leaves), float64 [log-odds].
    base
        Shape (n_ensembles,): the margin before the first tree [log-odds].
    """

    feature: NDArray[np.int64]
    threshold: NDArray[np.float32]
    missing_left: NDArray[np.bool_]
    leaf: NDArray[np.float64]
    base: NDArray[np.float64]

    def calibrated(
        self, slopes: NDArray[np.float64], intercepts: NDArray[np.float64]
    ) -> "TreeEnsembles":
        """Trees whose margin is ``slope * margin + intercept``; both of shape (n_ensembles,)."""
        leaf, base = self.leaf * slopes[:, np.newaxis, np.newaxis], self.base * slopes + intercepts
        return replace(self, leaf=leaf, base=base)

    def as_json(self) -> dict[str, Any]:
        """Plain lists; numbers are exact."""
        return {
            "feature": self.feature.tolist(),
            "threshold": self.threshold.astype(np.float64).tolist(),
            "missing_left": self.missing_left.tolist(),
            "leaf": self.leaf.tolist(),
            "base": self.base.tolist(),
        }

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> "TreeEnsembles":
        """Read back what `as_json` wrote."""
        return cls(
            np.array(stored["feature"], dtype=np.int64),
            np.array(stored["threshold"], dtype=np.float32),
            np.array(stored["missing_left"], dtype=np.bool_),
            np.array(stored["leaf"], dtype=np.float64),
            np.array(stored["base"], dtype=np.float64),
        )

    @classmethod
    def of_boosters(cls, boosters: Sequence[Any], *, depth: int | None = None) -> "TreeEnsembles":
        """The trees of XGBoost boosters; see `of_models`."""
        models = [json.loads(booster.save_raw("json")) for booster in boosters]
        return cls.of_models(models, depth=depth)

    @classmethod
    def of_models(
        cls, models: Sequence[Mapping[str, Any]], *, depth: int | None = None
    ) -> "TreeEnsembles":
        """The trees of boosters as XGBoost writes them, none deeper than `depth`.

        Shorter ensembles are padded with trees that add 0. With `depth` left out it is that of
        the deepest tree.

        Raises
        ------
        ValueError, KeyError, IndexError, TypeError
            They are no boosters, or deeper.
        """
        learners = [model["learner"] for model in models]
        forests = [learner["gradient_booster"]["model"]["trees"] for learner in learners]
        if depth is None:
            depth = max(_depth(tree) for forest in forests for tree in forest)
        n_trees = max(len(forest) for forest in forests)
        inner, leaves = 2**depth - 1, 2**depth
        shape = (len(forests), n_trees)
        tables = cls(
            np.zeros((*shape, inner), dtype=np.int64),
            np.zeros((*shape, inner), dtype=np.float32),
            np.zeros((*shape, inner), dtype=np.bool_),
            np.zeros((*shape, leaves)),
            np.array([base_margin(learner) for learner in learners]),
        )
        for ensemble, forest in enumerate(forests):
            for number, tree in enumerate(forest):
                tables._place(tree, (ensemble, number), source=0, target=0)
        return tables

    def _place(
        self, tree: dict[str, Any], at: tuple[int, int], *, source: int, target: int
    ) -> None:
        """Copy node `source` of an XGBoost tree to position `target`, and all below it."""
        inner = self.feature.shape[-1]
        if target >= inner:
            self.leaf[*at, target - inner] = tree["split_conditions"][source]
            return
        is_leaf = tree["left_children"][source] == -1
        if not is_leaf:
            self.feature[*at, target] = tree["split_indices"][source]
            self.threshold[*at, target] = tree["split_conditions"][source]
            self.missing_left[*at, target] = bool(tree["default_left"][source])
        left = source if is_leaf else tree["left_children"][source]
        right = source if is_leaf else tree["right_children"][source]
        self._place(tree, at, source=left, target=2 * target + 1)
        self._place(tree, at, source=right, target=2 * target + 2)


def base_margin(learner: dict[str, Any]) -> float:
    """XGBoost's base score as a margin; newer versions write it as a list of one."""
    written = str(learner["learner_model_param"]["base_score"]).strip("[]")
    base = float(written)
    return float(np.log(base / (1 - base)))


def _depth(tree: dict[str, Any]) -> int:
    """Comparisons on the longest way from the root to a leaf."""
    depth, nodes = -1, [0]
    while nodes:
        depth += 1
        children = [tree[side][at] for at in nodes for side in ("left_children", "right_children")]
        nodes = [child for child in children if child != -1]
        if depth > MAX_DEPTH:
            raise ValueError(f"trees have at most {MAX_DEPTH} comparisons on a way")
    return depth
