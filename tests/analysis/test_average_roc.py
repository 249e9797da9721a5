import time
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.average_roc import average_roc
from analysis.errors import MixedDirectionsError, TooFewError
from analysis.roc import RocCurve, roc_curve

Fold = list[tuple[int, bool]]
FOLD = st.lists(st.tuples(st.integers(0, 6), st.booleans()), min_size=2, max_size=14).filter(
    lambda patients: len({is_case for _, is_case in patients}) == 2
)
FOLDS = st.lists(FOLD, min_size=1, max_size=12)
DIRECTIONS = st.sampled_from(["higher_is_case", "lower_is_case"])


def curves_of(folds: list[Fold], direction: Any) -> list[RocCurve]:
    return [roc_curve(*zip(*fold, strict=True), direction=direction) for fold in folds]


@given(FOLDS, DIRECTIONS)
def test_area_is_the_mean_of_the_folds_areas(folds: list[Fold], direction: Any) -> None:
    curves = curves_of(folds, direction)
    average = average_roc(curves, n_cases=1, n_controls=1)
    assert average.auc == pytest.approx(np.mean([curve.auc for curve in curves]), abs=1e-12)


@given(FOLDS, st.floats(0.001, 0.999))
def test_between_jumps_it_is_the_mean_sensitivity(folds: list[Fold], at: float) -> None:
    curves = curves_of(folds, "higher_is_case")
    average = average_roc(curves, n_cases=1, n_controls=1)
    if np.abs(average.specificity - (1 - at)).min() > 1e-9:
        mean = np.mean([np.interp(at, 1 - one.specificity, one.sensitivity) for one in curves])
        found = np.interp(at, 1 - average.specificity, average.sensitivity)
        assert found == pytest.approx(mean, abs=1e-12)


@given(FOLD, DIRECTIONS)
def test_average_of_copies_lies_on_the_curve(fold: Fold, direction: Any) -> None:
    (curve,) = curves_of([fold], direction)
    average = average_roc([curve] * 3, n_cases=2, n_controls=3)
    corners = {(point["sensitivity"], point["specificity"]) for point in curve.points()}
    for sensitivity, specificity in zip(average.sensitivity, average.specificity, strict=True):
        assert any(
            (sensitivity, specificity) == pytest.approx(corner, abs=1e-14) for corner in corners
        )
    assert (average.n_cases, average.n_controls) == (2, 3)


@given(FOLDS, DIRECTIONS)
def test_thresholds_after_the_first_are_finite_and_ordered(
    folds: list[Fold], direction: Any
) -> None:
    average = average_roc(curves_of(folds, direction), n_cases=1, n_controls=1)
    sign = 1 if direction == "higher_is_case" else -1
    assert sign * average.thresholds[0] == np.inf
    assert np.isfinite(average.thresholds[1:]).all()
    assert (np.diff(sign * average.thresholds[1:]) <= 0).all()


def test_threshold_is_the_mean_of_the_folds_thresholds_there() -> None:
    folds = [[(1, False), (3, True)], [(2, False), (8, True)]]
    average = average_roc(curves_of(folds, "higher_is_case"), n_cases=2, n_controls=2)
    assert average.thresholds.tolist() == [np.inf, 5.5, 1.5]
    assert average.sensitivity.tolist() == [0.0, 1.0, 1.0]


def test_threshold_on_a_tied_segment_is_interpolated() -> None:
    step: Fold = [(9, True), (5, False), (4, True), (1, False)]
    tie: Fold = [(9, True), (1, True), (1, False)]
    average = average_roc(curves_of([step, tie], "higher_is_case"), n_cases=4, n_controls=3)
    halfway = average.specificity == 0.5
    assert average.sensitivity[halfway].tolist() == [(0.5 + 0.75) / 2, (1 + 0.75) / 2]
    assert average.thresholds[halfway].tolist() == [(5 + 5) / 2, (4 + 5) / 2]


def test_two_hundred_folds_take_a_moment() -> None:
    rng = np.random.default_rng(1)
    is_case = np.arange(12) < 7
    curves = [
        roc_curve(rng.normal(size=12) + is_case, is_case, direction="higher_is_case")
        for _ in range(200)
    ]
    start = time.perf_counter()
    average_roc(curves, n_cases=35, n_controls=25)
    assert time.perf_counter() - start < 0.5


def test_curves_of_both_directions_are_refused() -> None:
    fold: Fold = [(1, False), (3, True)]
    both = curves_of([fold], "higher_is_case") + curves_of([fold], "lower_is_case")
    with pytest.raises(MixedDirectionsError) as caught:
        average_roc(both, n_cases=1, n_controls=1)
    assert caught.value.directions == ("higher_is_case", "lower_is_case")


def test_no_curve_has_no_average() -> None:
    with pytest.raises(TooFewError):
        average_roc([], n_cases=1, n_controls=1)
