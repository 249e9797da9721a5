from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from analysis.errors import LengthsDifferError, NoSpreadError, OutOfRangeError, TooFewError
from analysis.rubin import pool


@pytest.mark.parametrize("case", range(5))
def test_pooling_agrees_with_the_formulas_in_r(case: int, expected: Callable[[str], Any]) -> None:
    wanted = expected("r_robustness")["pool"][case]
    complete_df = np.inf if wanted["dfcom"] is None else wanted["dfcom"]
    found = pool(wanted["q"], np.square(wanted["se"]), complete_df=complete_df, n_patients=(16, 15))
    limits = [found.estimate.value, found.estimate.lower, found.estimate.upper]
    assert limits == pytest.approx([wanted[k] for k in ("estimate", "lower", "upper")], rel=1e-9)
    assert found.standard_error == pytest.approx(wanted["se_pooled"], rel=1e-12)
    assert found.df == pytest.approx(wanted["df"], rel=1e-11)
    assert found.p == pytest.approx(wanted["p"], rel=1e-9)
    assert found.relative_increase == pytest.approx(wanted["increase"], rel=1e-11)
    assert found.missing_information == pytest.approx(wanted["missing"], rel=1e-11)


def test_without_missing_values_the_standard_error_is_the_complete_data_one() -> None:
    found = pool([2.0] * 5, [0.25] * 5, complete_df=30, n_patients=(16, 16))
    assert (found.standard_error, found.missing_information) == (0.5, 0.0)
    assert found.df == pytest.approx(30 * 31 / 33)  # Barnard and Rubin's, with lambda = 0


def test_more_spread_between_imputations_widens_the_interval() -> None:
    near, far = (
        pool(np.array([-1, 0, 1]) * by, [1.0] * 3, complete_df=40, n_patients=(9, 9))
        for by in (0.1, 2.0)
    )
    assert far.estimate.upper > near.estimate.upper
    assert far.df < near.df < 40


def test_many_imputations_reach_the_degrees_of_freedom_of_what_was_seen() -> None:
    values = np.tile([-1.0, 1.0], 50_000)
    found = pool(values, np.ones(100_000), complete_df=30, n_patients=(16, 16))
    assert found.df == pytest.approx(31 / 33 * 30 * 0.5, rel=1e-3)


@pytest.mark.parametrize(
    ("estimates", "variances", "complete_df", "error"),
    [
        ([1.0], [1.0], 5, TooFewError),
        ([1.0, 2.0], [1.0], 5, LengthsDifferError),
        ([1.0, 2.0], [1.0, -1.0], 5, OutOfRangeError),
        ([1.0, 2.0], [1.0, 1.0], 0, OutOfRangeError),
        ([1.0, 2.0], [0.0, 0.0], 5, NoSpreadError),
    ],
)
def test_what_cannot_be_pooled_is_refused(
    estimates: list[float], variances: list[float], complete_df: float, error: type[Exception]
) -> None:
    with pytest.raises(error):
        pool(estimates, variances, complete_df=complete_df, n_patients=(2, 2))
