import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.errors import OutOfRangeError
from analysis.permutation_p import interval_of_permutation_p, p_of_permutations

COUNTS = st.integers(1, 10**6).flatmap(lambda m: st.tuples(st.integers(0, m), st.just(m)))


def test_p_is_never_zero() -> None:
    assert p_of_permutations(0, 999) == 0.001
    assert p_of_permutations(999, 999) == 1.0


@given(COUNTS, st.floats(0.001, 0.999))
def test_interval_contains_p(counts: tuple[int, int], level: float) -> None:
    lower, upper = interval_of_permutation_p(*counts, level=level)
    assert 0 <= lower <= p_of_permutations(*counts) <= upper <= 1


def test_without_an_effect_p_is_below_a_twentieth_once_in_twenty() -> None:
    rng, n_permutations = np.random.default_rng(3), 99
    ranks = rng.integers(n_permutations + 1, size=20_000)
    rejected = [p_of_permutations(int(rank), n_permutations) <= 0.05 for rank in ranks]
    assert np.mean(rejected) == pytest.approx(0.05, abs=0.006)


def test_interval_covers_the_p_of_all_permutations() -> None:
    rng, p_of_all = np.random.default_rng(4), 0.03
    counts = rng.binomial(500, p_of_all, size=2_000)
    limits = [interval_of_permutation_p(int(count), 500) for count in counts]
    assert np.mean([low <= p_of_all <= high for low, high in limits]) >= 0.95


@pytest.mark.parametrize("counts", [(0, 0), (-1, 10), (11, 10)])
def test_impossible_counts_are_refused(counts: tuple[int, int]) -> None:
    with pytest.raises(OutOfRangeError):
        p_of_permutations(*counts)
