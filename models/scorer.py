"""The one scoring function: features in, score, probability and interval out.

Library, single request and batch all come through here, with the same bits.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.estimator import Estimator

Floats = NDArray[np.float64]

LEVEL: Final = 0.95
INTERVAL_METHOD: Final = "bootstrap_refit"


@dataclass(frozen=True, slots=True)
class Scores:
    """Scores of n patients.

    Attributes
    ----------
    score
        Shape (n_patients,) [log-odds]; intercept plus terms, added in recipe order.
    probability
        Shape (n_patients,): of being a responder.
    lower, upper
        Shape (n_patients,): 2.5 and 97.5 percentile of the probability over bootstrap refits;
        it describes stability, not coverage.
    intercept, terms
        Shapes (n_patients,) and (n_patients, n_features) [log-odds].
    """

    score: Floats
    probability: Floats
    lower: Floats
    upper: Floats
    intercept: Floats
    terms: Floats


def score(estimator: Estimator, features: Floats) -> Scores:
    """Score features of shape (n_patients, n_features); NaN is missing."""
    intercept, terms = estimator.terms(features)
    total = intercept.copy()
    for j in range(terms.shape[1]):
        total += terms[:, j]
    lower, upper = _percentiles(estimator.refit_scores(features))
    return Scores(total, sigmoid(total), sigmoid(lower), sigmoid(upper), intercept, terms)


def sigmoid(score: Floats) -> Floats:
    """Probability of a score [log-odds], without overflow.

    Examples
    --------
    >>> sigmoid(np.array([0.0, -1000.0, 1000.0])).tolist()
    [0.5, 0.0, 1.0]
    """
    decay = np.exp(-np.abs(score))
    return np.asarray(np.where(score >= 0, 1.0, decay) / (1.0 + decay))


def _percentiles(refit_scores: Floats) -> tuple[Floats, Floats]:
    """Both ends of the interval on the score's scale (linear between order statistics).

    The sigmoid rises, so percentiles of scores become percentiles of probabilities but for the
    interpolation between two neighbours.
    """
    ordered = np.sort(refit_scores, axis=1)
    tail = (1 - LEVEL) / 2
    last = ordered.shape[1] - 1
    ends = []
    for share in (tail, 1 - tail):
        position = share * last
        below = int(position)
        above = min(below + 1, last)
        weight = position - below
        ends.append(ordered[:, below] * (1 - weight) + ordered[:, above] * weight)
    return ends[0], ends[1]
