"""Everything about survival times against R's survival, on its own data and on random data."""

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
from numpy.typing import NDArray

from analysis.cox import cox_regression
from analysis.cox_likelihood import Ties
from analysis.kaplan_meier import INTERVALS, KaplanMeier, curve_limits, kaplan_meier, survival_at
from analysis.log_rank import log_rank
from analysis.median_survival import time_to_share
from analysis.proportional_hazards import proportional_hazards
from analysis.restricted_mean import restricted_mean
from analysis.survival_times import SurvivalTimes, survival_times

REFERENCE = Path(__file__).parents[1] / "reference"
ORACLE = json.loads((REFERENCE / "expected" / "03_survival.json").read_text())
ARMS = ORACLE["surv64_arm"]
RANDOM = json.loads((REFERENCE / "expected" / "r_survival.json").read_text())
SETS = [name for name in RANDOM if name != "meta"]


def surv64() -> tuple[SurvivalTimes, NDArray[np.str_]]:
    rows = list(csv.DictReader((REFERENCE / "data" / "surv64.csv").read_text().splitlines()))
    times, events = ([float(row[name]) for row in rows] for name in ("time", "event"))
    return survival_times(times, events), np.array([row["arm"] for row in rows])


def curve_of(group: str) -> KaplanMeier:
    followed, arm = surv64()
    return kaplan_meier(followed.of(arm == group.removeprefix("g=")))


def random_set(name: str) -> tuple[SurvivalTimes, dict[str, Any]]:
    data = RANDOM[name]["data"]
    return survival_times(data["time"], data["event"]), data


def models(name: str) -> Iterator[tuple[SurvivalTimes, NDArray[np.float64], dict[str, Any]]]:
    followed, data = random_set(name)
    for model in RANDOM[name]["models"]:
        columns = ["x2"] if len(model["coef"]) == 1 else ["x1", "x2", "x3"]
        yield followed, np.column_stack([data[column] for column in columns]), model


def close(found: Any, wanted: Any, tolerance: float = 1e-8) -> bool:
    """Whether numbers agree, None and NaN in the same places."""
    numbers = [np.ravel(np.array(one, dtype=float)) for one in (found, wanted)]
    return bool(np.allclose(*numbers, rtol=tolerance, atol=tolerance, equal_nan=True))


def test_median_on_a_plateau_is_its_middle() -> None:
    case = ORACLE["median_plateau_1234"]
    curve = kaplan_meier(survival_times(case["time"], case["event"]))
    assert time_to_share(curve).time == case["median_R"]


@pytest.mark.parametrize("interval", INTERVALS)
def test_medians_of_the_arms_are_those_of_r(interval: Any) -> None:
    for wanted in ARMS["km_median"][interval.replace("_", "-")]:
        found = time_to_share(curve_of(wanted["group"]), interval=interval)
        assert (found.time, found.lower, found.upper) == tuple(
            wanted[name] for name in ("median", "lcl", "ucl")
        )


@pytest.mark.parametrize("interval", INTERVALS)
def test_survival_of_the_arms_at_a_month_is_that_of_r(interval: Any) -> None:
    for wanted in ARMS["km_at"][interval.replace("_", "-")]:
        found = survival_at(curve_of(wanted["group"]), wanted["time"], interval=interval)
        assert found.n_at_risk == wanted["n_risk"]
        numbers = [found.survival, found.standard_error, found.lower, found.upper]
        assert close(numbers, [wanted[name] for name in ("surv", "se_greenwood", "lcl", "ucl")])


@pytest.mark.parametrize(("name", "rho"), [("logrank", 0), ("peto_peto_rho1", 1)])
def test_both_rank_tests_of_the_arms_are_those_of_r(name: str, rho: float) -> None:
    found, wanted = log_rank(*surv64(), rho=rho), ARMS[name]
    assert (found.groups, found.df) == (("control", "msc"), wanted["df"])
    assert close([found.chi_square, found.p], [wanted["chisq"], wanted["p"]])
    assert close(found.observed + found.expected, wanted["observed"] + wanted["expected"])


