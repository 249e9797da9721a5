from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from numpy.typing import NDArray

from models.classifier import Classifier
from models.estimator import Answers
from models.scorer import score, sigmoid

Floats = NDArray[np.float64]
MakeFeatures = Callable[[int], Floats]


class Refits:
    """An estimator whose only content is its refits' scores."""

    def __init__(self, refit_scores: Floats) -> None:
        self._scores = refit_scores

    @property
    def n_refits(self) -> int:
        return self._scores.shape[1]

    def scores(self, features: Floats, ranks: tuple[int, ...]) -> Answers:
        return Answers(np.zeros(len(features)), np.sort(self._scores)[:, ranks], lambda: None)


@pytest.mark.parametrize("size", [1, 2, 3, 5, 8, 13, 64, 129])
def test_row_has_the_same_bits_alone_and_in_a_batch(
    champion: Classifier, made_up_features: MakeFeatures, size: int
) -> None:
    features = made_up_features(129)
    together = score(champion.estimator, features)
    for start in range(0, len(features), size):
        batch = slice(start, start + size)
        alone = score(champion.estimator, features[batch])
        for name in ("score", "probability", "lower", "upper", "intercept", "terms"):
            assert_array_equal(getattr(alone, name), getattr(together, name)[batch])


def test_intercept_and_terms_added_in_order_are_the_score(
    champion: Classifier, made_up_features: MakeFeatures
) -> None:
    scores = score(champion.estimator, made_up_features(100))
    for row, total in enumerate(scores.score.tolist()):
        added = scores.intercept[row].item()
        for term in scores.terms[row].tolist():
            added += term
        assert added == total


def test_interval_is_numpys_percentile_of_the_refits(
    champion: Classifier, made_up_features: MakeFeatures
) -> None:
    features = made_up_features(50)
    scores = score(champion.estimator, features)
    refits = champion.estimator.refit_scores(features)
    lower, upper = np.quantile(refits, [0.025, 0.975], axis=1)
    assert_allclose(scores.lower, sigmoid(lower), rtol=1e-12)
    assert_allclose(scores.upper, sigmoid(upper), rtol=1e-12)


@given(st.lists(st.floats(-50, 50), min_size=1, max_size=30))
def test_interval_of_any_number_of_refits_is_numpys_percentile(refits: list[float]) -> None:
    scores = score(Refits(np.array([refits])), np.zeros((1, 1)))
    lower, upper = np.quantile(refits, [0.025, 0.975])
    assert_allclose([scores.lower[0], scores.upper[0]], sigmoid(np.array([lower, upper])))


@given(st.floats(-1e308, 1e308))
def test_probability_is_between_0_and_1_and_mirrors(total: float) -> None:
    up, down = sigmoid(np.array([total, -total]))
    assert 0 <= up <= 1
    assert up + down == pytest.approx(1, abs=1e-15)


def test_probability_rises_with_the_score() -> None:
    assert (np.diff(sigmoid(np.linspace(-30, 30, 1001))) > 0).all()
