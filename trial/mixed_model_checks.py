"""Whether the visits look as the mixed model assumes: its residuals, month by month and ordered."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.special import ndtri

from analysis.checks import Vector
from analysis.mixed_residuals import conditional_residuals
from analysis.piecewise_slopes import RandomStructure, random_columns
from data.cohort import Arm
from trial.mixed_model_fit import fit_rows
from trial.mixed_model_rows import VisitRows
from trial.visits import WINDOW_MONTHS

_FEWEST: Final = 2
_N_QUANTILES: Final = 40


@dataclass(frozen=True, slots=True)
class ResidualMean:
    """Mean conditional residual of an arm near a month [residual SDs]; 0 where the lines fit.

    Attributes
    ----------
    standard_error
        None with fewer than two visits.
    """

    arm: Arm
    month: float
    n: int
    mean: float
    standard_error: float | None


@dataclass(frozen=True, slots=True, eq=False)
class ResidualChecks:
    """Conditional residuals: each visit less its patient's own predicted line, over residual SD.

    Attributes
    ----------
    by_month
        Arms and months with at least one visit.
    normal_quantiles, quantiles
        Of the standard normal distribution, and of the residuals over their own SD at the same
        probabilities; equal where residuals are normal.
    skewness, excess_kurtosis
        0 for a normal distribution.
    n_beyond_3
        Residuals of more than 3 of their own SDs; 0.3 % of them are expected.
    """

    by_month: tuple[ResidualMean, ...]
    normal_quantiles: Vector
    quantiles: Vector
    skewness: float
    excess_kurtosis: float
    n_beyond_3: int
    n: int


def check_residuals(
    rows: VisitRows, structure: RandomStructure, months: tuple[float, ...]
) -> ResidualChecks:
    """Look at the residuals of the model fitted by REML.

    Parameters
    ----------
    months
        Each visit counts at the nearest of them, if it is within half a month.
    """
    fit = fit_rows(rows, structure)
    random = random_columns(rows.month, structure)
    residuals = conditional_residuals(fit, rows.total, rows.fixed(), random, rows.patient)
    standard = (residuals - residuals.mean()) / residuals.std()
    share = (np.arange(_N_QUANTILES) + 0.5) / _N_QUANTILES
    return ResidualChecks(
        by_month=tuple(_by_month(rows, residuals, months)),
        normal_quantiles=ndtri(share),
        quantiles=np.quantile(standard, share),
        skewness=float((standard**3).mean()),
        excess_kurtosis=float((standard**4).mean() - 3),
        n_beyond_3=int((np.abs(standard) > 3).sum()),
        n=standard.size,
    )


def _by_month(rows: VisitRows, residuals: Vector, months: tuple[float, ...]) -> list[ResidualMean]:
    nearest = np.array(months)[np.abs(rows.month[:, None] - np.array(months)).argmin(axis=1)]
    near = np.abs(rows.month - nearest) <= WINDOW_MONTHS
    found = []
    for arm in rows.n_patients:
        for month in months:
            there = residuals[rows.of_arm(arm) & near & (nearest == month)]
            if there.size:
                found.append(_mean_of(arm, month, there))
    return found


def _mean_of(arm: Arm, month: float, residuals: Vector) -> ResidualMean:
    spread = None
    if residuals.size >= _FEWEST:
        spread = float(residuals.std(ddof=1) / np.sqrt(residuals.size))
    return ResidualMean(arm, month, residuals.size, float(residuals.mean()), spread)
