from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit, logit, ndtri

from analysis.auc_interval import auc_interval
from analysis.errors import OneClassError, OutOfRangeError, UnknownChoiceError

PATIENTS = st.lists(st.tuples(st.integers(-4, 4), st.booleans()), min_size=2, max_size=30).filter(
    lambda patients: len({is_case for _, is_case in patients}) == 2
)


@pytest.mark.parametrize("case", ["heavy_ties", "below_half", "near_one"])
def test_plain_delong_interval_is_that_of_proc(case: str, expected: Callable[[str], Any]) -> None:
    reference = expected("02_roc_edge")[case]
    found = auc_interval(
        reference["x"], reference["y"], direction="higher_is_case", method="delong"
    )
    assert [found.lower, found.value, found.upper] == pytest.approx(reference["ci95"], abs=1e-12)
    assert found.method == "delong"


@pytest.mark.parametrize("score", ["1", "2"])
def test_ten_thousand_patients_have_the_interval_of_proc(
    score: str, expected: Callable[[str], Any], table: Callable[[str], dict[str, Any]]
) -> None:
    reference, patients = expected("02_roc_edge")["n10000"], table("roc10k")
    found = auc_interval(
        patients[f"x{score}"], patients["y"], direction="higher_is_case", method="delong"
    )
    assert found.value == pytest.approx(reference[f"auc{score}"], abs=1e-12)
    wanted = reference[f"ci{score}"]
    assert [found.lower, found.value, found.upper] == pytest.approx(wanted, abs=1e-9)


@pytest.mark.parametrize(("score", "direction"), [("high", "<"), ("low", ">")])
def test_either_direction_has_the_interval_of_proc(
    score: str, direction: str, expected: Callable[[str], Any], table: Callable[[str], Any]
) -> None:
    reference, patients = expected("r_proc")[score], table("roc33")
    found = auc_interval(
        patients[score],
        patients["y"],
        direction="higher_is_case" if direction == "<" else "lower_is_case",
        method="delong",
    )
    assert [found.lower, found.upper] == pytest.approx(reference["delong"], abs=1e-9)


def test_plain_delong_interval_is_that_of_riskregression(
    expected: Callable[[str], Any], table: Callable[[str], dict[str, Any]]
) -> None:
    reference, patients = expected("11_firth_score")["score_calib60"], table("calib60")
    found = auc_interval(patients["p"], patients["y"], direction="higher_is_case", method="delong")
    wanted = [reference["auc_lower"], reference["auc"], reference["auc_upper"]]
    assert [found.lower, found.value, found.upper] == pytest.approx(wanted, abs=1e-9)


def test_logit_interval_is_the_delta_method_on_procs_variance(
    expected: Callable[[str], Any],
) -> None:
    reference = expected("02_roc_edge")["heavy_ties"]
    found = auc_interval(reference["x"], reference["y"], direction="higher_is_case", level=0.9)
    value, half = reference["auc"], ndtri(0.95) * np.sqrt(reference["var"])
    half /= value * (1 - value)
    wanted = expit(logit(value) + np.array([-half, half]))
    assert [found.lower, found.upper] == pytest.approx(wanted, abs=1e-12)
    assert (found.method, found.level) == ("logit_delong", 0.9)


def test_separated_classes_get_an_exact_lower_limit(expected: Callable[[str], Any]) -> None:
    reference = expected("02_roc_edge")["perfect"]
    found = auc_interval(reference["x"], reference["y"], direction="higher_is_case")
    assert (found.value, found.upper, found.method) == (1.0, 1.0, "exact_at_boundary")
    assert found.lower == pytest.approx(0.025 ** (1 / 5))


def test_interval_at_zero_mirrors_the_one_at_one() -> None:
    at_one = auc_interval([1, 2, 3], [0, 0, 1], direction="higher_is_case")
    at_zero = auc_interval([1, 2, 3], [0, 0, 1], direction="lower_is_case")
    assert (at_zero.value, at_zero.lower) == (0.0, 0.0)
    assert at_zero.upper == pytest.approx(1 - at_one.lower)


def test_all_tied_is_wide_about_one_half_not_certain(expected: Callable[[str], Any]) -> None:
    reference = expected("02_roc_edge")["all_tied"]
    found = auc_interval(reference["x"], reference["y"], direction="higher_is_case")
    assert (found.value, found.method) == (0.5, "exact_all_tied")
    assert (found.lower, found.upper) == pytest.approx(
        (0.05 ** (1 / 3) / 2, 1 - 0.05 ** (1 / 3) / 2)
    )


def test_one_case_gets_a_guaranteed_interval(expected: Callable[[str], Any]) -> None:
    reference = expected("02_roc_edge")["one_case"]
    found = auc_interval(reference["x"], reference["y"], direction="higher_is_case")
    assert found.method == "markov_bound"
    assert (found.lower, found.upper) == pytest.approx((0.02, 0.995))


@given(PATIENTS, st.sampled_from(["logit_delong", "delong"]), st.floats(0.5, 0.999))
def test_interval_lies_inside_and_contains_the_estimate(
    patients: list[tuple[int, bool]], method: Any, level: float
) -> None:
    scores, is_case = zip(*patients, strict=True)
    found = auc_interval(scores, is_case, direction="higher_is_case", method=method, level=level)
    assert 0 <= found.lower <= found.value <= found.upper <= 1
    assert found.lower < found.upper


@given(PATIENTS)
def test_swapping_direction_mirrors_the_interval(patients: list[tuple[int, bool]]) -> None:
    scores, is_case = zip(*patients, strict=True)
    higher = auc_interval(scores, is_case, direction="higher_is_case")
    lower = auc_interval(scores, is_case, direction="lower_is_case")
    assert (lower.lower, lower.upper) == pytest.approx((1 - higher.upper, 1 - higher.lower))
    assert lower.method == higher.method


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"method": "wald"}, UnknownChoiceError),
        ({"direction": "auto"}, UnknownChoiceError),
        ({"level": 95}, OutOfRangeError),
        ({"is_case": [1, 1, 1]}, OneClassError),
    ],
)
def test_what_is_wrong_is_refused(change: dict[str, Any], error: type[Exception]) -> None:
    good: dict[str, Any] = {"scores": [1, 2, 3], "is_case": [0, 1, 0], "direction": "lower_is_case"}
    with pytest.raises(error):
        auc_interval(**(good | change))
