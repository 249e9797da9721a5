import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.decision_rules import (
    OperatingPoint,
    least_cost_points,
    points_at_sensitivity,
    points_at_specificity,
    youden_points,
)
from analysis.errors import LengthsDifferError, NotFiniteError, OneClassError, OutOfRangeError
from analysis.roc import Direction

PATIENTS = st.lists(
    st.tuples(st.one_of(st.integers(-3, 3), st.floats(-1e300, 1e300)), st.booleans()), max_size=16
).map(lambda patients: [*patients, (1, True), (2, False)])


def rates(points: tuple[OperatingPoint, ...]) -> list[tuple[float, float]]:
    return [
        (point.counts.sensitivity().value, point.counts.specificity().value) for point in points
    ]


def every_rate(scores: Any, is_case: Any) -> list[tuple[int, int]]:
    """True positives and true negatives of every rule score >= threshold."""
    candidates = [*np.unique(scores), np.inf]
    return [
        (int((scores >= t)[is_case].sum()), int((scores < t)[~is_case].sum())) for t in candidates
    ]


@pytest.mark.parametrize(
    "case", ["perfect", "all_tied", "heavy_ties", "below_half", "one_case", "near_one"]
)
def test_youden_points_are_all_the_best_of_proc(case: str, expected: Callable[[str], Any]) -> None:
    reference = expected("02_roc_edge")[case]
    found = youden_points(reference["x"], reference["y"], direction="higher_is_case")
    wanted = reference["best_youden"]
    assert [point.threshold for point in found] == [float(best["threshold"]) for best in wanted]
    assert rates(found) == [
        pytest.approx((best["sensitivity"], best["specificity"]), abs=1e-12) for best in wanted
    ]


@pytest.mark.parametrize("score", ["high", "low"])
@pytest.mark.parametrize("row", range(6))
def test_least_cost_points_are_the_weighted_best_of_proc(
    score: str, row: int, expected: Any, table: Any
) -> None:
    reference, patients = expected("r_proc")[score], table("roc33")
    direction: Direction = "higher_is_case" if reference["direction"] == "<" else "lower_is_case"
    best = reference["best"][row]
    found = least_cost_points(
        patients[score],
        patients["y"],
        direction=direction,
        prevalence=best["prevalence"],
        cost_of_false_negative=best["cost"],
    )
    wanted = sorted(
        zip(best["threshold"], best["sensitivity"], best["specificity"], strict=True),
        key=lambda each: float(each[0]),
    )
    assert [point.threshold for point in found] == pytest.approx([float(t) for t, *_ in wanted])
    assert rates(found) == [pytest.approx(pair, abs=1e-12) for _, *pair in wanted]


@given(PATIENTS)
def test_counts_of_a_point_are_those_of_its_own_rule(patients: list[tuple[float, bool]]) -> None:
    scores, is_case = map(np.array, zip(*patients, strict=True))
    for point in (
        *youden_points(scores, is_case, direction="higher_is_case"),
        *points_at_specificity(scores, is_case, 0.6, direction="lower_is_case"),
        *points_at_sensitivity(scores, is_case, 0.0, direction="higher_is_case"),
    ):
        higher = point.direction == "higher_is_case"
        called = scores >= point.threshold if higher else scores <= point.threshold
        assert point.counts.true_positives == called[is_case].sum()
        assert point.counts.true_negatives == (~called)[~is_case].sum()


@given(PATIENTS)
def test_youden_points_are_all_of_the_largest_index(patients: list[tuple[float, bool]]) -> None:
    scores, is_case = map(np.array, zip(*patients, strict=True))
    n_cases, n_controls = is_case.sum(), (~is_case).sum()
    index = [tp * n_controls + tn * n_cases for tp, tn in every_rate(scores, is_case)]
    found = youden_points(scores, is_case, direction="higher_is_case")
    assert len(found) == index.count(max(index))
    assert [point.threshold for point in found] == sorted({point.threshold for point in found})


@given(PATIENTS)
def test_equal_costs_at_a_prevalence_of_half_are_youden(patients: list[tuple[float, bool]]) -> None:
    scores, is_case = zip(*patients, strict=True)
    by_cost = least_cost_points(scores, is_case, direction="higher_is_case", prevalence=0.5)
    assert by_cost == youden_points(scores, is_case, direction="higher_is_case")


