import json
import math
from collections.abc import Callable
from typing import Any

import pytest
from scipy.integrate import quad
from scipy.special import ndtri

from analysis.errors import OutOfRangeError
from analysis.sample_size import (
    LEAST_SHRINKAGE,
    _shrinkage_for_optimism,
    cox_snell_r2,
    max_cox_snell_r2,
    required_sample_size,
    riley_criteria,
)

CASES = range(8)


@pytest.mark.parametrize("number", CASES)
def test_criteria_are_those_of_pmsampsize(number: int, expected: Callable[[str], Any]) -> None:
    case = expected("09_pmsampsize")["cases"][number]
    exact = riley_criteria(
        n_parameters=case["parameters"],
        prevalence=case["prevalence"],
        cox_snell_r2=case["csrsquared_used"],
    )
    closed = case["closed_form"]
    assert list(exact.values()) == pytest.approx(
        [closed["n1"], closed["n2"], closed["n3"]], rel=1e-10
    )
    whole = [math.ceil(n) for n in exact.values()]
    assert whole == [case["n_criterion1"], case["n_criterion2"], case["n_criterion3"]]
    assert max(whole) == case["n_final"]
    found = max_cox_snell_r2(case["prevalence"])
    assert found == pytest.approx(closed["max_r2cs"], rel=1e-10)


@pytest.mark.parametrize("number", [0, 1, 3])
def test_r2_of_an_auc_is_what_a_million_simulated_patients_show(
    number: int, expected: Callable[[str], Any]
) -> None:
    case = expected("09_pmsampsize")["cases"][number]
    found = cox_snell_r2(prevalence=case["prevalence"], anticipated_auc=case["cstatistic"])
    assert found == pytest.approx(case["csrsquared_used"], abs=0.002)


@pytest.mark.parametrize(("auc", "prevalence"), [(0.55, 0.5), (0.75, 0.6), (0.99, 0.05)])
def test_r2_is_the_integral_to_ten_digits(auc: float, prevalence: float) -> None:
    distance = math.sqrt(2) * ndtri(auc)

    def gain(x: float) -> float:
        case = prevalence * math.exp(-((x - distance) ** 2) / 2)
        control = (1 - prevalence) * math.exp(-(x**2) / 2)
        risk = case / (case + control)
        surprise = case * math.log(risk / prevalence)
        surprise += control * math.log((1 - risk) / (1 - prevalence))
        return surprise / math.sqrt(2 * math.pi)

    integral, _ = quad(gain, -8, 8 + distance, epsabs=1e-13, limit=200)
    found = cox_snell_r2(prevalence=prevalence, anticipated_auc=auc)
    assert found == pytest.approx(1 - math.exp(-2 * integral), abs=1e-10)


def test_an_auc_of_three_quarters_needs_hundreds_of_patients() -> None:
    three = required_sample_size(n_parameters=3, prevalence=0.6, anticipated_auc=0.75)
    twelve = required_sample_size(n_parameters=12, prevalence=0.6, anticipated_auc=0.75)
    assert (three.required, twelve.required) == (369, 542)
    assert twelve.criteria == {"shrinkage": 542, "optimism": 288, "overall_risk": 369}


def test_shrinkage_is_that_of_pmsampsize(expected: Callable[[str], Any]) -> None:
    for case in expected("09_pmsampsize")["cases"][:4]:
        found = required_sample_size(
            n_parameters=case["parameters"],
            prevalence=case["prevalence"],
            anticipated_auc=case["cstatistic"],
        )
        assert found.shrinkage == pytest.approx(case["final_shrinkage"], abs=0.002)


@pytest.mark.parametrize("number", CASES)
def test_closed_forms_of_shrinkage_are_those_of_pmsampsize(
    number: int, expected: Callable[[str], Any]
) -> None:
    case = expected("09_pmsampsize")["cases"][number]
    r2, most = case["csrsquared_used"], max_cox_snell_r2(case["prevalence"])
    shrinkage = _shrinkage_for_optimism(r2, case["prevalence"])
    assert shrinkage == pytest.approx(case["closed_form"]["S2"], rel=1e-10)
    final = max(LEAST_SHRINKAGE, shrinkage)
    assert final == pytest.approx(case["final_shrinkage"], rel=1e-10)
    assert r2 / most == pytest.approx(case["nagelkerke_r2"], rel=1e-10)
    assert most == pytest.approx(case["max_r2cs"], rel=1e-10)


def test_swapping_cases_and_controls_asks_for_the_same() -> None:
    one = required_sample_size(n_parameters=4, prevalence=0.3, anticipated_auc=0.7)
    other = required_sample_size(n_parameters=4, prevalence=0.7, anticipated_auc=0.7)
    assert other.criteria == one.criteria


def test_more_parameters_or_a_poorer_model_ask_for_more() -> None:
    def needed(n_parameters: int, auc: float) -> int:
        return required_sample_size(
            n_parameters=n_parameters, prevalence=0.5, anticipated_auc=auc
        ).criteria["shrinkage"]

    assert needed(6, 0.75) > needed(3, 0.75)
    assert needed(3, 0.65) > needed(3, 0.75)


def test_sample_size_is_json() -> None:
    found = required_sample_size(n_parameters=3, prevalence=0.6, anticipated_auc=0.75)
    served = json.loads(json.dumps(found.as_dict()))
    assert served["required"] == max(served["criteria"].values())


@pytest.mark.parametrize(
    "fault",
    [
        {"n_parameters": 0},
        {"prevalence": 0.0},
        {"prevalence": 1.0},
        {"anticipated_auc": 0.5},
        {"anticipated_auc": 1.0},
    ],
)
def test_what_is_wrong_is_refused(fault: dict[str, Any]) -> None:
    good: dict[str, Any] = {"n_parameters": 3, "prevalence": 0.6, "anticipated_auc": 0.75}
    with pytest.raises(OutOfRangeError):
        required_sample_size(**(good | fault))


@pytest.mark.parametrize("r2", [0.0, 0.75])
def test_r2_that_no_model_can_have_is_refused(r2: float) -> None:
    with pytest.raises(OutOfRangeError):
        riley_criteria(n_parameters=3, prevalence=0.5, cox_snell_r2=r2)
