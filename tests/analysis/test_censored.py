from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.special import log_ndtr

from analysis.censored import censored_difference, censored_log_normal
from analysis.errors import (
    AllCensoredError,
    LengthsDifferError,
    NoSpreadError,
    NotFiniteError,
    OutOfRangeError,
)
from analysis.olsen import olsen_derivatives, olsen_log_likelihood

Table = Callable[[str], dict[str, Any]]
VALUE = st.integers(1, 500).map(lambda whole: whole / 16)
PATIENTS = st.lists(st.tuples(VALUE, st.booleans()), min_size=2, max_size=20)


def log_likelihood(values: Any, censored: Any, mean: Any, sd: float) -> float:
    logs, censored = np.log(values), np.asarray(censored, dtype=bool)
    z = (logs - mean) / sd
    measured = -(z**2) / 2 - np.log(sd * np.sqrt(2 * np.pi)) - logs
    return float(np.where(censored, log_ndtr(z), measured).sum())


def test_one_sample_is_that_of_survreg(expected: Callable[[str], Any], table: Table) -> None:
    reference, patients = expected("04_paired_corr")["lod40"], table("lod40")
    found = censored_log_normal(patients["value"], patients["censored"])
    assert found.n_censored == reference["n_censored"]
    assert found.mean_log == pytest.approx(reference["lognormal_mle_mu"], abs=1e-9)
    assert found.sd_log == pytest.approx(reference["lognormal_mle_sigma"], abs=1e-9)
    assert found.mean_log_se == pytest.approx(reference["se_mu"], abs=1e-9)
    assert found.log_likelihood == pytest.approx(reference["loglik"], abs=1e-9)
    assert found.mean == pytest.approx(reference["mean_of_x"], abs=1e-9)


def test_two_groups_are_those_of_survreg(expected: Callable[[str], Any], table: Table) -> None:
    reference, patients = expected("04_paired_corr")["lod40"]["regression_on_g"], table("lod40")
    found = censored_difference(patients["value"], patients["censored"], patients["g"])
    assert found.mean_log_others == pytest.approx(reference["intercept"], abs=1e-9)
    assert found.difference.value == pytest.approx(reference["g"], abs=1e-9)
    assert found.sd_log == pytest.approx(reference["scale"], abs=1e-9)
    assert found.standard_error == pytest.approx(reference["se_g"], abs=1e-9)
    assert found.log_likelihood == pytest.approx(reference["loglik"], abs=1e-9)


def test_other_samples_are_those_of_survreg(expected: Callable[[str], Any]) -> None:
    for case in expected("r_paired")["censored"]:
        one = censored_log_normal(case["value"], case["below"])
        assert (one.mean_log, one.sd_log) == pytest.approx((case["mu"], case["sigma"]), abs=1e-8)
        assert [one.mean_log_se, one.log_sd_log_se] == pytest.approx(case["se"], abs=1e-8)
        two = censored_difference(case["value"], case["below"], case["group"])
        assert two.difference.value == pytest.approx(case["difference"], abs=1e-8)
        assert two.standard_error == pytest.approx(case["se_difference"], abs=1e-8)
        assert two.log_likelihood == pytest.approx(case["loglik_two"], abs=1e-9)


@given(PATIENTS)
def test_nothing_near_the_fit_is_likelier(patients: list[tuple[float, bool]]) -> None:
    values, censored = map(np.array, zip(*patients, strict=True))
    measured = values[~censored]
    assume(measured.size > 0)
    assume(np.ptp(measured) > 0 or (values[censored] < measured.min()).any())
    found = censored_log_normal(values, censored)
    at_fit = log_likelihood(values, censored, found.mean_log, found.sd_log)
    assert found.log_likelihood == pytest.approx(at_fit, abs=1e-8)
    for mean, sd in ((0.01, 1), (-0.01, 1), (0, 1.01), (0, 0.99)):
        nearby = log_likelihood(values, censored, found.mean_log + mean, found.sd_log * sd)
        assert nearby < at_fit + 1e-12


@given(st.lists(VALUE, min_size=2, max_size=20))
def test_without_censoring_it_is_the_plain_fit(values: list[float]) -> None:
    assume(max(values) > min(values))
    found, logs = censored_log_normal(values, [False] * len(values)), np.log(values)
    n = len(values)
    assert found.mean_log == pytest.approx(logs.mean(), abs=1e-9)
    assert found.sd_log == pytest.approx(logs.std(), rel=1e-9)
    assert found.mean_log_se == pytest.approx(logs.std() / n**0.5)
    assert found.log_sd_log_se == pytest.approx((2 * n) ** -0.5)


