from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from analysis.errors import NoSpreadError, NotFiniteError, TooFewError, TooManyError
from analysis.normality import shapiro_wilk


@pytest.mark.parametrize("analyte", ["tnf", "mcp1", "tgfb1"])
@pytest.mark.parametrize(("scale", "of"), [("csf33", np.asarray), ("csf33_log", np.log)])
def test_w_and_p_of_changes_are_those_of_r(
    analyte: str,
    scale: str,
    of: Any,
    expected: Callable[[str], Any],
    table: Callable[[str], dict[str, Any]],
) -> None:
    reference, patients = expected("04_paired_corr")[scale][analyte], table("csf33")
    w, p = shapiro_wilk(of(patients[f"{analyte}_post"]) - of(patients[f"{analyte}_pre"]))
    assert (w, p) == pytest.approx((reference["shapiro_W"], reference["shapiro_p"]), abs=1e-9)


def test_every_size_is_that_of_r(expected: Callable[[str], Any]) -> None:
    for case in expected("r_paired")["normal"]:
        w, p = shapiro_wilk(case["x"])
        assert w == pytest.approx(case["W"], abs=1e-9)
        assert p == pytest.approx(case["p"], rel=1e-8)


@given(st.lists(st.integers(-1000, 1000), min_size=3, max_size=40), st.integers(-50, 50))
def test_unit_and_sign_change_nothing(values: list[int], factor: int) -> None:
    assume(max(values) > min(values) and factor != 0)
    here = shapiro_wilk(values)
    assert shapiro_wilk([factor * value + 7 for value in values]) == pytest.approx(here, abs=1e-9)
    assert 0 < here[0] <= 1
    assert 0 <= here[1] <= 1


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ([1.0, 2.0], TooFewError),
        (np.arange(5001), TooManyError),
        ([2.0, 2.0, 2.0], NoSpreadError),
        ([1.0, 2.0, np.nan], NotFiniteError),
    ],
)
def test_what_has_no_answer_is_refused(values: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        shapiro_wilk(values)
