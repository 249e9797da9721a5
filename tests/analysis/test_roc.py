import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.errors import AnalysisError, OneClassError, UnknownChoiceError
from analysis.roc import RocCurve, auc, oriented, roc_curve

Patients = list[tuple[int, bool]]
PATIENTS = st.lists(st.tuples(st.integers(-4, 4), st.booleans()), min_size=2, max_size=30).filter(
    lambda patients: len({is_case for _, is_case in patients}) == 2
)


def columns(patients: Patients) -> tuple[Any, Any]:
    scores, is_case = zip(*patients, strict=True)
    return np.array(scores), np.array(is_case)


@pytest.mark.parametrize(
    "case", ["perfect", "all_tied", "heavy_ties", "below_half", "one_case", "near_one"]
)
def test_auc_is_that_of_proc(case: str, expected: Callable[[str], Any]) -> None:
    reference = expected("02_roc_edge")[case]
    found = auc(reference["x"], reference["y"], direction="higher_is_case")
    assert found == pytest.approx(reference["auc"], abs=1e-14)


@given(PATIENTS)
def test_auc_counts_pairs_and_ties_half(patients: Patients) -> None:
    scores, is_case = columns(patients)
    differences = scores[is_case][:, None] - scores[~is_case]
    by_pairs = (np.sign(differences) + 1).mean() / 2
    assert auc(scores, is_case, direction="higher_is_case") == pytest.approx(by_pairs, abs=1e-15)


@given(PATIENTS)
def test_swapping_classes_or_direction_gives_one_minus_auc(patients: Patients) -> None:
    scores, is_case = columns(patients)
    other = 1 - auc(scores, is_case, direction="higher_is_case")
    assert auc(scores, ~is_case, direction="higher_is_case") == pytest.approx(other, abs=1e-15)
    assert auc(scores, is_case, direction="lower_is_case") == pytest.approx(other, abs=1e-15)


@given(PATIENTS)
def test_monotone_transform_moves_only_the_thresholds(patients: Patients) -> None:
    scores, is_case = columns(patients)
    plain = roc_curve(scores, is_case, direction="higher_is_case")
    bent = roc_curve(np.exp(scores), is_case, direction="higher_is_case")
    assert bent.sensitivity.tolist() == plain.sensitivity.tolist()
    assert bent.specificity.tolist() == plain.specificity.tolist()
    assert bent.thresholds.tolist() == np.exp(plain.thresholds).tolist()


@given(PATIENTS, st.randoms(use_true_random=False))
def test_order_of_patients_changes_nothing(patients: Patients, random: Any) -> None:
    shuffled = random.sample(patients, len(patients))
    first = roc_curve(*columns(patients), direction="lower_is_case")
    assert roc_curve(*columns(shuffled), direction="lower_is_case").points() == first.points()


@given(PATIENTS, st.sampled_from(["higher_is_case", "lower_is_case"]))
def test_area_of_the_curve_is_the_auc(patients: Patients, direction: Any) -> None:
    scores, is_case = columns(patients)
    curve = roc_curve(scores, is_case, direction=direction)
    assert curve.auc == pytest.approx(auc(scores, is_case, direction=direction), abs=1e-14)


@given(PATIENTS)
def test_lower_is_case_calls_scores_at_or_below_the_threshold(patients: Patients) -> None:
    scores, is_case = columns(patients)
    curve = roc_curve(scores, is_case, direction="lower_is_case")
    called = scores <= curve.thresholds[:, None]
    assert curve.thresholds[0] == -np.inf
    assert curve.sensitivity.tolist() == called[:, is_case].mean(axis=1).tolist()
    assert curve.specificity == pytest.approx(1 - called[:, ~is_case].mean(axis=1), abs=1e-15)


def test_points_are_json_with_null_for_infinity() -> None:
    curve = roc_curve([1, 2], [0, 1], direction="lower_is_case")
    points = json.loads(json.dumps(curve.points(), allow_nan=False))
    assert points[0] == {"threshold": None, "sensitivity": 0.0, "specificity": 1.0}
    assert [point["threshold"] for point in points] == [None, 1.0, 2.0]


def test_curve_cannot_be_changed() -> None:
    curve = roc_curve([1, 2], [0, 1], direction="higher_is_case")
    with pytest.raises(ValueError, match="read-only"):
        curve.sensitivity[0] = 0.5


@pytest.mark.parametrize(
    ("thresholds", "sensitivity", "specificity"),
    [
        ([2.0, 1.0], [0.0, 1.0], [1.0, 0.0]),
        ([np.inf, np.inf], [0.0, 1.0], [1.0, 0.0]),
        ([np.inf, 1.0, 2.0], [0.0, 0.5, 1.0], [1.0, 0.5, 0.0]),
        ([np.inf, 1.0], [0.5, 1.0], [1.0, 0.0]),
        ([np.inf, 1.0], [0.0, 1.0], [1.0, 0.5]),
        ([np.inf, 2.0, 1.0], [0.0, 1.5, 1.0], [1.0, 0.5, 0.0]),
        ([np.inf, 1.0], [0.0, 1.0], [1.0, 0.5, 0.0]),
    ],
)
def test_points_that_are_no_curve_are_refused(
    thresholds: list[float], sensitivity: list[float], specificity: list[float]
) -> None:
    first, second, third = map(np.array, (thresholds, sensitivity, specificity))
    with pytest.raises(AnalysisError):
        RocCurve("higher_is_case", first, second, third, n_cases=1, n_controls=1)


@pytest.mark.parametrize("function", [auc, roc_curve])
def test_one_class_has_no_roc(function: Callable[..., object]) -> None:
    with pytest.raises(OneClassError):
        function([1, 2], [1, 1], direction="higher_is_case")


def test_direction_is_never_guessed() -> None:
    with pytest.raises(TypeError):
        auc([1, 2], [0, 1])  # type: ignore[call-arg]
    with pytest.raises(UnknownChoiceError):
        oriented(np.array([1.0]), "<")  # type: ignore[arg-type]
