from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from analysis.errors import LengthsDifferError, NoSpreadError, NotFiniteError, TooFewError
from analysis.noncentral_t import noncentral_t_cdf
from analysis.paired import paired_t, standardised_change

Table = Callable[[str], dict[str, Any]]
VALUE = st.integers(-1000, 1000).map(lambda whole: whole / 8)
PAIRS = st.lists(st.tuples(VALUE, VALUE), min_size=2, max_size=20)
SETS = [
    (scale, of, analyte)
    for scale, of in (("csf33", np.asarray), ("csf33_log", np.log))
    for analyte in ("tnf", "mcp1", "tgfb1")
]


@pytest.mark.parametrize(("scale", "of", "analyte"), SETS)
def test_paired_t_is_that_of_r(
    scale: str, of: Any, analyte: str, expected: Callable[[str], Any], table: Table
) -> None:
    reference, patients = expected("04_paired_corr")[scale][analyte], table("csf33")
    found = paired_t(of(patients[f"{analyte}_pre"]), of(patients[f"{analyte}_post"]))
    assert found.change.value == pytest.approx(reference["mean_diff"], abs=1e-9)
    limits = [found.change.lower, found.change.upper]
    assert limits == pytest.approx(reference["diff_ci95"], abs=1e-9)
    assert (found.t, found.df) == pytest.approx((reference["t"], reference["df"]), abs=1e-9)
    assert found.p == pytest.approx(reference["p"], rel=1e-9)


@pytest.mark.parametrize(("scale", "of", "analyte"), SETS)
def test_standardised_changes_are_those_of_r(
    scale: str, of: Any, analyte: str, expected: Callable[[str], Any], table: Table
) -> None:
    reference, patients = expected("04_paired_corr")[scale][analyte], table("csf33")
    found = standardised_change(of(patients[f"{analyte}_pre"]), of(patients[f"{analyte}_post"]))
    assert found.d_z.value == pytest.approx(reference["cohen_dz"], abs=1e-9)
    assert found.g_z.value == pytest.approx(reference["hedges_gz_exactJ"], abs=1e-9)
    assert found.g_z.value == pytest.approx(reference["effectsize_gz"], abs=1e-9)
    assert found.d_av == pytest.approx(reference["cohen_dav_pooledsd"], abs=1e-9)
    limits = [found.d_z.lower, found.d_z.upper]
    # effectsize stops its search for the limits at about 7 digits; solved further, 10 agree.
    assert limits == pytest.approx(reference["effectsize_dz_ci95"], abs=3e-7)
    solved = expected("r_paired")["d_z"][f"{scale} {analyte}"]
    assert limits == pytest.approx(solved, abs=1e-9)


@given(PAIRS, st.floats(0.5, 0.99))
def test_interval_excludes_zero_where_p_is_below_the_level(
    pairs: list[tuple[float, float]], level: float
) -> None:
    before, after = map(np.array, zip(*pairs, strict=True))
    assume(np.ptp(after - before) > 0)
    found = paired_t(before, after, level=level)
    effect = standardised_change(before, after, level=level).d_z
    assume(abs(found.p - (1 - level)) > 1e-9)
    for interval in (found.change, effect):
        assert (interval.lower > 0 or interval.upper < 0) == (found.p < 1 - level)
        assert interval.lower <= interval.value <= interval.upper


@given(PAIRS)
def test_limits_of_d_z_leave_their_tails(pairs: list[tuple[float, float]]) -> None:
    before, after = map(np.array, zip(*pairs, strict=True))
    assume(np.ptp(after - before) > 0)
    d_z, n = standardised_change(before, after, level=0.9).d_z, len(pairs)
    t = d_z.value * n**0.5
    tails = [noncentral_t_cdf(t, n - 1, limit * n**0.5) for limit in (d_z.lower, d_z.upper)]
    assert tails == pytest.approx([0.95, 0.05], abs=1e-9)


@given(PAIRS)
def test_exchanging_before_and_after_mirrors_everything(pairs: list[tuple[float, float]]) -> None:
    before, after = map(np.array, zip(*pairs, strict=True))
    assume(np.ptp(after - before) > 0)
    rise, back = paired_t(before, after), paired_t(after, before)
    effect, mirrored = standardised_change(before, after), standardised_change(after, before)
    assert (back.t, back.p) == pytest.approx((-rise.t, rise.p))
    assert back.change.lower == pytest.approx(-rise.change.upper)
    assert mirrored.d_z.lower == pytest.approx(-effect.d_z.upper, abs=1e-9)
    assert mirrored.d_av == pytest.approx(-effect.d_av)


def test_effect_does_not_depend_on_the_unit() -> None:
    before, after = np.array([1.5, 2.0, 4.0, 3.0]), np.array([2.5, 2.0, 7.0, 4.0])
    grams, nanograms = (standardised_change(k * before, k * after) for k in (1e-12, 1e-3))
    assert grams.d_z.value == pytest.approx(nanograms.d_z.value)
    assert grams.g_z.upper == pytest.approx(nanograms.g_z.upper)


def test_two_patients_have_no_small_sample_estimate() -> None:
    found = standardised_change([1, 2], [3, 7])
    assert (found.g_z.value, found.g_z.lower, found.g_z.upper) == (0, 0, 0)
    assert found.d_z.lower < 0 < found.d_z.upper


@pytest.mark.parametrize("function", [paired_t, standardised_change])
@pytest.mark.parametrize(
    ("before", "after", "error"),
    [
        ([1, 2], [2, 3], NoSpreadError),
        ([0.1, 0.2, 0.3], [0.3, 0.4, 0.5], NoSpreadError),
        ([1, 2], [1, 2], NoSpreadError),
        ([1], [2], TooFewError),
        ([], [], TooFewError),
        ([1, 2], [2], LengthsDifferError),
        ([1, np.nan], [2, 3], NotFiniteError),
    ],
)
def test_what_has_no_answer_is_refused(
    function: Any, before: list[float], after: list[float], error: type[Exception]
) -> None:
    with pytest.raises(error):
        function(before, after)
