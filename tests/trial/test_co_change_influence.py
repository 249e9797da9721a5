"""One patient who decides a correlation, and none who does."""

import numpy as np

from analysis.correlation import pearson
from analysis.correlation_difference import interaction
from trial.co_change_influence import Decisive, decisive_patients


def rows(seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Changes of 20 good responders, uncorrelated, and of 12 poor ones, rising together."""
    rng = np.random.default_rng(seed)
    good = rng.normal(size=(20, 2))
    shared = rng.normal(size=(12, 1))
    return np.r_[good, shared + 0.3 * rng.normal(size=(12, 2))], np.arange(32) < 20


def decided(changes: np.ndarray, is_good: np.ndarray) -> dict[str, Decisive]:
    ids = tuple(f"P{i}" for i in range(is_good.size))
    found = decisive_patients(changes, is_good, ids, level=0.95)
    return {one.quantity: one for one in found}


def test_nobody_decides_clear_correlations() -> None:
    changes, is_good = rows()
    changes[is_good] = changes[is_good][:, :1] * [1, -1] + 0.3 * changes[is_good]
    assert decided(changes, is_good) == {}


def test_one_far_away_feigns_a_correlation_and_is_named() -> None:
    changes, is_good = rows()
    changes[7] = [9.0, -9.0]
    found = decided(changes, is_good)["good"]
    without = pearson(*np.delete(changes[is_good], 7, axis=0).T)
    assert (found.patient_ids, found.value_without) == (("P7",), without.r)
    assert found.p < 0.05 < found.p_without == without.p


def test_a_patient_of_one_group_decides_nothing_of_the_other() -> None:
    changes, is_good = rows()
    changes[7] = [9.0, -9.0]
    found = decided(changes, is_good)
    assert "poor" not in found


def nearly_alike() -> tuple[np.ndarray, np.ndarray]:
    """Poor responders whose line rises a little more steeply than that of the same good ones."""
    good = np.random.default_rng(4).normal(size=(14, 2)) @ [[1.0, 0.5], [0.0, 0.8]]
    return np.r_[good, good + good[:, :1] * [0.0, 0.05]], np.arange(28) < 14


def test_a_difference_near_0_that_turns_is_not_told() -> None:
    changes, is_good = nearly_alike()
    x, y = np.delete(changes, 12, axis=0).T
    slopes = (
        interaction(x, y, np.arange(27) < 13),
        interaction(changes[:, 0], changes[:, 1], is_good),
    )
    assert slopes[0].slope_difference.value > 0 > slopes[1].slope_difference.value
    assert decided(changes, is_good) == {}


def test_a_difference_that_one_patient_turns_far_is_told() -> None:
    changes, is_good = nearly_alike()
    changes[3] = [3.0, 5.0]
    found = decided(changes, is_good)["slope_difference"]
    assert found.patient_ids[0] == "P3"
    assert found.value > 0 > found.value_without
    assert min(found.p, found.p_without) > 0.05


def test_too_few_patients_decide_nothing() -> None:
    changes, is_good = rows()
    few = np.r_[0:2, 20:22]
    assert decided(changes[few], is_good[few]) == {}
