"""The line drawn of calibration: observed over out-of-fold probability, averaged over repeats."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from scipy.special import expit

from analysis.recalibration_line import recalibration_line
from training.procedure import Bools, Floats

STEP: Final = 0.05
"""Distance of the points; their ends are rounded to it, so that no patient's value is told."""
_TAILS: Final = (0.05, 0.95)
_NORMAL_QUANTILE: Final = 1.959963984540054


def calibration_curve(
    probabilities: Sequence[Floats], is_responder: Bools
) -> dict[str, Any] | None:
    """The recalibration line where nine patients of ten are; None without a repeat to judge.

    Parameters
    ----------
    probabilities
        Out of fold, each of shape (n_patients,), of the repeats whose slope can be judged.

    Returns
    -------
    `points` of `stated` and `observed` probability with limits, `level`, `method`. Each point's
    log-odds and squared errors are averaged over repeats, which share their patients.
    """
    if not probabilities:
        return None
    lowest, highest = np.quantile(np.concatenate(probabilities), _TAILS)
    ends = max(np.floor(lowest / STEP), 1), min(np.ceil(highest / STEP), round(1 / STEP) - 1)
    at = np.round(np.arange(min(ends), max(ends) + 1) * STEP, 2)
    lines = [recalibration_line(one, is_responder, at) for one in probabilities]
    centre = np.mean([line.log_odds for line in lines], axis=0)
    error = np.sqrt(np.mean([line.standard_errors**2 for line in lines], axis=0))
    observed, lower, upper = (
        expit(centre + side * _NORMAL_QUANTILE * error).tolist() for side in (0, -1, 1)
    )
    limits = zip(at.tolist(), observed, lower, upper, strict=True)
    return {
        "level": 0.95,
        "method": "wald_mean_over_repeats",
        "points": [
            dict(zip(("stated", "observed", "lower", "upper"), point, strict=True))
            for point in limits
        ],
    }
