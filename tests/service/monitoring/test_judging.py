"""What is said of a live estimate beside training's: never more than the intervals allow."""

from typing import Any

import pytest

from service.monitoring.judging import beside, beside_ideal


def estimate(value: float, reach: float, n: int = 120) -> dict[str, Any]:
    return {
        "value": value, "lower": value - reach, "upper": value + reach, "level": 0.95,
        "method": "logit_delong", "n_cases": n, "n_controls": n,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("live", "training", "finding"),
    [
        ((0.60, 0.05), (0.80, 0.05), "worse"),
        ((0.90, 0.05), (0.70, 0.05), "better"),
        ((0.60, 0.15), (0.80, 0.15), "no_difference_shown"),
        ((0.60, 0.01), (0.80, 0.25), "no_difference_shown"),
    ],
)
def test_finding_needs_more_than_the_spread_of_both(live: Any, training: Any, finding: str):
    found = beside(estimate(*live), estimate(*training), what="AUC")
    assert found["finding"] == finding
    reach = (live[1] ** 2 + training[1] ** 2) ** 0.5
    assert found["difference"]["upper"] == pytest.approx(live[0] - training[0] + reach)
    assert "not a validation" not in found["sentence"]


def test_few_patients_are_said_to_be_few() -> None:
    found = beside(estimate(0.6, 0.05, n=99), estimate(0.8, 0.05), what="AUC")
    assert found["sentence"].endswith("not a validation")


def test_what_is_missing_is_not_compared() -> None:
    assert beside(None, estimate(0.8, 0.1), what="AUC")["finding"] == "too_few"
    found = beside(estimate(0.8, 0.1), None, what="AUC")
    assert (found["finding"], found["difference"]) == ("not_compared", None)


@pytest.mark.parametrize(
    ("value", "finding"), [(0.5, "below"), (1.0, "no_difference_shown"), (1.5, "above")]
)
def test_side_of_the_ideal_is_that_of_the_whole_interval(value: float, finding: str) -> None:
    assert beside_ideal(estimate(value, 0.3), None, 1.0)["finding"] == finding
    assert beside_ideal(None, None, 1.0)["finding"] == "too_few"
