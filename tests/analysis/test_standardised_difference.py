from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.errors import LengthsDifferError, NoSpreadError, OutOfRangeError, TooFewError
from analysis.standardised_difference import (
    largest_by_chance,
    standardised_category_difference,
    standardised_mean_difference,
)

COUNTS = st.lists(st.tuples(st.integers(1, 30), st.integers(1, 30)), min_size=2, max_size=6)


def test_means_are_those_of_the_published_formula(expected: Callable[[str], Any]) -> None:
    for case in expected("r_efficacy")["means"]:
        found = standardised_mean_difference(case["first"], case["second"])
        assert found == pytest.approx(case["smd"], rel=1e-12)


def test_categories_are_those_of_the_published_formula(expected: Callable[[str], Any]) -> None:
    for case in expected("r_efficacy")["shares"]:
        found = standardised_category_difference(case["first"], case["second"])
        assert found == pytest.approx(case["smd"], abs=1e-9)


def test_two_categories_are_one_proportion() -> None:
    p, q = 20 / 33, 11 / 31
    wanted = (p - q) / ((p * (1 - p) + q * (1 - q)) / 2) ** 0.5
    assert standardised_category_difference([20, 13], [11, 20]) == pytest.approx(wanted)


@given(COUNTS, st.randoms())
def test_order_of_categories_and_empty_ones_do_not_matter(
    counts: list[tuple[int, int]], rng: Any
) -> None:
    here = standardised_category_difference(*zip(*counts, strict=True))
    shuffled = [*counts, (0, 0)]
    rng.shuffle(shuffled)
    there = standardised_category_difference(*zip(*shuffled, strict=True))
    assert there == pytest.approx(here, abs=1e-6)


def test_equal_groups_without_spread_are_not_apart() -> None:
    assert standardised_mean_difference([3.0, 3.0], [3.0, 3.0, 3.0]) == 0
    assert standardised_category_difference([4, 0], [9, 0]) == 0


@pytest.mark.parametrize(
    ("refused", "error"),
    [
        (lambda: standardised_mean_difference([3, 3], [4, 4]), NoSpreadError),
        (lambda: standardised_mean_difference([3], [4, 5]), TooFewError),
        (lambda: standardised_category_difference([5, 0], [0, 6]), NoSpreadError),
        (lambda: standardised_category_difference([5, 0, 0], [0, 3, 3]), NoSpreadError),
        (lambda: standardised_category_difference([0, 0], [1, 6]), TooFewError),
        (lambda: standardised_category_difference([], []), TooFewError),
        (lambda: standardised_category_difference([1, 2], [1]), LengthsDifferError),
        (lambda: standardised_category_difference([1, 2.5], [1, 2]), OutOfRangeError),
        (lambda: standardised_category_difference([1, -2], [1, 2]), OutOfRangeError),
        (lambda: largest_by_chance(0, 3), OutOfRangeError),
        (lambda: largest_by_chance(3, 3, level=95), OutOfRangeError),
    ],
)
def test_what_has_no_finite_distance_is_refused(
    refused: Callable[[], float], error: type[Exception]
) -> None:
    with pytest.raises(error):
        refused()
