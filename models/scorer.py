"""The one scoring function: features in, score, probability and interval out.

Library, single request and batch all come through here, with the same bits.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.estimator import Estimator, Explanation

Floats = NDArray[np.float64]

LEVEL: Final = 0.95
INTERVAL_METHOD: Final = "bootstrap_refit"
_TAIL: Final = (1 - LEVEL) / 2


@dataclass(frozen=True)
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
    explain
        Computes intercept and terms when they are asked for.
    """

    score: Floats
    probability: Floats
    lower: Floats
    upper: Floats
    explain: Callable[[], Explanation] = field(repr=False, compare=False)

    @cached_property
    def _explanation(self) -> Explanation:
        return self.explain()

    @property
    def intercept(self) -> Floats:
        """Shape (n_patients,) [log-odds]."""
        return self._explanation[0]

    @property
    def terms(self) -> Floats:
        """What each feature adds, shape (n_patients, n_features) [log-odds]."""
        return self._explanation[1]


def score(estimator: Estimator, features: Floats) -> Scores:
    """Score features of shape (n_patients, n_features); NaN is missing."""
    ends, ranks = _ends(estimator.n_refits)
    answers = estimator.scores(features, ranks)
    of_rank = dict(zip(ranks, answers.refits.T, strict=True))
    # The sigmoid rises, so percentiles of scores become percentiles of probabilities but for the
    # interpolation between two neighbours.
    lower, upper = (of_rank[below] * (1 - w) + of_rank[above] * w for below, above, w in ends)
    probability, lower, upper = sigmoid(np.stack([answers.score, lower, upper]))
    return Scores(answers.score, probability, lower, upper, answers.explain)


@cache
def _ends(n_refits: int) -> tuple[tuple[tuple[int, int, float], ...], tuple[int, ...]]:
    """What the interval lies between at either end, and all those ranks, rising."""
    ends = tuple(_neighbours(share, n_refits) for share in (_TAIL, 1 - _TAIL))
    return ends, tuple(sorted({rank for below, above, _ in ends for rank in (below, above)}))


def _neighbours(share: float, n_refits: int) -> tuple[int, int, float]:
    """The ranks that a quantile lies between, and the weight of the second (linear)."""
    position = share * (n_refits - 1)
    below = int(position)
    return below, min(below + 1, n_refits - 1), position - below


def sigmoid(score: Floats) -> Floats:
    """Probability of a score [log-odds], without overflow.

    Examples
    --------
    >>> sigmoid(np.array([0.0, -1000.0, 1000.0])).tolist()
    [0.5, 0.0, 1.0]
    """
    decay = np.exp(-np.abs(score))
    return np.asarray(np.where(score >= 0, 1.0, decay) / (1.0 + decay))
