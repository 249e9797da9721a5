import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.roc import Direction, roc_curve
from analysis.round_thresholds import round_thresholds

SCORES = st.lists(st.floats(-1e6, 1e6).map(lambda x: float(f"{x:.6g}")), min_size=2, max_size=30)
MEASURED = st.lists(st.integers(-(10**9), 10**9).map(lambda x: x / 1000), min_size=2, max_size=30)
DIRECTIONS = st.sampled_from(["higher_is_case", "lower_is_case"])


@given(SCORES, DIRECTIONS, st.randoms(use_true_random=False))
def test_every_moved_threshold_classifies_as_the_score_did(scores, direction, random) -> None:
    is_case = np.array([True, False] + [random.random() < 0.5 for _ in scores[2:]])
    values = np.array(scores)
    curve = round_thresholds(roc_curve(values, is_case, direction=direction))
    for threshold, sensitivity, specificity in zip(
        curve.thresholds, curve.sensitivity, curve.specificity, strict=True
    ):
        called = values >= threshold if direction == "higher_is_case" else values <= threshold
        assert called[is_case].mean() == pytest.approx(sensitivity)
        assert (~called[~is_case]).mean() == pytest.approx(specificity)


@given(MEASURED, DIRECTIONS)
def test_no_score_is_printed(scores: list[float], direction: Direction) -> None:
    is_case = np.arange(len(scores)) % 2 == 0
    curve = round_thresholds(roc_curve(scores, is_case, direction=direction))
    assert not set(curve.thresholds.tolist()) & set(scores)


def test_neighbouring_floats_leave_no_room_and_keep_the_classification() -> None:
    scores = np.array([1.0, np.nextafter(1.0, 2.0)])
    curve = round_thresholds(roc_curve(scores, [False, True], direction="higher_is_case"))
    assert curve.thresholds[1] == scores[1]
