from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.errors import LengthsDifferError, NotFiniteError, OutOfRangeError, ShapeError
from analysis.prediction_stability import prediction_stability

MODEL = np.array([0.2, 0.5, 0.9])
REFITS = np.array([[0.1, 0.6, 0.8], [0.3, 0.4, 0.7], [0.6, 0.5, 1.0], [0.2, 0.3, 0.9]])
TABLES = st.integers(1, 6).flatmap(
    lambda n: st.lists(st.lists(st.floats(0, 1), min_size=n, max_size=n), min_size=2, max_size=12)
)


def test_differences_and_flips_are_counted_over_refits() -> None:
    found = prediction_stability(MODEL, REFITS, threshold=0.5)
    assert found.mean_absolute_difference == pytest.approx([0.15, 0.1, 0.1])
    assert found.share_flipped.tolist() == [0.25, 0.5, 0.0]
    assert found.average_difference == pytest.approx(0.35 / 3)
    assert found.average_flipped == pytest.approx(0.25)
    assert found.n_refits == 4


def test_percentiles_are_those_of_numpy() -> None:
    found = prediction_stability(MODEL, REFITS, threshold=0.5, level=0.8)
    assert found.lower == pytest.approx(np.quantile(REFITS, 0.1, axis=0))
    assert found.upper == pytest.approx(np.quantile(REFITS, 0.9, axis=0))


def test_refits_equal_to_the_model_are_stable() -> None:
    found = prediction_stability(MODEL, [MODEL] * 5, threshold=0.5)
    assert (found.average_difference, found.average_flipped) == (0, 0)
    assert found.lower.tolist() == found.upper.tolist() == MODEL.tolist()


@given(TABLES, st.floats(0, 1), st.randoms(use_true_random=False))
def test_shares_stay_in_range_in_any_order_of_refits(
    table: list[list[float]], threshold: float, random: Any
) -> None:
    model, refits = table[0], np.array(table[1:])
    found = prediction_stability(model, refits, threshold=threshold)
    order = random.sample(range(len(refits)), len(refits))
    again = prediction_stability(model, refits[order], threshold=threshold)
    assert (found.lower <= found.upper).all()
    assert ((found.share_flipped >= 0) & (found.share_flipped <= 1)).all()
    assert again.share_flipped.tolist() == found.share_flipped.tolist()
    assert again.mean_absolute_difference == pytest.approx(found.mean_absolute_difference)


def test_chunks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    refits = np.random.default_rng(16).random((20, 33))
    whole = prediction_stability(refits[0], refits[1:], threshold=0.4)
    monkeypatch.setattr("analysis.prediction_stability._NUMBERS_AT_ONCE", 50)
    parts = prediction_stability(refits[0], refits[1:], threshold=0.4)
    assert parts.upper.tolist() == whole.upper.tolist()
    assert parts.share_flipped.tolist() == whole.share_flipped.tolist()


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"refits": MODEL}, ShapeError),
        ({"refits": np.zeros((0, 3))}, ShapeError),
        ({"refits": REFITS[:, :2]}, LengthsDifferError),
        ({"refits": REFITS * np.nan}, NotFiniteError),
        ({"refits": REFITS + 1}, OutOfRangeError),
        ({"probabilities": MODEL - 1}, OutOfRangeError),
        ({"threshold": 1.1}, OutOfRangeError),
        ({"threshold": np.nan}, OutOfRangeError),
        ({"level": 0}, OutOfRangeError),
    ],
)
def test_what_is_wrong_is_refused(change: dict[str, Any], error: type[Exception]) -> None:
    arguments: dict[str, Any] = {"probabilities": MODEL, "refits": REFITS, "threshold": 0.5}
    with pytest.raises(error):
        prediction_stability(**(arguments | change))
