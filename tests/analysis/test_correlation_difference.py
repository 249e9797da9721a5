from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from analysis.correlation import pearson
from analysis.correlation_difference import correlation_difference, interaction
from analysis.errors import LengthsDifferError, NoSpreadError, OutOfRangeError, TooFewError

Table = Callable[[str], dict[str, Any]]
R, N = st.floats(-0.99, 0.99), st.integers(4, 200)


def changes(table: Table) -> tuple[Any, Any, Any]:
    patients = table("csf33")
    x, y = (patients[f"{a}_post"] - patients[f"{a}_pre"] for a in ("tgfb1", "mcp1"))
    return x, y, patients["good_responder"] == 1


def test_z_test_is_that_of_r(expected: Callable[[str], Any], table: Table) -> None:
    reference = expected("04_paired_corr")["corr_delta_tgfb1_mcp1"]["fisher_z_good_vs_poor"]
    x, y, good = changes(table)
    r_good, r_poor = pearson(x[good], y[good]).r, pearson(x[~good], y[~good]).r
    found = correlation_difference(r_good, 19, r_poor, 14)
    assert (found.z, found.p) == pytest.approx((reference["z"], reference["p"]), abs=1e-9)


def test_zou_interval_combines_both_fisher_intervals() -> None:
    found = correlation_difference(0.49, 145, 0.36, 87)
    limits = [found.difference.lower, found.difference.upper]
    low, high = np.tanh(
        np.arctanh([0.49, 0.36]) + np.array([[-1], [1]]) * 1.959963984540054 / np.sqrt([142, 84])
    )
    wanted = [
        0.13 - np.hypot(0.49 - low[0], high[1] - 0.36),
        0.13 + np.hypot(high[0] - 0.49, 0.36 - low[1]),
    ]
    assert limits == pytest.approx(wanted)


@given(R, N, R, N)
def test_exchanging_the_groups_mirrors_the_difference(
    first: float, n_first: int, second: float, n_second: int
) -> None:
    there = correlation_difference(first, n_first, second, n_second)
    back = correlation_difference(second, n_second, first, n_first)
    assert back.z == pytest.approx(-there.z)
    assert back.difference.lower == pytest.approx(-there.difference.upper)
    assert -2 <= there.difference.lower <= there.difference.value <= there.difference.upper <= 2


@pytest.mark.parametrize(
    ("group", "line"), [("good", "slope_difference"), ("poor", "slope"), ("all", "slope")]
)
def test_slopes_of_each_group_are_those_of_r(
    group: str, line: str, expected: Callable[[str], Any], table: Table
) -> None:
    reference = expected("04_paired_corr")["corr_delta_tgfb1_mcp1"]
    x, y, good = changes(table)
    if group == "all":
        slope, intercept = np.polyfit(x, y, 1)
    else:
        fit = interaction(x, y, good)
        extra = group == "good"
        slope = fit.slope.value + extra * fit.slope_difference.value
        intercept = fit.intercept.value + extra * fit.intercept_difference.value
    assert slope == pytest.approx(reference[group]["slope"], abs=1e-9)
    assert intercept == pytest.approx(reference[group]["intercept"], abs=1e-9)


def test_interaction_is_that_of_rs_lm(expected: Callable[[str], Any], table: Table) -> None:
    reference = expected("04_paired_corr")["corr_delta_tgfb1_mcp1"]["interaction_lm"]
    fit = interaction(*changes(table))
    found = [fit.intercept, fit.slope, fit.intercept_difference, fit.slope_difference]
    coefficients, p_values = (list(reference[name].values()) for name in ("coef", "p"))
    assert [one.value for one in found] == pytest.approx(coefficients, abs=1e-9)
    assert [one.p for one in found] == pytest.approx(p_values, abs=1e-9)
    assert (fit.df, fit.n_in_group, fit.n_others) == (29, 19, 14)


@given(
    st.lists(
        st.tuples(st.integers(-9, 9), st.integers(-9, 9), st.booleans()), min_size=6, max_size=20
    )
)
def test_it_is_the_least_squares_fit_with_an_interaction(
    patients: list[tuple[int, int, bool]],
) -> None:
    x, y, group = (np.array(column) for column in zip(*patients, strict=True))
    assume(all(np.unique(x[group == side]).size > 1 for side in (True, False)))
    design = np.column_stack([np.ones(x.size), x, group, x * group])
    wanted, *_ = np.linalg.lstsq(design, y, rcond=None)
    residual = y - design @ wanted
    assume((residual**2).sum() > 1e-9)
    fit = interaction(x, y, group)
    found = [fit.intercept, fit.slope, fit.intercept_difference, fit.slope_difference]
    assert [one.value for one in found] == pytest.approx(wanted, abs=1e-9)
    spread = np.linalg.inv(design.T @ design) * (residual @ residual) / (x.size - 4)
    errors = np.sqrt(np.diag(spread))
    assert [one.standard_error for one in found] == pytest.approx(errors)
    assert all(one.lower <= one.value <= one.upper for one in found)


@pytest.mark.parametrize(
    ("refused", "error"),
    [
        (lambda: correlation_difference(1.0, 9, 0.2, 9), OutOfRangeError),
        (lambda: correlation_difference(np.nan, 9, 0.2, 9), OutOfRangeError),
        (lambda: correlation_difference(0.1, 3, 0.2, 9), TooFewError),
        (lambda: interaction([1, 2, 3, 4], [1, 2, 3, 5], [1, 1, 0, 0]), TooFewError),
        (lambda: interaction(range(5), [1, 2, 1, 2, 1], [1, 0, 0, 0, 0]), TooFewError),
        (lambda: interaction([1, 1, 1, 2, 3], [1, 2, 1, 2, 1], [1, 1, 1, 0, 0]), NoSpreadError),
        (lambda: interaction(range(5), range(5), [1, 1, 1, 0, 0]), NoSpreadError),
        (lambda: interaction(range(5), range(5), [1, 0]), LengthsDifferError),
    ],
)
def test_what_has_no_answer_is_refused(
    refused: Callable[[], object], error: type[Exception]
) -> None:
    with pytest.raises(error):
        refused()
