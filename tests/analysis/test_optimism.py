from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.special import expit

from analysis.errors import UnknownChoiceError
from analysis.logistic import fit_logistic
from analysis.optimism import _point632_plus, correct_optimism, weigh_out_of_bag
from analysis.resampled_performance import ResampledPerformance, resampled_performance

DATA = Path(__file__).parents[1] / "reference" / "data"
Expected = Callable[[str], Any]


@pytest.fixture(scope="module")
def performance(table: Callable[[str], dict[str, Any]]) -> ResampledPerformance:
    """Unpenalised logistic regression on 60 patients and 500 saved resamples."""
    patients = table("optimism60")
    design = np.column_stack([np.ones(60), *(patients[name] for name in ("x1", "x2", "x3"))])
    is_case = patients["y"] == 1

    def fit_predict(train: Any, test: Any) -> Any:
        fit = fit_logistic(design[train], is_case[train], offset=np.zeros(train.size))
        return expit(design[test] @ fit.coefficients)

    indices = np.loadtxt(DATA / "optimism60_boot_idx.csv", int, delimiter=",", ndmin=2)
    return resampled_performance(fit_predict, is_case, indices)


def with_columns(**changed: Any) -> ResampledPerformance:
    """Two resamples in which everything is .7 but what is said."""
    tables = {name: np.full((2, 4), 0.7) for name in ("in_resample", "on_all", "out_of_bag")}
    facts: dict[str, Any] = {"apparent": np.full(4, 0.7), "no_information_brier": 0.5}
    facts |= {"failures": {}, "n_cases": 3, "n_controls": 3}
    return ResampledPerformance(**(facts | tables | changed))


def test_optimism_is_that_of_r_on_the_same_resamples(
    performance: ResampledPerformance, expected: Expected
) -> None:
    reference = expected("07_optimism")["optimism60"]
    wanted = reference["saved_idx"]["all_resamples"]
    found = correct_optimism(performance)
    for measure, corrected in found.items():
        assert corrected.apparent == pytest.approx(reference["apparent"][measure], abs=1e-8)
        assert corrected.corrected == pytest.approx(wanted[f"{measure}_corrected"], abs=1e-8)
        assert corrected.n_resamples == reference["B"]
    assert found["auc"].optimism == pytest.approx(wanted["auc_optimism"], abs=1e-8)
    assert found["brier"].optimism == pytest.approx(wanted["brier_optimism"], abs=1e-8)
    assert np.median(performance.on_all[:, 2]) == pytest.approx(wanted["median_slope"], abs=1e-8)
    assert reference["n_resamples_separated"] == len(performance.failures) == 0


def test_point632_is_that_of_r_on_the_same_resamples(
    performance: ResampledPerformance, expected: Expected
) -> None:
    wanted = expected("07_optimism")["optimism60"]["auc632"]
    found = weigh_out_of_bag(performance, "auc")
    assert found.out_of_bag == pytest.approx(wanted["oob_mean"], abs=1e-8)
    assert found.point632 == pytest.approx(wanted["auc_632"], abs=1e-8)
    assert found.n_resamples == 500 - wanted["n_na"]


def test_other_resamples_of_rms_agree_within_their_noise(
    performance: ResampledPerformance, expected: Expected
) -> None:
    rms, found = (
        expected("07_optimism")["optimism60"]["rms_validate"],
        correct_optimism(performance),
    )
    corrected = expected("07_optimism")["optimism60"]["rms_validate_auc_corrected"]
    assert found["auc"].corrected == pytest.approx(corrected, abs=0.01)
    for name, measure in {"Slope": "slope", "Intercept": "intercept", "B": "brier"}.items():
        assert found[measure].apparent == pytest.approx(rms[name]["index.orig"], abs=1e-8)
        assert found[measure].corrected == pytest.approx(rms[name]["index.corrected"], abs=0.04)


def test_point632_plus_trusts_the_apparent_value_less_than_point632() -> None:
    out_of_bag = np.full((2, 4), 0.6)
    performance = with_columns(apparent=np.array([0.9, 0.1, 1, 0]), out_of_bag=out_of_bag)
    auc, brier = (weigh_out_of_bag(performance, measure) for measure in ("auc", "brier"))
    assert auc.point632 == pytest.approx(0.368 * 0.9 + 0.632 * 0.6)
    assert brier.point632 == pytest.approx(0.368 * 0.1 + 0.632 * 0.6)
    assert auc.point632 is not None
    assert auc.point632_plus is not None
    assert 0.6 < auc.point632_plus < auc.point632


@pytest.mark.parametrize(
    ("apparent", "out_of_bag", "no_information", "wanted"),
    [
        (0.1, 0.5, 0.5, 0.5),  # as bad as without information: all weight out of bag
        (0.1, 0.9, 0.5, 0.368 * 0.1 + 0.632 * 0.9 + 0.4 * 0.368),  # what is added is bounded
        (0.3, 0.2, 0.5, 0.368 * 0.3 + 0.632 * 0.2),  # no overfitting: .632
        (0.5, 0.7, 0.4, 0.368 * 0.5 + 0.632 * 0.7),  # nothing to lose: .632
        (0.1, 0.3, 0.5, 0.1 + 0.2 * 0.632 / (1 - 0.368 / 2)),  # halfway
    ],
)
def test_point632_plus_weighs_by_how_far_overfitting_has_gone(
    apparent: float, out_of_bag: float, no_information: float, wanted: float
) -> None:
    assert _point632_plus(apparent, out_of_bag, no_information) == pytest.approx(wanted)


def test_undefined_resamples_are_left_out_and_counted() -> None:
    in_resample = np.array([[0.9, 0.1, np.nan, np.nan], [0.8, 0.2, 1.0, 0.0]])
    found = correct_optimism(with_columns(in_resample=in_resample))
    assert found["auc"].n_resamples == 2
    assert found["slope"].n_resamples == 1
    assert found["slope"].optimism == pytest.approx(0.3)


def test_nothing_defined_is_none_and_not_a_number() -> None:
    nothing = np.full((2, 4), np.nan)
    performance = with_columns(in_resample=nothing, out_of_bag=nothing, apparent=nothing[0])
    found = correct_optimism(performance)["slope"]
    assert (found.apparent, found.optimism, found.corrected, found.n_resamples) == (None,) * 3 + (
        0,
    )
    defined = with_columns(out_of_bag=nothing)
    weighed = weigh_out_of_bag(defined, "brier")
    assert (weighed.out_of_bag, weighed.point632, weighed.point632_plus) == (None,) * 3


def test_only_what_has_an_error_is_weighed() -> None:
    with pytest.raises(UnknownChoiceError):
        weigh_out_of_bag(with_columns(), "slope")
