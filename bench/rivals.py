"""Two loops that people write, beside ours, in one run: glmnet in R, and a naive bootstrap.

`paths`: the elastic-net paths that one nested cross-validation needs (300 training sets of 48
patients, 12 features, 25 penalties), in R by a loop over glmnet at its default tolerance (1e-7),
here by the batched solver, which stops at 1e-12. `bootstrap`: 2,000 stratified resamples of an
AUC of 113 patients by a loop over scikit-learn's `roc_auc_score`. No ratio is required.

Usage: python bench/rivals.py
"""

import json
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from sklearn.metrics import roc_auc_score
from threadpoolctl import threadpool_limits

from analysis.bootstrap_auc import bootstrap_auc_interval
from training.estimators import PenalisedLogistic

N_PROBLEMS, N_PATIENTS, N_TRAIN, N_FEATURES, RESAMPLES = 300, 60, 48, 12, 2000
STRENGTHS = np.logspace(-0.5, -3, 25)
L1_RATIO = 0.5

IN_R = """
if (!suppressWarnings(requireNamespace("glmnet", quietly = TRUE))) quit(status = 3)
suppressMessages(library(glmnet))
folder <- commandArgs(TRUE)[1]
d <- as.matrix(read.csv(file.path(folder, "d.csv"), header = FALSE))
w <- as.matrix(read.csv(file.path(folder, "w.csv"), header = FALSE))
s <- scan(file.path(folder, "s.csv"), quiet = TRUE)
run <- function() for (i in seq_len(nrow(w))) {
  rows <- which(w[i, ] > 0)
  glmnet(d[rows, -1], d[rows, 1], family = "binomial", alpha = 0.5, lambda = s)
}
run()
cat(min(sapply(1:3, function(i) system.time(run())[["elapsed"]])))
"""


def seconds(run: Callable[[], object]) -> float:
    """The fastest of three rounds."""
    rounds = []
    for _ in range(3):
        started = time.perf_counter()
        run()
        rounds.append(time.perf_counter() - started)
    return min(rounds)


def in_r(features: np.ndarray, is_responder: np.ndarray, weights: np.ndarray) -> float:
    """Seconds of the paths by glmnet, timed inside of R."""
    rscript = shutil.which("Rscript")
    if rscript is None:
        raise SystemExit("missing: Rscript (R)")
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        np.savetxt(folder / "d.csv", np.column_stack([is_responder, features]), "%.17g", ",")
        np.savetxt(folder / "w.csv", weights, "%d", ",")
        np.savetxt(folder / "s.csv", STRENGTHS, "%.17g")
        (folder / "time.R").write_text(IN_R)
        command = [rscript, str(folder / "time.R"), scratch]
        ran = subprocess.run(command, capture_output=True, text=True, check=False)
    if ran.returncode == 3:
        raise SystemExit("missing: the R package glmnet")
    if ran.returncode:
        raise SystemExit(ran.stderr)
    return float(json.loads(ran.stdout))


def paths(rng: np.random.Generator) -> tuple[float, float]:
    features = rng.normal(size=(N_PATIENTS, N_FEATURES))
    is_responder = features[:, 0] + rng.normal(size=N_PATIENTS) > 0
    weights = np.zeros((N_PROBLEMS, N_PATIENTS))
    for row in weights:
        row[rng.permutation(N_PATIENTS)[:N_TRAIN]] = 1.0
    family = PenalisedLogistic("elastic_net", STRENGTHS, L1_RATIO)
    ours = seconds(lambda: family.scores(features, is_responder, weights))
    return ours, in_r(features, is_responder, weights)


def naive_bootstrap(scores: np.ndarray, is_case: np.ndarray, rng: np.random.Generator) -> object:
    cases, controls = np.flatnonzero(is_case), np.flatnonzero(~is_case)
    found = []
    for _ in range(RESAMPLES):
        rows = np.concatenate([rng.choice(cases, cases.size), rng.choice(controls, controls.size)])
        found.append(roc_auc_score(is_case[rows], scores[rows]))
    return np.quantile(found, [0.025, 0.975])


def bootstrap(rng: np.random.Generator) -> tuple[float, float]:
    is_case = np.arange(113) % 5 < 2
    scores = rng.normal(size=113) + is_case
    ours = seconds(
        lambda: bootstrap_auc_interval(
            scores,
            is_case,
            direction="higher_is_case",
            rng=rng,
            n_resamples=RESAMPLES,
            method="bootstrap_percentile",
        )
    )
    return ours, seconds(lambda: naive_bootstrap(scores, is_case, rng))


def main() -> None:
    rng = np.random.default_rng(1)
    with threadpool_limits(1):
        times = {"paths": paths(rng), "bootstrap": bootstrap(rng)}
    print(
        "SIMULATED DATA\n\n| work | ours [ms] | the loop [ms] | times as fast |\n|---|---|---|---|"
    )
    for name, (ours, rival) in times.items():
        print(f"| {name} | {1000 * ours:.1f} | {1000 * rival:.0f} | {rival / ours:.1f} |")


if __name__ == "__main__":
    main()
