from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import stdtrit

from analysis.cross_validated_auc import corrected_standard_error, nadeau_bengio
from analysis.errors import (
    NotFiniteError,
    OneClassError,
    OutOfRangeError,
    ShapeError,
    TooFewError,
)
from analysis.roc import auc

FOLDS: dict[str, Any] = {"n_train": 48, "n_test": 12, "n_cases": 32, "n_controls": 28}


def fold_aucs(patients: dict[str, Any]) -> list[float]:
    folds = [
        (patients["rep"] == repeat) & (patients["fold"] == fold)
        for repeat in range(1, 5)
        for fold in range(1, 6)
    ]
    return [
        auc(patients["p"][fold], patients["y"][fold], direction="higher_is_case") for fold in folds
    ]


def test_corrected_interval_over_twenty_folds_is_the_reference(
    expected: Callable[[str], Any], table: Callable[[str], dict[str, Any]]
) -> None:
    reference = expected("10_cvauc")
    values = fold_aucs(table("cvauc60"))
    assert values[:5] == pytest.approx(reference["single_repeat_5fold"]["fold_auc"], abs=1e-12)
    wanted = reference["nadeau_bengio"]
    found = nadeau_bengio(values, **FOLDS)
    error = corrected_standard_error(values, n_train=48, n_test=12)
    half_width = stdtrit(wanted["df"], 0.975) * error
    assert error == pytest.approx(wanted["corrected_se"], abs=1e-12)
    assert found.value == pytest.approx(wanted["mean"], abs=1e-12)
    assert np.var(values, ddof=1) == pytest.approx(wanted["var"], abs=1e-12)
    assert [found.value - half_width, found.value + half_width] == pytest.approx(
        wanted["ci95_t"], abs=1e-9
    )
    assert [found.lower, found.upper] == pytest.approx(wanted["ci95_t"], abs=1e-9)
    assert found.method == "corrected_resampled_t"


@given(st.lists(st.floats(0, 1), min_size=2, max_size=30))
def test_interval_lies_inside_and_contains_the_mean(values: list[float]) -> None:
    found = nadeau_bengio(values, **FOLDS)
    assert 0 <= found.lower <= found.value <= found.upper <= 1
    assert found.value == pytest.approx(np.mean(values))


def test_limits_are_cut_at_one() -> None:
    assert nadeau_bengio([0.7, 1.0, 1.0], **FOLDS).upper == 1.0


def test_perfect_folds_are_not_certain() -> None:
    found = nadeau_bengio([1.0, 1.0, 1.0], **FOLDS)
    assert found.method == "boundary_as_if_fixed_scores"
    assert found.lower == pytest.approx(0.025 ** (1 / 28))


def test_folds_without_spread_say_so() -> None:
    found = nadeau_bengio([0.95] * 3, **FOLDS)
    assert found.method == "no_spread_between_folds"
    assert found.value == pytest.approx(0.95)
    assert (found.lower, found.upper) == (0, 1)


def test_correction_widens_the_plain_standard_error() -> None:
    values = [0.6, 0.8, 0.7, 0.75]
    plain = np.std(values, ddof=1) / 2
    corrected = corrected_standard_error(values, n_train=30, n_test=10)
    assert corrected == pytest.approx(plain * np.sqrt(1 + 4 / 3))


def test_many_models_at_once_equal_one_by_one() -> None:
    differences = np.random.default_rng(1).normal(size=(3, 2, 10))
    together = corrected_standard_error(differences, n_train=40, n_test=10)
    alone = corrected_standard_error(differences[2, 1], n_train=40, n_test=10)
    assert together.shape == (3, 2)
    assert together[2, 1] == pytest.approx(float(alone), abs=1e-15)


@pytest.mark.parametrize(
    ("values", "change", "error"),
    [
        ([0.5], {}, TooFewError),
        ([0.5, 1.5], {}, OutOfRangeError),
        ([0.5, np.nan], {}, NotFiniteError),
        ([0.5, 0.6], {"n_train": 0}, OutOfRangeError),
        ([0.5, 0.6], {"n_test": np.inf}, OutOfRangeError),
        ([0.5, 0.6], {"n_controls": 0}, OneClassError),
        ([0.5, 0.6], {"level": 95}, OutOfRangeError),
    ],
)
def test_what_is_wrong_is_refused(
    values: list[float], change: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        nadeau_bengio(values, **(FOLDS | change))


@pytest.mark.parametrize(
    ("values", "error"), [(0.5, ShapeError), ([[0.5, np.inf]], NotFiniteError)]
)
def test_standard_error_refuses_a_number_and_infinity(values: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        corrected_standard_error(values, n_train=4, n_test=1)
