from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit, logit, ndtri

from analysis.auc_interval import auc_interval
from analysis.clustered_roc import clustered_auc_interval, clustered_auc_variance
from analysis.errors import LengthsDifferError, NotFiniteError, TooFewError, UnknownChoiceError

Table = Callable[[str], dict[str, Any]]
PAIRS = st.lists(st.tuples(st.integers(-4, 4), st.integers(-4, 4)), min_size=2, max_size=20)
ANALYTES = [("tnf", "lower_is_case"), ("mcp1", "lower_is_case"), ("tgfb1", "higher_is_case")]


@pytest.mark.parametrize(("analyte", "direction"), ANALYTES)
def test_clustered_interval_is_obuchowskis(
    analyte: str, direction: Any, expected: Callable[[str], Any], table: Table
) -> None:
    reference, patients = expected("08_ae_clustered")["pre_post_roc"][analyte], table("csf33")
    pairs = patients[f"{analyte}_pre"], patients[f"{analyte}_post"]
    variance = clustered_auc_variance(*pairs, direction=direction)
    found = clustered_auc_interval(*pairs, direction=direction, method="obuchowski")
    assert variance == pytest.approx(reference["obuchowski_clustered_var"], abs=1e-12)
    assert found.value == pytest.approx(reference["auc"], abs=1e-12)
    limits = [found.lower, found.upper]
    assert limits == pytest.approx(reference["obuchowski_ci95"], abs=1e-9)


@pytest.mark.parametrize(("analyte", "direction"), ANALYTES)
def test_logit_interval_is_the_delta_method_on_the_clustered_variance(
    analyte: str, direction: Any, expected: Callable[[str], Any], table: Table
) -> None:
    reference, patients = expected("08_ae_clustered")["pre_post_roc"][analyte], table("csf33")
    pairs = patients[f"{analyte}_pre"], patients[f"{analyte}_post"]
    found = clustered_auc_interval(*pairs, direction=direction)
    value, half = reference["auc"], ndtri(0.975) * reference["obuchowski_clustered_var"] ** 0.5
    half /= value * (1 - value)
    wanted = expit(logit(value) + np.array([-half, half]))
    assert [found.lower, found.upper] == pytest.approx(wanted, abs=1e-12)
    assert (found.method, found.n_cases, found.n_controls) == ("obuchowski_logit", 33, 33)


@pytest.mark.parametrize(("analyte", "direction"), ANALYTES)
def test_unpaired_delong_on_paired_data_is_several_times_too_large(
    analyte: str, direction: Any, expected: Callable[[str], Any], table: Table
) -> None:
    reference, patients = expected("08_ae_clustered")["pre_post_roc"][analyte], table("csf33")
    values = np.concatenate([patients[f"{analyte}_post"], patients[f"{analyte}_pre"]])
    naive = auc_interval(values, np.arange(66) < 33, direction=direction, method="delong")
    limits = [naive.lower, naive.value, naive.upper]
    assert limits == pytest.approx(reference["naive_delong_ci95"], abs=1e-9)
    assert reference["naive_delong_var"] > 3 * reference["obuchowski_clustered_var"]


@given(PAIRS, st.sampled_from(["obuchowski_logit", "obuchowski"]))
def test_interval_lies_inside_and_contains_the_estimate(
    pairs: list[tuple[int, int]], method: Any
) -> None:
    before, after = zip(*pairs, strict=True)
    found = clustered_auc_interval(before, after, direction="higher_is_case", method=method)
    assert 0 <= found.lower <= found.value <= found.upper <= 1
    assert found.lower < found.upper


@given(PAIRS)
def test_exchanging_before_and_after_mirrors_the_interval(pairs: list[tuple[int, int]]) -> None:
    before, after = zip(*pairs, strict=True)
    rise = clustered_auc_interval(before, after, direction="higher_is_case")
    back = clustered_auc_interval(after, before, direction="higher_is_case")
    assert (back.lower, back.upper) == pytest.approx((1 - rise.upper, 1 - rise.lower))


def test_everyone_above_every_earlier_value_gets_an_exact_lower_limit() -> None:
    found = clustered_auc_interval([1, 2, 3], [4, 5, 6], direction="higher_is_case")
    assert (found.value, found.method) == (1.0, "exact_at_boundary")
    assert found.lower == pytest.approx(0.025 ** (1 / 3))


def test_values_that_never_change_are_not_certain() -> None:
    found = clustered_auc_interval([2, 2], [2, 2], direction="lower_is_case")
    assert (found.value, found.method) == (0.5, "exact_all_tied")
    assert found.upper - found.lower == pytest.approx(1 - 0.05**0.5)


def test_ranks_kept_by_everyone_fall_back_to_the_unpaired_variance() -> None:
    before, after = [1, 2, 3], [1.5, 2.5, 3.5]
    found = clustered_auc_interval(before, after, direction="higher_is_case")
    unpaired = auc_interval([*after, *before], [1, 1, 1, 0, 0, 0], direction="higher_is_case")
    assert clustered_auc_variance(before, after, direction="higher_is_case") == 0
    assert found.method == "logit_delong_ignoring_pairs"
    assert (found.lower, found.upper) == (unpaired.lower, unpaired.upper)


@pytest.mark.parametrize(
    ("before", "after", "method", "error"),
    [
        ([1, 2], [1], "obuchowski", LengthsDifferError),
        ([1], [2], "obuchowski", TooFewError),
        ([1, np.nan], [2, 3], "obuchowski", NotFiniteError),
        ([1, 2], [2, 3], "delong", UnknownChoiceError),
    ],
)
def test_what_is_wrong_is_refused(
    before: list[float], after: list[float], method: Any, error: type[Exception]
) -> None:
    with pytest.raises(error):
        clustered_auc_interval(before, after, direction="higher_is_case", method=method)
