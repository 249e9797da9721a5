"""How often the interval of a cross-validated AUC holds the AUC on fresh patients.

Simulated cohorts of 64 patients (33 treated), evaluated with the repeats of `train` and both
logistic families (XGBoost, rarely chosen at this size, would take hours). The truth of a cohort
is the AUC of its own final fit on fresh patients: exactly one half in scenario `null`.

Usage: python bench/coverage.py [--cohorts 300] [--jobs 2]
"""

import argparse
import time
from functools import cache

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
from training.evaluate import cross_validated_auc
from training.final_fit import choose_on_all, fit_linear
from training.nested_cv import PROCEDURE, run_repeats
from training.training_set import TrainingSet, make_training_set

N = 64
N_FRESH = 8000
FRESH_SEED = 10**6
CONFIG = EvaluationConfig()


def training_set_of(scenario: Scenario, n: int, seed: int, task: TaskName) -> TrainingSet:
    """Who would train in a simulated cohort."""
    analytes = tuple(study_analytes().values())
    cohort = simulate_cohort(scenario, n=n, seed=seed)
    return make_training_set(cohort, Task(task), define_responder(), analytes, n_folds=5)


@cache
def fresh(scenario: Scenario, task: TaskName) -> TrainingSet:
    """Patients that no cohort has seen."""
    return training_set_of(scenario, N_FRESH, FRESH_SEED, task)


def covers(scenario: Scenario, seed: int, task: TaskName) -> tuple[bool, float] | None:
    """Whether one cohort's interval holds its truth, and its AUC; None where it cannot train."""
    try:
        training_set = training_set_of(scenario, N, seed, task)
    except TrainingError:
        return None
    candidates = families(CandidatesConfig(families=("ridge", "elastic_net")), training_set.recipe)
    of_repeats, of_choice = np.random.SeedSequence(seed).spawn(2)
    seeds = of_repeats.spawn(CONFIG.repeats)
    repeats = list(run_repeats(training_set, candidates, CONFIG, seeds, jobs=1))
    found = cross_validated_auc(PROCEDURE, training_set, repeats)
    truth = 0.5
    if scenario != "null":
        choice = choose_on_all(training_set, candidates, CONFIG, of_choice)
        unseen = fresh(scenario, task)
        intercept, terms = fit_linear(training_set, choice, []).terms(unseen.features)
        scores = intercept + terms.sum(axis=1)
        truth = auc(scores, unseen.is_responder, direction="higher_is_case")
    return found.lower <= truth <= found.upper, found.value


def main() -> None:
    """Print one row per scenario and task."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cohorts", type=int, default=300)
    parser.add_argument("--jobs", type=int, default=2)
    arguments = parser.parse_args()
    start = time.monotonic()
    scenarios: tuple[Scenario, ...] = ("null", "informative")
    print(f"SIMULATED DATA, n = {N}, nominal 95 % intervals of the cross-validated AUC")
    print("| scenario | task | cohorts | coverage (standard error) | mean AUC (standard error) |")
    print("|---|---|---|---|---|")
    for scenario in scenarios:
        for task in TASK_NAMES:
            found = joblib.Parallel(n_jobs=arguments.jobs)(
                joblib.delayed(covers)(scenario, seed, task)
                for seed in range(1001, 1001 + arguments.cohorts)
            )
            covered, aucs = np.array([one for one in found if one is not None]).T
            n = len(covered)
            share = covered.mean()
            print(
                f"| {scenario} | {task} | {n} of {arguments.cohorts} | "
                f"{share:.3f} ({np.sqrt(share * (1 - share) / n):.3f}) | "
                f"{aucs.mean():.3f} ({aucs.std(ddof=1) / np.sqrt(n):.3f}) |",
                flush=True,
            )
    print(f"\n{time.monotonic() - start:.0f} s")


if __name__ == "__main__":
    main()
