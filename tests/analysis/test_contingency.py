import csv
import json
from collections.abc import Callable
from fractions import Fraction
from math import comb
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.contingency import TwoByTwo, chi_square, fisher_p, risk_difference
from analysis.errors import OutOfRangeError

REFERENCE = Path(__file__).parents[1] / "reference"
ROWS = list(csv.DictReader((REFERENCE / "data" / "ae.csv").read_text().splitlines()))
PUBLISHED = json.loads((REFERENCE / "expected" / "12_published.json").read_text())["responders"]
GROUP = st.integers(1, 25).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@pytest.mark.parametrize("row", ROWS, ids=[row["term"] for row in ROWS])
def test_adverse_events_are_those_of_r(row: dict[str, str], expected: Callable[[str], Any]) -> None:
    (reference,) = (ae for ae in expected("08_ae_clustered")["ae"] if ae["term"] == row["term"])
    table = TwoByTwo(*(int(row[name]) for name in ("msc_n", "msc_N", "control_n", "control_N")))
    percent = [100 * share for share in table.proportions]
    assert percent == pytest.approx([reference["pct_msc"], reference["pct_control"]], abs=1e-9)
    assert fisher_p(table) == pytest.approx(reference["fisher_p"], abs=1e-9)
    plain, yates = (chi_square(table, corrected=yes).p for yes in (False, True))
    assert plain == pytest.approx(reference["chisq_p"], abs=1e-9)
    assert yates == pytest.approx(reference["chisq_yates_p"], abs=1e-9)
    found = risk_difference(table)
    assert found.value == pytest.approx(reference["risk_diff"], abs=1e-9)
    limits = [found.lower, found.upper]
    assert limits == pytest.approx(reference["risk_diff_newcombe_ci95"], abs=1e-9)


@pytest.mark.parametrize("row", PUBLISHED, ids=[row["name"] for row in PUBLISHED])
def test_published_responders_are_rederived(row: dict[str, Any]) -> None:
    table = TwoByTwo(row["msc"], row["msc_n"], row["control"], row["control_n"])
    plain, yates = (chi_square(table, corrected=yes) for yes in (False, True))
    assert fisher_p(table) == pytest.approx(row["fisher_p"], rel=1e-9)
    assert plain.p == pytest.approx(row["chisq_p"], rel=1e-9)
    assert yates.p == pytest.approx(row["chisq_yates_p"], rel=1e-9)
    assert plain.smallest_expected == pytest.approx(row["min_expected"], abs=1e-9)
    usual = fisher_p(table) if plain.smallest_expected < 5 else plain.p
    printed = row["published_p"]
    assert usual < 0.001 if printed == "<0.001" else abs(usual - float(printed)) < 0.0006


def test_random_tables_are_those_of_r(expected: Callable[[str], Any]) -> None:
    for case in expected("r_paired")["tables"]:
        table = TwoByTwo(*case["counts"])
        assert fisher_p(table) == pytest.approx(case["fisher"], rel=1e-9)
        for corrected, name, p in ((False, "chi", "p"), (True, "yates", "p_yates")):
            found = chi_square(table, corrected=corrected)
            assert found.statistic == pytest.approx(case[name], abs=1e-9)
            assert found.p == pytest.approx(case[p], abs=1e-9)


@given(GROUP, GROUP)
def test_fisher_adds_the_exact_probabilities(
    first: tuple[int, int], second: tuple[int, int]
) -> None:
    (events, n), (others, m) = first, second
    total = events + others
    weights = {
        k: comb(n, k) * comb(m, total - k) for k in range(min(n, total) + 1) if total - k <= m
    }
    likely = sum(weight for weight in weights.values() if weight <= weights[events])
    wanted = float(Fraction(likely, comb(n + m, total)))
    assert fisher_p(TwoByTwo(events, n, others, m)) == pytest.approx(wanted, rel=1e-12)


@given(GROUP, GROUP)
def test_exchanging_groups_or_events_changes_no_p(
    first: tuple[int, int], second: tuple[int, int]
) -> None:
    (events, n), (others, m) = first, second
    here = TwoByTwo(events, n, others, m)
    difference = risk_difference(here)
    for there in (TwoByTwo(others, m, events, n), TwoByTwo(n - events, n, m - others, m)):
        assert fisher_p(there) == pytest.approx(fisher_p(here))
        for corrected in (False, True):
            p = chi_square(here, corrected=corrected).p
            assert chi_square(there, corrected=corrected).p == pytest.approx(p)
        assert risk_difference(there).lower == pytest.approx(-difference.upper)
    assert -1 <= difference.lower <= difference.value <= difference.upper <= 1
    assert difference.lower < difference.upper


def test_large_groups_keep_their_digits() -> None:
    table = TwoByTwo(50_210, 100_000, 49_790, 100_000)
    assert fisher_p(table) == pytest.approx(chi_square(table, corrected=True).p, rel=1e-3)


@pytest.mark.parametrize(
    "table", [TwoByTwo(0, 5, 0, 7), TwoByTwo(5, 5, 7, 7), TwoByTwo(0, 1, 0, 1)]
)
def test_everyone_or_nobody_is_no_evidence(table: TwoByTwo) -> None:
    assert fisher_p(table) == 1
    assert chi_square(table, corrected=False).p == chi_square(table, corrected=True).p == 1
    assert risk_difference(table).value == 0


@pytest.mark.parametrize(
    "counts", [(1, 0, 1, 2), (3, 2, 1, 2), (-1, 2, 1, 2), (1, 2, 3, 2), (0.5, 2, 1, 2)]
)
def test_impossible_counts_are_refused(counts: tuple[Any, ...]) -> None:
    with pytest.raises(OutOfRangeError):
        TwoByTwo(*counts)


def test_a_level_in_percent_is_refused() -> None:
    with pytest.raises(OutOfRangeError):
        risk_difference(TwoByTwo(1, 2, 1, 2), level=95)
