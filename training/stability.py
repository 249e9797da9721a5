"""How much the served classifier would have differed on other patients of the same kind.

From its bootstrap refits: which features they select, and how far each training patient's
probability moves. No patient's own numbers are kept.
"""

from typing import Any, Final

import numpy as np

from analysis.prediction_stability import prediction_stability
from analysis.selection_stability import selection_stability
from models.estimator import BoostedEstimator, LinearEstimator
from models.scorer import score, sigmoid
from training.procedure import Floats
from training.training_set import TrainingSet

QUANTILES: Final = {"median": 0.5, "quantile_90": 0.9}
"""Of patients; the largest would be one patient's."""


def stability(
    training_set: TrainingSet,
    estimator: LinearEstimator | BoostedEstimator,
    *,
    selects: bool,
    threshold: float,
) -> dict[str, Any]:
    """Stability of selection and of predictions over the bootstrap refits.

    Parameters
    ----------
    selects
        Whether the family leaves features out. Ridge does not: a coefficient of 0 is then of a
        feature that happened to be constant.
    threshold
        The operating point's probability.

    Returns
    -------
    ``selection`` (share of refits with each feature and Nogueira's index; None for a family that
    does not select) and ``predictions`` (mean absolute difference of probability, and share of
    refits that decide otherwise, as median and 90 % quantile over patients).
    """
    probability = score(estimator, training_set.features).probability
    refits = sigmoid(estimator.refit_scores(training_set.features)).T
    found = prediction_stability(probability, refits, threshold=threshold)
    return {
        "n_refits": found.n_refits,
        "selection": _selection(training_set, estimator) if selects else None,
        "predictions": {
            "mean_absolute_difference": _over_patients(found.mean_absolute_difference),
            "share_flipped": _over_patients(found.share_flipped),
            "threshold": threshold,
        },
    }


def _over_patients(values: Floats) -> dict[str, float]:
    """Quantiles to three digits, for they may be one patient's number."""
    return {name: float(f"{np.quantile(values, q):.3g}") for name, q in QUANTILES.items()}


def _selection(
    training_set: TrainingSet, estimator: LinearEstimator | BoostedEstimator
) -> dict[str, Any] | None:
    """How often a refit keeps each feature; trees have no coefficients to tell it by."""
    if isinstance(estimator, BoostedEstimator):
        return None
    found = selection_stability(estimator.refits.coefficients != 0)
    return {
        "frequency": {
            feature.name: float(share)
            for feature, share in zip(training_set.recipe, found.frequency, strict=True)
        },
        "index": found.value,
        "lower": found.lower,
        "upper": found.upper,
        "level": found.level,
        "method": found.method,
    }
