"""What each feature adds to the served classifier's score, and how that moves over the refits."""

from typing import Any, Final

import numpy as np

from models.estimator import BoostedEstimator, LinearEstimator
from training.training_set import TrainingSet

LEVEL: Final = 0.95


def contributions(
    training_set: TrainingSet, estimator: LinearEstimator | BoostedEstimator
) -> dict[str, Any]:
    """Each feature's part in the score [log-odds]; no patient's own.

    Returns
    -------
    `features`, each with `mean_absolute`, the mean size of its term over the training patients,
    and `per_sd`, the coefficient for one training standard deviation with percentiles over the
    refits; None for trees, which have no coefficients. A percentile interval of penalised
    coefficients says how they move over resamples, not where a true effect lies.
    """
    _, terms = estimator.terms(training_set.features)
    sizes = np.abs(terms).mean(axis=0).tolist()
    per_sd = _per_sd(estimator, len(sizes))
    return {
        "level": LEVEL,
        "method": "bootstrap_refit",
        "n_refits": estimator.n_refits,
        "features": {
            feature.name: {"mean_absolute": size, "per_sd": coefficient}
            for feature, size, coefficient in zip(training_set.recipe, sizes, per_sd, strict=True)
        },
    }


def _per_sd(
    estimator: LinearEstimator | BoostedEstimator, n_features: int
) -> list[dict[str, float] | None]:
    if isinstance(estimator, BoostedEstimator):
        return [None] * n_features
    tail = (1 - LEVEL) / 2
    # Refits are on the features' own scale; one served standard deviation makes them comparable.
    scaled = estimator.refits.coefficients * estimator.scales
    lower, upper = np.quantile(scaled, [tail, 1 - tail], axis=0).tolist()
    limits = zip(estimator.coefficients.tolist(), lower, upper, strict=True)
    return [{"value": value, "lower": low, "upper": high} for value, low, high in limits]
