from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.binned_calibration import expected_calibration_error, hosmer_lemeshow
from analysis.errors import OneClassError, OutOfRangeError, TooFewError

PATIENTS = st.lists(st.tuples(st.floats(0, 1), st.booleans()), max_size=40)


@pytest.mark.parametrize("n_groups", [10, 5])
def test_groups_are_those_of_r(
    n_groups: int, expected: Callable[[str], Any], table: Callable[[str], dict[str, Any]]
) -> None:
    reference = expected("06_calibration")["calib60"][f"hosmer_lemeshow_{n_groups}"]
    patients = table("calib60")
    found = hosmer_lemeshow(patients["p"], patients["y"], n_groups=n_groups)
    assert found.n_groups == reference["groups"]
    assert found.chi_squared == pytest.approx(reference["chisq"], abs=1e-9)
    assert found.p_fitted == pytest.approx(reference["p_df_g_minus_2"], abs=1e-9)
    assert found.p_validation == pytest.approx(reference["p_df_g"], abs=1e-9)


def test_calibration_error_is_that_of_the_formula(
    expected: Callable[[str], Any], table: Callable[[str], dict[str, Any]]
) -> None:
    patients = table("calib60")
    found = expected_calibration_error(patients["p"], patients["y"])
    wanted = expected("06_calibration")["calib60"]["ece_equal_width_10"]
    assert found == pytest.approx(wanted, abs=1e-9)


@given(PATIENTS, st.integers(1, 30), st.randoms(use_true_random=False))
def test_calibration_error_is_a_share_in_any_order(
    patients: list[tuple[float, bool]], n_bins: int, random: Any
) -> None:
    everybody = [*patients, (0.3, False), (0.6, True)]
    found = expected_calibration_error(*zip(*everybody, strict=True), n_bins=n_bins)
    random.shuffle(everybody)
    again = expected_calibration_error(*zip(*everybody, strict=True), n_bins=n_bins)
    assert 0 <= found <= 1
    assert again == pytest.approx(found, abs=1e-12)


def test_one_bin_compares_the_means() -> None:
    found = expected_calibration_error([0.0, 0.2, 1.0], [0, 0, 1], n_bins=1)
    assert found == pytest.approx(1.2 / 3 - 1 / 3)


def test_zero_and_one_belong_to_the_outer_bins() -> None:
    assert expected_calibration_error([0.0, 1.0], [0, 1]) == 0.0


def test_equal_probabilities_stay_in_one_group() -> None:
    probabilities, is_case = np.repeat([0.1, 0.3, 0.6, 0.9], 10), np.arange(40) % 3 == 0
    found = hosmer_lemeshow(probabilities, is_case)
    again = hosmer_lemeshow(probabilities[::-1], is_case[::-1])
    assert found.n_groups == again.n_groups == 4
    assert found.chi_squared == pytest.approx(again.chi_squared)


def test_calibrated_probabilities_are_refuted_once_in_twenty() -> None:
    rng = np.random.default_rng(5)
    truth = rng.uniform(0.1, 0.9, (400, 300))
    is_case = rng.random(truth.shape) < truth
    p = [hosmer_lemeshow(*row).p_validation for row in zip(truth, is_case, strict=True)]
    assert np.mean(np.array(p) < 0.05) == pytest.approx(0.05, abs=0.03)


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda: hosmer_lemeshow([0.1, 0.2], [0, 1], n_groups=2), TooFewError),
        (lambda: hosmer_lemeshow([0.2] * 6, [0, 1] * 3), TooFewError),
        (lambda: hosmer_lemeshow([0, 0, 0.5, 0.6, 1, 1], [0, 1] * 3, n_groups=3), OutOfRangeError),
        (lambda: expected_calibration_error([0.1, 0.2], [0, 1], n_bins=0), TooFewError),
        (lambda: expected_calibration_error([0.1, 0.2], [0, 0]), OneClassError),
    ],
)
def test_what_is_wrong_is_refused(call: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        call()
