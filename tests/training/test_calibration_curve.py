import numpy as np
import pytest

from analysis.recalibration_line import recalibration_line
from training.calibration_curve import calibration_curve

RNG = np.random.default_rng(5)
P = RNG.uniform(0.11, 0.79, 80)
Y = RNG.random(80) < P


def test_of_one_repeat_it_is_the_recalibration_line() -> None:
    found = calibration_curve([P], Y)
    assert found is not None
    stated = [point["stated"] for point in found["points"]]
    line = recalibration_line(P, Y, stated)
    observed = [point["observed"] for point in found["points"]]
    assert observed == pytest.approx(1 / (1 + np.exp(-line.log_odds)))


def test_its_ends_are_round_and_hold_nine_patients_of_ten() -> None:
    found = calibration_curve([P, P], Y)
    assert found is not None
    stated = np.array([point["stated"] for point in found["points"]])
    assert np.allclose(stated * 20, np.rint(stated * 20))
    assert stated[0] <= np.quantile(P, 0.05)
    assert stated[-1] >= np.quantile(P, 0.95)


def test_repeats_that_share_their_patients_do_not_narrow_it() -> None:
    one, many = calibration_curve([P], Y), calibration_curve([P] * 5, Y)
    assert one is not None
    assert many is not None
    assert [list(p.values()) for p in many["points"]] == pytest.approx(
        np.array([list(p.values()) for p in one["points"]])
    )


def test_probabilities_near_certainty_end_before_it() -> None:
    found = calibration_curve([np.linspace(0.001, 0.999, 80)], np.arange(80) % 3 > 0)
    assert found is not None
    assert (found["points"][0]["stated"], found["points"][-1]["stated"]) == (0.05, 0.95)


def test_without_a_repeat_to_judge_there_is_none() -> None:
    assert calibration_curve([], Y) is None
