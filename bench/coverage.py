"""How often the interval of a cross-validated AUC holds the AUC on fresh patients.

Simulated cohorts of n patients (as `simulate --n`; about half are treated and train), evaluated
with the repeats of `train` and both logistic families (XGBoost, rarely chosen at these sizes,
would take hours). The truth of a cohort is the AUC of its own final fit on the fresh patients who
would train, of 100,000 simulated: exactly one half in scenario `null`.

Writes training/coverage.csv, from which the model card quotes, and prints the same.

Usage: python bench/coverage.py [--cohorts 300] [--jobs 2] [--seconds 480]
"""

import argparse
import csv
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import joblib
import numpy as np

from analysis.roc import auc
from data.analytes import study_analytes
from data.outcome import define_responder
from data.panel import TASK_NAMES, Task, TaskName
from data.simulate import Scenario, simulate_cohort
from training.config import CandidatesConfig, EvaluationConfig
from training.errors import TrainingError
from training.estimators import families
from training.final_fit import choose_on_all, fit_linear
from training.fold_aucs import cross_validated_auc
from training.nested_cv import PROCEDURE, run_repeats
from training.training_set import TrainingSet, make_training_set

SIZES = (32, 64, 100)
SCENARIOS: tuple[Scenario, ...] = ("null", "informative")
FRESH, FRESH_AT_ONCE, FRESH_SEED = 100_000, 5_000, 10**6
FIRST_SEED = 1001
CONFIG = EvaluationConfig()
LOGISTIC = CandidatesConfig(families=("ridge", "elastic_net"))
TABLE = Path(__file__).parents[1] / "training" / "coverage.csv"
COLUMNS = (
    "data", "scenario", "task", "cohort_size", "mean_n_train", "n_cohorts", "n_simulated",
    "coverage", "coverage_se", "mean_auc", "mean_auc_se", "mean_truth",
)  # fmt: skip


class Fresh(NamedTuple):
    """Features and outcomes of patients that no cohort has seen."""

    features: np.ndarray
    is_responder: np.ndarray


class Found(NamedTuple):
    """One cohort: who trained, whether the interval holds the truth, the AUC and the truth."""

    n_train: int
    covered: bool
    value: float
    truth: float


def training_set_of(scenario: Scenario, n: int, seed: int, task: TaskName) -> TrainingSet:
    """Who would train in a simulated cohort."""
    analytes = tuple(study_analytes().values())
    cohort = simulate_cohort(scenario, n=n, seed=seed)
    return make_training_set(cohort, Task(task), define_responder(), analytes, n_folds=5)


def fresh_patients(scenario: Scenario, task: TaskName) -> Fresh:
    """Who would train of 100,000, simulated a few thousand at a time."""
    made = [
        training_set_of(scenario, FRESH_AT_ONCE, FRESH_SEED + part, task)
        for part in range(FRESH // FRESH_AT_ONCE)
    ]
    return Fresh(
        np.concatenate([one.features for one in made]),
        np.concatenate([one.is_responder for one in made]),
    )


def evaluated(
    scenario: Scenario, n: int, seed: int, task: TaskName, fresh: Fresh | None
) -> Found | None:
    """One cohort; None where it cannot train. Without fresh patients the truth is one half."""
    try:
        training_set = training_set_of(scenario, n, seed, task)
    except TrainingError:
        return None
    candidates = families(LOGISTIC, training_set.recipe)
    of_repeats, of_choice = np.random.SeedSequence(seed).spawn(2)
    seeds = of_repeats.spawn(CONFIG.repeats)
    repeats = list(run_repeats(training_set, candidates, CONFIG, seeds, jobs=1))
    found = cross_validated_auc(PROCEDURE, training_set, repeats)
    truth = 0.5
    if fresh is not None:
        choice = choose_on_all(training_set, candidates, CONFIG, of_choice)
        intercept, terms = fit_linear(training_set, choice, []).terms(fresh.features)
        scores = intercept + terms.sum(axis=1)
        truth = auc(scores, fresh.is_responder, direction="higher_is_case")
    covered = found.lower <= truth <= found.upper
    return Found(training_set.n_patients, covered, found.value, truth)


def rows(cohorts: int, jobs: int, seconds: float) -> Iterator[dict[str, Any]]:
    """One row per scenario, task and size, each with its share of the time."""
    deadline, left = time.monotonic() + seconds, len(SCENARIOS) * len(TASK_NAMES) * len(SIZES)
    with joblib.Parallel(n_jobs=jobs) as parallel:
        for scenario in SCENARIOS:
            for task in TASK_NAMES:
                fresh = fresh_patients(scenario, task) if scenario != "null" else None
                for n in SIZES:
                    until = time.monotonic() + (deadline - time.monotonic()) / left
                    left -= 1
                    found: list[Found | None] = []
                    while len(found) < cohorts and (len(found) < 20 or time.monotonic() < until):
                        first = FIRST_SEED + len(found)
                        found += parallel(
                            joblib.delayed(evaluated)(scenario, n, seed, task, fresh)
                            for seed in range(first, first + 5 * jobs)
                        )
                    yield row(scenario, task, n, found)


def row(scenario: Scenario, task: TaskName, n: int, found: list[Found | None]) -> dict[str, Any]:
    """What is printed and kept of one cell."""
    n_train, covered, values, truths = np.array([one for one in found if one is not None]).T
    share, n_cohorts = covered.mean(), len(covered)
    errors = (share * (1 - share) / n_cohorts) ** 0.5, values.std(ddof=1) / n_cohorts**0.5
    numbers = (f"{n_train.mean():.1f}", n_cohorts, len(found), f"{share:.3f}", f"{errors[0]:.3f}",
               f"{values.mean():.3f}", f"{errors[1]:.3f}", f"{truths.mean():.3f}")  # fmt: skip
    return dict(zip(COLUMNS, ("simulated", scenario, task, n, *numbers), strict=True))


def main() -> None:
    """Print the table and keep it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cohorts", type=int, default=300)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=480)
    asked = parser.parse_args()
    start = time.monotonic()
    print("SIMULATED DATA, nominal 95 % intervals of the cross-validated AUC")
    print("| " + " | ".join(COLUMNS[1:]) + " |")
    print("|---" * (len(COLUMNS) - 1) + "|")
    found = []
    for one in rows(asked.cohorts, asked.jobs, asked.seconds):
        print("| " + " | ".join(str(one[name]) for name in COLUMNS[1:]) + " |", flush=True)
        found.append(one)
    with TABLE.open("w", newline="", encoding="utf-8") as lines:
        table = csv.DictWriter(lines, COLUMNS, lineterminator="\n")
        table.writeheader()
        table.writerows(found)
    print(f"\n{time.monotonic() - start:.0f} s")


if __name__ == "__main__":
    main()
