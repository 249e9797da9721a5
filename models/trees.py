"""Ensembles of small trees as NumPy tables, for scoring many bootstrap refits at once.

XGBoost predicts one booster at a time; fifty refits would cost fifty calls a request. The
champion itself is always scored by XGBoost.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


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

    def margins(self, features: NDArray[np.float32]) -> NDArray[np.float64]:
        """Margin of every ensemble for every row, shape (n_patients, n_ensembles) [log-odds].

        `features` has shape (n_patients, n_features); NaN is missing.
        """
        depth = (self.leaf.shape[-1]).bit_length() - 1
        ensembles, trees = np.ogrid[: self.leaf.shape[0], : self.leaf.shape[1]]
        margins = np.empty((len(features), len(self.base)))
        for row, values in enumerate(features):
            node = np.zeros(self.leaf.shape[:2], dtype=np.int64)
            for _ in range(depth):
                value = values[self.feature[ensembles, trees, node]]
                left = value < self.threshold[ensembles, trees, node]
                left |= np.isnan(value) & self.missing_left[ensembles, trees, node]
                node = 2 * node + 2 - left
            leaf = self.leaf[ensembles, trees, node - (2**depth - 1)]
            margins[row] = self.base + leaf.sum(axis=1)
        return margins

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
    def of_boosters(cls, boosters: Sequence[Any], *, depth: int) -> "TreeEnsembles":
        """The trees of XGBoost boosters, none deeper than `depth`.

        Shorter ensembles are padded with trees that add 0.
        """
        models = [json.loads(booster.save_raw("json"))["learner"] for booster in boosters]
        forests = [model["gradient_booster"]["model"]["trees"] for model in models]
        n_trees = max(len(forest) for forest in forests)
        inner, leaves = 2**depth - 1, 2**depth
        shape = (len(forests), n_trees)
        tables = cls(
            np.zeros((*shape, inner), dtype=np.int64),
            np.zeros((*shape, inner), dtype=np.float32),
            np.zeros((*shape, inner), dtype=np.bool_),
            np.zeros((*shape, leaves)),
            np.array([base_margin(model) for model in models]),
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
