from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.brier_interval import brier_interval, scaled_brier_interval, spiegelhalter
from analysis.errors import OneClassError, OutOfRangeError

Table = Callable[[str], dict[str, Any]]
Expected = Callable[[str], Any]
PATIENTS = st.lists(st.tuples(st.floats(0, 1), st.booleans()), max_size=30)


def test_brier_interval_is_that_of_risk_regression(expected: Expected, table: Table) -> None:
    reference, patients = expected("11_firth_score")["score_calib60"], table("calib60")
    found = brier_interval(patients["p"], patients["y"])
    null = brier_interval([0.5] * 60, patients["y"])
    for row, one in enumerate((null, found)):
        assert one.value == pytest.approx(reference["brier"][row], abs=1e-9)
        assert one.lower == pytest.approx(reference["brier_lower"][row], abs=1e-9)
        assert one.upper == pytest.approx(reference["brier_upper"][row], abs=1e-9)


def test_scores_and_test_are_those_of_r(expected: Expected, table: Table) -> None:
    reference, patients = expected("06_calibration")["calib60"], table("calib60")
    scaled = scaled_brier_interval(patients["p"], patients["y"])
    z, p = spiegelhalter(patients["p"], patients["y"])
    assert scaled.value == pytest.approx(reference["scaled_brier"], abs=1e-9)
    assert z == pytest.approx(reference["val_prob"]["S:z"], abs=1e-9)
    assert z == pytest.approx(reference["spiegelhalter"]["z"], abs=1e-9)
    assert p == pytest.approx(reference["val_prob"]["S:p"], abs=1e-9)


def test_delta_standard_error_is_the_infinitesimal_jackknife(table: Table) -> None:
    p, y = table("calib60")["p"], table("calib60")["y"] * (np.arange(60) > 9)

    def scaled(weight: Any) -> float:
        share = weight @ y / weight.sum()
        return float(1 - weight @ (p - y) ** 2 / weight.sum() / (share * (1 - share)))

    steps = np.eye(60) * 1e-5
    slopes = [(scaled(1 + step) - scaled(1 - step)) / 2e-5 for step in steps]
    found = scaled_brier_interval(p, y)
    error = (found.upper - found.value) / 1.959963984540054
    assert error == pytest.approx(np.sqrt(np.sum(np.square(slopes)) * 60 / 59), rel=1e-6)


@given(PATIENTS, st.floats(0.01, 0.99))
def test_intervals_lie_inside_and_contain_the_estimate(
    patients: list[tuple[float, bool]], level: float
) -> None:
    probabilities, is_case = zip(*patients, (0.3, False), (0.6, True), strict=True)
    found = brier_interval(probabilities, is_case, level=level)
    scaled = scaled_brier_interval(probabilities, is_case, level=level)
    assert 0 <= found.lower <= found.value <= found.upper <= 1
    assert scaled.lower <= scaled.value <= scaled.upper <= 1


@given(PATIENTS)
def test_swapping_the_classes_changes_nothing(patients: list[tuple[float, bool]]) -> None:
    probabilities, is_case = map(np.array, zip(*patients, (0.3, False), (0.6, True), strict=True))
    for interval in (brier_interval, scaled_brier_interval):
        one = interval(probabilities, is_case)
        other = interval(1 - probabilities, ~is_case)
        assert (other.value, other.lower) == pytest.approx((one.value, one.lower), abs=1e-9)


@pytest.mark.parametrize("interval", [brier_interval, scaled_brier_interval])
def test_interval_covers_the_score_of_many_patients(interval: Any) -> None:
    rng = np.random.default_rng(6)
    truth = rng.beta(2, 3, 400_000)
    is_case = rng.random(truth.size) < truth
    target = interval(truth, is_case).value
    samples = rng.integers(truth.size, size=(1_000, 100))
    found = [interval(truth[rows], is_case[rows]) for rows in samples]
    covered = np.mean([one.lower <= target <= one.upper for one in found])
    assert 0.92 <= covered <= 0.98


def test_perfect_certainty_of_few_patients_is_not_certain() -> None:
    found, scaled = (f([0, 0, 1], [0, 0, 1]) for f in (brier_interval, scaled_brier_interval))
    assert (found.value, found.lower, found.method) == (0.0, 0.0, "exact_when_identical")
    assert found.upper == pytest.approx(1 - 0.025 ** (1 / 3))
    assert (scaled.value, scaled.upper) == (1.0, 1.0)
    assert scaled.lower == pytest.approx(1 - found.upper / (2 / 9))


def test_errors_that_differ_by_rounding_are_identical() -> None:
    found = brier_interval([0.1, 0.9, 0.1], [0, 1, 0])
    assert (0.1 - 0) ** 2 != (0.9 - 1) ** 2
    assert found.method == "exact_when_identical"
    assert found.upper > 0.6


@pytest.mark.parametrize("probability", [0.0, 0.2, 1 / 3, 0.5, 0.9, 1.0])
def test_one_probability_for_everyone_is_never_better_than_the_prevalence(
    probability: float,
) -> None:
    found = scaled_brier_interval([probability] * 9, [1, 1, 1] + [0] * 6)
    assert found.method == "from_prevalence"
    assert found.lower < found.upper <= 0
    assert found.value == pytest.approx(-((probability - 1 / 3) ** 2) / (2 / 9), abs=1e-12)


def test_too_extreme_probabilities_have_a_positive_z() -> None:
    rng = np.random.default_rng(8)
    is_case = rng.random(500) < 0.5
    z, p = spiegelhalter(rng.choice([0.1, 0.9], 500), is_case)
    assert z > 10
    assert p < 1e-10


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda: spiegelhalter([0.5, 1.0, 0.0], [0, 1, 0]), OutOfRangeError),
        (lambda: brier_interval([0.5, 0.2], [0, 1], level=0), OutOfRangeError),
        (lambda: brier_interval([0.5, 1.2], [0, 1]), OutOfRangeError),
        (lambda: scaled_brier_interval([0.5, 0.2], [1, 1]), OneClassError),
    ],
)
def test_what_is_wrong_is_refused(call: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        call()
