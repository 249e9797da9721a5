from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.auc_interval import auc_interval
from analysis.errors import OneClassError, OutOfRangeError, TooFewError, UnknownChoiceError
from analysis.partial_auc import PartialRange, partial_auc, partial_auc_interval
from analysis.roc import Direction, auc

SAVED = Path(__file__).parents[1] / "reference" / "data" / "roc33_boot_idx.csv"
PATIENTS = st.lists(st.tuples(st.integers(-4, 4), st.booleans()), max_size=20).map(
    lambda patients: [*patients, (1, True), (3, True), (0, False), (2, False)]
)


def direction_of(reference: Any) -> Direction:
    return "higher_is_case" if reference["direction"] == "<" else "lower_is_case"


@pytest.mark.parametrize("score", ["high", "low"])
@pytest.mark.parametrize("row", range(10))
def test_areas_and_limits_are_those_of_proc(
    score: str, row: int, expected: Any, table: Any
) -> None:
    reference, patients = expected("r_proc")[score], table("roc33")
    wanted, direction = reference["partial"][row], direction_of(reference)
    over = PartialRange(wanted["focus"], wanted["low"], wanted["high"])
    area = partial_auc(patients[score], patients["y"], over, direction=direction)
    assert area == pytest.approx(wanted["raw"], abs=1e-12)
    assert over.corrected(area) == pytest.approx(wanted["corrected"], abs=1e-9)
    for corrected, limits in ((False, "limits"), (True, "corrected_limits")):
        found = partial_auc_interval(
            patients[score],
            patients["y"],
            over,
            direction=direction,
            corrected=corrected,
            indices=np.loadtxt(SAVED, dtype=int, delimiter=","),
        )
        assert [found.lower, found.upper] == pytest.approx(wanted[limits], abs=1e-9)
        assert found.method == "bootstrap_percentile"


@given(PATIENTS, st.sampled_from(["specificity", "sensitivity"]))
def test_the_whole_range_is_the_whole_auc(patients: list[tuple[int, bool]], focus: Any) -> None:
    scores, is_case = zip(*patients, strict=True)
    over = PartialRange(focus, 0.0, 1.0)
    area = partial_auc(scores, is_case, over, direction="lower_is_case")
    assert area == pytest.approx(auc(scores, is_case, direction="lower_is_case"), abs=1e-12)
    assert over.corrected(area) == pytest.approx(area, abs=1e-12)


@given(PATIENTS, st.floats(0, 0.9))
def test_swapping_classes_and_direction_swaps_the_focus(
    patients: list[tuple[int, bool]], low: float
) -> None:
    scores, is_case = map(np.array, zip(*patients, strict=True))
    one = partial_auc(
        scores, is_case, PartialRange("specificity", low, 1.0), direction="higher_is_case"
    )
    other = partial_auc(
        scores, ~is_case, PartialRange("sensitivity", low, 1.0), direction="lower_is_case"
    )
    assert one == pytest.approx(other, abs=1e-12)


@settings(max_examples=40)
@given(PATIENTS, st.sampled_from(["specificity", "sensitivity"]), st.floats(0, 0.95))
def test_interval_stays_in_range_and_under_rising_transforms(
    patients: list[tuple[int, bool]], focus: Any, low: float
) -> None:
    scores, is_case = map(np.array, zip(*patients, strict=True))
    over = PartialRange(focus, low, 1.0)
    found, transformed = (
        partial_auc_interval(
            values,
            is_case,
            over,
            direction="higher_is_case",
            rng=np.random.default_rng(1),
            n_resamples=50,
        )
        for values in (scores, np.exp(scores))
    )
    assert found == transformed
    assert 0 <= found.lower <= found.upper <= over.width


@pytest.mark.parametrize("flip", [False, True])
def test_separated_classes_lose_no_more_than_the_whole_area_does(flip: bool) -> None:
    over = PartialRange("specificity", 0.5, 1.0)
    scores, is_case = np.arange(40), (np.arange(40) >= 20) != flip
    found = partial_auc_interval(
        scores, is_case, over, direction="higher_is_case", rng=np.random.default_rng(1)
    )
    whole = auc_interval(scores, is_case, direction="higher_is_case")
    assert found.method == "exact_at_boundary"
    missing = whole.upper - whole.lower
    wanted = (0, 0, missing) if flip else (0.5, 0.5 - missing, 0.5)
    assert (found.value, found.lower, found.upper) == pytest.approx(wanted)


def test_tied_scores_have_no_spread_and_say_so() -> None:
    over = PartialRange("specificity", 0.9, 1.0)
    found = partial_auc_interval(
        [5] * 6,
        [0, 1] * 3,
        over,
        direction="higher_is_case",
        corrected=True,
        rng=np.random.default_rng(1),
    )
    assert found.method == "no_spread_between_resamples"
    assert (found.value, found.upper) == pytest.approx((0.5, 1.0))


@pytest.mark.parametrize("range_", [(0.5, 0.5), (0.9, 0.1), (-0.1, 1), (0, 1.1), (np.nan, 1)])
def test_empty_or_impossible_range_is_refused(range_: tuple[float, float]) -> None:
    with pytest.raises(OutOfRangeError):
        PartialRange("specificity", *range_)


def test_unknown_focus_and_too_few_patients_are_refused() -> None:
    with pytest.raises(UnknownChoiceError):
        PartialRange("accuracy", 0.5, 1.0)  # type: ignore[arg-type]
    over, rng = PartialRange("specificity", 0.5, 1.0), np.random.default_rng(1)
    with pytest.raises(TooFewError):
        partial_auc_interval([1, 2, 3], [0, 1, 0], over, direction="higher_is_case", rng=rng)
    with pytest.raises(OneClassError):
        partial_auc([1, 2], [1, 1], over, direction="higher_is_case")
