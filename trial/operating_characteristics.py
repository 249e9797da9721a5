"""Operating characteristics of the report's tests, over many simulated trials of known truth.

Bias, coverage of intervals, type I error and responder rates, each with its Monte-Carlo standard
error beside what it ought to be. How they are made and judged is in `simulation/`.
"""

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from typing import Final

from data.errors import CsfError
from data.simulate import SCENARIOS, Scenario
from trial.simulation.batches import LARGE, join, make_batches, run_batch
from trial.simulation.characteristic import Characteristic
from trial.simulation.characteristics import characteristics
from trial.simulation.population import (
    PopulationValue,
    SimulatedMoment,
    population_values,
    simulated_moments,
)
from trial.simulation.processes import run_in_processes

LEVEL: Final = 0.95


@dataclass(frozen=True, slots=True)
class OperatingCharacteristics:
    """What many simulated trials say about the report's tests. Simulated data throughout.

    Attributes
    ----------
    n_trials, n_patients
        Trials, and patients of each.
    n_large_trials, n_large_patients
        Large trials, whose estimates are the population's values, and patients of each.
    level
        Nominal coverage of every interval.
    """

    simulated: bool
    scenario: Scenario
    n_trials: int
    n_patients: int
    n_large_trials: int
    n_large_patients: int
    seed: int
    level: float
    rows: tuple[Characteristic, ...]
    population: tuple[PopulationValue, ...]
    moments: tuple[SimulatedMoment, ...]

    def row(self, name: str) -> Characteristic:
        """The characteristic of that name.

        Raises
        ------
        KeyError
            There is none.
        """
        return {row.name: row for row in self.rows}[name]


def simulate_trials(
    n_trials: int,
    *,
    n_patients: int = 64,
    scenario: Scenario = "published",
    seed: int,
    jobs: int,
    on_progress: Callable[[int], None] | None = None,
) -> OperatingCharacteristics:
    """Simulate trials and put each through the report's tests.

    Parameters
    ----------
    n_trials
        At least 2.
    n_patients
        Of each trial, at least 2; 33:31 to MSC and control.
    scenario
        ALSFRS-R follows the same courses in all.
    seed
        The same seed gives the same numbers, whatever `jobs`.
    jobs
        Processes.
    on_progress
        Told after each batch how many trials it had.

    Raises
    ------
    CsfError
        Fewer trials or patients than that, an unknown scenario, a negative seed, no process.

    Examples
    --------
    >>> found = simulate_trials(20, seed=1, jobs=2)
    >>> found.row("responders_msc_4").target
    0.6875
    """
    _check(n_trials, n_patients, scenario, seed, jobs)
    batches = make_batches(
        n_trials, n_patients=n_patients, scenario=scenario, seed=seed, level=LEVEL
    )
    made = []
    with closing(run_in_processes(run_batch, batches, jobs=jobs)) as results:
        for trials in results:
            made.append(trials)
            if on_progress is not None:
                on_progress(len(trials))
    found = join(made)
    return OperatingCharacteristics(
        simulated=True,
        scenario=scenario,
        n_trials=n_trials,
        n_patients=n_patients,
        n_large_trials=len(found.population),
        n_large_patients=LARGE,
        seed=seed,
        level=LEVEL,
        rows=characteristics(found, level=LEVEL),
        population=population_values(found),
        moments=simulated_moments(found),
    )


def _check(n_trials: int, n_patients: int, scenario: str, seed: int, jobs: int) -> None:
    if n_trials < 2:
        raise CsfError("a Monte-Carlo error needs at least 2 simulated trials")
    if n_patients < 2:
        raise CsfError("a simulated trial has at least 2 patients, one for each arm")
    if scenario not in SCENARIOS:
        raise CsfError(f"a scenario is one of {', '.join(SCENARIOS)}")
    if seed < 0:
        raise CsfError("a seed is 0 or above")
    if jobs < 1:
        raise CsfError("the work needs at least 1 process")
