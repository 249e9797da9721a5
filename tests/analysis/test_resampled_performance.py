from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.special import expit

from analysis.errors import (
    LengthsDifferError,
    NotConvergedError,
    OneClassError,
    OutOfRangeError,
    ShapeError,
)
from analysis.logistic import fit_logistic
from analysis.resampled_performance import MEASURES, resampled_performance
from analysis.resampling import bootstrap_indices

DATA = Path(__file__).parents[1] / "reference" / "data"
IS_CASE = np.array([True, False, True, False, True, False])
GOOD = np.array([0.8, 0.3, 0.6, 0.5, 0.4, 0.2])
INDICES = [[0, 1, 2, 3, 4, 4], [0, 0, 2, 2, 4, 4], [1, 1, 0, 3, 3, 3], [0, 1, 2, 3, 4, 5]]


def without_fitting(train: Any, test: Any) -> Any:
    return GOOD[test]


def saved_indices() -> Any:
    return np.loadtxt(DATA / "optimism60_boot_idx.csv", int, delimiter=",", ndmin=2)


def logistic(patients: dict[str, Any]) -> Any:
    """Unpenalised logistic regression on the three features."""
    features = [patients[name] for name in ("x1", "x2", "x3")]
    design = np.column_stack([np.ones(patients["y"].size), *features])
    is_case = patients["y"] == 1

    def fit_predict(train: Any, test: Any) -> Any:
        fit = fit_logistic(design[train], is_case[train], offset=np.zeros(train.size))
        return expit(design[test] @ fit.coefficients)

    return fit_predict


def test_first_resamples_are_those_of_r(
    expected: Callable[[str], Any],
    table: Callable[[str], dict[str, Any]],
) -> None:
    reference, patients = expected("07_optimism")["optimism60"], table("optimism60")
    found = resampled_performance(logistic(patients), patients["y"], saved_indices()[:3])
    for number, wanted in enumerate(reference["first3_resamples"]):
        in_resample = [wanted["auc_boot"], wanted["brier_boot"], 1, 0]
        on_all = [wanted[f"{name}_on_orig"] for name in ("slope", "intercept")]
        on_all = [wanted["auc_orig"], wanted["brier_orig"], *on_all]
        assert found.in_resample[number] == pytest.approx(in_resample, abs=1e-8)
        assert found.on_all[number] == pytest.approx(on_all, abs=1e-8)
    apparent = [reference["apparent"][name] for name in MEASURES]
    assert found.apparent == pytest.approx(apparent, abs=1e-8)


def test_every_resample_is_fitted_once_and_judged_on_everybody() -> None:
    seen: list[tuple[list[int], list[int]]] = []

    def remember(train: Any, test: Any) -> Any:
        seen.append((train.tolist(), test.tolist()))
        return GOOD[test]

    resampled_performance(remember, IS_CASE, INDICES)
    everybody = list(range(6))
    assert seen == [(rows, everybody) for rows in (everybody, INDICES[0], *INDICES[2:])]


def test_what_cannot_be_judged_is_counted_by_reason() -> None:
    found = resampled_performance(without_fitting, IS_CASE, INDICES)
    assert found.failures == {
        "fit: one_class": 1,
        "auc out_of_bag: one_class": 1,
        "slope in_resample: separated": 1,
        "out_of_bag: nobody": 1,
    }
    assert np.isnan(found.on_all[1]).all()
    assert np.isfinite(found.on_all[[0, 2, 3]]).all()
    assert np.isfinite(found.out_of_bag[:, 1]).tolist() == [True, False, True, False]


def test_refits_that_fail_do_not_stop_the_rest() -> None:
    def sometimes(train: Any, test: Any) -> Any:
        if train.tolist() == INDICES[0]:
            raise NotConvergedError("the coefficients")
        if train.tolist() == INDICES[2]:
            raise np.linalg.LinAlgError
        return GOOD[test] if train.tolist() == list(range(6)) else GOOD[test] * np.nan

    found = resampled_performance(sometimes, IS_CASE, [*INDICES[:3], [0, 1, 2, 3, 5, 5]])
    reasons = ("one_class", "not_converged", "lin_alg", "not_finite")
    assert found.failures == {f"fit: {reason}": 1 for reason in reasons}
    assert np.isnan(found.on_all).all()


def test_a_model_that_separates_has_no_apparent_slope() -> None:
    found = resampled_performance(lambda train, test: 0.2 + 0.6 * IS_CASE[test], IS_CASE, INDICES)
    assert found.apparent[0] == 1
    assert np.isnan(found.apparent[2:]).all()
    assert found.failures["slope apparent: separated"] == 1


def test_probabilities_of_zero_have_no_slope_but_an_auc() -> None:
    found = resampled_performance(lambda train, test: GOOD[test] > 0.45, IS_CASE, INDICES[:1])
    assert found.failures["slope on_all: out_of_range"] == 1
    assert found.on_all[0, :2] == pytest.approx([2 / 3, 1 / 3])


def test_probabilities_dealt_out_at_random_cost_their_mean_distance() -> None:
    found = resampled_performance(without_fitting, IS_CASE, INDICES)
    pairs = [(p - case) ** 2 for p in GOOD for case in IS_CASE]
    assert found.no_information_brier == pytest.approx(np.mean(pairs))


def test_permuted_classes_have_no_out_of_bag_discrimination() -> None:
    rng = np.random.default_rng(12)
    patients = {name: rng.normal(size=80) for name in ("x1", "x2", "x3")}
    areas = []
    for _ in range(20):
        patients["y"] = rng.permutation(np.arange(80) % 2)
        indices = bootstrap_indices(80, n_resamples=10, rng=rng)
        found = resampled_performance(logistic(patients), patients["y"], indices)
        areas.append(np.nanmean(found.out_of_bag[:, 0]))
        assert np.nanmean(found.in_resample[:, 0]) > 0.55
    assert np.mean(areas) == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"is_case": [True] * 6}, OneClassError),
        ({"indices": [[1, 2, 3, 4, 5, 6]]}, OutOfRangeError),
        ({"indices": [0, 1, 2, 3, 4, 5]}, ShapeError),
        ({"fit_predict": lambda train, test: GOOD[:2]}, LengthsDifferError),
        ({"fit_predict": lambda train, test: GOOD + 1}, OutOfRangeError),
    ],
)
def test_what_is_wrong_for_all_patients_is_refused(
    change: dict[str, Any], error: type[Exception]
) -> None:
    arguments = {"fit_predict": without_fitting, "is_case": IS_CASE, "indices": INDICES}
    with pytest.raises(error):
        resampled_performance(**(arguments | change))  # type: ignore[arg-type]


def test_mistakes_of_the_procedure_itself_are_not_counted_away() -> None:
    def mistaken(train: Any, test: Any) -> Any:
        raise KeyError("a column")

    with pytest.raises(KeyError):
        resampled_performance(mistaken, IS_CASE, INDICES)
