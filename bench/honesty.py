"""Does the evaluation say what is true? Simulated cohorts whose truth is known.

`null`: cytokines have nothing to do with the outcome, so the AUC must average one half while the
lead-in reference does not. `informative`: the population AUC of the best model is known, so the
out-of-fold AUC must come near it. All families, the whole procedure, as `train` runs it.

Usage: python bench/honesty.py [--null-cohorts 100] [--informative-cohorts 5] [--repeats 4]
       [--jobs 2]
"""

import argparse
import time
from collections.abc import Sequence
from dataclasses import dataclass

import joblib
import numpy as np

from data.analytes import study_analytes
from data.outcome import define_responder
from data.panel import TASK_NAMES, Task, TaskName
from data.simulate import POPULATION_AUC, Scenario, simulate_cohort
from training.config import TrainingConfig
from training.errors import TrainingError
from training.estimators import families
from training.fold_aucs import cross_validated_auc
from training.nested_cv import LEAD_IN, PROCEDURE, run_repeats
from training.training_set import make_training_set


@dataclass(frozen=True)
class Found:
    """AUCs of one cohort; None where too few of a class can train."""

    procedure: float
    lead_in: float


def evaluate_cohort(
    scenario: Scenario, n: int, seed: int, task: TaskName, repeats: int
) -> Found | None:
    """Out-of-fold AUC of the whole procedure and of the lead-in reference on one cohort."""
    config = TrainingConfig()
    analytes = tuple(study_analytes().values())
    try:
        training_set = make_training_set(
            simulate_cohort(scenario, n=n, seed=seed),
            Task(task),
            define_responder(),
            analytes,
            n_folds=config.evaluation.outer_folds,
        )
    except TrainingError:
        return None
    seeds = np.random.SeedSequence(seed).spawn(repeats)
    candidates = families(config.candidates, training_set.recipe)
    done = list(run_repeats(training_set, candidates, config.evaluation, seeds, jobs=1))
    return Found(
        cross_validated_auc(PROCEDURE, training_set, done).value,
        cross_validated_auc(LEAD_IN, training_set, done).value,
    )


def run(
    scenario: Scenario, n: int, seeds: Sequence[int], task: TaskName, repeats: int, jobs: int
) -> list[Found]:
    """All cohorts of a scenario that could be evaluated."""
    found = joblib.Parallel(n_jobs=jobs)(
        joblib.delayed(evaluate_cohort)(scenario, n, seed, task, repeats) for seed in seeds
    )
    return [one for one in found if one is not None]


def mean_and_error(values: Sequence[float]) -> tuple[float, float]:
    """Mean and its standard error over cohorts."""
    return float(np.mean(values)), float(np.std(values, ddof=1) / np.sqrt(len(values)))


def main() -> None:
    """Print one table per scenario."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--null-cohorts", type=int, default=100)
    parser.add_argument("--informative-cohorts", type=int, default=5)
    parser.add_argument("--repeats", type=int, default=4)
    parser.add_argument("--jobs", type=int, default=2)
    arguments = parser.parse_args()
    start = time.monotonic()
    print("SIMULATED DATA, scenario null, n = 64: AUC over cohorts")
    print("| task | cohorts | AUC (standard error) | z against .5 | lead-in slope alone |")
    print("|---|---|---|---|---|")
    seeds = range(1, arguments.null_cohorts + 1)
    for task in TASK_NAMES:
        found = run("null", 64, seeds, task, arguments.repeats, arguments.jobs)
        mean, error = mean_and_error([one.procedure for one in found])
        lead_in, lead_in_error = mean_and_error([one.lead_in for one in found])
        print(
            f"| {task} | {len(found)} of {len(seeds)} | {mean:.3f} ({error:.3f}) | "
            f"{(mean - 0.5) / error:+.2f} | {lead_in:.3f} ({lead_in_error:.3f}) |",
            flush=True,
        )
    print("\nSIMULATED DATA, scenario informative, n = 1000: AUC of each cohort")
    print("| task | population AUC | out of fold, by cohort | largest difference |")
    print("|---|---|---|---|")
    seeds = range(1, arguments.informative_cohorts + 1)
    for task in TASK_NAMES:
        found = run("informative", 1000, seeds, task, arguments.repeats, arguments.jobs)
        truth = POPULATION_AUC[task]
        aucs = [one.procedure for one in found]
        listed = " ".join(f"{auc:.3f}" for auc in aucs)
        worst = max(abs(auc - truth) for auc in aucs)
        print(f"| {task} | {truth:.2f} | {listed} | {worst:.3f} |", flush=True)
    print(f"\n{time.monotonic() - start:.0f} s")


if __name__ == "__main__":
    main()
