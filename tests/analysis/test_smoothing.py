from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.errors import (
    LengthsDifferError,
    NoSpreadError,
    NotFiniteError,
    OutOfRangeError,
    TooFewError,
)
from analysis.smoothing import loess, lowess

SETS = ["ties", "five_values", "skewed", "four"]
POINTS = st.lists(st.tuples(st.integers(0, 20), st.booleans()), min_size=1, max_size=40)


@pytest.mark.parametrize("name", SETS)
def test_both_are_those_of_r(name: str, expected: Callable[[str], Any]) -> None:
    reference = expected("r_calibration")["smooth"][name]
    assert lowess(reference["p"], reference["y"]) == pytest.approx(reference["lowess"], abs=1e-8)
    assert loess(reference["p"], reference["y"]) == pytest.approx(reference["loess"], abs=1e-6)


@given(POINTS, st.randoms(use_true_random=False))
def test_the_order_of_the_points_does_not_matter(
    points: list[tuple[int, bool]], random: Any
) -> None:
    x, y = np.array(points, dtype=float).T
    order = np.array(random.sample(range(x.size), x.size))
    assert lowess(x[order], y[order]) == pytest.approx(lowess(x, y)[order], abs=1e-9)


@given(POINTS)
def test_equal_x_have_equal_fits(points: list[tuple[int, bool]]) -> None:
    x, y = np.array(points, dtype=float).T
    smooth = lowess(x, y)
    for value in np.unique(x):
        assert np.ptp(smooth[x == value]) == 0


@given(st.integers(4, 40), st.floats(-3, 3), st.floats(-3, 3), st.floats(-3, 3))
def test_what_is_straight_or_a_parabola_stays(n: int, a: float, b: float, c: float) -> None:
    x = np.random.default_rng(n).permutation(np.linspace(0, 1, n))
    assert lowess(x, a + b * x) == pytest.approx(a + b * x, abs=1e-9)
    if n > 6:
        parabola = a + b * x + c * x**2
        assert loess(x, parabola) == pytest.approx(parabola, abs=1e-7)


def test_chunks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(1)
    x, y = rng.random(90), rng.random(90)
    whole = loess(x, y)
    monkeypatch.setattr("analysis.smoothing._NUMBERS_AT_ONCE", 200)
    assert (loess(x, y) == whole).all()


def test_one_x_for_everyone_gives_the_mean() -> None:
    assert lowess([0.3] * 4, [0, 1, 1, 1]).tolist() == [0.75] * 4
    assert lowess([0.3], [1]).tolist() == [1.0]
    with pytest.raises(NoSpreadError):
        loess([0.3] * 4, [0, 1, 1, 1])


@pytest.mark.parametrize("smooth", [lowess, loess])
@pytest.mark.parametrize(
    ("x", "y", "span", "error"),
    [
        ([], [], 0.5, TooFewError),
        ([1, 2], [1], 0.5, LengthsDifferError),
        ([1, np.nan], [1, 2], 0.5, NotFiniteError),
        ([1, 2], [1, 2], 0.0, OutOfRangeError),
        ([1, 2], [1, 2], 1.5, OutOfRangeError),
    ],
)
def test_what_is_wrong_is_refused(
    smooth: Any, x: list[float], y: list[float], span: float, error: type[Exception]
) -> None:
    with pytest.raises(error):
        smooth(x, y, span=span)


def test_three_points_are_too_few_for_a_local_parabola() -> None:
    with pytest.raises(TooFewError):
        loess([1, 2, 3], [1, 2, 3])
