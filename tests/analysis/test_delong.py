from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import ndtr

from analysis.delong import delong_covariance, delong_variance, placements
from analysis.errors import AnalysisError, LengthsDifferError, ShapeError, TooFewError
from analysis.roc import auc

Table = Callable[[str], dict[str, Any]]


@pytest.mark.parametrize("case", ["perfect", "all_tied", "heavy_ties", "below_half", "near_one"])
def test_variance_is_that_of_proc(case: str, expected: Callable[[str], Any]) -> None:
    reference = expected("02_roc_edge")[case]
    variance = delong_variance(reference["x"], reference["y"], direction="higher_is_case")
    assert variance == pytest.approx(reference["var"], abs=1e-14)


def test_one_case_has_no_variance_in_proc_either(expected: Callable[[str], Any]) -> None:
    reference = expected("02_roc_edge")["one_case"]
    assert reference["var"] is None
    with pytest.raises(TooFewError):
        delong_variance(reference["x"], reference["y"], direction="higher_is_case")


@given(st.lists(st.tuples(st.integers(0, 4), st.booleans()), max_size=20))
def test_variance_from_counts_is_that_of_the_placements(patients: list[tuple[int, bool]]) -> None:
    both = [*patients, (1, True), (3, True), (0, False), (2, False)]
    scores, is_case = map(np.array, zip(*both, strict=True))
    placed = placements(scores, is_case, direction="higher_is_case")
    wanted = sum(part.var(ddof=1) / part.size for part in (placed.cases, placed.controls))
    found = delong_variance(scores, is_case, direction="higher_is_case")
    assert found == pytest.approx(wanted, abs=1e-14)


def test_covariance_of_two_scores_is_that_of_proc(
    expected: Callable[[str], Any], table: Table
) -> None:
    reference, patients = expected("02_roc_edge")["n10000"], table("roc10k")
    scores = np.column_stack([patients["x1"], patients["x2"]])
    found = delong_covariance(scores, patients["y"], direction="higher_is_case")
    assert found[0, 0] == pytest.approx(reference["var1"], rel=1e-9)
    assert found[1, 1] == pytest.approx(reference["var2"], rel=1e-9)
    assert found[0, 1] == pytest.approx(reference["cov"], rel=1e-9)
    z = (reference["auc1"] - reference["auc2"]) / np.sqrt(found @ [1, -1] @ [1, -1])
    assert z == pytest.approx(reference["Z"], rel=1e-9)
    assert 2 * ndtr(-z) == pytest.approx(reference["p"], rel=1e-9)


@given(st.lists(st.tuples(st.integers(0, 4), st.booleans()), min_size=2, max_size=20))
def test_placements_are_the_proportions_beaten_and_average_to_the_auc(
    patients: list[tuple[int, bool]],
) -> None:
    scores, is_case = map(np.array, zip(*[*patients, (1, True), (2, False)], strict=True))
    placed = placements(scores, is_case, direction="lower_is_case")
    wins = (np.sign(scores[~is_case] - scores[is_case][:, None]) + 1) / 2
    assert placed.cases == pytest.approx(wins.mean(axis=1), abs=1e-15)
    assert placed.controls == pytest.approx(wins.mean(axis=0), abs=1e-15)
    area = auc(scores, is_case, direction="lower_is_case")
    assert placed.cases.mean() == pytest.approx(area, abs=1e-14)
    assert placed.controls.mean() == pytest.approx(area, abs=1e-14)


@given(st.lists(st.tuples(st.integers(0, 2), st.booleans()), min_size=2, max_size=8))
def test_variance_is_zero_only_when_separated_or_all_tied(patients: list[tuple[int, bool]]) -> None:
    both = [*patients, (1, True), (2, True), (0, False), (1, False)]
    scores, is_case = map(np.array, zip(*both, strict=True))
    assert delong_variance(scores, is_case, direction="higher_is_case") > 0
    assert delong_variance(0 * scores, is_case, direction="higher_is_case") == 0


def test_variance_of_one_score_is_its_own_covariance() -> None:
    scores, is_case = [1, 3, 2, 4, 2], [0, 0, 1, 1, 1]
    alone = delong_covariance(np.c_[scores], is_case, direction="higher_is_case")
    assert alone.shape == (1, 1)
    assert alone[0, 0] == pytest.approx(
        delong_variance(scores, is_case, direction="higher_is_case"), abs=1e-16
    )


def test_each_score_may_have_its_own_direction() -> None:
    scores = np.array([1, 3, 2, 4, 2, 5])
    both, is_case = np.column_stack([scores, -scores]), [0, 0, 1, 1, 1, 0]
    found = delong_covariance(both, is_case, direction=["higher_is_case", "lower_is_case"])
    assert np.ptp(found) == pytest.approx(0, abs=1e-16)
    assert found[0, 0] > 0.01


@pytest.mark.parametrize("is_case", [[1, 0, 0, 0], [1, 1, 1, 0]])
def test_one_case_or_one_control_has_no_variance(is_case: list[int]) -> None:
    with pytest.raises(TooFewError):
        delong_variance([1, 2, 3, 4], is_case, direction="higher_is_case")


@pytest.mark.parametrize(
    ("scores", "direction", "error"),
    [
        ([1, 2, 3, 4], "higher_is_case", ShapeError),
        ([[1], [2], [3], [4]], ["higher_is_case", "lower_is_case"], LengthsDifferError),
    ],
)
def test_covariance_refuses_scores_without_columns_or_directions(
    scores: Any, direction: Any, error: type[AnalysisError]
) -> None:
    with pytest.raises(error):
        delong_covariance(scores, [0, 0, 1, 1], direction=direction)
