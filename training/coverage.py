"""What simulations found of the served interval of the AUC, for cohorts like the one at hand.

`coverage.csv` is written by `python bench/coverage.py`; all of it is simulated.
"""

import csv
from functools import cache
from importlib import resources
from typing import NamedTuple

from data.panel import TaskName


class Coverage(NamedTuple):
    """How often nominal 95 % intervals held the truth in one kind of simulated cohort."""

    scenario: str
    task: str
    cohort_size: int
    mean_n_train: float
    n_cohorts: int
    coverage: float
    standard_error: float


@cache
def coverage_table() -> tuple[Coverage, ...]:
    """Every kind of cohort that was simulated."""
    text = resources.files("training").joinpath("coverage.csv").read_text(encoding="utf-8")
    return tuple(
        Coverage(
            row["scenario"],
            row["task"],
            int(row["cohort_size"]),
            float(row["mean_n_train"]),
            int(row["n_cohorts"]),
            float(row["coverage"]),
            float(row["coverage_se"]),
        )
        for row in csv.DictReader(text.splitlines())
    )


def coverage_near(n_train: int, task: TaskName) -> list[Coverage]:
    """The simulated cohorts of each scenario in which nearest to `n_train` patients train."""
    of_task = [row for row in coverage_table() if row.task == task]
    size = min(of_task, key=lambda row: abs(row.mean_n_train - n_train)).cohort_size
    return [row for row in of_task if row.cohort_size == size]


def coverage_sentence(n_train: int, task: TaskName) -> str:
    """What the card says of it: the size of the cohorts, and coverage by scenario."""
    near = coverage_near(n_train, task)
    shares = " and ".join(
        f"{row.coverage:.0%} (standard error {row.standard_error:.0%}) in {row.n_cohorts} cohorts "
        f"of scenario `{row.scenario}`"
        for row in near
    )
    n_train_there = sum(row.mean_n_train for row in near) / len(near)
    simulated = [row.mean_n_train for row in coverage_table() if row.task == task]
    beyond = "" if min(simulated) <= n_train <= max(simulated) else ", the nearest simulated"
    return (
        f"in simulated cohorts of {near[0].cohort_size} patients, of whom about "
        f"{n_train_there:.0f} trained{beyond}, with ridge or elastic net, nominal 95 % intervals "
        f"held the AUC on fresh patients in {shares} (docs/honesty.md)."
    )
