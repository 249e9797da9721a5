from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.clustered_bootstrap import clustered_bootstrap, replicate_aucs
from analysis.clustered_roc import clustered_auc_variance
from analysis.delong import delong_variance
from analysis.errors import (
    LengthsDifferError,
    OutOfRangeError,
    ShapeError,
    TooFewError,
    UnknownChoiceError,
)
from analysis.resampling import bootstrap_indices
from analysis.roc import auc

Table = Callable[[str], dict[str, Any]]
INDICES = Path(__file__).parents[1] / "reference" / "data" / "csf33_patient_boot_idx.csv"
ANALYTES = [("tnf", "lower_is_case"), ("mcp1", "lower_is_case"), ("tgfb1", "higher_is_case")]
PAIRS = st.lists(st.tuples(st.integers(-4, 4), st.integers(-4, 4)), min_size=2, max_size=12)


@pytest.mark.parametrize(("analyte", "direction"), ANALYTES)
def test_saved_resamples_give_rs_interval(
    analyte: str, direction: Any, expected: Callable[[str], Any], table: Table
) -> None:
    reference = expected("08_ae_clustered")["pre_post_roc"][analyte]
    wanted, patients = reference["patient_bootstrap_saved_idx"], table("csf33")
    indices = np.loadtxt(INDICES, dtype=int, delimiter=",")
    found = clustered_bootstrap(
        patients[f"{analyte}_pre"],
        patients[f"{analyte}_post"],
        direction=direction,
        indices=indices,
    )
    assert found.auc.value == pytest.approx(reference["auc"], abs=1e-12)
    assert found.standard_error == pytest.approx(wanted["sd"], abs=1e-12)
    limits = [found.auc.lower, found.auc.upper]
    assert limits == pytest.approx(wanted["ci95_percentile_type7"], abs=1e-12)
    assert found.n_resamples == 2000


@pytest.mark.parametrize(("analyte", "direction"), ANALYTES)
def test_distance_from_one_half_and_naive_variance_are_those_of_r(
    analyte: str, direction: Any, expected: Callable[[str], Any], table: Table
) -> None:
    reference, patients = expected("08_ae_clustered")["pre_post_roc"][analyte], table("csf33")
    pairs = patients[f"{analyte}_pre"], patients[f"{analyte}_post"]
    variance = clustered_auc_variance(*pairs, direction=direction)
    z = (reference["auc"] - 0.5) / variance**0.5
    assert z == pytest.approx(reference["obuchowski_z_vs_0.5"], abs=1e-9)
    values = np.concatenate([pairs[1], pairs[0]])
    naive = delong_variance(values, np.arange(66) < 33, direction=direction)
    assert naive == pytest.approx(reference["naive_delong_var"], abs=1e-12)


@given(PAIRS, st.integers(0, 2**32 - 1), st.sampled_from(["higher_is_case", "lower_is_case"]))
def test_each_replicate_is_the_auc_of_its_patients(
    pairs: list[tuple[int, int]], seed: int, direction: Any
) -> None:
    before, after = map(np.array, zip(*pairs, strict=True))
    n = before.size
    indices = bootstrap_indices(n, n_resamples=3, rng=np.random.default_rng(seed))
    found = replicate_aucs(before, after, direction=direction, indices=indices)
    for row, replicate in zip(indices, found, strict=True):
        values = np.concatenate([after[row], before[row]])
        assert replicate == auc(values, np.arange(2 * n) < n, direction=direction)


def test_chunks_do_not_change_a_replicate(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(1)
    before, after = rng.normal(size=(2, 30))
    indices = bootstrap_indices(30, n_resamples=50, rng=rng)

    def replicates() -> Any:
        return replicate_aucs(before, after, direction="higher_is_case", indices=indices)

    whole = replicates()
    monkeypatch.setattr("analysis.clustered_bootstrap._CELLS", 400)
    assert replicates().tolist() == whole.tolist()


@pytest.mark.parametrize(
    ("before", "after", "indices", "direction", "error"),
    [
        ([1, 2], [1], [[0, 1]], "higher_is_case", LengthsDifferError),
        ([1], [1], [[0]], "higher_is_case", TooFewError),
        ([1, 2], [2, 3], [[0, 1]], "higher_is_case", TooFewError),
        ([1, 2], [2, 3], [[1, 2], [0, 1]], "higher_is_case", OutOfRangeError),
        ([1, 2], [2, 3], [0, 1], "higher_is_case", ShapeError),
        ([1, 2], [2, 3], [[0, 1], [0, 1]], "up", UnknownChoiceError),
    ],
)
def test_what_is_wrong_is_refused(
    before: Any, after: Any, indices: Any, direction: Any, error: type[Exception]
) -> None:
    with pytest.raises(error):
        clustered_bootstrap(before, after, direction=direction, indices=indices)
