"""How fast the mixed model is beside R's lme4 and lmerTest, on the same visits in one run.

Two slopes per patient, REML, 64 patients and 593 visits. Required: a fit in at most the time of
lme4's `lmer`, with its default optimiser and with bobyqa, and a fit with Satterthwaite's degrees of
freedom of two contrasts in at most that of lmerTest. Ours must agree with bobyqa's; the default
optimiser may stop on the boundary, above the minimum.

Usage: python bench/mixed_model.py
"""

import csv
import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from analysis.mixed_contrasts import mixed_contrasts
from analysis.mixed_model import MixedFit, fit_mixed_model
from analysis.piecewise_slopes import fixed_columns, random_columns

VISITS = Path(__file__).parents[1] / "tests/reference/data/alsfrs_long.csv"
CONTRASTS = ((0, 1, 0, 0, 0, 6), (0, 0, 0, 0, 0, 6))
LEAST_TIMES = 1.0
SAME = 1e-4  # lme4 stops that early
LOOPS, ROUNDS = 200, 5

IN_R = """
needed <- c("lme4", "lmerTest")
if (!all(vapply(needed, function(p) suppressWarnings(requireNamespace(p, quietly = TRUE)), NA)))
  quit(status = 3)
seconds <- function(loops, run) min(vapply(seq_len(5), function(round)
  system.time(for (i in seq_len(loops)) run())[["elapsed"]] / loops, 0))
d <- read.csv(commandArgs(TRUE)[1])
d$arm <- factor(d$arm, c("control", "msc"))
d$t_pre <- pmin(d$month, 0); d$t_post <- pmax(d$month, 0)
model <- alsfrsr ~ arm * (t_pre + t_post) + (1 + t_pre + t_post | id)
bobyqa <- lme4::lmerControl(optimizer = "bobyqa")
default <- function() suppressMessages(lme4::lmer(model, d))
fit <- function() lme4::lmer(model, d, control = bobyqa)
tested <- function() {
  fit <- lmerTest::lmer(model, d, control = bobyqa)
  lapply(list(c(0, 1, 0, 0, 0, 6), c(0, 0, 0, 0, 0, 6)), function(l) lmerTest::contest1D(fit, l))
}
found <- tested()
deviance <- function(fit) -2 * as.numeric(logLik(fit))
cat(sprintf(paste('{"fit, default": %.9g, "fit, bobyqa": %.9g, "satterthwaite": %.9g,',
  '"default_deviance": %.15g, "deviance": %.15g, "df": [%.15g, %.15g]}'), seconds(20, default),
  seconds(20, fit), seconds(3, tested), deviance(default()), deviance(fit()), found[[1]]$df,
  found[[2]]$df))
"""


def times_in_r() -> dict[str, float]:
    """Seconds of each task, timed inside of R."""
    rscript = shutil.which("Rscript")
    if rscript is None:
        raise SystemExit("missing: Rscript (R)")
    command = [rscript, "-e", IN_R, str(VISITS)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    if ran.returncode == 3:
        raise SystemExit("missing: the R packages lme4 and lmerTest")
    if ran.returncode != 0:
        raise SystemExit(ran.stderr)
    found: dict[str, float] = json.loads(ran.stdout)
    return found


def seconds(run: Callable[[], object]) -> float:
    """Fastest round's mean."""
    rounds = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        for _ in range(LOOPS):
            run()
        rounds.append((time.perf_counter() - start) / LOOPS)
    return min(rounds)


def main() -> None:
    with VISITS.open(newline="") as lines:
        visits = list(csv.DictReader(lines))
    month = np.array([float(visit["month"]) for visit in visits])
    is_msc = np.array([visit["arm"] == "msc" for visit in visits])
    totals = np.array([float(visit["alsfrsr"]) for visit in visits])
    patient = np.array([visit["id"] for visit in visits])

    def fit() -> MixedFit:
        fixed, random = fixed_columns(month, is_msc), random_columns(month, "two_slopes")
        return fit_mixed_model(totals, fixed, random, patient)

    fit_time, tested_time = seconds(fit), seconds(lambda: mixed_contrasts(fit(), CONTRASTS))
    ours = {"fit, default": fit_time, "fit, bobyqa": fit_time, "satterthwaite": tested_time}
    theirs = times_in_r()
    degrees = mixed_contrasts(fit(), CONTRASTS).df
    difference = max(abs(fit().deviance - theirs["deviance"]), *abs(degrees - theirs["df"]))
    failed = difference > SAME
    print(f"{'work':15}{'R [ms]':>10}{'ours [ms]':>12}{'times as fast':>15}")
    for work, time_of_ours in ours.items():
        ratio = theirs[work] / time_of_ours
        failed |= ratio < LEAST_TIMES
        print(f"{work:15}{1e3 * theirs[work]:10.2f}{1e3 * time_of_ours:12.2f}{ratio:15.1f}")
    above = theirs["default_deviance"] - fit().deviance
    print(f"lme4's default optimiser ends {above:.4f} above the minimum of the deviance")
    print(f"largest difference of deviance and degrees of freedom from bobyqa: {difference:.1e}")
    sys.exit(int(failed))


if __name__ == "__main__":
    main()
