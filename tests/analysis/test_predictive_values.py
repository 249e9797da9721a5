from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.decision_counts import DecisionCounts
from analysis.errors import OutOfRangeError, TooFewError
from analysis.estimate import Estimate
from analysis.predictive_values import (
    likelihood_ratio_negative,
    likelihood_ratio_positive,
    negative_predictive_value,
    positive_predictive_value,
)

COUNTS = st.tuples(*[st.integers(0, 30)] * 4).filter(
    lambda n: n[0] + n[1] > 0 < n[2] + n[3] and n[0] + n[3] > 0 < n[1] + n[2]
)


def test_likelihood_ratios_are_the_printed_ones() -> None:
    # Scott and others 2008, J Clin Pathol 61:1: 670, 202, 74 and 640 patients, as in epiR's manual.
    counts = DecisionCounts(670, 74, 640, 202)
    positive, negative = likelihood_ratio_positive(counts), likelihood_ratio_negative(counts)
    assert [positive.value, positive.lower, positive.upper] == pytest.approx(
        [3.75, 3.32, 4.24], abs=0.005
    )
    assert [negative.value, negative.lower, negative.upper] == pytest.approx(
        [0.13, 0.11, 0.16], abs=0.005
    )


def test_predictive_values_at_the_prevalence_of_the_sample_are_its_proportions() -> None:
    counts = DecisionCounts(670, 74, 640, 202)
    prevalence = 744 / 1586
    positive = positive_predictive_value(counts, prevalence=prevalence)
    negative = negative_predictive_value(counts, prevalence=prevalence)
    assert positive.value == pytest.approx(670 / 872, abs=1e-12)
    assert negative.value == pytest.approx(640 / 714, abs=1e-12)
    assert (positive.method, negative.method) == ("logit", "logit")


@given(COUNTS, st.floats(0.01, 0.99), st.floats(0.5, 0.999))
def test_intervals_lie_in_range_and_contain_their_value(
    n: tuple[int, int, int, int], prevalence: float, level: float
) -> None:
    counts = DecisionCounts(*n)
    for ratio in (likelihood_ratio_positive, likelihood_ratio_negative):
        found = ratio(counts, level=level)
        assert 0 < found.lower < found.value < found.upper
    for share in (positive_predictive_value, negative_predictive_value):
        found = share(counts, prevalence=prevalence, level=level)
        assert 0 <= found.lower <= found.value <= found.upper <= 1
        assert found.lower < found.upper


@given(COUNTS, st.floats(0.01, 0.99))
def test_swapping_the_classes_swaps_the_predictive_values(
    n: tuple[int, int, int, int], prevalence: float
) -> None:
    counts, swapped = DecisionCounts(*n), DecisionCounts(n[2], n[3], n[0], n[1])
    one = positive_predictive_value(counts, prevalence=prevalence)
    other = negative_predictive_value(swapped, prevalence=1 - prevalence)
    assert (one.value, one.lower, one.upper) == pytest.approx(
        (other.value, other.lower, other.upper)
    )


@pytest.mark.parametrize(
    ("counts", "value"), [((5, 5, 10, 0), 1.0), ((0, 5, 9, 1), 0.0), ((5, 0, 0, 10), 1 / 3)]
)
def test_empty_cells_and_no_width_get_half_a_patient(
    counts: tuple[int, int, int, int], value: float
) -> None:
    found = positive_predictive_value(DecisionCounts(*counts), prevalence=1 / 3)
    assert found.method == "logit_half_added"
    assert found.value == pytest.approx(value, abs=0.03)
    assert found.lower < found.upper


@pytest.mark.parametrize(
    ("what", "counts"),
    [
        (likelihood_ratio_positive, (0, 5, 5, 0)),
        (likelihood_ratio_negative, (5, 0, 0, 5)),
    ],
)
def test_a_result_that_nobody_had_says_nothing(
    what: Callable[[DecisionCounts], Estimate], counts: tuple[int, int, int, int]
) -> None:
    with pytest.raises(TooFewError):
        what(DecisionCounts(*counts))


@pytest.mark.parametrize("prevalence", [0.0, 1.0, 20, float("nan")])
def test_an_impossible_prevalence_is_refused(prevalence: float) -> None:
    with pytest.raises(OutOfRangeError):
        positive_predictive_value(DecisionCounts(1, 1, 1, 1), prevalence=prevalence)
    with pytest.raises(OutOfRangeError):
        negative_predictive_value(DecisionCounts(1, 1, 1, 1), prevalence=prevalence)
