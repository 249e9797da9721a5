from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.errors import OutOfRangeError, ShapeError, TooFewError
from analysis.selection_stability import selection_stability

SELECTED = st.tuples(st.integers(2, 12), st.integers(1, 8)).flatmap(
    lambda shape: st.lists(
        st.lists(st.booleans(), min_size=shape[1], max_size=shape[1]),
        min_size=shape[0],
        max_size=shape[0],
    )
)


def test_stability_is_that_of_the_definition() -> None:
    selected = np.array([[1, 1, 0, 0, 0], [1, 0, 1, 0, 0], [1, 1, 0, 0, 0], [1, 1, 1, 0, 0]])
    frequency, n_refits = selected.mean(axis=0), 4
    unbiased = n_refits / (n_refits - 1) * frequency * (1 - frequency)
    by_chance = 9 / 20 * 11 / 20
    found = selection_stability(selected)
    assert found.value == pytest.approx(1 - unbiased.mean() / by_chance, abs=1e-12)
    assert found.frequency.tolist() == [1.0, 0.75, 0.5, 0.0, 0.0]
    assert (found.mean_selected, found.n_refits) == (2.25, 4)


def test_equal_sizes_make_it_kunchevas_index() -> None:
    sets = np.array([[1, 1, 0, 0, 0, 0], [1, 0, 1, 0, 0, 0], [0, 0, 1, 1, 0, 0]])
    shared = [int((sets[i] & sets[j]).sum()) for i, j in ((0, 1), (0, 2), (1, 2))]
    kuncheva = np.mean([(r - 2 * 2 / 6) / (2 - 2 * 2 / 6) for r in shared])
    assert selection_stability(sets).value == pytest.approx(kuncheva)


def test_standard_error_is_near_the_spread_over_many_repetitions() -> None:
    rng, chance = np.random.default_rng(13), np.array([0.9, 0.8, 0.5, 0.2, 0.1, 0.1])
    found = [selection_stability(rng.random((100, 6)) < chance) for _ in range(300)]
    values = [float(one.value or 0) for one in found]
    errors = [float((one.upper or 0) - (one.value or 0)) / 1.959963984540054 for one in found]
    assert np.mean(errors) == pytest.approx(np.std(values), rel=0.15)


def test_interval_covers_the_stability_of_endless_refits() -> None:
    rng, chance = np.random.default_rng(14), np.array([0.9, 0.8, 0.5, 0.2, 0.1, 0.1])
    size = chance.mean()
    truth = 1 - np.mean(chance * (1 - chance)) / (size * (1 - size))
    found = [selection_stability(rng.random((100, 6)) < chance) for _ in range(500)]
    covered = [(one.lower or 0) <= truth <= (one.upper or 0) for one in found]
    assert 0.92 <= np.mean(covered) <= 0.98


@given(SELECTED, st.randoms(use_true_random=False))
def test_limits_contain_the_value_in_any_order(selected: list[list[bool]], random: Any) -> None:
    table = np.array(selected)
    found = selection_stability(table)
    if found.value is None or found.lower is None or found.upper is None:
        assert table.all() or not table.any()
        return
    least = -1 / (len(table) - 1)
    assert least - 1e-9 <= found.lower <= found.value <= found.upper <= 1
    rows = random.sample(range(len(table)), len(table))
    columns = random.sample(range(table.shape[1]), table.shape[1])
    moved = selection_stability(table[np.ix_(rows, columns)])
    assert moved.value == pytest.approx(found.value, abs=1e-12)
    assert moved.lower == pytest.approx(found.lower, abs=1e-9)


@given(SELECTED)
def test_leaving_out_is_as_stable_as_selecting(selected: list[list[bool]]) -> None:
    found, other = selection_stability(selected), selection_stability(~np.array(selected))
    assert other.value == (found.value if found.value is None else pytest.approx(found.value))


def test_selection_by_chance_has_no_stability() -> None:
    rng = np.random.default_rng(15)
    values = [selection_stability(rng.random((50, 20)) < 0.3).value or 0 for _ in range(50)]
    assert np.mean(values) == pytest.approx(0, abs=0.005)


def test_the_same_features_every_time_are_stable_as_far_as_refits_go() -> None:
    few, many = (selection_stability([[1, 1, 0, 0, 0, 0]] * n) for n in (3, 200))
    assert few.value == many.value == 1.0
    assert few.method == "exact_when_identical"
    assert few.lower is not None
    assert many.lower is not None
    assert few.lower < 0 < 0.9 < many.lower < 1


@pytest.mark.parametrize("choice", [0, 1])
def test_all_or_none_every_time_has_no_value(choice: int) -> None:
    found = selection_stability([[choice] * 3] * 4)
    assert (found.value, found.method) == (None, "nothing_selected_apart")
    assert found.frequency.tolist() == [choice] * 3


@pytest.mark.parametrize(
    ("selected", "error"),
    [
        ([1, 0, 1], ShapeError),
        ([[1, 0, 1]], TooFewError),
        ([[], []], TooFewError),
        ([[1.0, 0.5], [1, 0]], OutOfRangeError),
        ([[1.0, np.nan], [1, 0]], OutOfRangeError),
        ([["a"], ["b"]], OutOfRangeError),
    ],
)
def test_what_is_wrong_is_refused(selected: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        selection_stability(selected)
