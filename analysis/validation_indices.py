"""The indices of R's ``rms::val.prob``: discrimination, unreliability and quality by likelihood."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import chdtrc

from analysis.calibration import checked_log_odds, recalibrate
from analysis.checks import Vector, class_sizes
from analysis.logistic import fit_logistic, log_likelihood
from analysis.roc import auc


@dataclass(frozen=True, slots=True)
class ValidationIndices:
    """What a likelihood says of probabilities taken as they are.

    Parameters
    ----------
    auc, dxy : float
        Area under the curve, and Somers' D: ``2 * auc - 1``.
    r2 : float
        Nagelkerke's R2 of the probabilities as they are; below 0 when they are worse than the
        prevalence for everyone.
    discrimination, discrimination_chi_squared : float
        D: twice the gain in log-likelihood over the prevalence, less 1, per patient; and the gain.
    unreliability, unreliability_chi_squared, unreliability_p : float
        U: twice what recalibration would gain, less 2, per patient; the gain; and the p value of
        the test that intercept and slope are 0 and 1 (2 degrees of freedom; 1 where all
        probabilities are the same and there is no slope).
    quality : float
        ``discrimination - unreliability``.
    g_log_odds, g_probability : float
        Gini's mean difference between two patients, in log-odds and in probability.
    """

    auc: float
    dxy: float
    r2: float
    discrimination: float
    discrimination_chi_squared: float
    unreliability: float
    unreliability_chi_squared: float
    unreliability_p: float
    quality: float
    g_log_odds: float
    g_probability: float


def validation_indices(probabilities: ArrayLike, is_case: ArrayLike) -> ValidationIndices:
    """Judge probabilities by the likelihood of the outcomes.

    Parameters
    ----------
    probabilities : array_like, shape (n_patients,)
        Probability of being a case, strictly between 0 and 1.
    is_case : array_like, shape (n_patients,)
        True for a case.

    Returns
    -------
    ValidationIndices

    Raises
    ------
    SeparatedError
        The probabilities separate the classes.
    AnalysisError
        As `recalibrate`.

    Notes
    -----
    Source: Harrell 2015, Regression Modeling Strategies, section 10.11; Miller 1991, Stat Med
    10:1213 (the unreliability test).

    Examples
    --------
    >>> found = validation_indices([0.1, 0.4, 0.3, 0.8, 0.6], [0, 0, 1, 1, 0])
    >>> round(found.discrimination, 4), round(found.unreliability_p, 4)
    (-0.0378, 0.959)
    """
    log_odds, mask = checked_log_odds(probabilities, is_case)
    n, (n_cases, n_controls) = mask.size, class_sizes(mask)
    fit = recalibrate(probabilities, mask)
    n_parameters = 1 if fit.slope is None else 2
    design = np.column_stack([np.ones(n), log_odds])[:, :n_parameters]
    null = n_cases * math.log(n_cases / n) + n_controls * math.log(n_controls / n)
    given = log_likelihood(log_odds, mask)
    best = fit_logistic(design, mask, offset=np.zeros(n)).log_likelihood
    gain, to_gain = 2 * (given - null), max(2 * (best - given), 0.0)
    area = auc(log_odds, mask, direction="higher_is_case")
    discrimination, unreliability = (gain - 1) / n, (to_gain - n_parameters) / n
    return ValidationIndices(
        auc=area,
        dxy=2 * area - 1,
        r2=math.expm1(-gain / n) / math.expm1(2 * null / n),
        discrimination=discrimination,
        discrimination_chi_squared=gain,
        unreliability=unreliability,
        unreliability_chi_squared=to_gain,
        unreliability_p=float(chdtrc(n_parameters, to_gain)),
        quality=discrimination - unreliability,
        g_log_odds=_mean_difference(log_odds),
        g_probability=_mean_difference(np.asarray(probabilities, dtype=np.float64)),
    )


def _mean_difference(values: Vector) -> float:
    n = values.size
    ranks = 2 * np.arange(1, n + 1) - n - 1
    return float(2 * (ranks @ np.sort(values)) / (n * (n - 1)))
