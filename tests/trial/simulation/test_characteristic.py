import math

import numpy as np
import pytest

from trial.simulation.characteristic import Characteristic, judged


def coverage(n_held: int, n: int) -> Characteristic:
    held = (np.arange(n) < n_held).astype(np.float64)
    return judged(held, "coverage", "welch", "change", 4.0, target=0.95, is_nominal=True)


@pytest.mark.parametrize(
    ("n_held", "verdict"),
    [
        (9435, "compatible"),
        (9434, "not compatible"),
        (9565, "compatible"),
        (9566, "not compatible"),
    ],
)
def test_a_proportion_may_be_three_errors_from_its_nominal_value(n_held: int, verdict: str) -> None:
    found = coverage(n_held, 10_000)
    assert found.standard_error == pytest.approx(math.sqrt(0.95 * 0.05 / 10_000))
    assert found.verdict == verdict


def test_the_error_of_a_target_widens_what_is_allowed() -> None:
    values = np.array([1.0, 3.0])
    alone = judged(values, "mean", "welch", "change", 4.0, target=2.0)
    both = judged(values, "mean", "welch", "change", 4.0, target=2.0, target_error=1.0)
    assert alone.margin == pytest.approx(3.0)
    assert both.margin == pytest.approx(3 * math.sqrt(2))
    assert both.standard_error == alone.standard_error == pytest.approx(1.0)


def test_fewer_trials_detect_less() -> None:
    few, many = coverage(19, 20), coverage(9500, 10_000)
    assert few.margin is not None
    assert many.margin is not None
    assert few.margin > 20 * many.margin
    assert few.margin == 3 * few.standard_error


def test_a_rate_has_the_margin_that_is_given() -> None:
    rates = np.array([0.70, 0.76])
    near = judged(rates, "responders", None, "msc", 4.0, target=0.69, margin=0.05)
    assert near.verdict == "compatible"
    far = judged(rates, "responders", None, "msc", 4.0, target=0.67, margin=0.05)
    assert (far.verdict, far.name) == ("not compatible", "responders_msc_4")


def test_trials_without_a_value_do_not_count() -> None:
    found = judged(np.array([np.nan, 1.0, 0.0]), "singular_fits", "mixed_model", "covariance", None)
    assert (found.estimate, found.n_trials, found.verdict) == (0.5, 2, "reported")


@pytest.mark.parametrize("values", [[], [np.nan, np.nan], [1.0]])
def test_without_two_values_there_is_no_verdict(values: list[float]) -> None:
    found = judged(np.array(values), "mean", "welch", "change", 4.0, target=1.0)
    assert found.verdict == "not computed"


def test_trials_without_a_difference_are_in_the_name() -> None:
    none = np.zeros(4)
    found = judged(none, "type_one_error", "welch", "change", 6.0, course="both_msc")
    assert found.name == "type_one_error_welch_change_6_both_msc"
