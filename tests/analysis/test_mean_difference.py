import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from analysis.errors import NoSpreadError, OutOfRangeError, TooFewError, UnknownChoiceError
from analysis.mean_difference import t_from_summaries, two_sample_t
from analysis.summary import Summary

PUBLISHED = json.loads(
    (Path(__file__).parents[1] / "reference" / "expected" / "12_published.json").read_text()
)["continuous"]
GROUP = st.lists(st.floats(-1e3, 1e3), min_size=2, max_size=15)
VARIANCES = [("student", "equal"), ("welch", "unequal")]


@pytest.mark.parametrize("row", PUBLISHED, ids=[row["name"] for row in PUBLISHED])
@pytest.mark.parametrize(("method", "variances"), VARIANCES)
def test_rederived_numbers_are_reproduced(row: Any, method: str, variances: Any) -> None:
    wanted = row["rederived"][method]
    msc, control = (Summary(row[f"n{i}"], row[f"mean{i}"], row[f"sd{i}"]) for i in (1, 2))
    found = t_from_summaries(msc, control, variances=variances)
    assert found.difference.method == method
    assert found.difference.value == pytest.approx(wanted["diff"], abs=1e-12)
    assert found.standard_error == pytest.approx(wanted["se"], abs=1e-12)
    assert found.df == pytest.approx(wanted["df"], abs=1e-9)
    limits = [found.difference.lower, found.difference.upper]
    assert limits == pytest.approx(wanted["ci95"], abs=1e-9)
    assert found.p == pytest.approx(wanted["p"], rel=1e-9)


@pytest.mark.parametrize("row", PUBLISHED, ids=[row["name"] for row in PUBLISHED])
def test_printed_table_agrees_with_the_test_it_names(row: Any) -> None:
    msc, control = (Summary(row[f"n{i}"], row[f"mean{i}"], row[f"sd{i}"]) for i in (1, 2))
    printed, agrees = row["published"], row["agrees_with"]
    for method, variances in VARIANCES:
        found = t_from_summaries(msc, control, variances=variances)  # type: ignore[arg-type]
        if agrees in (method, "either"):
            limits = [found.difference.lower, found.difference.upper]
            assert found.difference.value == pytest.approx(printed["diff"], abs=0.02)
            assert found.standard_error == pytest.approx(printed["se"], abs=0.02)
            assert limits == pytest.approx(printed["ci95"], abs=0.02)
            if printed["p"] == "<0.001":
                assert found.p < 0.001
            else:
                assert found.p == pytest.approx(float(printed["p"]), abs=0.001)


@pytest.mark.parametrize(("method", "variances"), VARIANCES)
def test_tests_of_arrays_are_those_of_r(
    method: str, variances: Any, expected: Callable[[str], Any], table: Callable[[str], Any]
) -> None:
    patients = table("csf33")
    good, change = patients["good_responder"] == 1, patients["tgfb1_post"] - patients["tgfb1_pre"]
    found = two_sample_t(change[good], change[~good], variances=variances)
    wanted = expected("04_paired_corr")["exact_two_sample"][f"{method}_p"]
    assert found.p == pytest.approx(wanted, abs=1e-9)


@given(GROUP, GROUP, st.sampled_from(["equal", "unequal"]))
def test_exchanging_the_groups_changes_the_sign_only(
    first: list[float], second: list[float], variances: Any
) -> None:
    assume(max(np.ptp(first), np.ptp(second)) > 1e-6)
    there = two_sample_t(first, second, variances=variances)
    back = two_sample_t(second, first, variances=variances)
    assert back.difference.value == pytest.approx(-there.difference.value)
    assert back.difference.lower == pytest.approx(-there.difference.upper)
    assert back.p == pytest.approx(there.p)
    assert 0 <= there.p <= 1


def test_welch_with_equal_sizes_and_spreads_is_student() -> None:
    one, other = Summary(12, 3.0, 1.5), Summary(12, 2.0, 1.5)
    welch, student = (t_from_summaries(one, other, variances=v) for v in ("unequal", "equal"))  # type: ignore[arg-type]
    assert welch.df == pytest.approx(student.df)
    assert welch.p == pytest.approx(student.p)


def test_one_group_without_spread_leaves_the_other_groups_degrees_of_freedom() -> None:
    found = t_from_summaries(Summary(9, 3.0, 0.0), Summary(12, 2.0, 1.5))
    assert found.df == pytest.approx(11)


@pytest.mark.parametrize(
    ("refused", "error"),
    [
        (lambda: two_sample_t([1.0], [1.0, 2.0]), TooFewError),
        (lambda: two_sample_t([1.0, 1.0], [2.0, 2.0]), NoSpreadError),
        (lambda: two_sample_t([0.3, 0.1 * 3], [0.7, 0.7]), NoSpreadError),
        (lambda: two_sample_t([1, 2], [2, 3], variances="pooled"), UnknownChoiceError),  # type: ignore[arg-type]
        (lambda: two_sample_t([1, 2], [2, 3], level=95), OutOfRangeError),
    ],
)
def test_what_is_wrong_is_refused(refused: Callable[[], object], error: type[Exception]) -> None:
    with pytest.raises(error):
        refused()
