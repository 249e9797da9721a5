import json
from dataclasses import FrozenInstanceError, replace

import pytest

from analysis.errors import OutOfRangeError
from analysis.estimate import Estimate

GOOD = Estimate(0.71, 0.55, 0.83, 0.95, "logit_delong", 19, 14)


def test_estimate_reads_as_a_sentence_has_it() -> None:
    assert str(GOOD) == "0.71 (95% CI 0.55-0.83, logit_delong, 19 v 14)"


def test_negative_limit_is_not_mistaken_for_a_dash() -> None:
    signed = Estimate(-0.1, -0.3, -0.02, 0.9, "wald", 19, 14)
    assert str(signed) == "-0.10 (90% CI -0.30 to -0.02, wald, 19 v 14)"


def test_estimate_has_the_fields_of_the_contract_in_order() -> None:
    fields = ["value", "lower", "upper", "level", "method", "n_cases", "n_controls"]
    assert list(json.loads(json.dumps(GOOD.as_dict()))) == fields
    assert Estimate(**GOOD.as_dict()) == GOOD  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "fault",
    [
        {"value": float("nan")},
        {"upper": float("inf")},
        {"lower": 0.9},
        {"value": 0.9},
        {"level": 95},
        {"method": ""},
        {"n_cases": -1},
    ],
)
def test_estimate_that_contradicts_itself_is_refused(fault: dict[str, float]) -> None:
    with pytest.raises(OutOfRangeError):
        replace(GOOD, **fault)  # type: ignore[arg-type]


def test_bootstrap_interval_may_miss_its_estimate_but_not_be_reversed() -> None:
    assert replace(GOOD, value=0.9, method="bootstrap_percentile").value == 0.9
    with pytest.raises(OutOfRangeError):
        replace(GOOD, lower=0.9, method="bootstrap_percentile")


def test_estimate_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        GOOD.value = 0.9  # type: ignore[misc]
