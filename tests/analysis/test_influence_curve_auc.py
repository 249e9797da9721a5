from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit, logit, ndtr

from analysis.delong import delong_variance
from analysis.errors import (
    FoldsWithoutBothClassesError,
    LengthsDifferError,
    NotFiniteError,
    OneClassError,
    ShapeError,
    UnknownChoiceError,
)
from analysis.influence_curve_auc import influence_curve_auc, influence_curve_variance
from analysis.roc import auc

HIGH: Any = {"direction": "higher_is_case"}
SCORES = st.lists(st.integers(-3, 3), min_size=8, max_size=8)
IS_CASE = np.array([True, False] * 4)
FOLDS = np.array([0, 0, 0, 0, 1, 1, 1, 1])


def repeats(table: Callable[[str], dict[str, Any]]) -> tuple[Any, Any, Any]:
    """Scores and folds, one row for each repeat, and who is a case."""
    rows = table("cvauc60")
    order = np.lexsort((rows["id"], rows["rep"]))
    scores, folds, is_case = (rows[name][order].reshape(4, 60) for name in ("p", "fold", "y"))
    return scores, is_case[0], folds


def test_single_repeat_is_that_of_cvauc(
    expected: Callable[[str], Any], table: Callable[[str], dict[str, Any]]
) -> None:
    reference, (scores, is_case, folds) = (
        expected("10_cvauc")["single_repeat_5fold"],
        repeats(table),
    )
    found = influence_curve_auc(scores[0], is_case, folds[0], **HIGH)
    variance = influence_curve_variance(scores[0], is_case, folds[0], **HIGH)
    assert found.value == pytest.approx(reference["cvAUC"], abs=1e-9)
    assert variance**0.5 == pytest.approx(reference["se"], abs=1e-9)
    assert [found.lower, found.upper] == pytest.approx(reference["ci95"], abs=1e-9)
    assert (found.n_cases, found.n_controls) == (32, 28)


def test_standard_error_of_every_repeat_is_that_of_cvauc(
    expected: Callable[[str], Any], table: Callable[[str], dict[str, Any]]
) -> None:
    reference, (scores, is_case, folds) = expected("10_cvauc"), repeats(table)
    variances = [
        influence_curve_variance(one, is_case, of_one, **HIGH)
        for one, of_one in zip(scores, folds, strict=True)
    ]
    assert np.sqrt(variances) == pytest.approx(reference["se_by_repeat"], abs=1e-9)
    together = influence_curve_auc(scores, is_case, folds, **HIGH)
    wanted = reference["four_repeats_mean_of_20_fold_aucs"]
    assert together.value == pytest.approx(wanted, abs=1e-9)


def test_repeats_average_each_patients_part_before_squaring(
    table: Callable[[str], dict[str, Any]],
) -> None:
    scores, is_case, folds = repeats(table)
    once = influence_curve_variance(scores[1], is_case, folds[1], **HIGH)
    twice = influence_curve_variance(scores[[1, 1]], is_case, folds[[1, 1]], **HIGH)
    different = influence_curve_variance(scores, is_case, folds, **HIGH)
    assert twice == pytest.approx(once, abs=1e-15)
    assert different < once


@given(SCORES)
def test_one_fold_is_delong_without_its_degrees_of_freedom(scores: list[int]) -> None:
    found = influence_curve_variance(scores, IS_CASE, np.zeros(8), **HIGH)
    assert found == pytest.approx(delong_variance(scores, IS_CASE, **HIGH) * 3 / 4, abs=1e-12)


@given(SCORES, st.sampled_from(["influence_curve", "influence_curve_logit"]))
def test_interval_lies_inside_and_contains_the_mean_of_folds(
    scores: list[int], method: Any
) -> None:
    found = influence_curve_auc(scores, IS_CASE, FOLDS, method=method, **HIGH)
    vector = np.array(scores)
    areas = [auc(vector[fold == FOLDS], IS_CASE[fold == FOLDS], **HIGH) for fold in (0, 1)]
    assert found.value == pytest.approx(np.mean(areas), abs=1e-12)
    assert 0 <= found.lower <= found.value <= found.upper <= 1
    assert found.lower < found.upper


