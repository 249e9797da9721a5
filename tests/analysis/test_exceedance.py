"""New values outside a sample's range: closed forms, exchangeability, refusals."""

from itertools import pairwise

import numpy as np
import pytest

from analysis.errors import OutOfRangeError
from analysis.exceedance import exceedance_p


@pytest.mark.parametrize("n_sample", [2, 9, 32, 383])
def test_one_new_value_lies_outside_two_times_in_n_plus_one(n_sample: int) -> None:
    assert exceedance_p(1, 1, n_sample) == pytest.approx(2 / (n_sample + 1))


def test_all_of_two_values_outside_is_counted_by_hand() -> None:
    # Of the 4! orders of two old and two new values both new ones are outside in 3 of 6 patterns:
    # NNOO, NOON, OONN.
    assert exceedance_p(2, 2, 2) == pytest.approx(0.5)


def test_probabilities_of_every_count_are_those_of_ranks() -> None:
    rng = np.random.default_rng(1)
    ranks = rng.random((20_000, 18)).argsort(axis=1).argsort(axis=1)
    old, new = ranks[:, :12], ranks[:, 12:]
    below = (new < old.min(axis=1, keepdims=True)).sum(axis=1)
    outside = below + (new > old.max(axis=1, keepdims=True)).sum(axis=1)
    for k in range(7):
        assert exceedance_p(k, 6, 12) == pytest.approx((outside >= k).mean(), abs=0.012)


def test_p_falls_with_every_value_outside_and_stays_a_probability() -> None:
    found = [exceedance_p(k, 20_000, 32) for k in range(0, 20_001, 500)]
    assert found[0] == 1.0
    assert all(0 <= later <= earlier for earlier, later in pairwise(found))


@pytest.mark.parametrize(("k", "n", "n_sample"), [(1, 1, 1), (2, 1, 9), (-1, 3, 9)])
def test_counts_that_cannot_be_are_refused(k: int, n: int, n_sample: int) -> None:
    with pytest.raises(OutOfRangeError):
        exceedance_p(k, n, n_sample)
