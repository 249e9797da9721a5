"""Cox's proportional hazards regression: hazard ratios with their intervals and tests.

The likelihood is in `analysis.cox_likelihood`, the way to its maximum in `analysis.cox_search`,
the check of the model's assumption in `analysis.proportional_hazards`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import chdtrc, ndtri

from analysis.checks import Vector, checked_level
from analysis.concordance import concordance
from analysis.cox_likelihood import Ties, events_in_order, partial_likelihood
from analysis.cox_search import check_comparison, climb, orthogonal
from analysis.errors import LengthsDifferError, NotFiniteError, OutOfRangeError, ShapeError
from analysis.survival_errors import NoEventsError
from analysis.survival_times import SurvivalTimes


@dataclass(frozen=True, slots=True)
class ChiSquareTest:
    """A statistic with its degrees of freedom and p."""

    statistic: float
    df: int
    p: float


@dataclass(frozen=True, slots=True, eq=False)
class Cox:
    """A fitted model.

    Parameters
    ----------
    names : tuple of str
        Of the covariates; the vectors below are in this order.
    coefficients, standard_errors : Vector, shape (n_covariates,)
        Log hazard ratio for one unit more; above 0 the event comes earlier.
    hazard_ratios, lower, upper : Vector, shape (n_covariates,)
        Exponentials of the coefficients and of their Wald limits.
    p : Vector, shape (n_covariates,)
        Two-sided, Wald.
    covariance : Vector, shape (n_covariates, n_covariates)
        Of the coefficients: the inverse of the information.
    level : float
        Confidence level.
    ties : Ties
        How events at the same time were handled.
    log_likelihood_null, log_likelihood : float
        Partial, with all coefficients 0 and at the maximum.
    likelihood_ratio, score, wald : ChiSquareTest
        Three tests that all coefficients are 0.
    concordance : float
        Harrell's C of the fitted log hazards, on the patients they were fitted to.
    n_patients, n_events : int
    steps : int
        Newton steps to the maximum.
    gradient : float
        How far the end is from the maximum, in standard errors: the proof of convergence.
    """

    names: tuple[str, ...]
    coefficients: Vector
    standard_errors: Vector
    hazard_ratios: Vector
    lower: Vector
    upper: Vector
    p: Vector
    covariance: Vector
    level: float
    ties: Ties
    log_likelihood_null: float
    log_likelihood: float
    likelihood_ratio: ChiSquareTest
    score: ChiSquareTest
    wald: ChiSquareTest
    concordance: float
    n_patients: int
    n_events: int
    steps: int
    gradient: float


def cox_regression(
    followed: SurvivalTimes,
    covariates: ArrayLike,
    *,
    names: Sequence[str] = (),
    ties: Ties = "efron",
    level: float = 0.95,
) -> Cox:
    """Fit a proportional hazards model by maximum partial likelihood.

    Parameters
    ----------
    followed : SurvivalTimes
    covariates : array_like, shape (n_patients, n_covariates)
        Fixed at baseline, in any unit; a group as 0 and 1.
    names : sequence of str
        Of the covariates; numbered if not given.
    ties : Ties
        ``efron`` (default) or ``breslow``.
    level : float
        Confidence level.

    Returns
    -------
    Cox

    Raises
    ------
    NoEventsError
        Nobody had the event.
    NoComparisonError
        Patients at risk never differed when an event happened.
    MonotoneLikelihoodError
        A hazard ratio is 0 or infinite, as where a group has no events.
    RankDeficientError
        Covariates repeat each other or are constant.
    NotConvergedError
        The maximum was not reached; not seen except at extreme scales.
    AnalysisError
        A shape is wrong, lengths differ, a covariate is not finite, a level out of range.

    Notes
    -----
    Source: Cox 1972, J R Stat Soc B 34:187; ties by Efron 1977, J Am Stat Assoc 72:557, or
    Breslow 1974, Biometrics 30:89. The same as R's ``coxph``. That the likelihood rises for ever
    is not guessed from large coefficients but shown: in the direction it rises in, at every event
    the patient is at the extreme of those at risk (Jacobsen 1989, Scand J Stat 16:335).

    Examples
    --------
    >>> from analysis.survival_times import survival_times
    >>> followed = survival_times([1, 2, 3, 4, 5, 6], [1, 1, 1, 1, 0, 1])
    >>> fit = cox_regression(followed, [[1], [1], [0], [1], [0], [0]])
    >>> round(float(fit.hazard_ratios[0]), 3), round(float(fit.p[0]), 3)
    (5.408, 0.15)
    """
    z = float(ndtri((1 + checked_level(level)) / 2))
    table = _checked(followed, covariates)
    named = tuple(names) or tuple(f"covariate {1 + column}" for column in range(table.shape[1]))
    if len(named) != table.shape[1]:
        raise LengthsDifferError({"names": len(named), "columns of covariates": table.shape[1]})
    events = events_in_order(followed, ties)
    design, to_raw = orthogonal(table)
    check_comparison(events, design)
    null = partial_likelihood(events, design, np.zeros(table.shape[1]))
    at, steps = climb(events, design, to_raw, named)
    best = partial_likelihood(events, design, at)
    covariance = to_raw @ np.linalg.inv(best.information) @ to_raw.T
    coefficients, errors = to_raw @ at, np.sqrt(np.diag(covariance))
    with np.errstate(over="ignore"):  # a hazard ratio beyond all numbers is infinite
        ratios, lower, upper = (np.exp(coefficients + side * z * errors) for side in (0, -1, 1))
    ratio = 2 * (best.log_likelihood - null.log_likelihood)
    score = float(null.score @ np.linalg.solve(null.information, null.score))
    gradient = float(best.score @ np.linalg.solve(best.information, best.score)) ** 0.5
    return Cox(
        names=named,
        coefficients=coefficients,
        standard_errors=errors,
        hazard_ratios=ratios,
        lower=lower,
        upper=upper,
        p=np.asarray(chdtrc(1, (coefficients / errors) ** 2)),
        covariance=covariance,
        level=level,
        ties=ties,
        log_likelihood_null=null.log_likelihood,
        log_likelihood=best.log_likelihood,
        likelihood_ratio=_test(max(ratio, 0.0), at.size),
        score=_test(score, at.size),
        wald=_test(float(at @ best.information @ at), at.size),
        concordance=concordance(followed, (table * coefficients).sum(axis=1)),
        n_patients=followed.n_patients,
        n_events=followed.n_events,
        steps=steps,
        gradient=gradient,
    )


def _test(statistic: float, df: int) -> ChiSquareTest:
    return ChiSquareTest(statistic, df, float(chdtrc(df, statistic)))


def _checked(followed: SurvivalTimes, covariates: ArrayLike) -> Vector:
    table = np.asarray(covariates, dtype=np.float64)
    if table.ndim != 2 or table.shape[1] == 0:
        raise ShapeError("covariates", table.shape, "(n_patients, n_covariates)")
    if table.shape[0] != followed.n_patients:
        raise LengthsDifferError({"times": followed.n_patients, "covariates": table.shape[0]})
    n_finite = int(np.count_nonzero(np.isfinite(table)))
    if n_finite < table.size:
        raise NotFiniteError("covariates", table.size - n_finite, table.size)
    if np.abs(table).max() > 1e100:
        raise OutOfRangeError("covariates", "in a unit in which all are below 1e100")
    if followed.n_events == 0:
        raise NoEventsError(followed.n_patients)
    return table
