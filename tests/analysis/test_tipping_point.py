import numpy as np
import pytest

from analysis.errors import LengthsDifferError, ShapeError, TooFewError, UnknownChoiceError
from analysis.mean_difference import two_sample_t
from analysis.multiple_imputation import impute
from analysis.tipping_point import Completed, pooled_difference, pooled_grid, tipping_shift


@pytest.fixture
def completed() -> Completed:
    """Two groups of 15; 5 of the first and 4 of the second imputed."""
    rng = np.random.default_rng(1)
    seen = np.concatenate([rng.normal(3, 2, 15), rng.normal(0, 2, 15)])
    first, imputed = np.arange(30) < 15, (np.arange(30) % 15) < np.where(np.arange(30) < 15, 5, 4)
    values = np.where(imputed, seen + rng.normal(0, 1, (50, 30)), seen)
    return Completed(values, first, imputed)


def test_without_spread_between_imputations_the_difference_is_welchs() -> None:
    rng = np.random.default_rng(2)
    one, other = rng.normal(3, 1, 12), rng.normal(0, 2, 9)
    first = np.arange(21) < 12
    same = Completed(np.tile(np.r_[one, other], (4, 1)), first, np.zeros(21, dtype=bool))
    pooled, welch = pooled_difference(same), two_sample_t(one, other)
    assert pooled.estimate.value == pytest.approx(welch.difference.value, rel=1e-12)
    assert pooled.standard_error == pytest.approx(welch.standard_error, rel=1e-12)
    assert pooled.df == pytest.approx(welch.df * (welch.df + 1) / (welch.df + 3), rel=1e-12)


def test_a_shift_moves_the_difference_by_the_share_that_was_imputed(completed: Completed) -> None:
    plain = pooled_difference(completed).estimate.value
    shifted = pooled_difference(completed, shift_first=-3, shift_second=2).estimate.value
    assert shifted == pytest.approx(plain - 3 * 5 / 15 - 2 * 4 / 15, rel=1e-12)


@pytest.mark.parametrize(("group", "name"), [("first", "shift_first"), ("second", "shift_second")])
def test_the_interval_ends_at_zero_at_the_tipping_point(
    completed: Completed, group: str, name: str
) -> None:
    shift = tipping_shift(completed, group, farthest=48)  # type: ignore[arg-type]
    assert shift is not None
    assert (shift < 0) == (group == "first")
    assert pooled_difference(completed, **{name: shift}).estimate.lower == pytest.approx(
        0, abs=1e-8
    )
    less = pooled_difference(completed, **{name: 0.9 * shift}).estimate.lower
    assert less > 0 > pooled_difference(completed, **{name: 1.1 * shift}).estimate.lower


def test_a_wider_interval_tips_earlier(completed: Completed) -> None:
    at_95, at_99 = (
        tipping_shift(completed, "first", farthest=48, level=level) for level in (0.95, 0.99)
    )
    assert at_95 is not None
    assert at_99 is not None
    assert at_95 < at_99 < 0


def test_nobody_imputed_in_a_group_cannot_tip_it(completed: Completed) -> None:
    seen = Completed(completed.values, completed.is_first, ~completed.is_first)
    assert tipping_shift(seen, "first", farthest=48) is None


def test_a_difference_below_zero_is_tipped_the_other_way(completed: Completed) -> None:
    swapped = Completed(completed.values, ~completed.is_first, completed.is_imputed)
    for group, other in (("first", "second"), ("second", "first")):
        shift = tipping_shift(swapped, group, farthest=48)  # type: ignore[arg-type]
        there = tipping_shift(completed, other, farthest=48)  # type: ignore[arg-type]
        assert shift == pytest.approx(there)
        moved = pooled_difference(swapped, **{f"shift_{group}": shift})  # type: ignore[arg-type]
        assert moved.estimate.upper == pytest.approx(0, abs=1e-8)


def test_an_interval_that_includes_zero_has_nothing_to_tip(completed: Completed) -> None:
    alike = np.where(completed.is_first, completed.values - 3, completed.values)
    for group in ("first", "second"):
        unclear = Completed(alike, completed.is_first, completed.is_imputed)
        assert tipping_shift(unclear, group, farthest=48) == 0.0  # type: ignore[arg-type]


def test_the_grid_holds_each_pair_of_shifts(completed: Completed) -> None:
    grid = pooled_grid(completed, [-2, 0, 2], [0, 3])
    assert grid[0][1] == pooled_difference(completed, shift_first=-2, shift_second=3)
    assert grid[1][0] == pooled_difference(completed)
    assert [len(row) for row in grid] == [2, 2, 2]


@pytest.mark.parametrize(
    ("values", "is_first", "is_imputed", "error"),
    [
        (np.zeros(4), [1, 1, 0, 0], [0] * 4, ShapeError),
        (np.zeros((2, 4)), [1, 1, 0], [0] * 4, LengthsDifferError),
        (np.zeros((2, 4)), [1, 0, 0, 0], [0] * 4, TooFewError),
        (np.zeros((1, 4)), [1, 1, 0, 0], [0] * 4, TooFewError),
    ],
)
def test_completed_data_that_do_not_fit_are_refused(
    values: np.ndarray, is_first: list[int], is_imputed: list[int], error: type[Exception]
) -> None:
    with pytest.raises(error):
        Completed(values, np.array(is_first), np.array(is_imputed))


def trial(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Six visits of 64 patients, of whom those who have lost most by the third leave after it."""
    arm = np.arange(64) < 33
    slope = rng.normal(-1 + 0.5 * arm, 0.6)
    visits = slope[:, None] * np.arange(1, 7) + rng.normal(0, 0.7, (64, 6))
    leaves = rng.random(64) < 1 / (1 + np.exp(2 * (visits[:, 2] + 2.5)))
    visits[leaves, 3:] = np.nan
    return visits, arm


def test_imputed_intervals_cover_where_those_of_complete_cases_do_not() -> None:
    covered = {"imputed": 0, "seen": 0}
    for seed in range(200):
        rng = np.random.default_rng(seed)
        visits, arm = trial(rng)
        completed = impute(visits, arm[:, None], n_imputations=20, rng=rng)[:, :, 5]
        last, seen = visits[:, 5], ~np.isnan(visits[:, 5])
        imputed = pooled_difference(Completed(completed, arm, ~seen)).estimate
        welch = two_sample_t(last[seen & arm], last[seen & ~arm]).difference
        covered["imputed"] += imputed.lower <= 3.0 <= imputed.upper
        covered["seen"] += welch.lower <= 3.0 <= welch.upper
    assert covered["imputed"] >= 181  # 190 expected, three standard errors below
    assert covered["seen"] < 181


def test_an_unknown_group_is_refused(completed: Completed) -> None:
    with pytest.raises(UnknownChoiceError):
        tipping_shift(completed, "third", farthest=48)  # type: ignore[arg-type]
