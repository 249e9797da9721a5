from dataclasses import fields, replace

import numpy as np
import pytest

from data.outcome import define_responder, judge
from data.simulate import cohort_of_trial, simulate_trial
from trial.simulation.batches import (
    LARGE,
    MEASURES,
    Batch,
    SimulatedTrials,
    join,
    make_batches,
    run_batch,
)
from trial.simulation.contrasts import COURSES
from trial.simulation.processes import run_in_processes


def batches(n_trials: int, *, seed: int = 1, n_patients: int = 64) -> list[Batch]:
    made = make_batches(
        n_trials, n_patients=n_patients, scenario="published", seed=seed, level=0.95
    )
    return [replace(batch, large_seeds=()) for batch in made]


def same(one: SimulatedTrials, other: SimulatedTrials) -> bool:
    return all(
        np.array_equal(getattr(one, field.name), getattr(other, field.name), equal_nan=True)
        for field in fields(SimulatedTrials)
    )


@pytest.fixture(scope="module")
def trials() -> SimulatedTrials:
    return join(map(run_batch, batches(25)))


def test_numbers_do_not_depend_on_the_number_of_processes(trials: SimulatedTrials) -> None:
    assert same(trials, join(run_in_processes(run_batch, batches(25), jobs=2)))


def test_the_first_trials_are_the_same_however_many_follow(trials: SimulatedTrials) -> None:
    few = join(map(run_batch, batches(7)))
    assert np.array_equal(few.contrasts, trials.contrasts[:7])
    assert np.array_equal(few.responder_rates, trials.responder_rates[:7])


def test_every_trial_is_another(trials: SimulatedTrials) -> None:
    estimates = trials.contrasts[..., 0].reshape(-1, trials.contrasts.shape[2])
    assert len(np.unique(estimates, axis=0)) == len(estimates) == len(COURSES) * 25
    other_seed = join(map(run_batch, batches(1, seed=2)))
    assert not np.array_equal(other_seed.contrasts[0], trials.contrasts[0])


def test_large_trials_have_seeds_of_their_own_and_enough_patients() -> None:
    made = make_batches(1000, n_patients=64, scenario="published", seed=1, level=0.95)
    keys = [seed.spawn_key for batch in made for seed in (*batch.seeds, *batch.large_seeds)]
    n_large = sum(len(batch.large_seeds) for batch in made)
    assert len(set(keys)) == len(keys) == 1000 + n_large
    assert n_large * LARGE >= 2 * 1000 * 64


def test_responder_rates_are_those_of_the_cohorts_patients(trials: SimulatedTrials) -> None:
    (batch,) = batches(1)
    of_trial, *_ = batch.seeds[0].spawn(3)
    cohort = cohort_of_trial(simulate_trial("published", 64, np.random.default_rng(of_trial)), "")
    for number, month in enumerate((4.0, 6.0)):
        definition = define_responder(horizon_months=month)
        for place, arm in enumerate(("msc", "control")):
            found = [judge(p.visits, definition).responder for p in cohort.patients if p.arm == arm]
            evaluable = [responder for responder in found if responder is not None]
            assert trials.responder_rates[0, number, place] == np.mean(evaluable)


def test_two_patients_leave_nothing_to_compute_but_are_no_error() -> None:
    found = join(map(run_batch, batches(3, n_patients=2)))
    assert np.isnan(found.contrasts).all()


def test_a_large_trial_has_the_studys_moments() -> None:
    batch = make_batches(2, n_patients=64, scenario="published", seed=1, level=0.95)[0]
    found = run_batch(replace(batch, large_seeds=batch.large_seeds[:2])).moments
    assert found.shape == (2, 2, len(MEASURES))
    msc_4, control_4 = found[:, :, MEASURES.index("change_4_mean")].mean(axis=0)
    assert (msc_4, control_4) == pytest.approx((-1.69, -4.67), abs=0.3)
