from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.auc_difference import (
    fold_auc_difference,
    paired_auc_difference,
    unpaired_auc_difference,
)
from analysis.cross_validated_auc import nadeau_bengio
from analysis.delong import delong_covariance, delong_variance
from analysis.errors import LengthsDifferError, TooFewError

Table = Callable[[str], dict[str, Any]]
HIGHER: Any = {"direction": "higher_is_case"}
FOLDS: Any = {"n_train": 24, "n_test": 8, "n_cases": 20, "n_controls": 12}
HEAVY_TIES = ([1, 1, 2, 2, 2, 3, 1, 2, 2, 3, 3, 3], [0] * 6 + [1] * 6)
BELOW_HALF = ([5, 6, 7, 1, 2, 3, 4, 8], [0] * 4 + [1] * 4)


def test_paired_test_is_that_of_proc(expected: Callable[[str], Any], table: Table) -> None:
    reference, patients = expected("02_roc_edge")["n10000"], table("roc10k")
    found = paired_auc_difference(patients["x1"], patients["x2"], patients["y"], **HIGHER)
    assert (found.first, found.second) == pytest.approx((reference["auc1"], reference["auc2"]))
    assert found.z == pytest.approx(reference["Z"], rel=1e-9)
    assert found.p == pytest.approx(reference["p"], rel=1e-9)
    assert found.n_patients == 10_000


def test_paired_test_with_heavy_ties_is_that_of_proc() -> None:
    # pROC 1.18.0, R 4.2.2: roc.test(method = "delong", paired = TRUE), direction "<".
    first, is_case = HEAVY_TIES
    second = [2, 1, 3, 1, 2, 2, 4, 1, 2, 3, 5, 3]
    found = paired_auc_difference(first, second, is_case, **HIGHER)
    assert found.z == pytest.approx(-0.422577127364258, rel=1e-12)
    assert found.p == pytest.approx(0.672603817441517, rel=1e-12)
    limits = found.difference.lower, found.difference.upper
    assert limits == pytest.approx((-0.469843443484693, 0.303176776818026), abs=1e-12)


def test_unpaired_test_is_that_of_proc(table: Table) -> None:
    # pROC 1.18.0, R 4.2.2: roc.test(method = "delong", paired = FALSE), direction "<".
    small = unpaired_auc_difference(*HEAVY_TIES, *BELOW_HALF, **HIGHER)
    assert small.z == pytest.approx(0.787601410210267, rel=1e-12)
    assert small.degrees_of_freedom == pytest.approx(11.8911630185892, rel=1e-12)
    assert small.p == pytest.approx(0.446345535068514, rel=1e-9)
    p = table("roc10k")
    large = unpaired_auc_difference(p["x1"], p["y"], p["x2"], p["y"], **HIGHER)
    assert (large.z, large.p) == pytest.approx((13.3346951287947, 2.17339256519041e-40), rel=1e-9)


Patients = st.lists(
    st.tuples(st.integers(0, 5), st.integers(0, 5), st.booleans()), min_size=2, max_size=20
)
BOTH = [(0, 3, True), (4, 1, True), (1, 1, False), (2, 5, False)]


@given(Patients)
def test_variance_of_the_difference_is_that_of_the_covariance_matrix(patients: list[Any]) -> None:
    first, second, is_case = map(np.array, zip(*[*patients, *BOTH], strict=True))
    found = paired_auc_difference(first, second, is_case, **HIGHER)
    both = delong_covariance(np.column_stack([first, second]), is_case, **HIGHER)
    variance = float(both @ [1, -1] @ [1, -1])
    if found.z:
        assert found.difference.value / found.z == pytest.approx(variance**0.5, rel=1e-6)


