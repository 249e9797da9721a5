"""Simulated trials in batches, each of them the work of one process for a moment.

A trial has a seed of its own, so that neither its batch nor the number of processes matters. With
its trials a batch makes its share of large ones, whose estimates are the population's values.
"""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Final

import numpy as np

from data.cohort import ARMS
from data.simulate import Scenario, SimulatedTrial, simulate_trial
from data.simulation.alsfrs import improvement_percent, is_good_responder, simulate_alsfrs
from data.simulation.moments import MOMENTS, alsfrs_moments
from trial.simulation.contrasts import CONTRASTS, NULL_COURSES, Bools, Floats
from trial.simulation.estimates import estimate_contrasts
from trial.study import MONTHS

BATCH: Final = 10
"""Trials of one batch: less than a second of work, so that an interrupt is answered soon."""
LARGE: Final = 4000
"""Patients of a large trial: small-sample bias is gone, and its arrays are still small."""
LARGE_SHARE: Final = 2
"""Patients of all large trials over those of all others: the population's values are then known
better than what is held against them."""
_LEAST_LARGE: Final = 10
MEASURES: Final = tuple(dict.fromkeys(moment.measure for moment in MOMENTS))
"""Order of the axis of moments."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Trials to be made: seeds of those of `n_patients` and of large ones."""

    seeds: tuple[np.random.SeedSequence, ...]
    large_seeds: tuple[np.random.SeedSequence, ...]
    scenario: Scenario
    n_patients: int
    level: float


@dataclass(frozen=True, slots=True, eq=False)
class SimulatedTrials:
    """What was found in every trial; NaN where it could not be computed.

    Attributes
    ----------
    contrasts
        Shape (n_trials, n_courses, n_contrasts, 3): estimate and limits.
    is_singular
        Shape (n_trials, n_courses): 1 where the covariance of intercept and two slopes is on the
        boundary, NaN where they cannot be fitted.
    responder_rates
        Shape (n_trials, n_months, n_arms), of those evaluable (`oh2018`, at least 50 %).
    population
        Shape (n_large, n_contrasts): estimates of the large trials.
    moments
        Shape (n_large, n_arms, n_measures): Table 3 of the large trials.
    """

    contrasts: Floats
    is_singular: Floats
    responder_rates: Floats
    population: Floats
    moments: Floats

    def __len__(self) -> int:
        return len(self.contrasts)


def make_batches(
    n_trials: int, *, n_patients: int, scenario: Scenario, seed: int, level: float
) -> list[Batch]:
    """Give every trial its seed; the first trials are the same however many follow.

    Examples
    --------
    >>> batches = make_batches(30, n_patients=64, scenario="published", seed=1, level=0.95)
    >>> [len(batch.seeds) for batch in batches], sum(len(batch.large_seeds) for batch in batches)
    ([10, 10, 10], 10)
    """
    n_large = max(_LEAST_LARGE, -(-LARGE_SHARE * n_trials * n_patients // LARGE))
    of_trials, of_large = np.random.SeedSequence(seed).spawn(2)
    seeds, large = of_trials.spawn(n_trials), of_large.spawn(n_large)
    starts = range(0, n_trials, BATCH)
    return [
        Batch(
            tuple(seeds[start : start + BATCH]),
            tuple(large[number :: len(starts)]),
            scenario,
            n_patients,
            level,
        )
        for number, start in enumerate(starts)
    ]


def run_batch(batch: Batch) -> SimulatedTrials:
    """Make a batch's trials and put each through the tests.

    Raises
    ------
    CsfError
        Fewer than two patients, or an unknown scenario.
    """
    trials = [_trial(seed, batch) for seed in batch.seeds]
    large = [_large_trial(seed, batch) for seed in batch.large_seeds]
    contrasts, is_singular, rates = zip(*trials, strict=True)
    population, moments = zip(*large, strict=True) if large else ((), ())
    return SimulatedTrials(
        contrasts=np.array(contrasts),
        is_singular=np.array(is_singular),
        responder_rates=np.array(rates),
        population=np.reshape(population, (len(large), len(CONTRASTS))),
        moments=np.reshape(moments, (len(large), len(ARMS), len(MEASURES))),
    )


def join(batches: Iterable[SimulatedTrials]) -> SimulatedTrials:
    """All batches as one, in their order."""
    found = list(batches)
    return SimulatedTrials(
        *(
            np.concatenate([getattr(batch, field.name) for batch in found])
            for field in fields(SimulatedTrials)
        )
    )


def _trial(
    seed: np.random.SeedSequence, batch: Batch
) -> tuple[Floats, list[float], list[list[float]]]:
    """Contrasts and singular fits of each course, responder rates of the published one."""
    of_trial, *of_courses = seed.spawn(1 + len(NULL_COURSES))
    made = simulate_trial(batch.scenario, batch.n_patients, np.random.default_rng(of_trial))
    totals = [made.alsfrs_r]
    for one, course in zip(of_courses, NULL_COURSES.values(), strict=True):
        rng = np.random.default_rng(one)
        totals.append(simulate_alsfrs(made.is_msc, rng, course=course))
    found = [estimate_contrasts(each, made.is_msc, level=batch.level) for each in totals]
    contrasts = np.array([estimates.contrasts for estimates in found])
    return contrasts, [estimates.is_singular for estimates in found], _responder_rates(made)


def _responder_rates(trial: SimulatedTrial) -> list[list[float]]:
    rates = []
    for month in MONTHS:
        percent = improvement_percent(trial.alsfrs_r, horizon_months=month)
        judged, responds = ~np.isnan(percent), is_good_responder(percent)
        rates.append([_rate(responds[arm & judged]) for arm in (trial.is_msc, ~trial.is_msc)])
    return rates


def _rate(responds: Bools) -> float:
    return float(responds.mean()) if responds.size else np.nan


def _large_trial(seed: np.random.SeedSequence, batch: Batch) -> tuple[Floats, list[list[float]]]:
    made = simulate_trial(batch.scenario, LARGE, np.random.default_rng(seed))
    estimates = estimate_contrasts(made.alsfrs_r, made.is_msc, level=batch.level)
    arms = [alsfrs_moments(made.alsfrs_r[arm]) for arm in (made.is_msc, ~made.is_msc)]
    return estimates.contrasts[:, 0], [[arm[name] for name in MEASURES] for arm in arms]
