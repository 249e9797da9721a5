from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit

from analysis.errors import OneClassError, OutOfRangeError, SeparatedError
from analysis.logistic import fit_logistic
from analysis.validation_indices import validation_indices

Table = Callable[[str], dict[str, Any]]
PATIENTS = st.lists(st.tuples(st.floats(0.01, 0.99), st.booleans()), max_size=30)
MIXED = [(0.4, True), (0.6, False), (0.3, False), (0.7, True)]


def test_indices_are_those_of_val_prob(expected: Callable[[str], Any], table: Table) -> None:
    reference, patients = expected("06_calibration")["calib60"]["val_prob"], table("calib60")
    found = validation_indices(patients["p"], patients["y"])
    assert {
        "Dxy": found.dxy,
        "C (ROC)": found.auc,
        "R2": found.r2,
        "D": found.discrimination,
        "D:Chi-sq": found.discrimination_chi_squared,
        "U": found.unreliability,
        "U:Chi-sq": found.unreliability_chi_squared,
        "U:p": found.unreliability_p,
        "Q": found.quality,
    } == pytest.approx({name: reference[name] for name in reference if name in NAMES}, abs=1e-9)


NAMES = {"Dxy", "C (ROC)", "R2", "D", "D:Chi-sq", "U", "U:Chi-sq", "U:p", "Q"}


def test_indices_of_a_fitted_model_are_those_of_rms(
    expected: Callable[[str], Any], table: Table
) -> None:
    reference, patients = expected("07_optimism")["optimism60"]["rms_validate"], table("optimism60")
    design = np.column_stack([np.ones(60), *(patients[name] for name in ("x1", "x2", "x3"))])
    fit = fit_logistic(design, patients["y"] == 1, offset=np.zeros(60))
    found = validation_indices(expit(design @ fit.coefficients), patients["y"])
    whole = {
        "Dxy": found.dxy,
        "R2": found.r2,
        "D": found.discrimination,
        "U": found.unreliability,
        "Q": found.quality,
        "g": found.g_log_odds,
        "gp": found.g_probability,
    }
    assert whole == pytest.approx({name: reference[name]["index.orig"] for name in whole}, abs=1e-8)


@given(PATIENTS)
def test_swapping_the_classes_changes_nothing(patients: list[tuple[float, bool]]) -> None:
    probabilities, is_case = map(np.array, zip(*patients, *MIXED, strict=True))
    one = validation_indices(probabilities, is_case)
    other = validation_indices(1 - probabilities, ~is_case)
    assert other.quality == pytest.approx(one.quality, abs=1e-9)
    assert other.r2 == pytest.approx(one.r2, abs=1e-9)
    assert other.auc == one.auc
    assert 0 <= one.unreliability_p <= 1
    assert one.r2 < 1


def test_the_prevalence_for_everyone_explains_nothing() -> None:
    found = validation_indices([0.25] * 8, [1, 1, 0, 0, 0, 0, 0, 0])
    assert (found.auc, found.dxy) == (0.5, 0.0)
    assert found.r2 == pytest.approx(0, abs=1e-12)
    assert found.discrimination == pytest.approx(-1 / 8)
    assert found.unreliability_p == pytest.approx(1.0)
    assert (found.g_log_odds, found.g_probability) == pytest.approx((0, 0), abs=1e-12)


@pytest.mark.parametrize(
    ("probabilities", "is_case", "error"),
    [
        ([0.1, 0.9], [0, 1], SeparatedError),
        ([0.1, 1.0], [0, 1], OutOfRangeError),
        ([0.1, 0.9], [1, 1], OneClassError),
    ],
)
def test_what_is_wrong_is_refused(
    probabilities: list[float], is_case: list[int], error: type[Exception]
) -> None:
    with pytest.raises(error):
        validation_indices(probabilities, is_case)
