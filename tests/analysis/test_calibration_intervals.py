from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit, logit

from analysis.calibration_intervals import (
    calibration_slope_interval,
    in_the_large_interval,
    observed_expected_ratio,
)
from analysis.errors import (
    NoSpreadError,
    OneClassError,
    OutOfRangeError,
    SeparatedError,
    UnknownChoiceError,
)

Table = Callable[[str], dict[str, Any]]
Expected = Callable[[str], Any]
MIXED = [(0.4, True), (0.6, False), (0.3, False), (0.7, True)]
PATIENTS = st.lists(st.tuples(st.floats(0.01, 0.99), st.booleans()), max_size=30)


def test_wald_intervals_are_those_of_r(expected: Expected, table: Table) -> None:
    reference, patients = expected("06_calibration")["calib60"], table("calib60")
    slope = calibration_slope_interval(patients["p"], patients["y"], method="wald")
    large = in_the_large_interval(patients["p"], patients["y"], method="wald")
    wanted = reference["logistic_recal"]["slope_wald_ci95"]
    assert [slope.lower, slope.upper] == pytest.approx(wanted, abs=1e-9)
    wanted = reference["citl_offset"]["wald_ci95"]
    assert [large.lower, large.upper] == pytest.approx(wanted, abs=1e-9)


@pytest.mark.parametrize("level", [0.95, 0.8])
def test_profile_ends_where_r_finds_them(expected: Expected, table: Table, level: float) -> None:
    reference, patients = expected("r_calibration")["profile"], table("calib60")
    slope = calibration_slope_interval(patients["p"], patients["y"], level=level)
    wanted = reference[f"slope_{100 * level:.0f}"]
    assert [slope.lower, slope.upper] == pytest.approx(wanted, abs=1e-9)


def test_profile_of_calibration_in_the_large_ends_where_r_finds_it(
    expected: Expected, table: Table
) -> None:
    wanted, patients = expected("r_calibration")["profile"]["in_the_large_95"], table("calib60")
    large = in_the_large_interval(patients["p"], patients["y"])
    assert [large.lower, large.upper] == pytest.approx(wanted, abs=1e-9)


def test_confint_of_r_interpolates_the_same_profile(expected: Expected, table: Table) -> None:
    reference, patients = expected("06_calibration")["calib60"], table("calib60")
    slope = calibration_slope_interval(patients["p"], patients["y"])
    wanted = reference["logistic_recal"]["slope_profile_ci95"]
    assert [slope.lower, slope.upper] == pytest.approx(wanted, abs=5e-5)


def test_observed_over_expected_is_that_of_r(expected: Expected, table: Table) -> None:
    reference, patients = expected("06_calibration")["calib60"], table("calib60")
    found = observed_expected_ratio(patients["p"], patients["y"])
    assert found.value == pytest.approx(reference["o_over_e"], abs=1e-12)
    half = 1.959963984540054 * np.sqrt((1 - 30 / 60) / 30)
    assert np.log([found.lower, found.upper]) == pytest.approx(
        np.log(found.value) + np.array([-half, half]), abs=1e-12
    )


@given(PATIENTS, st.sampled_from(["profile_likelihood", "wald"]), st.floats(0.05, 0.99))
def test_intervals_contain_their_estimate_and_grow_with_the_level(
    patients: list[tuple[float, bool]], method: Any, level: float
) -> None:
    probabilities, is_case = _split(patients)
    for interval in (calibration_slope_interval, in_the_large_interval):
        narrow = interval(probabilities, is_case, method=method, level=level)
        wide = interval(probabilities, is_case, method=method, level=(1 + level) / 2)
        assert wide.lower < narrow.lower < narrow.value < narrow.upper < wide.upper


@given(PATIENTS)
def test_swapping_the_classes_mirrors_calibration(patients: list[tuple[float, bool]]) -> None:
    probabilities, is_case = _split(patients)
    other, swapped = 1 - np.array(probabilities), ~np.array(is_case)
    slope, mirrored = (
        calibration_slope_interval(p, y) for p, y in ((probabilities, is_case), (other, swapped))
    )
    assert (mirrored.lower, mirrored.upper) == pytest.approx((slope.lower, slope.upper), abs=1e-6)
    large = in_the_large_interval(probabilities, is_case)
    mirrored = in_the_large_interval(other, swapped)
    assert (mirrored.lower, mirrored.upper) == pytest.approx((-large.upper, -large.lower), abs=1e-6)


def test_profile_interval_covers_the_slope_of_calibrated_probabilities() -> None:
    rng, covered = np.random.default_rng(11), 0
    for _ in range(200):
        log_odds = rng.normal(size=80)
        found = calibration_slope_interval(expit(log_odds), rng.random(80) < expit(log_odds))
        covered += found.lower <= 1 <= found.upper
    assert 0.91 <= covered / 200 <= 0.99


def test_the_narrowest_profile_is_wald() -> None:
    found = calibration_slope_interval([0.3, 0.4, 0.6, 0.7], [0, 1, 0, 1], level=1e-9)
    assert found.lower < found.value < found.upper < found.lower + 1e-7


def test_far_off_probabilities_have_finite_limits() -> None:
    probabilities = expit(logit(np.linspace(0.05, 0.95, 12)) * 8)
    found = calibration_slope_interval(probabilities, [0, 1] * 6)
    assert np.isfinite([found.lower, found.upper]).all()


def test_nearly_separated_classes_have_finite_limits() -> None:
    log_odds = [28.2, -4.58, -42.92, -4.6, 5.77]
    found = calibration_slope_interval(expit(log_odds), [1, 0, 0, 1, 1])
    assert -1 < found.lower < found.value < found.upper < np.inf


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda: calibration_slope_interval([0.4, 0.4], [0, 1]), NoSpreadError),
        (lambda: calibration_slope_interval([0.2, 0.4], [0, 1]), SeparatedError),
        (lambda: calibration_slope_interval([0.2, 1.0], [0, 1]), OutOfRangeError),
        (lambda: in_the_large_interval([0.2, 0.4], [1, 1]), OneClassError),
        (lambda: in_the_large_interval([0.2, 0.4], [0, 1], level=2), OutOfRangeError),
        (
            lambda: in_the_large_interval([0.2, 0.4], [0, 1], method="delta"),  # type: ignore[arg-type]
            UnknownChoiceError,
        ),
        (lambda: observed_expected_ratio([0.0, 0.0], [0, 1]), OutOfRangeError),
    ],
)
def test_what_has_no_interval_is_refused(call: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        call()


def _split(patients: list[tuple[float, bool]]) -> tuple[list[float], list[bool]]:
    everybody = [*patients, *MIXED]
    return [p for p, _ in everybody], [case for _, case in everybody]
