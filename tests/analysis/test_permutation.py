import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.errors import LengthsDifferError, NotFiniteError, TooFewError, TooManyError
from analysis.permutation import MOST_PATIENTS, sign_flips, two_sample_permutation
from analysis.ranks import midranks
from analysis.signed_rank import signed_rank

Table = Callable[[str], dict[str, Any]]
CHANGES = st.lists(st.integers(-9, 9), min_size=1, max_size=9)
GROUP = st.lists(st.integers(-9, 9), min_size=1, max_size=5)


def changes_of_tgfb1(table: Table) -> tuple[Any, Any]:
    patients = table("csf33")
    return patients["tgfb1_post"] - patients["tgfb1_pre"], patients["good_responder"] == 1


def test_difference_of_means_is_that_of_coin(expected: Callable[[str], Any], table: Table) -> None:
    reference = expected("04_paired_corr")["exact_two_sample"]
    change, good = changes_of_tgfb1(table)
    found = two_sample_permutation(change[good], change[~good])
    assert found.p_exact == pytest.approx(reference["oneway_perm_exact_p_coin"], abs=1e-9)
    assert found.p_normal == pytest.approx(reference["oneway_perm_asymptotic_p_coin"], abs=1e-9)


def test_rank_sum_is_that_of_coin(expected: Callable[[str], Any], table: Table) -> None:
    reference = expected("04_paired_corr")["exact_two_sample"]
    change, good = changes_of_tgfb1(table)
    ranks = midranks(change)
    found = two_sample_permutation(ranks[good], ranks[~good])
    assert found.p_exact == pytest.approx(reference["wilcoxon_exact_p_coin"], abs=1e-9)
    assert found.p_normal == pytest.approx(reference["wilcoxon_asymptotic_p_coin"], abs=1e-9)


@given(CHANGES)
def test_sign_flips_count_every_signing(changes: list[int]) -> None:
    found = sign_flips([0] * len(changes), changes)
    sums = [np.dot(s, changes) for s in itertools.product([-1, 1], repeat=len(changes))]
    assert found.p_exact == np.mean(np.abs(sums) >= abs(sum(changes)))


@given(GROUP, GROUP)
def test_two_samples_count_every_choice(first: list[int], second: list[int]) -> None:
    found = two_sample_permutation(first, second)
    everyone, n, k = np.array(first + second), len(first + second), len(first)
    sums = np.array([everyone[list(c)].sum() for c in itertools.combinations(range(n), k)])
    distance = np.abs(n * sums - k * everyone.sum())
    assert found.p_exact == np.mean(distance >= abs(n * sum(first) - k * everyone.sum()))


@given(CHANGES, st.sampled_from([0.1, 1e-9, 1e9]))
def test_p_does_not_depend_on_unit_or_direction(changes: list[int], unit: float) -> None:
    nothing, scaled = np.zeros(len(changes)), unit * np.array(changes)
    assert sign_flips(nothing, scaled).p_exact == sign_flips(nothing, changes).p_exact
    assert sign_flips(scaled, nothing).p_exact == sign_flips(nothing, scaled).p_exact


def test_flipping_signed_ranks_is_wilcoxons_test() -> None:
    changes = np.array([3, -1, 4, 1, 5, -9, 2, 6, 5, 3, 5, 8])
    ranks = np.sign(changes) * midranks(np.abs(changes))
    nothing = np.zeros(changes.size)
    assert sign_flips(nothing, ranks).p_exact == signed_rank(nothing, changes).p_exact


def test_sums_that_differ_by_rounding_count_as_the_same() -> None:
    assert sign_flips([0, 0, 0], [0.1, 0.2, -0.3]).p_exact == 1.0
    assert two_sample_permutation([0.1, 0.2], [0.3, 0.0]).p_exact == 1.0


@pytest.mark.parametrize("n", [30, MOST_PATIENTS])
def test_everyone_rising_leaves_two_signings(n: int) -> None:
    rises = np.linspace(1, 2, n)
    assert sign_flips(np.zeros(n), rises).p_exact == 2 / 2**n


def test_the_highest_half_leaves_two_choices() -> None:
    values = np.arange(24.0) ** 1.5
    assert two_sample_permutation(values[12:], values[:12]).p_exact == 2 / 2704156


def test_no_spread_is_no_evidence() -> None:
    assert sign_flips([1, 2], [1, 2]).p_exact == 1.0
    assert two_sample_permutation([3], [3, 3]).p_normal == 1.0


@pytest.mark.parametrize(
    ("refused", "error"),
    [
        (lambda: sign_flips([], []), TooFewError),
        (lambda: sign_flips([1.0], [1.0, 2.0]), LengthsDifferError),
        (lambda: sign_flips(np.zeros(45), np.ones(45)), TooManyError),
        (lambda: two_sample_permutation([], [1.0]), TooFewError),
        (lambda: two_sample_permutation([1.0], [np.nan]), NotFiniteError),
        (lambda: two_sample_permutation(np.arange(40), np.arange(5)), TooManyError),
    ],
)
def test_what_is_wrong_is_refused(refused: Callable[[], object], error: type[Exception]) -> None:
    with pytest.raises(error):
        refused()
