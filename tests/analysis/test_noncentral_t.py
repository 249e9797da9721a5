import math
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import betainc

from analysis.errors import OutOfRangeError
from analysis.noncentral_t import noncentral_t_cdf, noncentrality_limits

T, DF, SHIFT = st.floats(-20, 20), st.integers(1, 300), st.floats(-20, 20)


def test_limits_are_those_solved_on_rs_distribution(expected: Callable[[str], Any]) -> None:
    for case in expected("r_paired")["noncentrality"]:
        found = noncentrality_limits(case["t"], case["df"], level=0.95)
        assert found == pytest.approx((case["lower"], case["upper"]), abs=1e-8)


@given(T, DF)
def test_without_noncentrality_it_is_student(t: float, df: int) -> None:
    # SciPy's stdtr is .5 for every t below about 1e-9.
    within = math.copysign(float(betainc(0.5, df / 2, t * t / (df + t * t))), t)
    assert noncentral_t_cdf(t, df, 0.0) == pytest.approx((1 + within) / 2, abs=1e-12)


@given(T, st.floats(-15, 15))
def test_with_one_degree_of_freedom_it_is_a_ratio_of_normals(t: float, shift: float) -> None:
    # P(Z + shift <= t |W|) by the trapezium over |W|, which is half normal.
    step, total = 1 / 256, 0.0
    for k in range(1, 256 * 12):
        w = k * step
        total += math.exp(-w * w / 2) * math.erfc((shift - t * w) / math.sqrt(2)) / 2
    total += (math.erfc(shift / math.sqrt(2)) / 2) / 2
    brute = total * step * math.sqrt(2 / math.pi)
    # The trapezium's own error at 0 is the slope there times step**2 / 12.
    assert noncentral_t_cdf(t, 1, shift) == pytest.approx(brute, abs=2e-5)


@given(T, DF, SHIFT)
def test_mirrored_and_falling_in_the_noncentrality(t: float, df: int, shift: float) -> None:
    here = noncentral_t_cdf(t, df, shift)
    assert 0 <= here <= 1
    assert noncentral_t_cdf(-t, df, -shift) == pytest.approx(1 - here, abs=1e-12)
    assert noncentral_t_cdf(t, df, shift + 0.5) <= here + 1e-12


@given(st.floats(-1e4, 1e4), DF, st.floats(0.5, 0.999))
def test_limits_leave_half_of_the_rest_on_either_side(t: float, df: int, level: float) -> None:
    lower, upper = noncentrality_limits(t, df, level=level)
    assert lower < upper
    assert noncentral_t_cdf(t, df, lower) == pytest.approx((1 + level) / 2, abs=1e-9)
    assert noncentral_t_cdf(t, df, upper) == pytest.approx((1 - level) / 2, abs=1e-9)


@pytest.mark.parametrize(("df", "level"), [(0.5, 0.95), (math.nan, 0.95), (5, 95)])
def test_what_is_wrong_is_refused(df: float, level: float) -> None:
    with pytest.raises(OutOfRangeError):
        noncentrality_limits(1.0, df, level=level)
