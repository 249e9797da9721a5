from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.decision_counts import DecisionCounts
from analysis.errors import OneClassError, OutOfRangeError, UnknownChoiceError

COUNTS = st.tuples(*[st.integers(0, 30)] * 4).filter(lambda n: n[0] + n[1] > 0 < n[2] + n[3])


@pytest.mark.parametrize(("method", "name"), [("wilson", "wilson"), ("clopper_pearson", "cp")])
def test_rates_have_the_intervals_of_r(method: Any, name: str, expected: Any) -> None:
    for event in expected("08_ae_clustered")["ae"]:
        n = round(event["pct_msc"] * 33 / 100)
        found = DecisionCounts(n, 33 - n, n, 33 - n)
        for rate in (found.sensitivity(method=method), found.specificity(method=method)):
            assert [rate.lower, rate.upper] == pytest.approx(event[f"{name}_msc"], abs=1e-9)
            assert (rate.value, rate.method) == (n / 33, method)


@given(COUNTS, st.sampled_from(["wilson", "clopper_pearson"]), st.floats(0.5, 0.999))
def test_intervals_lie_inside_contain_the_rate_and_swap_with_the_classes(
    counts: tuple[int, int, int, int], method: Any, level: float
) -> None:
    found, swapped = DecisionCounts(*counts), DecisionCounts(*counts[2:], *counts[:2])
    rate = found.sensitivity(method=method, level=level)
    assert 0 <= rate.lower <= rate.value <= rate.upper <= 1
    assert rate.lower < rate.upper
    mirror = swapped.specificity(method=method, level=level)
    assert (rate.value, rate.lower, rate.upper) == (mirror.value, mirror.lower, mirror.upper)
    assert (rate.n_cases, rate.n_controls) == (mirror.n_controls, mirror.n_cases)


def test_what_is_wrong_is_refused() -> None:
    with pytest.raises(OutOfRangeError):
        DecisionCounts(1, -1, 2, 3)
    with pytest.raises(OneClassError):
        DecisionCounts(0, 0, 2, 3)
    with pytest.raises(UnknownChoiceError):
        DecisionCounts(1, 1, 1, 1).sensitivity(method="wald")  # type: ignore[arg-type]