@given(PATIENTS, st.floats(-2, 2), st.floats(0.1, 3))
def test_gradient_and_curvature_are_the_slopes_of_the_likelihood(
    patients: list[tuple[float, bool]], mean: float, inverse_sd: float
) -> None:
    values, censored = map(np.array, zip(*patients, strict=True))
    rows = np.column_stack([-np.ones(values.size), np.log(values)])
    at, step = np.array([mean, inverse_sd]), 1e-5
    gradient, information = olsen_derivatives(at, rows, censored)
    for j, move in enumerate(step * np.eye(2)):
        ends = [olsen_log_likelihood(at + s * move, rows, censored) for s in (1, -1)]
        slopes = [olsen_derivatives(at + s * move, rows, censored)[0] for s in (1, -1)]
        size = 1 + np.abs(information).max()
        assert gradient[j] == pytest.approx((ends[0] - ends[1]) / (2 * step), abs=1e-5 * size)
        assert -information[j] == pytest.approx(
            (slopes[0] - slopes[1]) / (2 * step), abs=1e-5 * size
        )


@given(PATIENTS, st.sampled_from([1e-6, 1e-3, 1e3, 1e6]))
def test_the_unit_moves_the_mean_log_only(patients: list[tuple[float, bool]], unit: float) -> None:
    values, censored = map(np.array, zip(*patients, strict=True))
    assume(np.unique(values[~censored]).size > 1)
    here, there = (
        censored_log_normal(values, censored),
        censored_log_normal(unit * values, censored),
    )
    assert there.mean_log == pytest.approx(here.mean_log + np.log(unit), abs=1e-8)
    assert (there.sd_log, there.mean_log_se) == pytest.approx((here.sd_log, here.mean_log_se))


def test_exchanging_the_groups_mirrors_the_difference(table: Table) -> None:
    patients = table("lod40")
    values, censored, group = patients["value"], patients["censored"], patients["g"]
    there = censored_difference(values, censored, group)
    back = censored_difference(values, censored, 1 - group)
    assert back.difference.lower == pytest.approx(-there.difference.upper)
    assert back.p_likelihood_ratio == pytest.approx(there.p_likelihood_ratio)


def test_higher_limits_of_the_censored_say_less() -> None:
    measured = [2.0, 3.0, 5.0]
    low, high = (censored_log_normal([*measured, x], [0, 0, 0, 1]) for x in (0.5, 4.0))
    assert low.mean_log < high.mean_log < np.log(measured).mean()


def test_one_measured_value_above_its_neighbours_limit_has_a_fit() -> None:
    found = censored_log_normal([3.0, 2.0], [0, 1])
    assert found.mean_log < np.log(3)
    assert found.sd_log > 0


def test_two_groups_with_a_common_mean_are_one_sample() -> None:
    values, censored = [1.0, 2.0, 4.0, 0.7] * 2, [0, 0, 0, 1] * 2
    found = censored_difference(values, censored, [1] * 4 + [0] * 4)
    assert found.difference.value == pytest.approx(0, abs=1e-9)
    assert found.p_wald == pytest.approx(1)
    assert found.sd_log == pytest.approx(censored_log_normal(values, censored).sd_log)


@pytest.mark.parametrize(
    ("values", "censored", "error"),
    [
        ([1.0, 2.0], [1, 1], AllCensoredError),
        ([], [], AllCensoredError),
        ([2.0], [0], NoSpreadError),
        ([2.0, 2.0, 3.0], [0, 0, 1], NoSpreadError),
        ([2.0, 2.0, 2.0], [0, 0, 1], NoSpreadError),
        ([0.0, 2.0], [0, 0], OutOfRangeError),
        ([1.0, 2.0], [0, 2], OutOfRangeError),
        ([1.0, 2.0], [0], LengthsDifferError),
        ([1.0, np.nan], [0, 1], NotFiniteError),
    ],
)
def test_what_has_no_finite_fit_is_refused(
    values: list[float], censored: list[int], error: type[Exception]
) -> None:
    with pytest.raises(error):
        censored_log_normal(values, censored)


@pytest.mark.parametrize(
    ("group", "error"),
    [
        ([1, 1, 0, 0], AllCensoredError),
        ([1, 1, 1, 1], AllCensoredError),
        ([1, 0, 1], LengthsDifferError),
    ],
)
def test_groups_that_cannot_be_compared_are_refused(
    group: list[int], error: type[Exception]
) -> None:
    with pytest.raises(error):
        censored_difference([1.0, 2.0, 3.0, 4.0], [1, 1, 0, 0], group)
