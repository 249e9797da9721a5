from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.errors import AnalysisError, OneClassError, OutOfRangeError, TooFewError
from analysis.fixed_rate import sensitivity_at_specificity
from analysis.resampling import bootstrap_indices
from analysis.roc import roc_curve
from analysis.roc_band import roc_band

SAVED = Path(__file__).parents[1] / "reference" / "data" / "roc33_boot_idx.csv"
PATIENTS = st.lists(st.tuples(st.integers(-4, 4), st.booleans()), max_size=20).map(
    lambda patients: [*patients, (1, True), (3, True), (0, False), (2, False)]
)


@pytest.mark.parametrize("score", ["high", "low"])
def test_pointwise_limits_are_those_of_proc(score: str, expected: Any, table: Any) -> None:
    reference, patients = expected("r_proc")[score], table("roc33")
    band = roc_band(
        patients[score],
        patients["y"],
        direction="higher_is_case" if reference["direction"] == "<" else "lower_is_case",
        specificity=reference["at"],
        indices=np.loadtxt(SAVED, dtype=int, delimiter=","),
    )
    assert band.sensitivity == pytest.approx(reference["se_at_sp"], abs=1e-9)
    wanted = np.array(reference["se_limits"])
    spread = wanted[:, 0] < wanted[:, 1]
    assert spread.sum() >= 4
    assert band.lower[spread] == pytest.approx(wanted[spread, 0], abs=1e-9)
    assert band.upper == pytest.approx(wanted[:, 1], abs=1e-9)


@settings(max_examples=40)
@given(PATIENTS, st.sampled_from(["pointwise", "simultaneous"]))
def test_band_is_ordered_never_rises_and_ignores_rising_transforms(
    patients: list[tuple[int, bool]], kind: Any
) -> None:
    scores, is_case = map(np.array, zip(*patients, strict=True))
    band, transformed = (
        roc_band(
            values,
            is_case,
            direction="higher_is_case",
            kind=kind,
            rng=np.random.default_rng(1),
            n_resamples=60,
        )
        for values in (scores, np.exp(scores))
    )
    assert band.lower.tolist() == transformed.lower.tolist()
    assert (band.lower <= band.upper).all()
    for line in (band.lower, band.sensitivity, band.upper):
        assert (np.diff(line) <= 1e-12).all()
        assert line.min() >= 0
        assert line.max() <= 1


def test_the_share_of_whole_curves_inside_the_simultaneous_band_is_the_level(table: Any) -> None:
    patients, grid = table("roc33"), np.linspace(0, 1, 21)
    rows = bootstrap_indices(
        33, n_resamples=500, rng=np.random.default_rng(1), strata=patients["y"]
    )
    bands = {
        kind: roc_band(
            patients["low"],
            patients["y"],
            direction="lower_is_case",
            specificity=grid,
            kind=kind,
            indices=rows,
            level=0.9,
        )
        for kind in ("pointwise", "simultaneous")
    }
    curves = np.array(
        [sensitivities(patients["low"][row], patients["y"][row], grid) for row in rows]
    )
    inside = {
        kind: np.mean(((curves >= band.lower - 1e-9) & (curves <= band.upper + 1e-9)).all(axis=1))
        for kind, band in bands.items()
    }
    assert 0.9 <= inside["simultaneous"] < 0.96
    assert inside["pointwise"] < 0.85
    assert (bands["simultaneous"].lower <= bands["pointwise"].lower + 1e-9).all()


def sensitivities(scores: Any, is_case: Any, grid: Any) -> Any:
    curve = roc_curve(scores, is_case, direction="lower_is_case")
    just_after = 1 - grid + 1e-12  # the upper end where the curve is upright
    return np.interp(just_after, 1 - curve.specificity, curve.sensitivity)


def test_a_point_of_the_band_is_the_interval_at_that_specificity(table: Any) -> None:
    patients, rows = table("roc33"), np.loadtxt(SAVED, dtype=int, delimiter=",")
    band = roc_band(
        patients["high"], patients["y"], direction="higher_is_case", indices=rows, level=0.8
    )
    found = sensitivity_at_specificity(
        patients["high"],
        patients["y"],
        float(band.specificity[70]),
        direction="higher_is_case",
        indices=rows,
        level=0.8,
    )
    assert (found.value, found.lower, found.upper) == (
        band.sensitivity[70],
        band.lower[70],
        band.upper[70],
    )


def test_separated_classes_have_a_band_all_the_same() -> None:
    band = roc_band(
        np.arange(20), np.arange(20) >= 10, direction="higher_is_case", rng=np.random.default_rng(1)
    )
    assert band.sensitivity.min() == 1.0
    assert band.lower[0] == 1.0
    assert band.lower[1:] == pytest.approx(0.025 ** (1 / 10))


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"specificity": []}, OutOfRangeError),
        ({"specificity": [0.5, 0.5]}, OutOfRangeError),
        ({"specificity": [0.5, 1.5]}, OutOfRangeError),
        ({"kind": "global"}, AnalysisError),
        ({"is_case": [1, 1, 1, 1]}, OneClassError),
        ({"is_case": [1, 0, 0, 0]}, TooFewError),
        ({"level": 0}, OutOfRangeError),
    ],
)
def test_what_is_wrong_is_refused(change: dict[str, Any], error: type[Exception]) -> None:
    good = {
        "scores": [1, 2, 3, 4],
        "is_case": [0, 1, 0, 1],
        "direction": "higher_is_case",
        "rng": np.random.default_rng(1),
    }
    with pytest.raises(error):
        roc_band(**(good | change))
