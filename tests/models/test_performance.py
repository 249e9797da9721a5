"""Numbers of a fixed classifier, against numbers from elsewhere and by hand."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from models.manifest import OperatingPoint, StoredEstimate
from models.performance import calibration, decisions

CLAIM = StoredEstimate(
    value=0.8, lower=0.6, upper=0.9, level=0.95, method="wilson", n_cases=20, n_controls=12
)
POINT = OperatingPoint(threshold=0.55, rule="youden", sensitivity=CLAIM, specificity=CLAIM)


def test_calibration_is_that_of_r(
    expected: Callable[[str], Any], table: Callable[[str], dict[str, Any]]
) -> None:
    reference, patients = expected("06_calibration")["calib60"], table("calib60")
    found = calibration(patients["p"], patients["y"] == 1)
    joint, large = reference["logistic_recal"], reference["citl_offset"]
    for name, wanted in (("slope", joint["slope"]), ("in_the_large", large["intercept"])):
        assert found[name]["value"] == pytest.approx(wanted, abs=1e-9)
    for name, limits in (
        ("slope", joint["slope_wald_ci95"]), ("in_the_large", large["wald_ci95"])
    ):  # fmt: skip
        assert [found[name]["lower"], found[name]["upper"]] == pytest.approx(limits, abs=1e-9)
    assert found["brier"] == pytest.approx(reference["brier"], abs=1e-12)
    assert found["observed_over_expected"]["value"] == pytest.approx(reference["o_over_e"])


def test_observed_over_expected_is_a_ratio_with_wilsons_interval() -> None:
    probability, y = np.repeat([0.2, 0.6], 10), np.arange(20) % 2 == 0
    found = calibration(probability, y)
    assert (found["observed"], found["expected"]) == (10, pytest.approx(8))
    ratio = found["observed_over_expected"]
    assert ratio["value"] == pytest.approx(1.25)
    assert (ratio["lower"], ratio["upper"]) == pytest.approx((0.7475, 1.7525), abs=1e-3)


def test_separated_or_constant_probabilities_have_no_slope_and_say_why() -> None:
    y = np.arange(20) % 2 == 0
    separated = calibration(np.where(y, 1.0, 0.0), y)
    assert (separated["slope"], separated["without_slope"]) == (None, "classes_separated")
    constant = calibration(np.full(20, 0.3), y)
    assert (constant["slope"], constant["without_slope"]) == (None, "probabilities_constant")
    assert constant["in_the_large"]["value"] == pytest.approx(np.log(0.7 / 0.3))


def test_decisions_count_every_patient_once_and_predictive_values_are_of_those_called() -> None:
    called = np.array([True, True, True, False, False, False, False])
    y = np.array([True, True, False, True, False, False, False])
    found = decisions(called, y, POINT)
    assert found["counts"] == {"tp": 2, "fp": 1, "tn": 3, "fn": 1}
    values = {name: found[name]["value"] for name in ("sensitivity", "specificity", "ppv", "npv")}
    assert values == {"sensitivity": 2 / 3, "specificity": 3 / 4, "ppv": 2 / 3, "npv": 3 / 4}
    assert (found["ppv"]["n_cases"], found["ppv"]["n_controls"]) == (2, 1)
    assert found["claimed"]["sensitivity"]["value"] == 0.8


def test_a_predictive_value_of_nobody_is_none() -> None:
    y = np.array([True, False])
    found = decisions(np.array([False, False]), y, POINT)
    assert found["ppv"] is None
    assert found["npv"]["value"] == 0.5
