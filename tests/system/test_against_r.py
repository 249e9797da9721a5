"""Fresh random data, the same numbers from R: not only the data sets that were kept."""

import json
import subprocess
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from analysis.auc_interval import auc_interval
from analysis.delong import delong_covariance
from analysis.roc import auc
from training.logistic import solve
from training.standardise import standardise

SEEDS = [1, 2, 3, 4, 5]

PROC = """
suppressMessages({library(pROC)})
d <- read.csv(commandArgs(TRUE)[1])
a <- roc(d$y, d$x, direction = "<", levels = c(0, 1), quiet = TRUE)
b <- roc(d$y, d$z, direction = "<", levels = c(0, 1), quiet = TRUE)
cat(sprintf("[%.15g, %.15g, %.15g, %.15g, %.15g, %.15g]", auc(a), var(a), ci.auc(a)[1],
            ci.auc(a)[3], cov(a, b), auc(b)))
"""

GLMNET = """
suppressMessages({library(glmnet)})
d <- as.matrix(read.csv(commandArgs(TRUE)[1]))
fit <- glmnet(d[, -1], d[, 1], family = "binomial", alpha = as.numeric(commandArgs(TRUE)[2]),
              lambda = c(.3, .1, .03, .01), standardize = TRUE, thresh = 1e-16, maxit = 1e7)
cat(paste0("[", paste(sprintf("%.15g", as.vector(as.matrix(coef(fit)))), collapse = ","), "]"))
"""


def run_r(rscript: str, program: str, *arguments: str) -> list[float]:
    done = subprocess.run(
        [rscript, "--vanilla", "-e", program, *arguments],
        capture_output=True,
        text=True,
        check=True,
    )
    numbers: list[float] = json.loads(done.stdout)
    return numbers


def write_csv(path: Path, header: str, columns: NDArray[np.float64]) -> str:
    np.savetxt(path, columns, fmt="%.17g", delimiter=",", header=header, comments="")
    return str(path)


@pytest.mark.parametrize("seed", SEEDS)
def test_auc_delong_interval_and_covariance_equal_proc(
    rscript: str, tmp_path: Path, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    y = np.arange(33) < 19
    x = np.round(rng.normal(size=33) + y, 1)
    z = np.round(x + rng.normal(size=33), 1)
    path = write_csv(tmp_path / "scores.csv", "y,x,z", np.column_stack([y, x, z]))
    expected = run_r(rscript, PROC, path)
    plain = auc_interval(x, y, direction="higher_is_case", method="delong")
    covariance = delong_covariance(np.column_stack([x, z]), y, direction="higher_is_case")
    found = [
        plain.value, covariance[0, 0], plain.lower, plain.upper, covariance[0, 1],
        auc(z, y, direction="higher_is_case"),
    ]  # fmt: skip
    np.testing.assert_allclose(found, expected, rtol=1e-9)


@pytest.mark.parametrize("l1_ratio", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("seed", SEEDS[:2])
def test_penalised_logistic_regressions_equal_glmnet(
    rscript: str, tmp_path: Path, seed: int, l1_ratio: float
) -> None:
    rng = np.random.default_rng(seed)
    features = rng.normal(size=(60, 5)) * [1, 2, 0.5, 10, 1]
    y = rng.random(60) < 1 / (1 + np.exp(-features[:, 0]))
    path = write_csv(tmp_path / "d.csv", "y,a,b,c,d,e", np.column_stack([y, features]))
    expected = np.reshape(run_r(rscript, GLMNET, path, str(l1_ratio)), (4, 6))
    weights = np.ones((1, 60))
    standardised = standardise(features, weights)
    strengths = np.array([0.3, 0.1, 0.03, 0.01])
    fits = solve(features, standardised, y, weights, strengths=strengths, l1_ratio=l1_ratio)
    intercepts, coefficients = fits.on_raw_scale(standardised)
    np.testing.assert_allclose(intercepts[0], expected[:, 0], atol=1e-6)
    np.testing.assert_allclose(coefficients[0], expected[:, 1:], atol=1e-6)