@given(PATIENTS, st.floats(0.01, 0.99), st.floats(0.01, 100))
def test_no_threshold_costs_less(
    patients: list[tuple[float, bool]], prevalence: float, cost: float
) -> None:
    scores, is_case = map(np.array, zip(*patients, strict=True))
    n_cases, n_controls = is_case.sum(), (~is_case).sum()

    def expected_cost(tp: int, tn: int) -> float:
        missed, alarmed = 1 - tp / n_cases, 1 - tn / n_controls
        return float(cost * prevalence * missed + (1 - prevalence) * alarmed)

    least = min(expected_cost(*pair) for pair in every_rate(scores, is_case))
    for point in least_cost_points(
        scores,
        is_case,
        direction="higher_is_case",
        prevalence=prevalence,
        cost_of_false_negative=cost,
    ):
        of_point = expected_cost(point.counts.true_positives, point.counts.true_negatives)
        assert of_point == pytest.approx(least, rel=1e-9, abs=1e-12)


@given(PATIENTS, st.sampled_from([0.0, 0.3, 0.5, 0.9, 1.0]))
def test_points_at_sensitivity_are_all_of_the_largest_specificity(
    patients: list[tuple[float, bool]], least: float
) -> None:
    scores, is_case = map(np.array, zip(*patients, strict=True))
    allowed = [
        (tp, tn)
        for tp, tn in every_rate(scores, is_case)
        if tp / is_case.sum() >= least or math.isclose(tp / is_case.sum(), least)
    ]
    most = max(tn for _, tn in allowed)
    found = points_at_sensitivity(scores, is_case, least, direction="higher_is_case")
    pairs = [(point.counts.true_positives, point.counts.true_negatives) for point in found]
    assert sorted(pairs) == sorted({pair for pair in allowed if pair[1] == most})


@given(PATIENTS, st.sampled_from([0.0, 0.3, 0.5, 0.9, 1.0]))
def test_fixed_specificity_is_fixed_sensitivity_with_the_classes_swapped(
    patients: list[tuple[float, bool]], least: float
) -> None:
    scores, is_case = map(np.array, zip(*patients, strict=True))
    one = points_at_specificity(scores, is_case, least, direction="higher_is_case")
    other = points_at_sensitivity(scores, ~is_case, least, direction="lower_is_case")
    assert sorted(rates(one)) == sorted((sp, se) for se, sp in rates(other))


def test_a_sensitivity_of_nine_tenths_is_met_by_nine_of_ten() -> None:
    scores, is_case = np.arange(20), np.arange(20) >= 10
    scores[10] = -1
    (point,) = points_at_sensitivity(scores, is_case, 0.9, direction="higher_is_case")
    assert (point.threshold, point.counts.true_positives, point.counts.false_positives) == (
        10,
        9,
        0,
    )


def test_neighbouring_floats_are_still_told_apart() -> None:
    below, above = 0.5, np.nextafter(0.5, 1)
    (point,) = youden_points([below, above], [0, 1], direction="higher_is_case")
    assert below < point.threshold <= above
    (point,) = youden_points([below, above], [1, 0], direction="lower_is_case")
    assert below <= point.threshold < above


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"prevalence": 0.0}, OutOfRangeError),
        ({"prevalence": np.nan}, OutOfRangeError),
        ({"cost_of_false_negative": 0}, OutOfRangeError),
        ({"cost_of_false_positive": np.inf}, OutOfRangeError),
        ({"is_case": [0, 0]}, OneClassError),
        ({"scores": [1, np.nan]}, NotFiniteError),
        ({"scores": [1]}, LengthsDifferError),
    ],
)
def test_what_is_wrong_is_refused(change: dict[str, Any], error: type[Exception]) -> None:
    good: dict[str, Any] = {"scores": [1, 2], "is_case": [0, 1], "prevalence": 0.3}
    with pytest.raises(error):
        least_cost_points(**(good | change), direction="higher_is_case")


@pytest.mark.parametrize("rule", [points_at_sensitivity, points_at_specificity])
@pytest.mark.parametrize("rate", [-0.1, 1.1, math.nan])
def test_an_impossible_rate_is_refused(rule: Callable[..., Any], rate: float) -> None:
    with pytest.raises(OutOfRangeError):
        rule([1, 2], [0, 1], rate, direction="higher_is_case")
