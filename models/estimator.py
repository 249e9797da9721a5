"""Fitted estimators as plain numbers: an intercept, one term per feature, bootstrap refits.

Linear estimators live in `estimator.json` alone; boosted trees keep XGBoost's own bytes beside
it. Terms are added element by element in recipe order, or exactly, so that a patient gets the same
bits alone, in a batch and in the library.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from models.linear_refits import LinearRefits, Ranks
from models.tree_shares import share_tables
from models.tree_tables import TreeTables
from models.trees import TreeEnsembles
from models.ubjson import read_ubjson

Floats = NDArray[np.float64]

ESTIMATOR_FORMAT: Final = 1
_HIGHEST: Final = np.iinfo(np.int32).max


Explanation = tuple[Floats, Floats]
"""Intercept (n_patients,) and terms (n_patients, n_features) [log-odds]."""


class Answers(NamedTuple):
    """What an estimator says about n patients [log-odds].

    Attributes
    ----------
    score
        Shape (n_patients,).
    refits
        Shape (n_patients, n_ranks): the refits' scores of the ranks that were asked for.
    explain
        The terms, for whoever asks.
    """

    score: Floats
    refits: Floats
    explain: Callable[[], Explanation]


class Estimator(Protocol):
    """What the scorer asks of a fitted estimator; features of shape (n_patients, n_features)."""

    @property
    def n_refits(self) -> int:
        """Number of bootstrap refits."""

    def scores(self, features: Floats, ranks: Ranks) -> Answers:
        """Score everybody, and find the refits' scores of some rising ranks (0 the lowest)."""

    def terms(self, features: Floats) -> Explanation:
        """What each feature adds to the score; added in recipe order, its very bits."""

    def refit_scores(self, features: Floats) -> Floats:
        """Score of each bootstrap refit, shape (n_patients, n_refits) [log-odds]."""


@dataclass(frozen=True, slots=True)
class LinearEstimator:
    """Penalised logistic regression with its in-fold imputation and scaling.

    A missing feature enters as its median; the term of feature j is
    ``coefficients[j] * (x[j] - means[j]) / scales[j]``. All arrays (n_features,).
    """

    intercept: float
    coefficients: Floats
    medians: Floats
    means: Floats
    scales: Floats
    refits: LinearRefits

    @property
    def n_refits(self) -> int:
        """Number of bootstrap refits."""
        return len(self.refits.intercepts)

    def scores(self, features: Floats, ranks: Ranks) -> Answers:
        """See `Estimator.scores`."""
        intercept, terms = self.terms(features)
        score = intercept.copy()
        for term in terms.T:
            score += term
        refits = self.refits.scores_of_ranks(features, ranks)
        return Answers(score, refits, lambda: (intercept, terms))

    def terms(self, features: Floats) -> Explanation:
        """See `Estimator.terms`."""
        # With features first, each of them is one piece of memory.
        medians, means, scales, coefficients = self._by_feature()
        by_feature = features.T
        terms = np.where(np.isnan(by_feature), medians, by_feature)
        terms -= means
        terms /= scales
        terms *= coefficients
        return np.full(len(features), self.intercept), terms.T

    def _by_feature(self) -> tuple[Floats, ...]:
        constants = self.medians, self.means, self.scales, self.coefficients
        return tuple(array[:, np.newaxis] for array in constants)

    def refit_scores(self, features: Floats) -> Floats:
        """See `Estimator.refit_scores`."""
        return self.refits.scores(features)

    def as_json(self) -> dict[str, Any]:
        """The content of `estimator.json`."""
        return {
            "format": ESTIMATOR_FORMAT,
            "kind": "linear",
            "intercept": self.intercept,
            "coefficients": self.coefficients.tolist(),
            "medians": self.medians.tolist(),
            "means": self.means.tolist(),
            "scales": self.scales.tolist(),
            "refits": {
                "intercepts": self.refits.intercepts.tolist(),
                "coefficients": self.refits.coefficients.tolist(),
                "medians": self.refits.medians.tolist(),
            },
        }

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> "LinearEstimator":
        """Read back what `as_json` wrote; the same bits."""
        refits = stored["refits"]
        return cls(
            intercept=float(stored["intercept"]),
            coefficients=np.array(stored["coefficients"]),
            medians=np.array(stored["medians"]),
            means=np.array(stored["means"]),
            scales=np.array(stored["scales"]),
            refits=LinearRefits(  # each feature's coefficients are used in one piece
                intercepts=np.array(refits["intercepts"]),
                coefficients=np.array(refits["coefficients"], order="F"),
                medians=np.array(refits["medians"], order="F"),
            ),
        )


