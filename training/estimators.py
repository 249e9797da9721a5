"""The families a classifier may come from, under one interface, and the reference models.

A family scores all patients for many training sets and all its settings at once; it knows
nothing of folds or of choosing. Order is preference: what is simpler comes first.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

import numpy as np
import xgboost
from numpy.typing import NDArray

from models.features import Feature
from training.config import CandidatesConfig, FamilyName
from training.logistic import LinearFits, predict_scores, solve
from training.standardise import Standardised, standardise

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

RIDGE_STRENGTHS: Final = np.logspace(1, -3, 13)
ELASTIC_NET_STRENGTHS: Final = np.logspace(-0.5, -3, 11)
ELASTIC_NET_L1_RATIO: Final = 0.5
LEAD_IN_STRENGTH: Final = 1e-3
"""Penalty strengths in glmnet's scale (mean log-loss), strongest first; our choice, decision 12."""

BOOSTED_DEPTHS: Final = (1, 2)
BOOSTED_ROUNDS: Final = (10, 25, 60)
LEARNING_RATE: Final = 0.15


class Family(Protocol):
    """A named kind of classifier with a fixed list of settings."""

    @property
    def name(self) -> FamilyName:
        """Name of the family."""

    @property
    def settings(self) -> tuple[dict[str, Any], ...]:
        """What inner folds choose among."""

    @property
    def needs_calibration(self) -> bool:
        """Whether margins are calibrated by Platt's method in inner folds."""

    def scores(self, features: Floats, is_responder: Bools, weights: Floats) -> Floats:
        """Fit every setting to every training set and score everybody.

        Parameters
        ----------
        features
            Shape (n_patients, n_features); NaN is missing.
        is_responder
            Shape (n_patients,).
        weights
            Shape (n_problems, n_patients): 0 held out, 1 trained on, more for copies.

        Returns
        -------
        Shape (n_problems, n_settings, n_patients) [log-odds].
        """


@dataclass(frozen=True, slots=True)
class PenalisedLogistic:
    """Logistic regression with a ridge or elastic-net penalty; imputed and scaled in-fold."""

    name: FamilyName
    strengths: Floats
    l1_ratio: float
    needs_calibration: bool = False

    @property
    def settings(self) -> tuple[dict[str, Any], ...]:
        """One per penalty strength."""
        return tuple(
            {"strength": float(strength), "l1_ratio": self.l1_ratio} for strength in self.strengths
        )

    def fit(
        self, features: Floats, is_responder: Bools, weights: Floats
    ) -> tuple[Standardised, LinearFits]:
        """Fitted numbers of every problem at every strength."""
        standardised = standardise(features, weights)
        fits = solve(
            features,
            standardised,
            is_responder,
            weights,
            strengths=self.strengths,
            l1_ratio=self.l1_ratio,
        )
        return standardised, fits

    def scores(self, features: Floats, is_responder: Bools, weights: Floats) -> Floats:
        """See `Family.scores`."""
        standardised, fits = self.fit(features, is_responder, weights)
        return predict_scores(features, standardised, fits)


@dataclass(frozen=True, slots=True)
class BoostedTrees:
    """Shallow XGBoost; missing values as XGBoost treats them, margins calibrated afterwards.

    `monotone` has one of -1, 0, 1 per feature.
    """

    monotone: tuple[int, ...]
    name: FamilyName = "xgboost"
    needs_calibration: bool = True

    @property
    def settings(self) -> tuple[dict[str, Any], ...]:
        """Depths and numbers of trees."""
        return tuple(
            {"depth": depth, "rounds": rounds}
            for depth in BOOSTED_DEPTHS
            for rounds in BOOSTED_ROUNDS
        )

    def scores(self, features: Floats, is_responder: Bools, weights: Floats) -> Floats:
        """See `Family.scores`; one booster per depth serves all numbers of rounds."""
        everybody = xgboost.DMatrix(features, nthread=1)
        margins = np.empty((len(weights), len(self.settings), len(features)))
        for problem, weight in enumerate(weights):
            setting = 0
            for depth in BOOSTED_DEPTHS:
                booster = self.fit(features, is_responder, weight, depth, max(BOOSTED_ROUNDS))
                for rounds in BOOSTED_ROUNDS:
                    margins[problem, setting] = booster.predict(
                        everybody, output_margin=True, iteration_range=(0, rounds)
                    )
                    setting += 1
        return margins

    def fit(
        self, features: Floats, is_responder: Bools, weight: Floats, depth: int, rounds: int
    ) -> xgboost.Booster:
        """One booster on the patients with weight above 0."""
        train = weight > 0
        labels, copies = is_responder[train].astype(np.float64), weight[train]
        parameters = {
            "objective": "binary:logistic",
            "base_score": float(np.average(labels, weights=copies)),
            "tree_method": "exact",
            "max_depth": depth,
            "eta": LEARNING_RATE,
            "monotone_constraints": self.monotone,
            "nthread": 1,
        }
        matrix = xgboost.DMatrix(features[train], labels, weight=copies, nthread=1)
        return xgboost.train(parameters, matrix, num_boost_round=rounds)


def families(config: CandidatesConfig, recipe: Sequence[Feature]) -> tuple[Family, ...]:
    """The candidate families of a configuration, in its order of preference."""
    direction = {"higher_is_case": 1, "lower_is_case": -1}
    monotone = tuple(direction[f.direction] if config.monotone else 0 for f in recipe)
    known: dict[FamilyName, Family] = {
        "ridge": PenalisedLogistic("ridge", RIDGE_STRENGTHS, 0.0),
        "elastic_net": PenalisedLogistic(
            "elastic_net", ELASTIC_NET_STRENGTHS, ELASTIC_NET_L1_RATIO
        ),
        "xgboost": BoostedTrees(monotone),
    }
    return tuple(known[name] for name in config.families)


def lead_in_scores(lead_in_slopes: Floats, is_responder: Bools, weights: Floats) -> Floats:
    """Reference model: the outcome from the lead-in slope alone (regression to the mean).

    Returns
    -------
    Shape (n_problems, n_patients) [log-odds].
    """
    model = PenalisedLogistic("ridge", np.array([LEAD_IN_STRENGTH]), 0.0)
    scores = model.scores(lead_in_slopes[:, np.newaxis], is_responder, weights)
    only: Floats = scores[:, 0]
    return only
