from collections.abc import Callable

import numpy as np
import pytest

from analysis.checks import (
    checked_classes,
    checked_level,
    checked_magnitude,
    checked_pairs,
    checked_probabilities,
    checked_scores,
    checked_spread,
    checked_vector,
    class_sizes,
)
from analysis.errors import (
    LengthsDifferError,
    NoSpreadError,
    NotFiniteError,
    OneClassError,
    OutOfRangeError,
    ShapeError,
    TooFewError,
)


def test_whole_numbers_become_float64() -> None:
    assert checked_vector("scores", [1, 2]).dtype == np.float64


@pytest.mark.parametrize("is_case", [[1, 0], [True, False], [1.0, 0.0], np.array([1, 0])])
def test_classes_may_be_booleans_or_zero_and_one(is_case: object) -> None:
    assert checked_classes(is_case).tolist() == [True, False]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("refused", "error"),
    [
        (lambda: checked_vector("scores", [[1.0]]), ShapeError),
        (lambda: checked_vector("scores", [1.0, np.nan]), NotFiniteError),
        (lambda: checked_vector("scores", [1.0, np.inf]), NotFiniteError),
        (lambda: checked_classes([[1]]), ShapeError),
        (lambda: checked_classes([1, 2]), OutOfRangeError),
        (lambda: checked_classes([1, np.nan]), OutOfRangeError),
        (lambda: checked_classes(["1", "0"]), OutOfRangeError),
        (lambda: checked_scores([1.0, 2.0], [1]), LengthsDifferError),
        (lambda: checked_probabilities([0.5, 1.1], [1, 0]), OutOfRangeError),
        (lambda: checked_probabilities([0.5, 0.1], [1, 1]), OneClassError),
        (lambda: checked_pairs([1.0], [1.0, 2.0]), LengthsDifferError),
        (lambda: checked_pairs([1.0], [1.0]), TooFewError),
        (lambda: checked_spread("x", np.array([0.3, 0.1 * 3])), NoSpreadError),
        (lambda: checked_spread("x", np.array([0.0, 1e-16]), magnitude=1.0), NoSpreadError),
        (lambda: checked_magnitude("x", np.array([1e101])), OutOfRangeError),
        (lambda: checked_magnitude("x", np.array([0.0, 1e-101])), OutOfRangeError),
        (lambda: class_sizes(np.array([False, False])), OneClassError),
        (lambda: checked_level(95), OutOfRangeError),
        (lambda: checked_level(float("nan")), OutOfRangeError),
    ],
)
def test_what_is_wrong_is_refused(refused: Callable[[], object], error: type[Exception]) -> None:
    with pytest.raises(error):
        refused()