def test_hazard_ratio_of_the_arms_is_that_of_r() -> None:
    followed, arm = surv64()
    treated, wanted = (arm == "msc")[:, None], ARMS["cox_efron"]
    found = cox_regression(followed, treated)
    numbers = [*found.coefficients, *found.standard_errors, *found.hazard_ratios]
    assert close(numbers, [wanted["coef"], wanted["se"], wanted["hr"]], 1e-6)
    assert close([*found.lower, *found.upper], wanted["hr_ci95"], 1e-6)
    assert close([found.log_likelihood_null, found.log_likelihood], wanted["loglik"])
    assert close([found.score.statistic, found.score.p], [wanted["score_test"], wanted["score_p"]])
    assert close(found.likelihood_ratio.p, wanted["lrt_p"])
    assert close(found.concordance, wanted["concordance"])
    breslow = cox_regression(followed, treated, ties="breslow")
    assert close(breslow.coefficients, ARMS["cox_breslow_coef"], 1e-6)


def test_check_of_the_arms_proportional_hazards_is_that_of_r() -> None:
    followed, arm = surv64()
    treated = (arm == "msc")[:, None]
    overall = proportional_hazards(followed, treated, cox_regression(followed, treated)).overall
    wanted = ARMS["cox_zph_km"]
    assert close([overall.statistic, overall.p], [wanted["chisq"], wanted["p"]])


def test_restricted_means_of_the_arms_are_those_of_r() -> None:
    wanted = ARMS["rmst"]
    for place, arm in enumerate(("control", "msc")):
        found = restricted_mean(curve_of(arm), wanted["tau"])
        assert close(found.mean.value, wanted["rmean"][place])
        assert close(found.standard_error, wanted["se"][place])


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("interval", INTERVALS)
def test_random_curves_and_quantiles_are_those_of_r(name: str, interval: Any) -> None:
    curve, wanted = kaplan_meier(random_set(name)[0]), RANDOM[name]["curve"][interval]
    limits = curve_limits(curve, interval=interval, level=0.9)
    found = [curve.times, curve.n_at_risk, curve.survival, curve.standard_error, *limits]
    names = ("time", "n_risk", "surv", "se", "lower", "upper")
    assert close(found, [wanted[one] for one in names])
    shares = [time_to_share(curve, at, interval=interval, level=0.9) for at in (0.75, 0.5, 0.25)]
    assert close([share.time for share in shares], wanted["quantile"])
    assert close([share.lower for share in shares], wanted["quantile_lower"])
    assert close([share.upper for share in shares], wanted["quantile_upper"])


@pytest.mark.parametrize("name", SETS)
def test_random_tests_of_three_groups_are_those_of_r(name: str) -> None:
    followed, data = random_set(name)
    for wanted in RANDOM[name]["tests"]:
        found = log_rank(followed, data["group"], rho=wanted["rho"])
        assert found.df == 2
        assert close(found.chi_square, wanted["chisq"])
        assert close(found.observed + found.expected, wanted["observed"] + wanted["expected"])


@pytest.mark.parametrize("name", SETS)
def test_random_models_of_one_and_three_covariates_are_those_of_r(name: str) -> None:
    for followed, covariates, wanted in models(name):
        found = cox_regression(followed, covariates, ties=wanted["ties"])
        assert wanted["ties"] in get_args(Ties)
        assert close(found.coefficients, wanted["coef"])
        assert close(found.standard_errors, wanted["se"])
        assert close([found.log_likelihood_null, found.log_likelihood], wanted["loglik"])
        tests = [found.score.statistic, found.wald.statistic, found.concordance]
        assert close(tests, [wanted["score"], wanted["wald"], wanted["concordance"]])
        assert found.gradient < 1e-8


@pytest.mark.parametrize("name", SETS)
def test_random_checks_of_every_transform_are_those_of_r(name: str) -> None:
    for followed, covariates, model in models(name):
        fit = cox_regression(followed, covariates, ties=model["ties"])
        for transform, wanted in model["zph"].items():
            found = proportional_hazards(followed, covariates, fit, transform=transform)
            statistics = [*(test.statistic for test in found.tests), found.overall.statistic]
            assert close(statistics, wanted["chisq"])
            assert close(found.transformed, wanted["x"])
        assert close(
            proportional_hazards(followed, covariates, fit).residuals, model["zph"]["km"]["y"]
        )


@pytest.mark.parametrize("name", SETS)
def test_random_areas_and_follow_up_are_those_of_r(name: str) -> None:
    followed, _ = random_set(name)
    for wanted in RANDOM[name]["areas"]:
        found = restricted_mean(kaplan_meier(followed), wanted["tau"])
        assert close([found.mean.value, found.standard_error], [wanted["mean"], wanted["se"]])
    median = time_to_share(kaplan_meier(followed.reversed()))
    wanted = RANDOM[name]["followed"]
    assert close([median.time, median.lower, median.upper], list(wanted.values()))
