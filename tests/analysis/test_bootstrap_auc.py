from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.auc_interval import auc_interval
from analysis.bootstrap_auc import auc_acceleration, auc_replicates, bootstrap_auc_interval
from analysis.errors import (
    AnalysisError,
    OneClassError,
    OneSidedReplicatesError,
    OutOfRangeError,
    TooFewError,
    UnknownChoiceError,
)
from analysis.resampled_limits import jackknife_acceleration
from analysis.roc import auc
from analysis.thresholds import count_at_thresholds

SAVED = Path(__file__).parents[1] / "reference" / "data" / "roc33_boot_idx.csv"
SCORES = ["high", "low"]
PATIENTS = st.lists(st.tuples(st.integers(-4, 4), st.booleans()), max_size=20).map(
    lambda patients: [*patients, (1, True), (3, True), (0, False), (2, False)]
)


def indices() -> Any:
    return np.loadtxt(SAVED, dtype=int, delimiter=",")


@pytest.mark.parametrize("score", SCORES)
def test_each_resampled_auc_is_that_of_proc(score: str, expected: Any, table: Any) -> None:
    wanted, patients = expected("r_proc")[score], table("roc33")
    direction = "higher_is_case" if wanted["direction"] == "<" else "lower_is_case"
    found = auc_replicates(patients[score], patients["y"], direction=direction, indices=indices())
    assert found[:20] == pytest.approx(wanted["replicates"], abs=1e-14)


@pytest.mark.parametrize("score", SCORES)
@pytest.mark.parametrize(
    ("method", "level", "limits"),
    [
        ("bootstrap_percentile", 0.95, "percentile95"),
        ("bootstrap_percentile", 0.9, "percentile90"),
        ("bootstrap_bca", 0.95, "bca95"),
    ],
)
def test_limits_are_those_of_r_on_the_same_resamples(
    score: str, method: Any, level: float, limits: str, expected: Any, table: Any
) -> None:
    wanted, patients = expected("r_proc")[score], table("roc33")
    found = bootstrap_auc_interval(
        patients[score],
        patients["y"],
        direction="higher_is_case" if wanted["direction"] == "<" else "lower_is_case",
        indices=indices(),
        method=method,
        level=level,
    )
    assert found.value == pytest.approx(wanted["auc"], abs=1e-14)
    assert [found.lower, found.upper] == pytest.approx(wanted[limits], abs=1e-9)
    assert (found.method, found.n_cases, found.n_controls) == (method, 19, 14)


@pytest.mark.parametrize("score", SCORES)
def test_acceleration_is_that_of_leaving_patients_out_one_by_one(
    score: str, expected: Any, table: Any
) -> None:
    wanted, patients = expected("r_proc")[score], table("roc33")
    sign = 1 if wanted["direction"] == "<" else -1
    counts = count_at_thresholds(sign * patients[score], patients["y"])
    assert auc_acceleration(counts) == pytest.approx(wanted["acceleration"], abs=1e-12)


@given(PATIENTS)
def test_closed_jackknife_is_the_brute_one(patients: list[tuple[int, bool]]) -> None:
    scores, is_case = map(np.array, zip(*patients, strict=True))
    left_out = [
        auc(np.delete(scores, i), np.delete(is_case, i), direction="higher_is_case")
        for i in range(scores.size)
    ]
    brute = jackknife_acceleration(np.array(left_out)[is_case], np.array(left_out)[~is_case])
    found = auc_acceleration(count_at_thresholds(scores, is_case))
    assert found == pytest.approx(brute, abs=1e-9)


@given(PATIENTS, st.integers(0, 99))
def test_replayed_resamples_are_the_aucs_of_the_rows(
    patients: list[tuple[int, bool]], seed: int
) -> None:
    scores, is_case = map(np.array, zip(*patients, strict=True))
    rows = np.random.default_rng(seed).integers(scores.size, size=(5, scores.size))
    rows[:, :2] = [-4 + scores.size, -1 + scores.size]
    found = auc_replicates(scores, is_case, direction="lower_is_case", indices=rows)
    wanted = [auc(scores[row], is_case[row], direction="lower_is_case") for row in rows]
    assert found.tolist() == wanted


def test_drawn_resamples_have_the_mean_and_spread_of_the_exact_bootstrap() -> None:
    scores, is_case = [1.0, 3.0, 3.0, 2.0, 4.0], [0, 0, 1, 1, 1]
    found = auc_replicates(
        scores, is_case, direction="higher_is_case", rng=np.random.default_rng(3), n_resamples=40000
    )
    cases, controls = np.array(scores[2:]), np.array(scores[:2])
    every = [
        np.mean((np.sign(cases[list(c)][:, None] - controls[list(k)]) + 1) / 2)
        for c in np.ndindex(3, 3, 3)
        for k in np.ndindex(2, 2)
    ]
    assert found.mean() == pytest.approx(np.mean(every), abs=5 * np.std(every) / 200)
    for value in np.unique(np.round(every, 9)):
        share = np.mean(np.isclose(every, value))
        assert np.mean(np.isclose(found, value)) == pytest.approx(share, abs=0.0125)


