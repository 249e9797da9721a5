from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.along_curve import area_between, curve_of, height_at, mirrored
from analysis.roc import auc, roc_curve
from analysis.thresholds import count_at_thresholds

PATIENTS = st.lists(st.tuples(st.integers(-4, 4), st.booleans()), max_size=20).map(
    lambda patients: [*patients, (1, True), (2, False)]
)


@given(PATIENTS, st.floats(0, 1))
def test_height_is_that_of_the_drawn_line(patients: list[tuple[int, bool]], at: float) -> None:
    scores, is_case = zip(*patients, strict=True)
    curve = roc_curve(scores, is_case, direction="higher_is_case")
    found = height_at(*curve_of(count_at_thresholds(scores, is_case)), np.array([at]))[0, 0]
    across = 1 - curve.specificity
    wanted = np.interp(at, across, curve.sensitivity)
    if np.abs(across - at).min() > 1e-9:
        assert found == pytest.approx(wanted, abs=1e-9)
    assert 0 <= found <= 1


@given(PATIENTS)
def test_height_at_a_point_is_its_upper_end(patients: list[tuple[int, bool]]) -> None:
    scores, is_case = zip(*patients, strict=True)
    curve = roc_curve(scores, is_case, direction="higher_is_case")
    found = height_at(*curve_of(count_at_thresholds(scores, is_case)), 1 - curve.specificity)[0]
    for specificity, height in zip(curve.specificity, found, strict=True):
        assert height == curve.sensitivity[curve.specificity == specificity].max()


@given(PATIENTS, st.lists(st.floats(0, 1), max_size=4))
def test_areas_between_cuts_add_up_to_the_auc(
    patients: list[tuple[int, bool]], cuts: list[float]
) -> None:
    scores, is_case = zip(*patients, strict=True)
    curve = curve_of(count_at_thresholds(scores, is_case))
    edges = [0.0, *sorted(cuts), 1.0]
    for curves in (curve, mirrored(*curve)):
        parts = [area_between(*curves, low, high)[0] for low, high in pairwise(edges)]
        assert sum(parts) == pytest.approx(auc(scores, is_case, direction="higher_is_case"))


@given(PATIENTS)
def test_mirrored_is_the_curve_of_controls_against_cases(patients: list[tuple[int, bool]]) -> None:
    scores, is_case = map(np.array, zip(*patients, strict=True))
    across, up = mirrored(*curve_of(count_at_thresholds(scores, is_case)))
    other = count_at_thresholds(-scores, ~is_case)
    assert across[0].tolist() == other.false_positives.tolist()
    assert up[0].tolist() == other.true_positives.tolist()


def test_many_curves_are_read_as_one_by_one() -> None:
    rng = np.random.default_rng(1)
    counts = [
        count_at_thresholds(rng.permutation(12), np.arange(12) < n_cases) for n_cases in (2, 6, 11)
    ]
    across = np.stack([each.false_positives for each in counts])
    up = np.stack([each.true_positives for each in counts])
    at = np.array([0.0, 0.1, 0.37, 0.5, 1.0])
    together = height_at(across, up, at)
    alone = [height_at(*curve_of(each), at)[0].tolist() for each in counts]
    assert together.tolist() == alone
    areas = [area_between(*curve_of(each), 0.1, 0.8)[0] for each in counts]
    assert area_between(across, up, 0.1, 0.8).tolist() == areas
