import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.errors import NotFiniteError, TooFewError
from analysis.permutation import two_sample_permutation
from analysis.rank_sum import MOST_EXACT, rank_sum
from analysis.ranks import midranks
from analysis.roc import auc

Table = Callable[[str], dict[str, Any]]
GROUP = st.lists(st.integers(-4, 4), min_size=1, max_size=5)


def test_every_p_is_that_of_r(expected: Callable[[str], Any]) -> None:
    for case in expected("r_paired_censored")["rank_sums"]:
        found = rank_sum(case["first"], case["second"])
        assert found.statistic == case["W"]
        assert found.p_normal == pytest.approx(case["p_normal"], rel=1e-9)
        assert found.p_normal_corrected == pytest.approx(case["p_corrected"], rel=1e-9)
        if case["p_exact"] is not None:
            assert found.p_exact == pytest.approx(case["p_exact"], rel=1e-9)


@given(GROUP, GROUP)
def test_exact_p_counts_all_choices_of_the_first_group(first: list[int], second: list[int]) -> None:
    ranks = midranks([*first, *second])
    sums = np.array([sum(chosen) for chosen in itertools.combinations(ranks, len(first))])
    distance = np.abs(sums - len(first) * (ranks.size + 1) / 2)
    wanted = np.mean(distance >= distance[0])
    assert rank_sum(first, second).p_exact == pytest.approx(wanted, abs=1e-12)


@given(GROUP, GROUP)
def test_statistic_is_the_auc_times_the_pairs_of_patients(
    first: list[int], second: list[int]
) -> None:
    found = rank_sum(first, second)
    is_first = [1] * len(first) + [0] * len(second)
    area = auc([*first, *second], is_first, direction="higher_is_case")
    assert found.statistic == pytest.approx(area * len(first) * len(second))


def test_it_is_the_permutation_of_midranks(table: Table) -> None:
    patients = table("csf33")
    values, good = patients["tnf_pre"].round(), patients["good_responder"] == 1
    ranks = midranks(values)
    found = rank_sum(values[good], values[~good])
    other = two_sample_permutation(ranks[good], ranks[~good])
    assert found.p_exact == pytest.approx(other.p_exact, rel=1e-9)
    assert (found.z, found.p_normal) == pytest.approx((other.z, other.p_normal))


def test_values_that_are_all_the_same_differ_by_nothing() -> None:
    found = rank_sum([2, 2], [2, 2, 2])
    assert (found.p_exact, found.p_normal, found.z) == (1.0, 1.0, 0.0)


def test_very_many_patients_get_the_normal_approximation_only() -> None:
    assert rank_sum(range(MOST_EXACT), [5.5]).p_exact is None


@pytest.mark.parametrize(
    ("first", "second", "error"),
    [([], [1], TooFewError), ([1], [], TooFewError), ([np.nan], [1], NotFiniteError)],
)
def test_groups_that_cannot_be_compared_are_refused(
    first: list[float], second: list[float], error: type[Exception]
) -> None:
    with pytest.raises(error):
        rank_sum(first, second)
