from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.errors import OneClassError, OutOfRangeError
from analysis.operating_point import choose_youden, youden_thresholds

PATIENTS = st.lists(
    st.tuples(st.one_of(st.sampled_from([0.0, 0.25, 0.5, 1.0]), st.floats(0, 1)), st.booleans()),
    min_size=2,
    max_size=20,
).filter(lambda patients: len({is_case for _, is_case in patients}) == 2)


def youden(probabilities: Any, is_case: Any, threshold: float) -> float:
    called = probabilities >= threshold
    return float(called[is_case].mean() - called[~is_case].mean())


@pytest.mark.parametrize("case", ["heavy_ties", "below_half", "one_case"])
def test_thresholds_are_the_midpoints_of_proc(case: str, expected: Callable[[str], Any]) -> None:
    reference = expected("02_roc_edge")[case]
    found = youden_thresholds(np.array(reference["x"]) / 10, reference["y"])
    wanted = [best["threshold"] / 10 for best in reference["best_youden"]]
    assert found == pytest.approx(wanted, abs=1e-12)


@given(PATIENTS)
def test_every_threshold_reaches_the_largest_index(patients: list[tuple[float, bool]]) -> None:
    probabilities, is_case = map(np.array, zip(*patients, strict=True))
    candidates = [*probabilities, 1.1]
    largest = max(youden(probabilities, is_case, candidate) for candidate in candidates)
    for threshold in youden_thresholds(probabilities, is_case):
        assert 0 <= threshold <= 1
        assert youden(probabilities, is_case, threshold) == pytest.approx(largest, abs=1e-12)


def test_useless_probabilities_tie_at_the_two_ends() -> None:
    found = youden_thresholds([0.4, 0.4], [0, 1])
    assert found.tolist() == pytest.approx([0.2, 0.7])


def test_nobody_is_no_choice_when_someone_has_probability_one() -> None:
    assert youden_thresholds([1.0, 1.0], [0, 1]).tolist() == [0.5]


def test_of_three_ties_the_middle_one_is_chosen() -> None:
    probabilities, is_case = [0.9, 0.7, 0.6, 0.4, 0.3, 0.1], [1, 0, 1, 0, 1, 0]
    ties = youden_thresholds(probabilities, is_case)
    assert ties.tolist() == pytest.approx([0.2, 0.5, 0.8])
    assert choose_youden(probabilities, is_case) == ties[1]


def test_of_two_ties_the_lower_one_is_chosen() -> None:
    assert choose_youden([0.1, 0.3, 0.5, 0.7], [0, 1, 0, 1]) == pytest.approx(0.2)


def test_neighbouring_floats_are_still_told_apart() -> None:
    below, above = 0.5, np.nextafter(0.5, 1)
    threshold = choose_youden([below, above], [0, 1])
    assert below < threshold <= above


@pytest.mark.parametrize(
    ("probabilities", "is_case", "error"),
    [([0.2, 1.2], [0, 1], OutOfRangeError), ([0.2, 0.3], [1, 1], OneClassError)],
)
def test_what_is_wrong_is_refused(
    probabilities: list[float], is_case: list[int], error: type[Exception]
) -> None:
    with pytest.raises(error):
        choose_youden(probabilities, is_case)
