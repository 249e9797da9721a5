from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize
from scipy.special import chdtri, expit

from analysis.errors import (
    LengthsDifferError,
    NotFiniteError,
    OneClassError,
    OutOfRangeError,
    RankDeficientError,
    ShapeError,
)
from analysis.firth import firth

Table = Callable[[str], dict[str, Any]]
SETS = [("separated12", "firth_separated12"), ("optimism60", "optimism60")]
CELL = st.integers(1, 12)


def data(table: Table, name: str) -> tuple[Any, Any]:
    patients = table(name)
    features = [column for column in patients if column.startswith("x")]
    return np.column_stack([patients[name] for name in features]), patients["y"]


def penalised(at: Any, features: Any, is_case: Any) -> float:
    design = np.column_stack([np.ones(len(is_case)), features])
    linear = design @ at
    information = design.T @ (design * (expit(linear) * expit(-linear))[:, None])
    fit = -np.logaddexp(0, np.where(is_case, -linear, linear)).sum()
    return float(fit + np.linalg.slogdet(information)[1] / 2)


@pytest.mark.parametrize(("case", "file"), SETS)
def test_fit_and_both_standard_errors_are_those_of_r(
    case: str, file: str, expected: Callable[[str], Any], table: Table
) -> None:
    reference = expected("11_firth_score")[case]
    found = firth(*data(table, file))
    coefficients, errors = (list(reference[name].values()) for name in ("coef", "se"))
    augmented = reference["se_augmented_information"]
    assert found.coefficients == pytest.approx(coefficients, abs=1e-8)
    assert found.standard_errors == pytest.approx(errors, abs=1e-8)
    assert found.augmented_standard_errors == pytest.approx(augmented, abs=1e-8)
    assert found.log_likelihood == pytest.approx(reference["loglik"], abs=1e-8)
    assert found.penalised_log_likelihood == pytest.approx(reference["penalised_loglik"], abs=1e-8)
    assert found.fitted == pytest.approx(reference["fitted"], abs=1e-8)


@pytest.mark.parametrize(("case", "file"), SETS)
def test_modified_score_vanishes(
    case: str, file: str, expected: Callable[[str], Any], table: Table
) -> None:
    features, is_case = data(table, file)
    found = firth(features, is_case)
    design, p = np.column_stack([np.ones(is_case.size), features]), found.fitted
    weighted = np.sqrt(p * (1 - p))[:, None] * design
    leverage = np.diag(weighted @ np.linalg.solve(weighted.T @ weighted, weighted.T))
    score = design.T @ (is_case - p + leverage * (0.5 - p))
    assert np.abs(score).max() < max(
        1e-11, expected("11_firth_score")[case]["modified_score_max_abs"]
    )


@pytest.mark.parametrize(("case", "file"), SETS)
def test_limits_and_p_are_those_of_a_general_maximiser(case: str, file: str, table: Table) -> None:
    features, is_case = data(table, file)
    found = firth(features, is_case)

    def best_with(column: int, value: float) -> float:
        others = np.delete(found.coefficients, column)
        loss = lambda free: -penalised(np.insert(free, column, value), features, is_case)  # noqa: E731
        options = {"xatol": 1e-9, "fatol": 1e-13, "maxiter": 20_000, "maxfev": 20_000}
        return -float(minimize(loss, others, method="Nelder-Mead", options=options).fun)

    far = found.penalised_log_likelihood - float(chdtri(1, 0.05)) / 2
    for column in range(found.coefficients.size):
        for limit in (found.lower[column], found.upper[column]):
            assert best_with(column, float(limit)) == pytest.approx(far, abs=1e-8)
        drop = 2 * (found.penalised_log_likelihood - best_with(column, 0.0))
        assert float(chdtri(1, found.p[column])) == pytest.approx(drop, abs=1e-7)


