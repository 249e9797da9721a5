import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.errors import (
    LengthsDifferError,
    NotFiniteError,
    OutOfRangeError,
    TooFewError,
    UnknownChoiceError,
)
from analysis.ranks import midranks
from analysis.signed_rank import MOST_EXACT, signed_rank

Table = Callable[[str], dict[str, Any]]
DIFFERENCES = st.lists(st.integers(-5, 5), min_size=1, max_size=10)
ZEROS = st.sampled_from(["wilcoxon", "pratt"])


@pytest.mark.parametrize("analyte", ["tnf", "mcp1", "tgfb1"])
@pytest.mark.parametrize(("scale", "of"), [("csf33", np.asarray), ("csf33_log", np.log)])
def test_every_p_is_that_of_r(
    analyte: str, scale: str, of: Any, expected: Callable[[str], Any], table: Table
) -> None:
    reference, patients = expected("04_paired_corr")[scale][analyte], table("csf33")
    found = signed_rank(of(patients[f"{analyte}_pre"]), of(patients[f"{analyte}_post"]))
    exact = reference["wilcoxon_exact_p_ties_exactRankTests"]
    assert found.statistic == reference["wilcoxon_V"]
    assert found.p_exact == pytest.approx(exact, rel=1e-9)
    assert found.p_normal == pytest.approx(reference["wilcoxon_p_normal_nocc"], rel=1e-9)
    assert found.p_normal_corrected == pytest.approx(reference["wilcoxon_p_normal_cc"], rel=1e-9)


def test_ties_and_zeros_are_treated_as_r_does(expected: Callable[[str], Any]) -> None:
    for case in expected("r_paired")["signed"]:
        found = signed_rank(case["before"], case["after"])
        assert found.statistic == case["V"]
        assert found.p_normal == pytest.approx(case["p_normal"], rel=1e-9)
        assert found.p_normal_corrected == pytest.approx(case["p_corrected"], rel=1e-9)
        if case["p_exact"] is not None:
            assert found.p_exact == pytest.approx(case["p_exact"], rel=1e-9)


@given(DIFFERENCES, ZEROS)
def test_exact_p_counts_all_ways_to_sign_the_ranks(differences: list[int], zeros: Any) -> None:
    found = signed_rank(np.zeros(len(differences)), differences, zeros=zeros)
    change = np.array(differences)
    ranks = midranks(np.abs(change[change != 0] if zeros == "wilcoxon" else change))
    kept = ranks if zeros == "wilcoxon" else ranks[change != 0]
    sums = [np.dot(signs, kept) for signs in itertools.product([0, 1], repeat=kept.size)]
    distance = np.abs(np.array(sums) - kept.sum() / 2)
    wanted = np.mean(distance >= abs(found.statistic - kept.sum() / 2))
    assert found.p_exact == pytest.approx(wanted, abs=1e-12)


@given(DIFFERENCES, ZEROS)
def test_exchanging_before_and_after_changes_no_p(differences: list[int], zeros: Any) -> None:
    nothing = [0] * len(differences)
    there = signed_rank(nothing, differences, zeros=zeros)
    back = signed_rank(differences, nothing, zeros=zeros)
    assert back.z == -there.z
    assert back.p_exact == there.p_exact
    assert (back.p_normal, back.p_normal_corrected) == (there.p_normal, there.p_normal_corrected)
    assert 0 < there.p_normal <= there.p_normal_corrected <= 1


def test_pratts_ranks_count_the_zeros() -> None:
    wilcoxon = signed_rank([0, 0, 0, 0], [0, 1, 2, -3])
    pratt = signed_rank([0, 0, 0, 0], [0, 1, 2, -3], zeros="pratt")
    assert (wilcoxon.statistic, pratt.statistic) == (1 + 2, 2 + 3)
    assert (wilcoxon.n_differences, wilcoxon.n_zeros) == (3, 1)
    assert pratt.p_exact == wilcoxon.p_exact == 1.0


def test_nobody_changed_is_no_evidence() -> None:
    found = signed_rank([1, 2], [1, 2])
    assert (found.statistic, found.z, found.p_exact) == (0, 0, 1)
    assert (found.p_normal, found.p_normal_corrected, found.n_zeros) == (1, 1, 2)


def test_rounding_ties_differences_that_were_equal_as_measured() -> None:
    before, after = [0.1, 0.2, 0.8], [0.2, 0.3, 0.7]
    assert signed_rank(before, after).statistic == 3
    assert signed_rank(before, after, digits=12).statistic == 4
    assert signed_rank([0.0], [0.0], digits=12).p_exact == 1


def test_many_patients_have_a_normal_p_only() -> None:
    rng = np.random.default_rng(1)
    before = rng.normal(size=MOST_EXACT + 1)
    after = before + rng.normal(0.05, 1, before.size)
    assert signed_rank(before, after).p_exact is None
    most = signed_rank(before[1:], after[1:])
    assert most.p_exact == pytest.approx(most.p_normal, rel=0.01)


@pytest.mark.parametrize(
    ("refused", "error"),
    [
        (lambda: signed_rank([], []), TooFewError),
        (lambda: signed_rank([1.0], [1.0, 2.0]), LengthsDifferError),
        (lambda: signed_rank([1.0], [np.inf]), NotFiniteError),
        (lambda: signed_rank([1.0], [2.0], zeros="drop"), UnknownChoiceError),  # type: ignore[arg-type]
        (lambda: signed_rank([1.0], [2.0], digits=0), OutOfRangeError),
    ],
)
def test_what_is_wrong_is_refused(refused: Callable[[], object], error: type[Exception]) -> None:
    with pytest.raises(error):
        refused()
