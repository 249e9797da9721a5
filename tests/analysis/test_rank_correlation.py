import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from analysis.errors import LengthsDifferError, NoSpreadError, TooFewError, UnknownChoiceError
from analysis.rank_correlation import kendall, spearman

Table = Callable[[str], dict[str, Any]]
PAIRS = st.lists(st.tuples(st.integers(-5, 5), st.integers(-5, 5)), min_size=3, max_size=14)


def split(pairs: list[tuple[int, int]]) -> tuple[list[int], list[int]]:
    x, y = map(list, zip(*pairs, strict=True))
    assume(max(x) > min(x) and max(y) > min(y))
    return x, y


@pytest.mark.parametrize(("group", "members"), [("good", [1]), ("poor", [0]), ("all", [0, 1])])
def test_rank_correlations_of_changes_are_those_of_r(
    group: str, members: list[int], expected: Callable[[str], Any], table: Table
) -> None:
    reference = expected("04_paired_corr")["corr_delta_tgfb1_mcp1"][group]
    patients = table("csf33")
    kept = np.isin(patients["good_responder"], members)
    x, y = ((patients[f"{a}_post"] - patients[f"{a}_pre"])[kept] for a in ("tgfb1", "mcp1"))
    found, tau = spearman(x, y), kendall(x, y)
    assert found.rho == pytest.approx(reference["spearman_rho"], abs=1e-9)
    assert found.p_t == pytest.approx(reference["spearman_p_t"], abs=1e-9)
    assert found.p_permutation == pytest.approx(reference["spearman_p_exact"], abs=1e-9)
    assert tau.tau == pytest.approx(reference["kendall_tau"], abs=1e-9)
    assert tau.p_normal == pytest.approx(reference["kendall_p_normal"], abs=1e-9)


def test_every_size_with_and_without_ties_is_that_of_r(expected: Callable[[str], Any]) -> None:
    for case in expected("r_paired")["ranked"]:
        found, tau = spearman(case["x"], case["y"]), kendall(case["x"], case["y"])
        p = found.p_t if case["tied"] else found.p_permutation
        assert found.rho == pytest.approx(case["rho"], abs=1e-9)
        assert p == pytest.approx(case["p_spearman"], abs=1e-9)
        assert (tau.tau, tau.z) == pytest.approx((case["tau"], case["z_kendall"]), abs=1e-9)
        assert tau.p_normal == pytest.approx(case["p_kendall"], abs=1e-9)


@given(PAIRS)
def test_monotone_transforms_change_nothing_and_a_sign_mirrors(
    pairs: list[tuple[int, int]],
) -> None:
    x, y = split(pairs)
    here, curved = spearman(x, y), spearman(np.exp(np.array(x) / 3), np.array(y) ** 3)
    mirrored = spearman(x, [-one for one in y])
    assert curved == here
    assert mirrored.rho == pytest.approx(-here.rho)
    assert mirrored.lower == pytest.approx(-here.upper)
    assert kendall(x, [-one for one in y]).z == pytest.approx(-kendall(x, y).z)


@given(PAIRS, st.sampled_from(["bonett_wright", "fieller", "fisher"]))
def test_interval_contains_the_estimate(pairs: list[tuple[int, int]], variance: Any) -> None:
    found = spearman(*split(pairs), variance=variance)
    assert -1 <= found.lower <= found.rho <= found.upper <= 1
    assert found.lower < found.upper
    assert found.p_permutation is None or 0 < found.p_permutation <= 1


@given(PAIRS)
def test_tau_counts_concordant_pairs(pairs: list[tuple[int, int]]) -> None:
    x, y = split(pairs)
    signs = np.array(
        [[np.sign(a[0] - b[0]), np.sign(a[1] - b[1])] for a, b in itertools.combinations(pairs, 2)]
    )
    wanted = np.prod(signs, axis=1).sum() / np.sqrt((signs**2).sum(axis=0).prod())
    assert kendall(x, y).tau == pytest.approx(wanted)


def test_fishers_variance_gives_pearsons_interval_of_ranks() -> None:
    x, y = [1, 2, 3, 4, 5, 6, 7], [2, 1, 4, 3, 7, 5, 6]
    found = spearman(x, y, variance="fisher")
    half = 1.959963984540054 / 2
    wanted = np.tanh(np.arctanh(found.rho) + np.array([-half, half]))
    assert [found.lower, found.upper] == pytest.approx(wanted)


def test_wider_variances_come_in_order() -> None:
    x, y = [1, 2, 3, 4, 5, 6, 7], [2, 1, 4, 3, 7, 5, 6]
    bonett, fieller, fisher = (
        spearman(x, y, variance=v)  # type: ignore[arg-type]
        for v in ("bonett_wright", "fieller", "fisher")
    )
    assert bonett.lower < fieller.lower < fisher.lower


@pytest.mark.parametrize("n", [3, 7, 33])
def test_a_perfect_order_is_not_certain(n: int) -> None:
    rise, fall = spearman(range(n), np.arange(n) ** 3), spearman(range(n), -np.arange(n))
    assert (rise.method, rise.rho, rise.upper) == ("exact_at_boundary", 1, 1)
    assert rise.lower == pytest.approx(max(3 * 0.025 ** (1 / (n // 2)) - 2, -1))
    assert (fall.lower, fall.upper) == (-1, -rise.lower)


def test_ties_beyond_nine_patients_have_no_permutation_p() -> None:
    y = np.arange(12) % 5
    assert spearman(range(12), y).p_permutation is None
    assert spearman(range(9), y[:9]).p_permutation is not None


@pytest.mark.parametrize("function", [spearman, kendall])
@pytest.mark.parametrize(
    ("x", "y", "error"),
    [
        ([1, 2], [1, 2], TooFewError),
        ([1, 1, 1], [1, 2, 3], NoSpreadError),
        ([1, 2, 3], [1, 2], LengthsDifferError),
    ],
)
def test_what_has_no_answer_is_refused(
    function: Any, x: list[float], y: list[float], error: type[Exception]
) -> None:
    with pytest.raises(error):
        function(x, y)


def test_unknown_variance_is_refused() -> None:
    with pytest.raises(UnknownChoiceError):
        spearman([1, 2, 3], [1, 3, 2], variance="pearson")  # type: ignore[arg-type]
