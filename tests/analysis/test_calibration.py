from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit, logit

from analysis.calibration import brier_score, log_loss, recalibrate
from analysis.errors import OneClassError, OutOfRangeError, SeparatedError

Table = Callable[[str], dict[str, Any]]
PATIENTS = st.lists(st.tuples(st.floats(0.001, 0.999), st.booleans()), min_size=2, max_size=30)


def test_recalibration_is_that_of_r(expected: Callable[[str], Any], table: Table) -> None:
    reference, patients = expected("06_calibration")["calib60"], table("calib60")
    found = recalibrate(patients["p"], patients["y"])
    joint, large = reference["logistic_recal"], reference["citl_offset"]
    assert found.intercept == pytest.approx(joint["intercept"], abs=1e-9)
    assert found.slope == pytest.approx(joint["slope"], abs=1e-9)
    assert found.intercept_se == pytest.approx(joint["se_intercept"], abs=1e-9)
    assert found.slope_se == pytest.approx(joint["se_slope"], abs=1e-9)
    assert found.in_the_large == pytest.approx(large["intercept"], abs=1e-9)
    assert found.in_the_large_se == pytest.approx(large["se"], abs=1e-9)
    assert found.intercept == pytest.approx(reference["val_prob"]["Intercept"], abs=1e-9)
    assert found.slope == pytest.approx(reference["val_prob"]["Slope"], abs=1e-9)


def test_scores_are_those_of_r(expected: Callable[[str], Any], table: Table) -> None:
    reference, patients = expected("06_calibration")["calib60"], table("calib60")
    brier, loss = (score(patients["p"], patients["y"]) for score in (brier_score, log_loss))
    assert brier == pytest.approx(reference["brier"], abs=1e-12)
    assert brier == pytest.approx(reference["val_prob"]["Brier"], abs=1e-12)
    assert loss == pytest.approx(reference["log_loss"], abs=1e-12)
    risk_regression = expected("11_firth_score")["score_calib60"]["brier"][1]
    assert brier == pytest.approx(risk_regression, abs=1e-12)


@given(PATIENTS)
def test_recalibrated_probabilities_are_calibrated(patients: list[tuple[float, bool]]) -> None:
    mixed = [*patients, (0.4, True), (0.6, False), (0.3, False), (0.7, True)]
    probabilities, is_case = map(np.array, zip(*mixed, strict=True))
    first = recalibrate(probabilities, is_case)
    assert first.intercept is not None
    assert first.slope is not None
    log_odds = logit(probabilities)
    residual = is_case - expit(first.intercept + first.slope * log_odds)
    assert residual.sum() == pytest.approx(0, abs=1e-7)
    assert residual @ log_odds == pytest.approx(0, abs=1e-6)
    shifted = expit(log_odds + first.in_the_large)
    assert shifted.sum() == pytest.approx(is_case.sum(), abs=1e-7)


def test_too_extreme_probabilities_have_a_slope_below_one() -> None:
    probabilities, is_case = np.array([0.3, 0.4, 0.6, 0.7, 0.5]), [0, 1, 0, 1, 1]
    honest = recalibrate(probabilities, is_case)
    extreme = recalibrate(expit(3 * logit(probabilities)), is_case)
    assert honest.slope is not None
    assert extreme.slope == pytest.approx(honest.slope / 3)
    assert extreme.intercept == pytest.approx(honest.intercept)


def test_constant_predictions_have_calibration_in_the_large_only() -> None:
    found = recalibrate([0.4] * 5, [1, 1, 1, 0, 0])
    assert (found.intercept, found.intercept_se, found.slope, found.slope_se) == (None,) * 4
    assert found.in_the_large == pytest.approx(logit(0.6) - logit(0.4))
    assert found.in_the_large_se == pytest.approx((5 * 0.6 * 0.4) ** -0.5)


def test_rounding_of_a_constant_is_still_a_constant() -> None:
    assert recalibrate([0.4, 0.1 * 4, 0.4 + 1e-15], [1, 0, 1]).slope is None


@pytest.mark.parametrize("is_case", [[0, 0, 1, 1], [1, 1, 0, 0]])
@pytest.mark.parametrize("probabilities", [[0.1, 0.2, 0.3, 0.4], [0.1, 0.2, 0.2, 0.4]])
def test_separated_classes_are_refused(probabilities: list[float], is_case: list[int]) -> None:
    with pytest.raises(SeparatedError):
        recalibrate(probabilities, is_case)


def test_probabilities_far_from_the_truth_still_have_a_fit() -> None:
    probabilities = expit([-5.1, -3.0, -8.7, -10.2, 5.0])
    found = recalibrate(probabilities, [1, 0, 0, 0, 1])
    shifted = expit(logit(probabilities) + found.in_the_large)
    assert shifted.sum() == pytest.approx(2, abs=1e-9)


def test_nearly_separated_classes_still_have_a_finite_slope() -> None:
    probabilities = [1e-12, 1e-9, 0.5, 0.5 + 1e-4, 1 - 1e-9, 1 - 1e-12]
    found = recalibrate(probabilities, [0, 0, 1, 0, 1, 1])
    assert found.slope is not None
    assert 0 < found.slope < 1


@pytest.mark.parametrize(
    ("probabilities", "is_case", "error"),
    [
        ([0.0, 0.5, 0.7], [0, 1, 0], OutOfRangeError),
        ([0.2, 0.5, 1.0], [0, 1, 0], OutOfRangeError),
        ([0.2, 0.5, 0.7], [1, 1, 1], OneClassError),
    ],
)
def test_what_has_no_finite_fit_is_refused(
    probabilities: list[float], is_case: list[int], error: type[Exception]
) -> None:
    with pytest.raises(error):
        recalibrate(probabilities, is_case)


def test_certain_and_right_costs_nothing_certain_and_wrong_everything() -> None:
    assert log_loss([0.0, 1.0], [0, 1]) == 0.0
    assert log_loss([0.0, 1.0], [1, 0]) == np.inf
    assert brier_score([0.0, 1.0], [1, 0]) == 1.0


def test_recalibration_is_served_by_name() -> None:
    served = recalibrate([0.3, 0.4, 0.6, 0.7], [0, 1, 0, 1]).as_dict()
    assert (served["n_cases"], served["n_controls"]) == (2, 2)
    assert {"intercept", "slope", "in_the_large"} < set(served)