@settings(max_examples=40)
@given(PATIENTS, st.sampled_from(["bootstrap_bca", "bootstrap_percentile"]))
def test_a_strictly_rising_transform_changes_nothing(
    patients: list[tuple[int, bool]], method: Any
) -> None:
    scores, is_case = map(np.array, zip(*patients, strict=True))
    found = [
        bootstrap_auc_interval(
            transformed,
            is_case,
            direction="higher_is_case",
            rng=np.random.default_rng(1),
            n_resamples=200,
            method=method,
        )
        for transformed in (scores, np.exp(scores), scores**3 / 7 - 2)
    ]
    assert found[0] == found[1] == found[2]
    assert 0 <= found[0].lower <= found[0].upper <= 1


@settings(max_examples=40)
@given(PATIENTS, st.permutations(range(24)))
def test_order_of_patients_changes_nothing(
    patients: list[tuple[int, bool]], order: list[int]
) -> None:
    scores, is_case = map(np.array, zip(*patients, strict=True))
    moved = [place for place in order if place < scores.size]
    first, second = (
        bootstrap_auc_interval(
            *given, direction="higher_is_case", rng=np.random.default_rng(2), n_resamples=100
        )
        for given in ((scores, is_case), (scores[moved], is_case[moved]))
    )
    assert first == second


@given(PATIENTS, st.integers(0, 99), st.sampled_from(["bootstrap_bca", "bootstrap_percentile"]))
def test_other_direction_mirrors_the_interval(
    patients: list[tuple[int, bool]], seed: int, method: Any
) -> None:
    scores, is_case = map(np.array, zip(*patients, strict=True))
    cases, controls = is_case.nonzero()[0], (~is_case).nonzero()[0]
    rng = np.random.default_rng(seed)
    rows = np.hstack([rng.choice(of, size=(99, of.size)) for of in (cases, controls)])
    rows[0] = np.concatenate([cases, controls])
    higher, lower = (
        bootstrap_auc_interval(scores, is_case, direction=end, indices=rows, method=method)
        for end in ("higher_is_case", "lower_is_case")
    )
    assert [lower.value, lower.lower, lower.upper] == pytest.approx(
        [1 - higher.value, 1 - higher.upper, 1 - higher.lower], abs=1e-12
    )


@pytest.mark.parametrize(
    ("scores", "is_case", "method"),
    [
        ([1, 2, 3, 4], [0, 0, 1, 1], "exact_at_boundary"),
        ([1, 2, 3, 4], [1, 1, 0, 0], "exact_at_boundary"),
        ([1, 2], [0, 1], "exact_at_boundary"),
        ([1, 2, 3], [0, 1, 0], "markov_bound"),
        ([2, 2, 2, 2], [0, 1, 0, 1], "exact_all_tied"),
    ],
)
def test_where_resamples_say_nothing_the_exact_limits_stand_in(
    scores: list[int], is_case: list[int], method: str
) -> None:
    found = bootstrap_auc_interval(
        scores, is_case, direction="higher_is_case", rng=np.random.default_rng(1)
    )
    assert found.method == method
    assert found == auc_interval(scores, is_case, direction="higher_is_case")


def test_one_seed_gives_the_same_interval_twice(table: Callable[[str], Any]) -> None:
    patients = table("roc33")
    once, again = (
        bootstrap_auc_interval(
            patients["high"],
            patients["y"],
            direction="higher_is_case",
            rng=np.random.default_rng(7),
        )
        for _ in range(2)
    )
    assert once == again


def test_ten_thousand_patients_agree_with_delong(table: Callable[[str], Any]) -> None:
    patients = table("roc10k")
    found = bootstrap_auc_interval(
        patients["x1"],
        patients["y"],
        direction="higher_is_case",
        rng=np.random.default_rng(1),
        n_resamples=500,
    )
    by_formula = auc_interval(patients["x1"], patients["y"], direction="higher_is_case")
    assert found.lower == pytest.approx(by_formula.lower, abs=0.0015)
    assert found.upper == pytest.approx(by_formula.upper, abs=0.0015)


GOOD: dict[str, Any] = {
    "scores": [1, 2, 3, 4],
    "is_case": [0, 1, 0, 1],
    "direction": "higher_is_case",
    "indices": [[0, 1, 2, 3], [0, 1, 1, 0]],
}


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"method": "normal"}, UnknownChoiceError),
        ({"direction": "auto"}, UnknownChoiceError),
        ({"level": 95}, OutOfRangeError),
        ({"is_case": [1, 1, 1, 1]}, OneClassError),
        ({"indices": [[0, 0, 2, 2]]}, OneClassError),
        ({"indices": [[1, 2, 3, 4]]}, OutOfRangeError),
        ({"indices": None}, OutOfRangeError),
        ({"rng": np.random.default_rng(1)}, OutOfRangeError),
        ({"rng": np.random.default_rng(1), "indices": None, "n_resamples": 0}, TooFewError),
        ({"indices": [[0, 3, 3, 0]]}, OneSidedReplicatesError),
        ({"scores": [1, 2, 3, np.nan]}, AnalysisError),
        ({"scores": [1, 2, 3]}, AnalysisError),
    ],
)
def test_what_is_wrong_is_refused(change: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        bootstrap_auc_interval(**(GOOD | change))