@given(Patients)
def test_swapping_scores_turns_the_sign_and_so_does_swapping_classes(patients: list[Any]) -> None:
    first, second, is_case = map(np.array, zip(*[*patients, *BOTH], strict=True))
    found = paired_auc_difference(first, second, is_case, **HIGHER)
    for other in (
        paired_auc_difference(second, first, is_case, **HIGHER),
        paired_auc_difference(first, second, ~is_case, **HIGHER),
    ):
        assert other.difference.value == pytest.approx(-found.difference.value, abs=1e-12)
        assert other.difference.lower == pytest.approx(-found.difference.upper, abs=1e-12)
    assert -1 <= found.difference.lower <= found.difference.value <= found.difference.upper <= 1


def test_scores_that_rank_alike_differ_by_nothing() -> None:
    scores, is_case = np.array(HEAVY_TIES[0]), HEAVY_TIES[1]
    found = paired_auc_difference(scores, np.exp(scores), is_case, **HIGHER)
    assert (found.difference.method, found.z, found.p) == ("same_placements", 0.0, 1.0)
    assert (found.difference.lower, found.difference.upper) == (0.0, 0.0)


def test_a_difference_without_spread_is_not_certain() -> None:
    found = paired_auc_difference([1, 2, 3, 4], [4, 3, 2, 1], [0, 0, 1, 1], **HIGHER)
    assert (found.difference.value, found.z, found.p) == (1.0, None, None)
    assert found.difference.method == "no_spread_between_patients"
    assert (found.difference.lower, found.difference.upper) == (-1.0, 1.0)
    groups = unpaired_auc_difference(
        [1, 2, 3, 4], [0, 0, 1, 1], [1, 2, 3, 4], [0, 0, 1, 1], **HIGHER
    )
    assert (groups.difference.method, groups.p) == ("no_spread_between_patients", None)


def test_two_groups_add_their_variances() -> None:
    found = unpaired_auc_difference(*HEAVY_TIES, *BELOW_HALF, **HIGHER)
    total = sum(delong_variance(*group, **HIGHER) for group in (HEAVY_TIES, BELOW_HALF))
    assert found.z == pytest.approx(found.difference.value / total**0.5)
    assert (found.difference.n_cases, found.difference.n_controls, found.n_patients) == (10, 10, 20)


@pytest.mark.parametrize("is_case", [[1, 0, 0, 0], [1, 1, 1, 0]])
def test_one_case_or_one_control_cannot_be_compared(is_case: list[int]) -> None:
    with pytest.raises(TooFewError):
        paired_auc_difference([1, 2, 3, 4], [1, 3, 2, 4], is_case, **HIGHER)


def test_paired_scores_are_of_the_same_patients() -> None:
    with pytest.raises(LengthsDifferError):
        paired_auc_difference([1, 2, 3, 4], [1, 2, 3], [0, 0, 1, 1], **HIGHER)


def test_folds_are_compared_by_the_corrected_resampled_t() -> None:
    first, second = np.array([0.9, 0.8, 0.7, 0.75]), np.array([0.5, 0.7, 0.7, 0.6])
    found = fold_auc_difference(first, second, **FOLDS)
    # The interval of the differences themselves is what `nadeau_bengio` gives for one procedure.
    alone = nadeau_bengio(first - second, **FOLDS)
    assert found.difference.value == pytest.approx(alone.value)
    assert found.difference.upper - found.difference.value == pytest.approx(
        alone.upper - alone.value
    )
    assert found.degrees_of_freedom == 3
    assert found.p is not None
    assert (found.p < 0.05) == (found.difference.lower > 0)


def test_folds_that_agree_or_differ_by_one_number_have_no_spread() -> None:
    same = fold_auc_difference([0.6, 0.8], [0.6, 0.8], **FOLDS)
    assert (same.difference.method, same.p, same.difference.upper) == ("same_in_every_fold", 1, 0)
    apart = fold_auc_difference([0.75, 1.0], [0.5, 0.75], **FOLDS)
    assert (apart.difference.method, apart.p) == ("no_spread_between_folds", None)


def test_every_fold_has_both_procedures() -> None:
    with pytest.raises(LengthsDifferError):
        fold_auc_difference([0.6, 0.8], [0.6], **FOLDS)
