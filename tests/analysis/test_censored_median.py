from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.censored_median import censored_median
from analysis.errors import LengthsDifferError, NotFiniteError

PATIENTS = st.lists(st.tuples(st.integers(1, 9), st.booleans()), min_size=1, max_size=15)


def test_median_is_that_of_rs_survfit_turned_round(
    expected: Callable[[str], Any], table: Callable[[str], dict[str, Any]]
) -> None:
    patients = table("lod40")
    found = censored_median(patients["value"], patients["censored"])
    assert found == expected("04_paired_corr")["lod40"]["flipped_km_median"]
    for case in expected("r_paired")["censored"]:
        assert censored_median(case["value"], case["below"]) == pytest.approx(case["median"])


@given(st.lists(st.integers(-9, 9), min_size=1, max_size=15))
def test_without_censoring_it_is_the_median(values: list[int]) -> None:
    assert censored_median(values, [0] * len(values)) == np.median(values)


@given(PATIENTS)
def test_censored_below_every_measured_value_are_the_lowest(
    patients: list[tuple[int, bool]],
) -> None:
    values = [0 if censored else value for value, censored in patients]
    found = censored_median(values, [censored for _, censored in patients])
    ordinary = float(np.median(values))
    lowest = sorted(values)[(len(values) - 1) // 2]
    assert found == (ordinary if lowest > 0 else found)
    assert found is None or found >= ordinary


def test_a_median_below_the_limits_is_not_known() -> None:
    assert censored_median([1.0, 1.0, 2.0], [1, 1, 0]) is None
    assert censored_median([1.0], [1]) is None
    assert censored_median([], []) is None


@pytest.mark.parametrize(
    ("values", "censored", "error"),
    [([1.0, np.nan], [0, 0], NotFiniteError), ([1.0], [0, 1], LengthsDifferError)],
)
def test_what_is_wrong_is_refused(
    values: list[float], censored: list[int], error: type[Exception]
) -> None:
    with pytest.raises(error):
        censored_median(values, censored)
