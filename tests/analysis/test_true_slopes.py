from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from analysis.errors import LengthsDifferError, OutOfRangeError, TooFewError
from analysis.true_slopes import discrete_truth, normal_truth, true_covariance


@pytest.mark.parametrize("case", range(3))
def test_paule_and_mandel_agrees_with_a_root_found_in_r(
    case: int, expected: Callable[[str], Any]
) -> None:
    wanted = expected("r_robustness")["truth"][case]
    found = normal_truth(wanted["x"], wanted["v"])
    assert found.mean == pytest.approx(wanted["mean"], abs=1e-9)
    assert found.sd == pytest.approx(wanted["sd"], abs=1e-7)


def test_with_equal_errors_the_variance_is_the_sample_variance_less_the_error() -> None:
    measured = np.random.default_rng(1).normal(-1, 1, 40)
    found = normal_truth(measured, np.full(40, 0.3))
    assert found.sd**2 == pytest.approx(measured.var(ddof=1) - 0.3, rel=1e-9)
    assert found.mean == pytest.approx(measured.mean(), rel=1e-12)


def test_errors_that_explain_all_spread_leave_none() -> None:
    assert normal_truth([-1.0, -1.1, -0.9], [0.5, 0.5, 0.5]).sd == 0


def test_patients_who_are_all_alike_are_no_spread() -> None:
    assert normal_truth([-1.0, -1.0], [0.0, 0.0]).sd == 0


def test_a_skewed_truth_is_recovered_without_assuming_its_shape() -> None:
    rng = np.random.default_rng(2)
    truth = np.where(rng.random(1000) < 0.8, -0.5, -3.0)
    found = discrete_truth(truth + rng.normal(0, 0.3, 1000), np.full(1000, 0.09))
    steep = found.values < -1.75
    assert found.weights[steep].sum() == pytest.approx(0.2, abs=0.03)
    assert found.weights @ found.values == pytest.approx(-1.0, abs=0.06)
    assert found.weights.sum() == pytest.approx(1)


def test_the_shape_free_likelihood_cannot_be_raised_by_any_point() -> None:
    """Lindsay's gradient: no point of the grid would gain more than 1e-4 per patient."""
    rng = np.random.default_rng(3)
    measured, variances = rng.normal(-1, 1, 30), rng.uniform(0.05, 0.2, 30)
    found = discrete_truth(measured, variances)
    apart = measured[:, None] - found.values
    likelihood = np.exp(-(apart**2) / (2 * variances[:, None]))
    gain = (likelihood / (likelihood @ found.weights)[:, None]).mean(axis=0)
    assert gain.max() <= 1 + 1e-3


def test_the_covariance_of_errors_is_taken_off() -> None:
    rng = np.random.default_rng(4)
    truth, error = rng.normal(0, 1, 20_000), rng.normal(0, 1, 20_000)
    found = true_covariance(truth + error, truth - error, np.full(20_000, -1.0))
    assert found == pytest.approx(1.0, abs=0.05)


def test_measurements_that_do_not_fit_are_refused() -> None:
    with pytest.raises(TooFewError):
        normal_truth([-1.0], [0.1])
    with pytest.raises(OutOfRangeError):
        normal_truth([-1.0, 0.0], [0.1, -0.1])
    with pytest.raises(OutOfRangeError):
        discrete_truth([-1.0, 0.0], [0.1, 0.0])
    with pytest.raises(LengthsDifferError):
        true_covariance([1, 2], [1, 2], [0.1])
