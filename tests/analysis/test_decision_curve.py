from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.decision_curve import decision_curve
from analysis.errors import (
    LengthsDifferError,
    NotFiniteError,
    OneClassError,
    OutOfRangeError,
    ShapeError,
)

PATIENTS = st.lists(st.tuples(st.floats(0, 1), st.booleans()), max_size=20)
THRESHOLDS = [0.0, 0.1, 0.25, 0.5, 0.75, 0.99]


def test_net_benefit_is_true_positives_less_weighed_false_positives(
    table: Callable[[str], dict[str, Any]],
) -> None:
    p, y = table("calib60")["p"], table("calib60")["y"]
    curve = decision_curve(p, y, THRESHOLDS)
    for place, cut in enumerate(THRESHOLDS):
        true_positives, false_positives = np.sum(y[p >= cut] == 1), np.sum(y[p >= cut] == 0)
        benefit = (true_positives - false_positives * cut / (1 - cut)) / 60
        assert curve.model[place].value == pytest.approx(benefit, abs=1e-12)
        treat_all = y.mean() - (1 - y.mean()) * cut / (1 - cut)
        assert curve.treat_all[place].value == pytest.approx(treat_all, abs=1e-12)
        gain = curve.over_treat_all[place].value
        assert gain == pytest.approx(benefit - treat_all, abs=1e-12)


def test_standard_error_is_that_of_the_two_proportions() -> None:
    is_case, n = np.arange(50) < 20, 50
    probabilities = np.where(np.arange(50) % 3 == 0, 0.6, 0.2)
    found = decision_curve(probabilities, is_case, [0.4]).model[0]
    tp, fp, harm = 7 / n, 10 / n, 2 / 3
    variance = tp + harm**2 * fp - (tp - harm * fp) ** 2
    error = (found.upper - found.value) / 1.959963984540054
    assert error == pytest.approx((variance / (n - 1)) ** 0.5)


def test_repeats_are_averaged_in_benefit_and_patients_counted_once() -> None:
    rng = np.random.default_rng(17)
    is_case, repeats = rng.random(40) < 0.4, rng.random((5, 40))
    together = decision_curve(repeats, is_case, [0.3, 0.6])
    alone = [decision_curve(one, is_case, [0.3, 0.6]) for one in repeats]
    for place in (0, 1):
        values = [one.model[place].value for one in alone]
        found = together.model[place]
        assert found.value == pytest.approx(np.mean(values), abs=1e-12)
        assert found.n_cases + found.n_controls == 40
    same = decision_curve([repeats[0]] * 5, is_case, [0.3]).model[0]
    assert (same.lower, same.upper) == pytest.approx(
        (alone[0].model[0].lower, alone[0].model[0].upper)
    )
    assert together.n_repeats == 5


@given(PATIENTS, st.floats(0.01, 0.99))
def test_limits_lie_in_the_possible_range_and_contain_the_value(
    patients: list[tuple[float, bool]], level: float
) -> None:
    probabilities, is_case = zip(*patients, (0.3, False), (0.6, True), strict=True)
    curve = decision_curve(probabilities, is_case, THRESHOLDS, level=level)
    for place, cut in enumerate(THRESHOLDS):
        harm, gain = cut / (1 - cut), curve.over_treat_all[place]
        for one in (curve.model[place], curve.treat_all[place]):
            assert -harm - 1e-9 <= one.lower <= one.value <= one.upper <= 1
        assert -1 <= gain.lower <= gain.value <= gain.upper <= harm + 1e-9


def test_perfect_probabilities_reach_the_prevalence() -> None:
    curve = decision_curve([0, 0, 0, 1, 1], [0, 0, 0, 1, 1], THRESHOLDS)
    assert [one.value for one in curve.model[1:]] == pytest.approx([0.4] * 5)


def test_nobody_treated_is_not_certainly_harmless() -> None:
    found = decision_curve([0.1, 0.2, 0.3], [0, 0, 1], [0.5]).model[0]
    others = 1 - 0.025 ** (1 / 3)
    assert (found.value, found.method) == (0.0, "exact_without_spread")
    assert (found.lower, found.upper) == pytest.approx((-others, others))


def test_at_a_threshold_of_zero_the_model_treats_all() -> None:
    curve = decision_curve([0.0, 0.2, 0.3], [0, 0, 1], [0.0])
    assert curve.model[0] == curve.treat_all[0]
    gain = curve.over_treat_all[0]
    assert (gain.lower, gain.value, gain.upper) == (0, 0, 0)


def test_interval_covers_the_net_benefit_of_many_patients() -> None:
    rng = np.random.default_rng(18)
    truth = rng.beta(2, 3, 200_000)
    is_case = rng.random(truth.size) < truth
    target = decision_curve(truth, is_case, [0.4])
    covered = np.zeros(2)
    for rows in rng.integers(truth.size, size=(1_000, 100)):
        found = decision_curve(truth[rows], is_case[rows], [0.4])
        for place, name in enumerate(("model", "over_treat_all")):
            one, wanted = getattr(found, name)[0], getattr(target, name)[0].value
            covered[place] += one.lower <= wanted <= one.upper
    assert covered / 1_000 == pytest.approx(0.95, abs=0.025)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"probabilities": [[[0.1, 0.2]]]}, ShapeError),
        ({"probabilities": []}, ShapeError),
        ({"probabilities": [0.1, 0.2, 0.3]}, LengthsDifferError),
        ({"probabilities": [0.1, np.nan]}, NotFiniteError),
        ({"probabilities": [0.1, 1.2]}, OutOfRangeError),
        ({"is_case": [1, 1]}, OneClassError),
        ({"thresholds": [0.2, 1.0]}, OutOfRangeError),
        ({"thresholds": [-0.1]}, OutOfRangeError),
        ({"level": 1}, OutOfRangeError),
    ],
)
def test_what_is_wrong_is_refused(change: dict[str, Any], error: type[Exception]) -> None:
    arguments: dict[str, Any] = {
        "probabilities": [0.1, 0.7],
        "is_case": [0, 1],
        "thresholds": [0.5],
    }
    with pytest.raises(error):
        decision_curve(**(arguments | change))
