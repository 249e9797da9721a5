from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.errors import OneClassError, OutOfRangeError, TooFewError, UnknownChoiceError
from analysis.smooth_calibration import SHOWN_FROM, smooth_calibration

Table = Callable[[str], dict[str, Any]]
PATIENTS = st.lists(st.tuples(st.floats(0, 1), st.booleans()), max_size=30)


def test_lowess_distances_are_those_of_val_prob(
    expected: Callable[[str], Any], table: Table
) -> None:
    reference, patients = expected("06_calibration")["calib60"], table("calib60")
    found = smooth_calibration(patients["p"], patients["y"])
    assert found.ici == pytest.approx(reference["val_prob"]["Eavg"], abs=1e-9)
    assert found.ici == pytest.approx(reference["ici_lowess_f2over3_iter0"], abs=1e-9)
    assert found.e50 == pytest.approx(reference["e50_lowess"], abs=1e-9)
    assert found.e90 == pytest.approx(reference["val_prob"]["E90"], abs=1e-9)
    assert found.emax == pytest.approx(reference["val_prob"]["Emax"], abs=1e-9)
    assert found.emax == pytest.approx(reference["emax_lowess"], abs=1e-9)


def test_loess_distances_are_those_of_r(expected: Callable[[str], Any], table: Table) -> None:
    reference, patients = expected("06_calibration")["calib60"], table("calib60")
    found = smooth_calibration(patients["p"], patients["y"], smoother="loess")
    assert found.ici == pytest.approx(reference["ici_loess_deg2_span.75_direct"], abs=1e-9)
    assert found.emax == pytest.approx(reference["emax_loess"], abs=1e-9)


@given(PATIENTS)
def test_distances_are_ordered(patients: list[tuple[float, bool]]) -> None:
    probabilities, is_case = zip(*patients, (0.3, False), (0.6, True), strict=True)
    found = smooth_calibration(probabilities, is_case)
    assert 0 <= found.e50 <= found.e90 <= found.emax
    assert found.ici <= found.emax + 1e-15
    assert found.smoothed.size == found.n_cases + found.n_controls


def test_probabilities_far_off_are_far_from_the_smooth() -> None:
    rng = np.random.default_rng(2)
    truth = rng.uniform(0.05, 0.95, 2_000)
    is_case = rng.random(2_000) < truth
    honest, off = (smooth_calibration(p, is_case) for p in (truth, truth**3))
    assert honest.ici < 0.03
    assert off.ici == pytest.approx(np.mean(truth - truth**3), abs=0.03)


def test_a_hundred_patients_are_needed_to_show_it() -> None:
    probabilities, is_case = np.linspace(0.1, 0.9, SHOWN_FROM), np.arange(SHOWN_FROM) % 2
    assert SHOWN_FROM == 100
    assert smooth_calibration(probabilities, is_case).shown
    assert not smooth_calibration(probabilities[1:], is_case[1:]).shown


@pytest.mark.parametrize(
    ("probabilities", "is_case", "smoother", "error"),
    [
        ([0.1, 0.2], [1, 1], "lowess", OneClassError),
        ([0.1, 1.2], [1, 0], "lowess", OutOfRangeError),
        ([0.1, 0.2], [1, 0], "spline", UnknownChoiceError),
        ([0.1, 0.2, 0.3], [1, 0, 0], "loess", TooFewError),
    ],
)
def test_what_is_wrong_is_refused(
    probabilities: list[float], is_case: list[int], smoother: Any, error: type[Exception]
) -> None:
    with pytest.raises(error):
        smooth_calibration(probabilities, is_case, smoother=smoother)