@given(SCORES, st.permutations(range(8)))
def test_swapping_classes_mirrors_and_order_and_scale_change_nothing(
    scores: list[int], order: list[int]
) -> None:
    found = influence_curve_auc(scores, IS_CASE, FOLDS, **HIGH)
    vector = np.exp(np.array(scores, dtype=float))[order]
    moved = influence_curve_auc(vector, IS_CASE[order], FOLDS[order], **HIGH)
    swapped = influence_curve_auc(scores, ~IS_CASE, FOLDS, **HIGH)
    assert (moved.lower, moved.upper) == pytest.approx((found.lower, found.upper), abs=1e-12)
    assert (1 - swapped.upper, 1 - swapped.lower) == pytest.approx(
        (found.lower, found.upper), abs=1e-12
    )
    lower = influence_curve_auc(scores, ~IS_CASE, FOLDS, direction="lower_is_case")
    assert (lower.lower, lower.upper) == pytest.approx((found.lower, found.upper), abs=1e-12)


def test_logit_interval_is_the_delta_method() -> None:
    scores = [1, 4, 3, 8, 2, 6, 7, 5]
    found = influence_curve_auc(scores, IS_CASE, FOLDS, method="influence_curve_logit", **HIGH)
    variance = influence_curve_variance(scores, IS_CASE, FOLDS, **HIGH)
    half = 1.959963984540054 * variance**0.5 / (found.value * (1 - found.value))
    wanted = expit(logit(found.value) + np.array([-half, half]))
    assert [found.lower, found.upper] == pytest.approx(wanted, abs=1e-12)


def test_folds_that_say_nothing_of_their_spread_are_named() -> None:
    perfect = influence_curve_auc([0, 1] * 4, ~IS_CASE, FOLDS, **HIGH)
    assert (perfect.value, perfect.method) == (1.0, "boundary_as_if_fixed_scores")
    assert perfect.lower == pytest.approx(0.025 ** (1 / 4))
    opposite = influence_curve_auc([1, 0, 1, 0, 0, 1, 0, 1], IS_CASE, FOLDS, **HIGH)
    for found in (opposite, influence_curve_auc([2] * 8, IS_CASE, FOLDS, **HIGH)):
        assert (found.value, found.method) == (0.5, "no_spread_within_folds")
        assert (found.lower, found.upper) == (0, 1)


@pytest.mark.parametrize("method", ["influence_curve", "influence_curve_logit"])
def test_interval_covers_the_auc_of_fixed_scores_in_large_folds(method: Any) -> None:
    rng, covered = np.random.default_rng(10), 0
    is_case, folds = np.arange(200) % 2 == 0, np.arange(200) // 2 % 5
    for _ in range(400):
        scores = rng.normal(size=200) + is_case
        found = influence_curve_auc(scores, is_case, folds, method=method, **HIGH)
        covered += found.lower <= ndtr(0.5**0.5) <= found.upper
    assert 0.92 <= covered / 400 <= 0.98


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"folds": [0, 0, 1, 1, 2, 2, 3, 4]}, FoldsWithoutBothClassesError),
        ({"folds": [0, 1]}, ShapeError),
        ({"scores": [1, 2]}, ShapeError),
        ({"scores": [[[1] * 8]], "folds": [[[1] * 8]]}, ShapeError),
        ({"scores": [], "folds": []}, ShapeError),
        ({"scores": [np.nan] * 8}, NotFiniteError),
        ({"is_case": [True, False]}, LengthsDifferError),
        ({"is_case": [True] * 8}, OneClassError),
        ({"method": "delong"}, UnknownChoiceError),
        ({"direction": "higher"}, UnknownChoiceError),
    ],
)
def test_what_is_wrong_is_refused(change: dict[str, Any], error: type[Exception]) -> None:
    arguments: dict[str, Any] = {"scores": range(8), "is_case": IS_CASE, "folds": FOLDS} | HIGH
    with pytest.raises(error):
        influence_curve_auc(**(arguments | change))


def test_folds_without_both_classes_are_counted() -> None:
    with pytest.raises(FoldsWithoutBothClassesError) as caught:
        influence_curve_auc(range(8), IS_CASE, [0, 0, 1, 1, 2, 2, 3, 4], **HIGH)
    assert (caught.value.n_affected, caught.value.n_folds) == (2, 5)
