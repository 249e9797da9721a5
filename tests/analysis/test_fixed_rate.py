from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.errors import NotFiniteError, OneClassError, OutOfRangeError, TooFewError
from analysis.fixed_rate import sensitivity_at_specificity, specificity_at_sensitivity
from analysis.proportions import clopper_pearson

SAVED = Path(__file__).parents[1] / "reference" / "data" / "roc33_boot_idx.csv"
PATIENTS = st.lists(st.tuples(st.integers(-4, 4), st.booleans()), max_size=20).map(
    lambda patients: [*patients, (1, True), (3, True), (0, False), (2, False)]
)


@pytest.mark.parametrize("score", ["high", "low"])
@pytest.mark.parametrize(
    ("read", "values", "limits"),
    [
        (sensitivity_at_specificity, "se_at_sp", "se_limits"),
        (specificity_at_sensitivity, "sp_at_se", "sp_limits"),
    ],
)
def test_values_and_limits_are_those_of_proc(
    score: str, read: Callable[..., Any], values: str, limits: str, expected: Any, table: Any
) -> None:
    reference, patients = expected("r_proc")[score], table("roc33")
    rows = np.loadtxt(SAVED, dtype=int, delimiter=",")
    direction = "higher_is_case" if reference["direction"] == "<" else "lower_is_case"
    for at, value, wanted in zip(
        reference["at"], reference[values], reference[limits], strict=True
    ):
        found = read(patients[score], patients["y"], at, direction=direction, indices=rows)
        assert found.value == pytest.approx(value, abs=1e-9)
        if found.method == "bootstrap_percentile":
            assert [found.lower, found.upper] == pytest.approx(wanted, abs=1e-9)
        else:
            assert wanted == [1, 1]


@settings(max_examples=50)
@given(PATIENTS, st.sampled_from([0.0, 0.25, 0.5, 0.9, 1.0]))
def test_classes_and_axes_swap_together(patients: list[tuple[int, bool]], at: float) -> None:
    scores, is_case = map(np.array, zip(*patients, strict=True))
    rows = np.random.default_rng(1).integers(scores.size, size=(30, scores.size))
    rows[:, -2:] = [np.flatnonzero(is_case)[0], np.flatnonzero(~is_case)[0]]
    one = sensitivity_at_specificity(scores, is_case, at, direction="higher_is_case", indices=rows)
    other = specificity_at_sensitivity(
        -scores, ~is_case, at, direction="higher_is_case", indices=rows
    )
    assert (one.value, one.lower, one.upper) == pytest.approx(
        (other.value, other.lower, other.upper), abs=1e-12
    )
    assert one.method == other.method
    assert 0 <= one.lower <= one.upper <= 1


def test_a_proportion_of_the_patients_is_met_in_spite_of_rounding() -> None:
    scores, is_case = np.arange(20), np.arange(20) >= 10
    scores[9], is_case[9] = 30, False
    found = sensitivity_at_specificity(
        scores, is_case, 0.9, direction="higher_is_case", rng=np.random.default_rng(1)
    )
    assert found.value == 1.0


def test_limits_that_meet_at_one_become_those_of_known_thresholds() -> None:
    found = sensitivity_at_specificity(
        np.arange(30),
        np.arange(30) >= 10,
        0.9,
        direction="higher_is_case",
        rng=np.random.default_rng(1),
    )
    assert (found.value, found.method) == (1.0, "clopper_pearson_without_spread")
    assert (found.lower, found.upper) == clopper_pearson(20, 20)


def test_at_specificity_zero_the_sensitivity_is_one_by_definition() -> None:
    found = sensitivity_at_specificity(
        [1, 2, 3, 4], [1, 1, 0, 0], 0.0, direction="higher_is_case", rng=np.random.default_rng(1)
    )
    assert (found.value, found.lower, found.method) == (1.0, 1.0, "by_definition")


def test_tied_scores_say_nothing_about_sensitivity() -> None:
    found = sensitivity_at_specificity(
        [7] * 6, [0, 1] * 3, 0.9, direction="lower_is_case", rng=np.random.default_rng(1)
    )
    assert found.value == pytest.approx(0.1)
    assert (found.lower, found.upper, found.method) == (0.0, 1.0, "no_spread_between_resamples")


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"at": 90}, OutOfRangeError),
        ({"at": np.nan}, OutOfRangeError),
        ({"level": 1.0}, OutOfRangeError),
        ({"is_case": [0, 0, 0, 0]}, OneClassError),
        ({"is_case": [0, 0, 1, 0]}, TooFewError),
        ({"scores": [1, 2, np.inf, 3]}, NotFiniteError),
    ],
)
@pytest.mark.parametrize("read", [sensitivity_at_specificity, specificity_at_sensitivity])
def test_what_is_wrong_is_refused(
    read: Callable[..., Any], change: dict[str, Any], error: type[Exception]
) -> None:
    good = {"scores": [1, 2, 3, 4], "is_case": [0, 1, 0, 1], "at": 0.5, "level": 0.95}
    using = good | change
    with pytest.raises(error):
        read(
            using["scores"],
            using["is_case"],
            using["at"],
            direction="higher_is_case",
            level=using["level"],
            rng=np.random.default_rng(1),
        )
