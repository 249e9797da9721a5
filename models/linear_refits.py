"""Bootstrap refits of a linear estimator: their scores, and the few that bound an interval.

The scores are added term by term in recipe order. Which of them have the wanted ranks is found
out by a matrix product, which is ten times as fast and off in the last bits; where it cannot
tell two refits apart, all are scored.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ranks = tuple[int, ...]
"""Rising places among the refits' ordered scores; 0 is the lowest."""

_FEWEST: Final = 2**14
"""From so many scores on, looking for the wanted ones takes less than sorting all."""
_BLOCK: Final = 1024
"""Rows that are ordered together (our choice): their scores stay near the processor."""
_PRODUCT: Final = 2**18
"""The largest product that OpenBLAS leaves to one thread; more threads take longer to start."""


@dataclass(frozen=True, slots=True)
class LinearRefits:
    """Bootstrap refits of a linear estimator on the features' own scale.

    Shapes: `intercepts` (n_refits,), `coefficients` and `medians` (n_refits, n_features).
    """

    intercepts: Floats
    coefficients: Floats
    medians: Floats

    def scores(self, features: Floats) -> Floats:
        """Score of each refit, terms added in recipe order: (n_patients, n_refits) [log-odds]."""
        scores = np.empty((len(features), self.intercepts.shape[-1]))
        scores[:] = self.intercepts
        missing = np.isnan(features)
        some_missing = missing.any()
        for j in range(features.shape[1]):
            column = features[:, j, np.newaxis]
            if some_missing:
                column = np.where(missing[:, j, np.newaxis], self.medians[..., j], column)
            scores += self.coefficients[..., j] * column
        return scores

    def scores_of_ranks(self, features: Floats, ranks: Ranks) -> Floats:
        """The scores of some ranks, (n_patients, n_ranks) [log-odds]: sorts `scores`, faster."""
        if len(features) * len(self.intercepts) < _FEWEST:
            return np.sort(self.scores(features), axis=1)[:, ranks]
        found = np.empty((len(features), len(ranks)))
        for start in range(0, len(features), _BLOCK):
            rows = slice(start, start + _BLOCK)
            found[rows] = self._found(features[rows], ranks)
        return found

    def _found(self, features: Floats, ranks: Ranks) -> Floats:
        """The scores of some ranks, by those refits that a matrix product puts there."""
        missing = np.isnan(features)
        factors = np.hstack([np.ones((len(features), 1)), np.where(missing, 0.0, features)])
        weights = np.vstack([self.intercepts, self.coefficients.T])
        if missing.any():
            factors = np.hstack([factors, missing])
            weights = np.vstack([weights, (self.coefficients * self.medians).T])
        ordered, chosen = _ordered(factors, weights, ranks)
        scores = np.sort(self._of_each_row(chosen).scores(features), axis=1)
        unclear = ~(_least_gap(ordered, ranks) > _most_off(factors, weights))
        if unclear.any():
            scores[unclear] = np.sort(self.scores(features[unclear]), axis=1)[:, ranks]
        return scores

    def _of_each_row(self, chosen: NDArray[np.int64]) -> "LinearRefits":
        """Refits of their own for each patient, by their numbers (n_patients, n_chosen)."""
        return LinearRefits(
            self.intercepts[chosen], self.coefficients[chosen], self.medians[chosen]
        )


def _ordered(factors: Floats, weights: Floats, ranks: Ranks) -> tuple[Floats, NDArray[np.int64]]:
    """Products of each row with each refit in rising order, and which refits have the ranks.

    A refit's number takes the lowest bits of its product, so that it is sorted along.
    """
    n_refits = weights.shape[1]
    products = np.empty((len(factors), n_refits))
    n_rows = max(1, _PRODUCT // weights.size)
    for start in range(0, len(factors), n_rows):
        rows = slice(start, start + n_rows)
        np.matmul(factors[rows], weights, out=products[rows])
    bits, number_bits = products.view(np.int64), _number_bits(n_refits)
    bits &= ~number_bits
    bits |= np.arange(n_refits)
    products.sort(axis=1)
    return products, bits[:, ranks] & number_bits


def _number_bits(n_refits: int) -> int:
    """The lowest bits, as many as the largest number of a refit has."""
    return (1 << (n_refits - 1).bit_length()) - 1


def _least_gap(ordered: Floats, ranks: Ranks) -> Floats:
    """The least difference between what has one of the ranks and what stands next to it."""
    edges = [k for k in range(ordered.shape[1] - 1) if (k in ranks) != (k + 1 in ranks)]
    least = np.full(len(ordered), np.inf)
    for k in edges:
        np.minimum(least, ordered[:, k + 1] - ordered[:, k], out=least)
    return least


def _most_off(factors: Floats, weights: Floats) -> Floats:
    """How far two products may be from the order of their scores, by row.

    Each is off by less than one rounding per term, and by the bits that hold its number.
    """
    largest_terms: Floats = np.abs(factors) @ np.abs(weights).max(axis=1)
    return largest_terms * (2.0**-50 * (len(weights) + _number_bits(weights.shape[1])))
