from collections.abc import Callable
from typing import Any, get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.errors import NotFiniteError, OutOfRangeError, UnknownChoiceError
from analysis.multiplicity import Adjustment, adjust

IN_R = {
    "bonferroni": "bonferroni",
    "holm": "holm",
    "hochberg": "hochberg",
    "benjamini_hochberg": "BH",
    "benjamini_yekutieli": "BY",
}
METHOD = st.sampled_from(get_args(Adjustment))
P_VALUES = st.lists(st.floats(0, 1), max_size=12)


@pytest.mark.parametrize("method", IN_R)
def test_adjusted_p_of_the_paired_tests_are_those_of_r(
    method: Any, expected: Callable[[str], Any]
) -> None:
    reference = expected("04_paired_corr")
    p_values = [one["p"] for one in reference["csf33"].values()]
    wanted = list(reference["csf33_adjusted"][IN_R[method]].values())
    assert adjust(p_values, method=method) == pytest.approx(wanted, rel=1e-9)


@pytest.mark.parametrize("method", IN_R)
def test_ties_zero_and_one_are_those_of_r(method: Any, expected: Callable[[str], Any]) -> None:
    reference = expected("r_paired")["adjusted"]
    assert adjust(reference["p"], method=method) == pytest.approx(
        reference[IN_R[method]], abs=1e-12
    )


@given(P_VALUES, METHOD)
def test_no_p_falls_and_their_order_stays(p_values: list[float], method: Any) -> None:
    adjusted = adjust(p_values, method=method)
    order = np.argsort(p_values, kind="stable")
    assert (adjusted >= np.array(p_values)).all()
    assert (adjusted <= 1).all()
    assert (np.diff(adjusted[order]) >= 0).all()


@given(P_VALUES, METHOD, st.randoms())
def test_order_of_the_tests_does_not_matter(
    p_values: list[float], method: Any, random: Any
) -> None:
    order = list(range(len(p_values)))
    random.shuffle(order)
    shuffled = adjust([p_values[i] for i in order], method=method)
    assert shuffled.tolist() == adjust(p_values, method=method)[order].tolist()


@given(P_VALUES)
def test_holm_is_between_hochberg_and_bonferroni(p_values: list[float]) -> None:
    hochberg, holm, bonferroni = (
        adjust(p_values, method=method)  # type: ignore[arg-type]
        for method in ("hochberg", "holm", "bonferroni")
    )
    assert (hochberg <= holm).all()
    assert (holm <= bonferroni).all()


@pytest.mark.parametrize(
    ("p_values", "method", "error"),
    [
        ([0.1, 1.1], "holm", OutOfRangeError),
        ([-0.1], "holm", OutOfRangeError),
        ([0.1, np.nan], "holm", NotFiniteError),
        ([0.1], "sidak", UnknownChoiceError),
    ],
)
def test_what_is_wrong_is_refused(
    p_values: list[float], method: Any, error: type[Exception]
) -> None:
    with pytest.raises(error):
        adjust(p_values, method=method)
