"""Changes of two groups of which some levels lie beyond a limit."""

import numpy as np
import pytest

from analysis.estimate import Estimate
from analysis.mean_difference import two_sample_t
from data.simulate import simulate_cohort
from trial.analyte_pairs import AnalytePair
from trial.censored_groups import CensoredGroups, censored_groups
from trial.good_versus_poor import good_versus_poor
from trial.levels import Level
from trial.not_computed import NotComputed
from trial.study import Study


def pairs_of(logs: np.ndarray, lloq: float = 0.0) -> list[AnalytePair]:
    """A pair of levels from each row of logarithms."""

    def level(log: float) -> Level:
        value = float(np.exp(log))
        return Level(lloq, "<") if value < lloq else Level(value, "none")

    return [
        AnalytePair(f"P{i}", 0.0, 1.0, level(before), level(after), on_two_plates=False)
        for i, (before, after) in enumerate(logs)
    ]


def group(n: int, mean: float, change: float, seed: int) -> np.ndarray:
    shared = np.random.default_rng(seed).normal(0, 1, (n, 3))
    own = 0.8 * shared[:, :1] + 0.6 * shared[:, 1:]
    return np.asarray(mean + own + [0.0, change])


def compared(*groups: np.ndarray, lloq: float) -> CensoredGroups:
    found = censored_groups(*(pairs_of(logs, lloq) for logs in groups), level=0.95)
    assert isinstance(found, CensoredGroups)
    return found


def log_of(found: Estimate | NotComputed) -> float:
    assert isinstance(found, Estimate)
    return float(np.log(found.value))


def test_without_levels_beyond_a_limit_there_is_nothing_to_say() -> None:
    logs = group(20, 1.0, -0.5, 1)
    assert censored_groups(pairs_of(logs), pairs_of(logs), level=0.95) is None


def test_the_same_change_seems_another_below_a_limit_but_not_to_the_likelihood() -> None:
    # Both groups fall alike; the first lies lower, so that more of its falls are not seen.
    first, second = group(400, -0.3, -0.7, 2), group(400, 1.5, -0.7, 3)
    low, high = (pairs_of(logs, 0.7) for logs in (first, second))
    filled = [np.log([b / a for a, b in (p.substituted for p in one)]) for one in (low, high)]
    assert two_sample_t(*filled).difference.lower > 0.15
    found = compared(first, second, lloq=0.7)
    assert isinstance(found.likelihood, Estimate)
    assert found.likelihood.lower < 1 < found.likelihood.upper
    assert found.first.n_unseen > 5 * found.second.n_unseen


def test_hardly_any_limit_gives_the_difference_of_means() -> None:
    first, second = group(40, 1.0, -0.7, 4), group(30, 1.0, -0.2, 5)
    first[0] = [-9.0, -9.4]
    found = compared(first, second, lloq=float(np.exp(-8.5)))
    filled = np.diff(first[1:]).mean() - np.diff(second).mean()
    assert log_of(found.measured_baseline) == pytest.approx(filled)
    assert (found.first.n, found.first.n_censored, found.first.n_unseen) == (40, 1, 1)


def test_pairs_without_a_measured_baseline_are_left_out_of_that_ratio() -> None:
    first, second = group(40, 0.5, -0.5, 6), group(30, 0.5, 0.0, 7)
    found = compared(first, second, lloq=0.7)
    seen = [logs[np.exp(logs[:, 0]) >= 0.7] for logs in (first, second)]
    limit = np.log(0.7 / np.sqrt(2))
    change = [
        (np.where(np.exp(logs[:, 1]) < 0.7, limit, logs[:, 1]) - logs[:, 0]).mean() for logs in seen
    ]
    assert log_of(found.measured_baseline) == pytest.approx(change[0] - change[1])


def test_a_group_that_cannot_be_fitted_says_so() -> None:
    found = compared(group(40, 0.5, -0.5, 8), group(3, 0.5, 0.0, 9), lloq=0.7)
    assert isinstance(found.likelihood, NotComputed)
    assert isinstance(found.measured_baseline, Estimate)


def test_responders_ratio_of_tnf_shrinks_where_the_limit_made_it() -> None:
    found = good_versus_poor(Study(simulate_cohort("informative", 64, 1)))
    assert not isinstance(found, NotComputed)
    change = found[0].follow_ups[0].change["TNF"]
    assert change.censoring is not None
    counts = change.censoring.first, change.censoring.second
    assert [(one.n_unseen, one.n) for one in counts] == [(8, 21), (0, 11)]
    assert log_of(change.ratio or NotComputed("")) > 0.25
    assert abs(log_of(change.censoring.measured_baseline)) < 0.05
