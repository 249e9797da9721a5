from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from analysis.mixed_deviance import MixedDeviance, factor_entries, mixed_deviance
from analysis.mixed_moments import mixed_moments
from analysis.piecewise_slopes import fixed_columns, random_columns

Floats = NDArray[np.float64]
AT = np.array([1.3, -0.4, 0.2, 0.7, 0.3, 0.1])
SINGULAR = np.array([1.3, -0.4, 0.2, 0.7, 0.3, 0.0])
STEP = 1e-5


def rows() -> tuple[Floats, Floats, Floats, Floats]:
    rng = np.random.default_rng(1)
    month, patient = np.tile(np.arange(-3.0, 7.0), 12), np.repeat(np.arange(12), 10)
    seen = rng.random(120) < 0.7
    month, patient = month[seen], patient[seen]
    values = 38 - month + 2 * rng.normal(size=12)[patient] + rng.normal(size=month.size)
    return values, fixed_columns(month, patient % 2), random_columns(month, "two_slopes"), patient


@pytest.fixture(params=[True, False], ids=["reml", "ml"])
def deviance(request: pytest.FixtureRequest) -> Callable[[Floats], MixedDeviance]:
    moments = mixed_moments(*rows())

    def at(entries: Floats) -> MixedDeviance:
        factor = np.zeros((3, 3))
        factor[factor_entries(3)] = entries
        return mixed_deviance(moments, factor, reml=request.param)

    return at


def slopes(function: Callable[[Floats], NDArray[np.float64] | float], at: Floats) -> Floats:
    return np.array(
        [
            (np.asarray(function(at + step)) - np.asarray(function(at - step))) / (2 * STEP)
            for step in STEP * np.eye(at.size)
        ]
    )


@pytest.mark.parametrize("at", [AT, SINGULAR], ids=["inside", "boundary"])
def test_gradient_and_hessian_are_limits_of_differences(
    deviance: Callable[[Floats], MixedDeviance], at: Floats
) -> None:
    here = deviance(at)
    assert here.gradient == pytest.approx(slopes(lambda x: deviance(x).value, at), abs=1e-6)
    hessian = slopes(lambda x: deviance(x).gradient, at)
    assert here.hessian == pytest.approx(hessian, abs=1e-5)


def test_gradients_that_satterthwaite_needs_are_limits_of_differences(
    deviance: Callable[[Floats], MixedDeviance],
) -> None:
    here = deviance(AT)
    sums = slopes(lambda x: deviance(x).regression.residual_sum, AT)
    assert here.residual_sum_gradient == pytest.approx(sums, abs=1e-6)
    precision = slopes(lambda x: np.linalg.inv(deviance(x).regression.inverse), AT)
    assert here.precision_gradient == pytest.approx(precision, abs=1e-6)


@pytest.mark.parametrize("reml", [True, False])
def test_deviance_is_that_of_the_multivariate_normal(reml: bool) -> None:
    values, fixed, random, patient = rows()
    moments, factor = mixed_moments(values, fixed, random, patient), np.diag([1.5, 0.3, 0.4])
    at = mixed_deviance(moments, factor, reml=reml)
    spread = random @ moments.to_random @ factor
    covariance = (spread @ spread.T) * (patient[:, None] == patient) + np.eye(values.size)
    covariance *= at.residual_variance
    inverse = np.linalg.inv(covariance)
    precision = fixed.T @ inverse @ fixed
    residual = values - fixed @ np.linalg.solve(precision, fixed.T @ inverse @ values)
    wanted = np.linalg.slogdet(covariance)[1] + residual @ inverse @ residual
    wanted += reml * np.linalg.slogdet(precision)[1]
    assert at.value == pytest.approx(wanted + at.divisor * np.log(2 * np.pi))


def test_turning_the_random_columns_changes_nothing() -> None:
    moments, factor = mixed_moments(*rows()), np.diag([1.5, 0.3, 0.4])
    turn = np.linalg.qr(np.random.default_rng(2).normal(size=(3, 3)))[0]
    here = mixed_deviance(moments, factor, reml=True)
    there = mixed_deviance(moments.turned(turn), turn.T @ factor, reml=True)
    assert there.value == pytest.approx(here.value, abs=1e-10)
    assert there.regression.inverse == pytest.approx(here.regression.inverse)