@dataclass(frozen=True, slots=True)
class BoostedEstimator:
    """XGBoost trees with Platt calibration ``score = slope * margin + intercept``.

    `ubj` is XGBoost's own file of them, and `booster` its `xgboost.Booster` where somebody asked
    for it, which scores and explains nothing here; `refits` are the bootstrap refits with their
    own Platt constants, shapes (n_refits,). `tables` has all of them, calibrated, the served
    trees last; `shares` what each feature adds to those.
    """

    ubj: bytes
    slope: float
    intercept: float
    refits: TreeEnsembles
    refit_slopes: Floats
    refit_intercepts: Floats
    booster: Any = None
    tables: TreeTables = field(init=False, repr=False, compare=False)
    shares: TreeTables = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        model = read_ubjson(self.ubj)
        refits = self.refits.calibrated(self.refit_slopes, self.refit_intercepts)
        served = TreeEnsembles.of_models([model]).calibrated(
            np.array([self.slope]), np.array([self.intercept])
        )
        n_features = int(model["learner"]["learner_model_param"]["num_feature"])
        tables = TreeTables.of_trees([refits, served], n_features)
        object.__setattr__(self, "tables", tables)
        object.__setattr__(self, "shares", share_tables(model, tables, slope=self.slope))

    @property
    def n_refits(self) -> int:
        """Number of bootstrap refits."""
        return len(self.refits.base)

    def scores(self, features: Floats, ranks: Ranks) -> Answers:
        """See `Estimator.scores`."""
        score, found = np.empty(len(features)), np.empty((len(features), len(ranks)))
        for rows, scores in self.tables.scores(features.astype(np.float32)):
            score[rows] = scores[:, -1]
            scores[:, -1] = _HIGHEST  # the refits are sorted before it, all in one piece
            scores.sort(axis=1)
            found[rows] = scores[:, ranks]
        score *= self.tables.unit
        found *= self.tables.unit
        return Answers(score, found, lambda: self._explanation(features, score))

    def terms(self, features: Floats) -> Explanation:
        """See `Estimator.terms`."""
        return self.scores(features, ()).explain()

    def _explanation(self, features: Floats, score: Floats) -> Explanation:
        """TreeSHAP; the intercept is the rest, the same for everybody but for rounding."""
        terms = np.empty(features.shape)
        for rows, shares in self.shares.scores(features.astype(np.float32)):
            terms[rows] = shares
        terms *= self.shares.unit
        return score - terms.sum(axis=1), terms

    def refit_scores(self, features: Floats) -> Floats:
        """See `Estimator.refit_scores`."""
        found = np.empty((len(features), self.n_refits))
        for rows, scores in self.tables.scores(features.astype(np.float32)):
            found[rows] = scores[:, :-1]
        return found * self.tables.unit

    def as_json(self) -> dict[str, Any]:
        """The content of `estimator.json`; `ubj` is that of `estimator.ubj`."""
        return {
            "format": ESTIMATOR_FORMAT,
            "kind": "boosted",
            "slope": self.slope,
            "intercept": self.intercept,
            "refits": {
                "trees": self.refits.as_json(),
                "slopes": self.refit_slopes.tolist(),
                "intercepts": self.refit_intercepts.tolist(),
            },
        }

    @classmethod
    def from_json(cls, stored: dict[str, Any], ubj: bytes, booster: Any) -> "BoostedEstimator":
        """Read back what `as_json` wrote, beside the file of the booster."""
        refits = stored["refits"]
        return cls(
            ubj,
            float(stored["slope"]),
            float(stored["intercept"]),
            TreeEnsembles.from_json(refits["trees"]),
            np.array(refits["slopes"]),
            np.array(refits["intercepts"]),
            booster,
        )


def load_booster(ubj: bytes) -> Any:
    """XGBoost's own booster; damaged bytes may end the process (`models/probation.py`)."""
    import xgboost

    booster = xgboost.Booster({"nthread": 1})
    booster.load_model(bytearray(ubj))
    return booster


def load_estimator(
    stored: dict[str, Any], ubj: bytes | None, with_booster: bool = True
) -> LinearEstimator | BoostedEstimator:
    """The estimator of a bundle from its files' contents.

    Parameters
    ----------
    with_booster
        Whether a booster is given to XGBoost, too, which nothing here needs to answer.

    Raises
    ------
    ValueError, KeyError
        When the contents are not what `as_json` writes.
    """
    if stored["format"] != ESTIMATOR_FORMAT:
        raise ValueError(f"estimator format {ESTIMATOR_FORMAT} is needed")
    if stored["kind"] == "linear":
        return LinearEstimator.from_json(stored)
    if stored["kind"] != "boosted":
        raise ValueError("an estimator is linear or boosted")
    if ubj is None:
        raise ValueError("estimator.ubj is missing")
    booster = load_booster(ubj) if with_booster else None
    return BoostedEstimator.from_json(stored, ubj, booster)
