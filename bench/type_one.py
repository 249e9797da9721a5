"""Whether the permutation test keeps its promise where there is nothing to find.

`null` cohorts of 64 simulated patients, `pretreatment`, ridge alone, one repeat for the observed
AUC and for each permutation, through the functions that `train` calls. Required: the p values are
uniform over their 100 possible values (chi-square over ten cells of ten, p > .01) and the observed
AUC lies on average within three standard errors of one half.

Usage: python bench/type_one.py [--cohorts 200] [--permutations 99] [--jobs 2]
"""

import argparse
import itertools
import time
from collections.abc import Iterator

import joblib
import numpy as np
from scipy.special import chdtrc

from data.analytes import study_analytes
from data.outcome import define_responder
from data.panel import Task
from data.simulate import simulate_cohort
from training.config import CandidatesConfig, EvaluationConfig
from training.errors import TrainingError
from training.estimators import families
from training.progress import silent
from training.resampled import Work, permutation
from training.training_set import TrainingSet, make_training_set

N = 64
FIRST_SEED = 5001
CELLS = 10
LEAST_P, MOST_ERRORS = 0.01, 3.0
RIDGE = CandidatesConfig(families=("ridge",))


def training_sets() -> Iterator[tuple[int, TrainingSet]]:
    """Null cohorts in which enough of both classes can train, with their seeds."""
    analytes, task = tuple(study_analytes().values()), Task("pretreatment")
    for seed in itertools.count(FIRST_SEED):
        cohort = simulate_cohort("null", n=N, seed=seed)
        try:
            yield seed, make_training_set(cohort, task, define_responder(), analytes, n_folds=5)
        except TrainingError:
            continue


def tested(seed: int, training_set: TrainingSet, n: int) -> tuple[float, float]:
    """The permutation p of one cohort and its observed AUC."""
    config = EvaluationConfig(permutations=n)
    candidates = families(RIDGE, training_set.recipe)
    found = permutation(
        Work(training_set, candidates, config, 1, silent), np.random.SeedSequence(seed)
    )
    if found is None:
        raise SystemExit("ask for permutations")
    return found["p"], found["observed_auc"]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cohorts", type=int, default=200)
    parser.add_argument("--permutations", type=int, default=99)
    parser.add_argument("--jobs", type=int, default=2)
    asked = parser.parse_args()
    if (asked.permutations + 1) % CELLS:
        parser.error(f"permutations + 1 must be a multiple of {CELLS}")
    start = time.monotonic()
    found = joblib.Parallel(n_jobs=asked.jobs)(
        joblib.delayed(tested)(seed, training_set, asked.permutations)
        for seed, training_set in itertools.islice(training_sets(), asked.cohorts)
    )
    p, aucs = np.array(found).T
    # p is k / (m + 1): cells of (m + 1) / 10 neighbouring values have a probability of 1/10 each.
    of_each = (asked.permutations + 1) // CELLS
    counts = np.bincount((np.rint(p * (asked.permutations + 1)).astype(int) - 1) // of_each,
                         minlength=CELLS)  # fmt: skip
    expected = len(p) / CELLS
    uniform = float(chdtrc(CELLS - 1, float(((counts - expected) ** 2).sum() / expected)))
    error = float(aucs.std(ddof=1) / len(aucs) ** 0.5)
    z = (float(aucs.mean()) - 0.5) / error
    print(f"SIMULATED DATA, null, {len(p)} cohorts of {N}, {asked.permutations} permutations each")
    print("| p up to | " + " | ".join(f"{(cell + 1) / CELLS:.1f}" for cell in range(CELLS)) + " |")
    print("|---" * (CELLS + 1) + "|")
    print("| cohorts | " + " | ".join(map(str, counts)) + " |")
    at_five = float((p <= 0.05 + 1e-12).mean())
    print(f"\nuniform over {CELLS} cells: chi-square p {uniform:.3f} (above {LEAST_P:g} required)")
    print(f"p of .05 or less: {at_five:.3f} ({(0.05 * 0.95 / len(p)) ** 0.5:.3f} expected error)")
    print(f"observed AUC: {aucs.mean():.3f} ({error:.3f}), z {z:+.2f} (within {MOST_ERRORS:g})")
    print(f"\n{time.monotonic() - start:.0f} s")
    return 0 if uniform > LEAST_P and abs(z) <= MOST_ERRORS else 1


if __name__ == "__main__":
    raise SystemExit(main())
