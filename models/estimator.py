"""Fitted estimators as plain numbers: an intercept, one term per feature, bootstrap refits.

Linear estimators live in `estimator.json` alone; boosted trees keep XGBoost's own bytes beside
it. Every operation is element by element in recipe order, so that a patient gets the same bits
alone, in a batch and in the library.
"""

from dataclasses import dataclass
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from models.trees import TreeEnsembles

Floats = NDArray[np.float64]

ESTIMATOR_FORMAT: Final = 1


class Estimator(Protocol):
    """What the scorer asks of a fitted estimator; features of shape (n_patients, n_features)."""

    def terms(self, features: Floats) -> tuple[Floats, Floats]:
        """Intercept of shape (n_patients,) and terms (n_patients, n_features) [log-odds]."""

    def refit_scores(self, features: Floats) -> Floats:
        """Score of each bootstrap refit, shape (n_patients, n_refits) [log-odds]."""


@dataclass(frozen=True, slots=True)
class LinearRefits:
    """Bootstrap refits of a linear estimator on the features' own scale.

    Shapes: `intercepts` (n_refits,), `coefficients` and `medians` (n_refits, n_features).
    """

    intercepts: Floats
    coefficients: Floats
    medians: Floats


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

    def terms(self, features: Floats) -> tuple[Floats, Floats]:
        """Intercept and terms [log-odds]."""
        filled = np.where(np.isnan(features), self.medians, features)
        terms: Floats = (filled - self.means) / self.scales * self.coefficients
        return np.full(len(features), self.intercept), terms

    def refit_scores(self, features: Floats) -> Floats:
        """Score of each refit, terms added in recipe order [log-odds]."""
        scores = np.tile(self.refits.intercepts, (len(features), 1))
        missing = np.isnan(features)
        for j in range(features.shape[1]):
            column = features[:, j, np.newaxis]
            if missing[:, j].any():
                column = np.where(missing[:, j, np.newaxis], self.refits.medians[:, j], column)
            scores += self.refits.coefficients[:, j] * column
        return scores

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
            refits=LinearRefits(
                intercepts=np.array(refits["intercepts"]),
                coefficients=np.array(refits["coefficients"]),
                medians=np.array(refits["medians"]),
            ),
        )


@dataclass(frozen=True, slots=True)
class BoostedEstimator:
    """XGBoost trees with Platt calibration ``score = slope * margin + intercept``.

    `booster` is an `xgboost.Booster` (explanations by TreeSHAP); `refits` are the bootstrap
    refits as tables of trees with their own Platt constants, shapes (n_refits,).
    """

    booster: Any
    slope: float
    intercept: float
    refits: TreeEnsembles
    refit_slopes: Floats
    refit_intercepts: Floats

    def terms(self, features: Floats) -> tuple[Floats, Floats]:
        """Intercept and TreeSHAP terms, scaled by the calibration [log-odds]."""
        import xgboost

        if not len(features):  # XGBoost warns of no rows, and gives no columns for them
            return np.empty(0), np.empty((0, features.shape[1]))
        matrix = xgboost.DMatrix(features, nthread=1)
        shares = self.booster.predict(matrix, pred_contribs=True).astype(np.float64)
        return self.slope * shares[:, -1] + self.intercept, self.slope * shares[:, :-1]

    def refit_scores(self, features: Floats) -> Floats:
        """Calibrated score of each refit [log-odds]."""
        margins = self.refits.margins(features.astype(np.float32))
        scores: Floats = self.refit_slopes * margins + self.refit_intercepts
        return scores

    def as_json(self) -> dict[str, Any]:
        """The content of `estimator.json`; the booster's bytes are in `estimator.ubj`."""
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

    def as_ubj(self) -> bytes:
        """The content of `estimator.ubj`."""
        return bytes(self.booster.save_raw("ubj"))

    @classmethod
    def from_json(cls, stored: dict[str, Any], ubj: bytes) -> "BoostedEstimator":
        """Read back what `as_json` and `as_ubj` wrote."""
        import xgboost

        booster = xgboost.Booster({"nthread": 1})
        booster.load_model(bytearray(ubj))
        refits = stored["refits"]
        return cls(
            booster,
            float(stored["slope"]),
            float(stored["intercept"]),
            TreeEnsembles.from_json(refits["trees"]),
            np.array(refits["slopes"]),
            np.array(refits["intercepts"]),
        )


def load_estimator(stored: dict[str, Any], ubj: bytes | None) -> LinearEstimator | BoostedEstimator:
    """The estimator of a bundle from its files' contents.

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
    return BoostedEstimator.from_json(stored, ubj)
