import csv
import math
from collections.abc import Callable
from fractions import Fraction
from math import comb
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from analysis.contingency import TwoByTwo
from analysis.errors import OutOfRangeError
from analysis.odds_ratio import odds_ratio

COUNTS = Path(__file__).parents[1] / "reference" / "data" / "ae.csv"
ROWS = list(csv.DictReader(COUNTS.read_text().splitlines()))
GROUP = st.integers(1, 20).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


def tail_from(least: int, table: TwoByTwo, odds: float) -> float:
    """Exact probability of at least so many events in the first group."""
    ratio, weights = Fraction(odds), {}
    for k in range(table.n_first + 1):
        if 0 <= table.n_events - k <= table.n_second:
            weights[k] = (
                comb(table.n_first, k) * comb(table.n_second, table.n_events - k) * ratio**k
            )
    return float(sum(w for k, w in weights.items() if k >= least) / sum(weights.values()))


@pytest.mark.parametrize("row", ROWS, ids=[row["term"] for row in ROWS])
def test_odds_ratios_are_those_of_r(row: dict[str, str], expected: Callable[[str], Any]) -> None:
    (reference,) = (ae for ae in expected("08_ae_clustered")["ae"] if ae["term"] == row["term"])
    table = TwoByTwo(*(int(row[name]) for name in ("msc_n", "msc_N", "control_n", "control_N")))
    found = odds_ratio(table)
    assert found.value == pytest.approx(reference["cond_or_precise"], rel=1e-9, abs=1e-12)
    limits = [found.lower, found.upper]
    assert limits == pytest.approx(reference["cond_or_ci95_precise"], rel=1e-9, abs=1e-12)
    assert found.sample_value == pytest.approx(reference["sample_or"], abs=1e-9)
    # fisher.test itself stops after about four digits.
    assert found.value == pytest.approx(reference["cond_or"], rel=1e-4)
    assert limits == pytest.approx(reference["cond_or_ci95"], rel=3e-3)


@given(GROUP, GROUP, st.floats(0.5, 0.99))
def test_limits_leave_half_of_the_rest_in_their_tails(
    first: tuple[int, int], second: tuple[int, int], level: float
) -> None:
    table = TwoByTwo(*first, *second)
    found, events = odds_ratio(table, level=level), first[0]
    if found.lower > 0:
        assert tail_from(events, table, found.lower) == pytest.approx((1 - level) / 2)
    if found.upper < math.inf:
        assert 1 - tail_from(events + 1, table, found.upper) == pytest.approx((1 - level) / 2)
    assert found.value is None or found.lower <= found.value <= found.upper


@given(GROUP, GROUP)
def test_exchanging_the_groups_inverts_the_ratio(
    first: tuple[int, int], second: tuple[int, int]
) -> None:
    there, back = odds_ratio(TwoByTwo(*first, *second)), odds_ratio(TwoByTwo(*second, *first))
    assert there.lower * back.upper == pytest.approx(1) or (there.lower, back.upper) == (
        0,
        math.inf,
    )
    assume(there.value not in (None, 0.0, math.inf))
    assert there.value is not None
    assert back.value == pytest.approx(1 / there.value)


@pytest.mark.parametrize("table", [TwoByTwo(0, 5, 0, 7), TwoByTwo(5, 5, 7, 7)])
def test_everyone_or_nobody_says_nothing(table: TwoByTwo) -> None:
    found = odds_ratio(table)
    assert (found.value, found.sample_value) == (None, None)
    assert (found.lower, found.upper) == (0, math.inf)


def test_events_in_one_group_only_are_infinite_odds() -> None:
    found = odds_ratio(TwoByTwo(3, 5, 0, 7))
    assert (found.value, found.sample_value, found.upper) == (math.inf, math.inf, math.inf)
    assert found.lower > 0


def test_a_level_in_percent_is_refused() -> None:
    with pytest.raises(OutOfRangeError):
        odds_ratio(TwoByTwo(1, 2, 1, 2), level=95)
