"""What is found by products is what sorting all scores gives, to the last bit."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from numpy.typing import NDArray

from models import linear_refits
from models.linear_refits import LinearRefits

Floats = NDArray[np.float64]
RANKS = (4, 5, 194, 195)


def made_up(n_refits: int, *, seed: int, spread: float = 1.0) -> LinearRefits:
    rng = np.random.default_rng(seed)
    coefficients, medians = rng.normal(0, spread, (2, n_refits, 8))
    return LinearRefits(rng.normal(size=n_refits), coefficients, medians)


def panels(n: int, *, missing: float, seed: int = 9) -> Floats:
    rng = np.random.default_rng(seed)
    features = rng.normal(size=(n, 8)) * [1, 20, 0.05, 3, 1, 1, 1e6, 1]
    features[rng.random(features.shape) < missing] = np.nan
    return features


def sorted_scores(refits: LinearRefits, features: Floats) -> Floats:
    return np.sort(refits.scores(features), axis=1)


@pytest.mark.parametrize("missing", [0.0, 0.2, 1.0])
@pytest.mark.parametrize("n", [1, 100, 1025])
def test_scores_found_are_the_sorted_ones(n: int, missing: float) -> None:
    refits, features = made_up(200, seed=n), panels(n, missing=missing)
    found = refits.scores_of_ranks(features, RANKS)
    assert_array_equal(found, sorted_scores(refits, features)[:, RANKS])


def test_refits_that_products_cannot_tell_apart_are_all_scored() -> None:
    refits, features = made_up(200, seed=1), panels(500, missing=0.1)
    nearly = LinearRefits(refits.intercepts * 1e-15, refits.coefficients[:1] + 0 * refits.medians,
                          refits.medians[:1] + 0 * refits.medians)  # fmt: skip
    found = nearly.scores_of_ranks(features, RANKS)
    assert_array_equal(found, sorted_scores(nearly, features)[:, RANKS])
    assert len(np.unique(found)) > 500


@pytest.mark.parametrize("n_refits", [64, 65, 300])
def test_scores_found_are_the_sorted_ones_of_any_number_of_refits(n_refits: int) -> None:
    refits, features = made_up(n_refits, seed=2, spread=1e4), panels(400, missing=0.1)
    for ranks in ((0, 1, n_refits - 1), (n_refits - 2,), tuple(range(n_refits))):
        found = refits.scores_of_ranks(features, ranks)
        assert_array_equal(found, sorted_scores(refits, features)[:, ranks])


def test_most_rows_are_found_without_scoring_all(monkeypatch: pytest.MonkeyPatch) -> None:
    refits, features = made_up(200, seed=3), panels(2000, missing=0.1)
    scored = []
    scores = LinearRefits.scores

    def counting(self: LinearRefits, rows: Floats) -> Floats:
        scored.append(len(rows) * self.intercepts.shape[-1])
        return scores(self, rows)

    monkeypatch.setattr(linear_refits.LinearRefits, "scores", counting)
    refits.scores_of_ranks(features, RANKS)
    assert sum(scored) <= 2000 * len(RANKS) + 10 * 200
