from collections.abc import Callable

import numpy as np
import pytest

from analysis.checks import (
    checked_classes,
    checked_level,
    checked_probabilities,
    checked_scores,
    checked_vector,
    class_sizes,
)
from analysis.errors import (
    LengthsDifferError,
    NotFiniteError,
    OneClassError,
    OutOfRangeError,
    ShapeError,
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
        (lambda: class_sizes(np.array([False, False])), OneClassError),
        (lambda: checked_level(95), OutOfRangeError),
        (lambda: checked_level(float("nan")), OutOfRangeError),
    ],
)
def test_what_is_wrong_is_refused(refused: Callable[[], object], error: type[Exception]) -> None:
    with pytest.raises(error):
        refused()