@given(CELL, CELL, CELL, CELL)
def test_one_yes_no_feature_adds_one_half_to_each_cell(a: int, b: int, c: int, d: int) -> None:
    features = np.repeat([1, 1, 0, 0], [a, b, c, d])[:, None]
    found = firth(features, np.repeat([1, 0, 1, 0], [a, b, c, d]))
    others = np.log((c + 0.5) / (d + 0.5))
    slope = np.log((a + 0.5) / (b + 0.5)) - others
    assert found.coefficients == pytest.approx([others, slope], abs=1e-9)


@settings(max_examples=25)
@given(st.lists(st.tuples(st.integers(-5, 5), st.booleans()), min_size=4, max_size=15))
def test_any_data_have_finite_limits_that_hold_the_coefficient(
    patients: list[tuple[int, bool]],
) -> None:
    mixed = [*patients, (1, True), (0, False)]
    features, is_case = (np.array(column) for column in zip(*mixed, strict=True))
    found = firth(features[:, None], is_case)
    assert np.isfinite([*found.lower, *found.upper]).all()
    assert (found.lower < found.coefficients).all()
    assert (found.coefficients < found.upper).all()
    assert ((found.p < 0.05) == ((found.lower > 0) | (found.upper < 0))).all()


def test_exchanging_the_classes_changes_every_sign(table: Table) -> None:
    features, is_case = data(table, "firth_separated12")
    there, back = firth(features, is_case), firth(features, 1 - is_case)
    assert back.coefficients == pytest.approx(-there.coefficients, abs=1e-9)
    assert back.lower == pytest.approx(-there.upper, abs=1e-8)
    assert back.p == pytest.approx(there.p, abs=1e-9)


@pytest.mark.parametrize("unit", [1e-6, 1e3, 1e6])
def test_unit_and_origin_of_a_feature_do_not_matter(table: Table, unit: float) -> None:
    features, is_case = data(table, "optimism60")
    here, there = firth(features, is_case), firth(unit * (features + 20), is_case)
    assert there.coefficients[1:] * unit == pytest.approx(here.coefficients[1:], abs=1e-8)
    assert there.upper[1:] * unit == pytest.approx(here.upper[1:], abs=1e-7)
    assert there.p[1:] == pytest.approx(here.p[1:], abs=1e-8)


@pytest.mark.parametrize("n", [2, 5, 200])
def test_complete_separation_has_a_finite_fit(n: int) -> None:
    found = firth(np.arange(2.0 * n)[:, None], np.arange(2 * n) >= n)
    assert 0 < found.coefficients[1] < np.inf
    assert (found.fitted[:n] < 0.5).all()
    assert (found.fitted[n:] > 0.5).all()
    assert found.log_likelihood < 0


def test_no_features_leave_the_odds_with_halves_added() -> None:
    found = firth(np.empty((5, 0)), [1, 1, 1, 0, 0])
    assert found.coefficients == pytest.approx([np.log(3.5 / 2.5)])


@pytest.mark.parametrize(
    ("features", "is_case", "error"),
    [
        ([[1, 2], [2, 4], [3, 6], [5, 10]], [0, 1, 0, 1], RankDeficientError),
        ([[3], [3], [3]], [0, 1, 0], RankDeficientError),
        ([[0], [0], [0]], [0, 1, 0], RankDeficientError),
        ([[1, 2, 3], [2, 1, 5]], [0, 1], RankDeficientError),
        ([[1], [2]], [1, 1], OneClassError),
        ([1, 2], [0, 1], ShapeError),
        ([[1], [2]], [0, 1, 1], LengthsDifferError),
        ([[1], [np.nan]], [0, 1], NotFiniteError),
        (np.empty((0, 1)), [], OneClassError),
    ],
)
def test_what_has_no_fit_is_refused(features: Any, is_case: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        firth(features, is_case)


def test_a_level_in_percent_is_refused() -> None:
    with pytest.raises(OutOfRangeError):
        firth([[1], [2]], [0, 1], level=95)
