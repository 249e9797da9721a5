import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.auc_limits import (
    limits_at_boundary,
    limits_from_one,
    limits_from_variance,
    limits_when_all_tied,
    limits_without_spread,
)

LEVELS = st.floats(0.5, 0.999)


@given(st.integers(1, 100), LEVELS)
def test_at_the_lower_limit_a_perfect_sample_has_half_of_the_error(n: int, level: float) -> None:
    lower, upper = limits_at_boundary(1.0, n, level=level)
    assert lower**n == pytest.approx((1 - level) / 2)
    assert upper == 1.0


@given(st.integers(1, 100), LEVELS)
def test_limits_at_zero_mirror_those_at_one(n: int, level: float) -> None:
    lower, upper = limits_at_boundary(1.0, n, level=level)
    assert limits_at_boundary(0.0, n, level=level) == pytest.approx((1 - upper, 1 - lower))


@given(st.integers(1, 100), LEVELS)
def test_all_tied_limits_narrow_around_one_half(n: int, level: float) -> None:
    lower, upper = limits_when_all_tied(n, level=level)
    assert (2 * lower) ** n == pytest.approx(1 - level)
    assert lower + upper == pytest.approx(1)
    assert lower < limits_when_all_tied(n + 1, level=level)[0] < 0.5


@given(st.floats(0, 1), LEVELS)
def test_one_patient_is_worth_next_to_nothing(auc: float, level: float) -> None:
    lower, upper = limits_from_one(auc, level=level)
    assert 0 <= lower <= auc <= upper <= 1
    assert upper - lower == pytest.approx((1 + level) / 2)


@pytest.mark.parametrize("auc", [0.0, 1.0])
def test_one_patient_at_the_boundary_agrees_with_one_pair(auc: float) -> None:
    one_pair = limits_at_boundary(auc, 1, level=0.95)
    assert limits_from_one(auc, level=0.95) == pytest.approx(one_pair)


@given(st.floats(0.001, 0.999), st.floats(1e-9, 0.25), LEVELS, st.booleans())
def test_limits_from_a_variance_stay_inside_and_contain_the_auc(
    auc: float, variance: float, level: float, logit_scale: bool
) -> None:
    lower, upper = limits_from_variance(auc, variance, level=level, logit_scale=logit_scale)
    assert 0 <= lower <= auc <= upper <= 1
    assert lower < upper


@pytest.mark.parametrize(
    ("auc", "n_cases", "all_tied", "method"),
    [
        (1.0, 1, False, "exact_at_boundary"),
        (0.0, 5, False, "exact_at_boundary"),
        (0.5, 1, True, "markov_bound"),
        (0.5, 5, True, "exact_all_tied"),
        (0.5, 5, False, None),
    ],
)
def test_what_stands_in_depends_on_what_is_missing(
    auc: float, n_cases: int, all_tied: bool, method: str | None
) -> None:
    found = limits_without_spread(auc, n_cases, 7, all_tied=all_tied, level=0.95)
    assert (found and found[0]) == method
