"""How fast nested cross-validation and its permutation test are beside scikit-learn.

One run, one core each, the same simulated patients, the same 25 (or 11) elastic-net candidates, the
same numbers of folds, chosen by log-loss. The rival: a pipeline of median imputation, scaling and
`LogisticRegression` (saga at its default tolerance and iterations) in `GridSearchCV`; for the
permutations `permutation_test_score` around it, extrapolated from 20. Required: nested
cross-validation 15 times as fast, the permutation test 30 times. The time of ours grows with
folds x candidates as its exponents say (1 is linear).

Usage: python bench/nested_cv.py [--permutations 1000]
"""

import argparse
import time
import warnings
from collections.abc import Callable

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, StratifiedKFold, permutation_test_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from analysis.roc import auc
from training.estimators import PenalisedLogistic
from training.procedure import assign_folds, assign_inner_folds, run_procedures

N_PATIENTS, N_FEATURES, FOLDS, REPEATS = 60, 12, 5, 10
L1_RATIO = 0.5
LEAST_TIMES = {"nested": 15.0, "permutations": 30.0}
RIVAL_PERMUTATIONS = 20


def simulated(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    features = rng.normal(size=(N_PATIENTS, N_FEATURES))
    return features, features[:, 0] + rng.normal(size=N_PATIENTS) > 0


def ours(features: np.ndarray, is_responder: np.ndarray, strengths: np.ndarray, seed: int) -> float:
    """One repeat of nested cross-validation; the mean AUC within folds."""
    rng = np.random.default_rng(seed)
    family = PenalisedLogistic("elastic_net", strengths, L1_RATIO)
    folds = assign_folds(is_responder, None, FOLDS, rng)
    weights = np.where(folds == np.arange(FOLDS)[:, np.newaxis], 0.0, 1.0)
    inner = [assign_inner_folds(is_responder, None, weight, FOLDS, rng) for weight in weights]
    results = run_procedures([family], features, is_responder, weights, inner)
    areas = [
        auc(
            result.scores[0][folds == fold], is_responder[folds == fold], direction="higher_is_case"
        )
        for fold, result in enumerate(results)
    ]
    return float(np.mean(areas))


def grid_search(strengths: np.ndarray, seed: int) -> GridSearchCV:
    """The rival's inner loop, with the same penalties: C is 1 / (strength x patients)."""
    n_train = N_PATIENTS * (FOLDS - 1) // FOLDS * (FOLDS - 1) // FOLDS
    pipeline = make_pipeline(
        SimpleImputer(strategy="median"),
        StandardScaler(),
        LogisticRegression(l1_ratio=L1_RATIO, solver="saga", random_state=0),
    )
    grid = {"logisticregression__C": 1 / (strengths * n_train)}
    inner = StratifiedKFold(FOLDS, shuffle=True, random_state=seed)
    return GridSearchCV(pipeline, grid, cv=inner, scoring="neg_log_loss")


def rival(
    features: np.ndarray, is_responder: np.ndarray, strengths: np.ndarray, seed: int
) -> float:
    """One repeat of nested cross-validation by scikit-learn."""
    outer = StratifiedKFold(FOLDS, shuffle=True, random_state=seed)
    areas = []
    for train, test in outer.split(features, is_responder):
        fitted = grid_search(strengths, seed).fit(features[train], is_responder[train])
        scores = fitted.decision_function(features[test])
        areas.append(auc(scores, is_responder[test], direction="higher_is_case"))
    return float(np.mean(areas))


def seconds(run: Callable[[], object]) -> float:
    started = time.perf_counter()
    run()
    return time.perf_counter() - started


def nested(features: np.ndarray, is_responder: np.ndarray) -> tuple[float, float]:
    """Seconds of 10 x 5 outer, 5 inner folds and 25 candidates: ours and the rival's."""
    strengths = np.logspace(-0.5, -3, 25)
    areas: dict[str, list[float]] = {"ours": [], "scikit-learn's": []}
    times = [
        seconds(
            lambda run=run, found=found: found.extend(
                run(features, is_responder, strengths, s) for s in range(REPEATS)
            )
        )
        for run, found in zip((ours, rival), areas.values(), strict=True)
    ]
    for whose, found in areas.items():
        print(f"mean AUC of the same work, {whose}: {np.mean(found):.3f}")
    return times[0], times[1]


def permutations(features: np.ndarray, is_responder: np.ndarray, n: int) -> tuple[float, float]:
    """Seconds of n permutations of 5 x 5 folds and 11 candidates; the rival's extrapolated."""
    strengths = np.logspace(-0.5, -3, 11)
    rng = np.random.default_rng(2)
    of_ours = seconds(
        lambda: [ours(features, rng.permutation(is_responder), strengths, s) for s in range(n)]
    )
    outer = StratifiedKFold(FOLDS, shuffle=True, random_state=0)
    of_rival = seconds(
        lambda: permutation_test_score(
            grid_search(strengths, 0),
            features,
            is_responder,
            cv=outer,
            scoring="roc_auc",
            n_permutations=RIVAL_PERMUTATIONS,
            random_state=0,
        )
    )
    return of_ours, of_rival * n / (RIVAL_PERMUTATIONS + 1)


def exponents(features: np.ndarray, is_responder: np.ndarray) -> dict[str, float]:
    """How the time of ours grows with repeats (folds) and with candidates, as powers."""
    counts = (11, 44)
    times = [
        min(
            seconds(lambda k=k: ours(features, is_responder, np.logspace(-0.5, -3, k), 0))
            for _ in range(5)
        )
        for k in counts
    ]
    of_repeats = [
        seconds(
            lambda k=k: [
                ours(features, is_responder, np.logspace(-0.5, -3, 11), s) for s in range(k)
            ]
        )
        for k in (5, 20)
    ]
    return {
        "candidates": float(np.log(times[1] / times[0]) / np.log(counts[1] / counts[0])),
        "repeats": float(np.log(of_repeats[1] / of_repeats[0]) / np.log(4)),
    }


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--permutations", type=int, default=1000)
    asked = parser.parse_args()
    warnings.simplefilter("ignore", ConvergenceWarning)
    features, is_responder = simulated(np.random.default_rng(0))
    print("SIMULATED DATA")
    with threadpool_limits(1):
        ours(features, is_responder, np.logspace(-0.5, -3, 5), 0)
        times = {
            "nested": nested(features, is_responder),
            "permutations": permutations(features, is_responder, asked.permutations),
        }
        growth = exponents(features, is_responder)
    print("\n| work | ours [s] | scikit-learn [s] | times as fast | required |")
    print("|---|---|---|---|---|")
    missed = 0
    for name, (of_ours, of_rival) in times.items():
        ratio = of_rival / of_ours
        missed += ratio < LEAST_TIMES[name]
        print(
            f"| {name} | {of_ours:.2f} | {of_rival:.1f} | {ratio:.0f} | {LEAST_TIMES[name]:.0f} |"
        )
    for name, power in growth.items():
        print(f"\nTime grows with the number of {name} to the power {power:.2f}.")
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main())
