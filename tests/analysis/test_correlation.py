import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from analysis.correlation import pearson, pearson_permutation
from analysis.errors import (
    LengthsDifferError,
    NoSpreadError,
    NotFiniteError,
    OutOfRangeError,
    TooFewError,
    TooManyError,
)

Table = Callable[[str], dict[str, Any]]
PAIR = st.tuples(st.integers(-9, 9), st.integers(-9, 9))
PAIRS = st.lists(PAIR, min_size=3, max_size=15)


def split(pairs: list[tuple[int, int]]) -> tuple[list[int], list[int]]:
    x, y = map(list, zip(*pairs, strict=True))
    assume(max(x) > min(x) and max(y) > min(y))
    return x, y


@pytest.mark.parametrize(("group", "members"), [("good", [1]), ("poor", [0]), ("all", [0, 1])])
def test_correlation_of_changes_is_that_of_r(
    group: str, members: list[int], expected: Callable[[str], Any], table: Table
) -> None:
    reference = expected("04_paired_corr")["corr_delta_tgfb1_mcp1"][group]
    patients = table("csf33")
    kept = np.isin(patients["good_responder"], members)
    x, y = ((patients[f"{a}_post"] - patients[f"{a}_pre"])[kept] for a in ("tgfb1", "mcp1"))
    found = pearson(x, y)
    assert found.n == reference["n"]
    assert found.r == pytest.approx(reference["pearson_r"], abs=1e-9)
    assert found.r_squared[0] == pytest.approx(reference["pearson_r2"], abs=1e-9)
    assert [found.lower, found.upper] == pytest.approx(reference["ci95"], abs=1e-9)
    assert (found.t, found.p) == pytest.approx((reference["t"], reference["p"]), abs=1e-9)


@pytest.mark.parametrize("analyte", ["tnf", "mcp1", "tgfb1"])
@pytest.mark.parametrize(("scale", "of"), [("csf33", np.asarray), ("csf33_log", np.log)])
def test_correlation_of_before_and_after_is_that_of_r(
    analyte: str, scale: str, of: Any, expected: Callable[[str], Any], table: Table
) -> None:
    patients = table("csf33")
    found = pearson(of(patients[f"{analyte}_pre"]), of(patients[f"{analyte}_post"]))
    wanted = expected("04_paired_corr")[scale][analyte]["pearson_pre_post"]
    assert found.r == pytest.approx(wanted, abs=1e-9)


def test_small_and_large_samples_are_those_of_r(expected: Callable[[str], Any]) -> None:
    for case in expected("r_paired")["ranked"]:
        found = pearson(case["x"], case["y"])
        assert found.r == pytest.approx(case["r"], abs=1e-9)
        assert found.p == pytest.approx(case["p_pearson"], rel=1e-9)
        assert [found.lower, found.upper] == pytest.approx(case["ci"], abs=1e-9)


@given(PAIRS, st.floats(0.5, 0.99))
def test_intervals_contain_their_estimates(pairs: list[tuple[int, int]], level: float) -> None:
    found = pearson(*split(pairs), level=level)
    assert -1 <= found.lower <= found.r <= found.upper <= 1
    r2, low, high = found.r_squared
    assert 0 <= low <= r2 <= high <= 1
    assert 0 <= found.p <= 1


@given(PAIRS, st.integers(1, 9), st.integers(-99, 99))
def test_unit_and_origin_change_nothing_and_a_sign_mirrors(
    pairs: list[tuple[int, int]], unit: int, origin: int
) -> None:
    x, y = split(pairs)
    here, moved = pearson(x, y), pearson([unit * one + origin for one in x], y)
    mirrored = pearson([-one for one in x], y)
    assert moved.r == pytest.approx(here.r, abs=1e-12)
    assert mirrored.r == pytest.approx(-here.r, abs=1e-12)
    assert pearson(y, x).r == pytest.approx(here.r, abs=1e-12)
    assert mirrored.lower == pytest.approx(-here.upper, abs=1e-5)


@given(st.lists(PAIR, min_size=3, max_size=6))
def test_permutation_p_counts_every_order(pairs: list[tuple[int, int]]) -> None:
    x, y = split(pairs)
    n, product = len(x), sum(x) * sum(y)
    orders = itertools.permutations(y)
    reached = [abs(n * np.dot(x, order) - product) for order in orders]
    observed = abs(n * np.dot(x, y) - product)
    assert pearson_permutation(x, y) == pytest.approx(np.mean(np.array(reached) >= observed))


def test_ten_patients_are_worked_through() -> None:
    assert pearson_permutation(range(10), np.arange(10) ** 2) == 2 / 3628800


def test_points_on_a_line_are_a_certain_correlation() -> None:
    found = pearson([1, 2, 3, 4], [8, 6, 4, 2])
    assert found.r == pytest.approx(-1)
    assert found.p == pytest.approx(0, abs=1e-9)
    assert found.upper == pytest.approx(-1)


def test_three_patients_leave_the_interval_open() -> None:
    found = pearson([1, 2, 3], [1, 3, 2])
    assert (found.lower, found.upper, found.df) == (-1, 1, 1)
    assert found.p == pytest.approx(2 / 3)


@pytest.mark.parametrize(
    ("refused", "error"),
    [
        (lambda: pearson([1, 2], [1, 2]), TooFewError),
        (lambda: pearson([], []), TooFewError),
        (lambda: pearson([1, 1, 1], [1, 2, 3]), NoSpreadError),
        (lambda: pearson([1, 2, 3], [0.3, 0.1 * 3, 0.3]), NoSpreadError),
        (lambda: pearson([1, 2, 3], [1, 2]), LengthsDifferError),
        (lambda: pearson([1, 2, 3], [1, 2, np.nan]), NotFiniteError),
        (lambda: pearson([1, 2, 3], [1, 2, 4], level=1), OutOfRangeError),
        (lambda: pearson_permutation(range(11), range(11)), TooManyError),
    ],
)
def test_what_has_no_answer_is_refused(
    refused: Callable[[], object], error: type[Exception]
) -> None:
    with pytest.raises(error):
        refused()
