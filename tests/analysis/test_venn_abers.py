from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.errors import LengthsDifferError, NotFiniteError, OutOfRangeError, TooFewError
from analysis.venn_abers import venn_abers

PATIENTS = st.lists(st.tuples(st.integers(-4, 4), st.booleans()), min_size=1, max_size=25)
NEW = st.lists(st.integers(-11, 11).map(lambda half: half / 2), min_size=1, max_size=8)


def isotonic_at(scores: list[float], is_case: list[bool], at: float) -> float:
    """Largest over starts, of the least over ends, of the share of cases around a score."""
    distinct = sorted(set(scores))
    place = distinct.index(at)
    sizes = [sum(s == d for s in scores) for d in distinct]
    cases = [sum(c for s, c in zip(scores, is_case, strict=True) if s == d) for d in distinct]
    return max(
        min(
            sum(cases[start:stop]) / sum(sizes[start:stop])
            for stop in range(place + 1, len(distinct) + 1)
        )
        for start in range(place + 1)
    )


def test_both_probabilities_are_those_of_brute_force_in_r(
    expected: Callable[[str], Any], table: Callable[[str], dict[str, Any]]
) -> None:
    reference, held_out = (
        expected("06_calibration")["venn_abers_bruteforce"],
        table("vennabers_cal"),
    )
    found = venn_abers(held_out["score"], held_out["y"], [row["score"] for row in reference])
    assert found.as_control == pytest.approx([row["p0"] for row in reference], abs=1e-9)
    assert found.as_case == pytest.approx([row["p1"] for row in reference], abs=1e-9)
    assert found.probability == pytest.approx([row["p"] for row in reference], abs=1e-9)


@given(PATIENTS, NEW)
def test_both_probabilities_are_isotonic_regressions_with_the_patient_added(
    patients: list[tuple[int, bool]], new: list[float]
) -> None:
    scores, is_case = (list(column) for column in zip(*patients, strict=True))
    found = venn_abers(scores, is_case, new)
    for place, score in enumerate(new):
        as_control = isotonic_at([*scores, score], [*is_case, False], score)
        as_case = isotonic_at([*scores, score], [*is_case, True], score)
        assert found.as_control[place] == pytest.approx(as_control, abs=1e-12)
        assert found.as_case[place] == pytest.approx(as_case, abs=1e-12)


@given(PATIENTS, NEW)
def test_probabilities_rise_with_the_score_and_enclose_the_one_reported(
    patients: list[tuple[int, bool]], new: list[float]
) -> None:
    scores, is_case = zip(*patients, strict=True)
    found = venn_abers(scores, is_case, sorted(new))
    assert (np.diff(found.as_control) >= -1e-12).all()
    assert (np.diff(found.as_case) >= -1e-12).all()
    assert (found.as_control <= found.probability + 1e-12).all()
    assert (found.probability <= found.as_case + 1e-12).all()


@given(PATIENTS, NEW)
def test_swapping_classes_and_order_mirrors_both(
    patients: list[tuple[int, bool]], new: list[float]
) -> None:
    scores, is_case = map(np.array, zip(*patients, strict=True))
    found = venn_abers(scores, is_case, new)
    mirrored = venn_abers(-scores, ~is_case, -np.array(new))
    assert mirrored.as_case == pytest.approx(1 - found.as_control, abs=1e-12)
    assert mirrored.probability == pytest.approx(1 - found.probability, abs=1e-12)


@given(PATIENTS, NEW)
def test_only_the_order_of_scores_counts(
    patients: list[tuple[int, bool]], new: list[float]
) -> None:
    scores, is_case = map(np.array, zip(*patients, strict=True))
    found = venn_abers(scores, is_case, new)
    cubed = venn_abers(scores**3, is_case, np.array(new) ** 3)
    assert (cubed.as_case == found.as_case).all()
    assert (cubed.as_control == found.as_control).all()


def test_one_of_the_two_is_calibrated() -> None:
    rng = np.random.default_rng(9)
    score = rng.normal(size=(4_000, 30))
    is_case = rng.random(score.shape) < 0.2 + 0.6 * (score > 0)
    chosen = []
    for scores, cases in zip(score, is_case, strict=True):
        found = venn_abers(scores[1:], cases[1:], scores[:1])
        chosen.append((found.as_case if cases[0] else found.as_control)[0])
    assert np.mean(chosen) == pytest.approx(np.mean(is_case[:, 0]), abs=0.02)


def test_one_class_alone_bounds_the_other() -> None:
    found = venn_abers([1, 2, 3], [0, 0, 0], [0, 4])
    assert found.as_control.tolist() == [0.0, 0.0]
    assert found.as_case.tolist() == [0.25, 1.0]


@pytest.mark.parametrize(
    ("scores", "is_case", "new", "error"),
    [
        ([], [], [1], TooFewError),
        ([1, 2], [0], [1], LengthsDifferError),
        ([1, np.nan], [0, 1], [1], NotFiniteError),
        ([1, 2], [0, 1], [np.inf], NotFiniteError),
        ([1, 2], [0, 2], [1], OutOfRangeError),
    ],
)
def test_what_is_wrong_is_refused(
    scores: list[float], is_case: list[int], new: list[float], error: type[Exception]
) -> None:
    with pytest.raises(error):
        venn_abers(scores, is_case, new)
