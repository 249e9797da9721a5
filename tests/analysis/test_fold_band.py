import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.cross_validated_auc import nadeau_bengio
from analysis.errors import OutOfRangeError
from analysis.fold_band import fold_band
from analysis.roc import RocCurve, roc_curve

GRID = np.linspace(0, 1, 21)
RNG = np.random.default_rng(3)


def folds(n: int = 6) -> list[RocCurve]:
    is_case = np.arange(20) % 2 == 0
    return [roc_curve(RNG.normal(is_case, 1), is_case, direction="higher_is_case")
            for _ in range(n)]  # fmt: skip


@given(st.integers(2, 9))
def test_limits_hold_the_mean_and_no_more_than_everything(n: int) -> None:
    band = fold_band(folds(n), GRID, n_train=80, n_test=20)
    assert (band.lower <= band.sensitivity).all()
    assert (band.sensitivity <= band.upper).all()
    assert band.lower.min() >= 0
    assert band.upper.max() <= 1


def worthless(n_folds: int, n_cases: int, n_controls: int) -> list[RocCurve]:
    is_case = np.arange(n_cases + n_controls) < n_cases
    return [roc_curve(RNG.normal(size=is_case.size), is_case, direction="higher_is_case")
            for _ in range(n_folds)]  # fmt: skip


@pytest.mark.parametrize("n_controls", [2, 3, 10])
def test_small_folds_of_a_worthless_score_give_the_diagonal(n_controls: int) -> None:
    band = fold_band(worthless(4000, 5, n_controls), GRID, n_train=80, n_test=20)
    assert band.sensitivity == pytest.approx(1 - GRID, abs=0.03)


def test_at_one_specificity_it_is_the_interval_of_the_auc() -> None:
    curves, at = folds(), 7 / 11  # expected of the fourth highest of ten controls
    band = fold_band(curves, [at], n_train=80, n_test=20)
    shares = [np.interp(0.35, 1 - c.specificity, c.sensitivity) for c in curves]
    found = nadeau_bengio(shares, n_train=80, n_test=20, n_cases=10, n_controls=10)
    assert band.sensitivity[0] == pytest.approx(found.value)
    assert (band.lower[0], band.upper[0]) == pytest.approx((found.lower, found.upper))


def test_folds_that_agree_say_nothing_between_the_ends() -> None:
    curve = roc_curve([1, 2, 3, 4], [0, 1, 0, 1], direction="higher_is_case")
    band = fold_band([curve, curve], [0.0, 0.6, 1.0], n_train=8, n_test=4)
    assert band.lower.tolist() == [1.0, 0.0, 0.0]
    assert band.upper.tolist() == [1.0, 1.0, 0.0]


@pytest.mark.parametrize("grid", [[], [0.5, 0.5], [0.5, 0.2], [-0.1], [1.1]])
def test_a_grid_that_is_none_is_refused(grid: list[float]) -> None:
    with pytest.raises(OutOfRangeError, match="ascending"):
        fold_band(folds(), grid, n_train=80, n_test=20)
