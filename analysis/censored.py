"""Log-normal values of which some are only known to lie below a limit: maximum likelihood.

Nothing is filled in for a censored value; it enters with the probability of lying below its own
limit. The median without any model is in `analysis.censored_median`.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import chdtrc, ndtr, ndtri

from analysis.checks import Mask, Vector, checked_classes, checked_level, checked_vector
from analysis.errors import (
    AllCensoredError,
    LengthsDifferError,
    NoSpreadError,
    OutOfRangeError,
)
from analysis.estimate import Estimate
from analysis.olsen import fit_censored_normal

_SAME_LOG = 1e-12  # a range of logarithms within which values count as the same


@dataclass(frozen=True, slots=True)
class CensoredLogNormal:
    """A log-normal distribution fitted to one sample.

    Parameters
    ----------
    mean_log, sd_log : float
        Mean and standard deviation of the natural logarithm; the divisor of `sd_log` is n, as
        maximum likelihood has it.
    mean_log_se, log_sd_log_se : float
        Standard errors of `mean_log` and of the logarithm of `sd_log`, from the observed
        information.
    log_likelihood : float
        Of the values themselves, not of their logarithms.
    n, n_censored : int
        Patients, and those below their limit.
    """

    mean_log: float
    sd_log: float
    mean_log_se: float
    log_sd_log_se: float
    log_likelihood: float
    n: int
    n_censored: int

    @property
    def median(self) -> float:
        """Median, which is the geometric mean, in the values' unit."""
        return math.exp(self.mean_log)

    @property
    def mean(self) -> float:
        """Arithmetic mean in the values' unit."""
        return math.exp(self.mean_log + self.sd_log**2 / 2)


@dataclass(frozen=True, slots=True)
class CensoredDifference:
    """Log-normal distributions of two groups with one standard deviation.

    Parameters
    ----------
    difference : Estimate
        Mean log of the group less that of the others: the log of the ratio of medians; method
        ``censored_log_normal``; `n_cases` and `n_controls` are the group's and the others'
        patients.
    standard_error : float
        Of the difference, from the observed information.
    p_wald, p_likelihood_ratio : float
        Two-sided, against no difference. The second is the better one in small samples.
    mean_log_others, sd_log : float
        Of the others; of both.
    log_likelihood : float
        Of the values themselves.
    n_censored : int
        Patients below their limit, of both groups.
    """

    difference: Estimate
    standard_error: float
    p_wald: float
    p_likelihood_ratio: float
    mean_log_others: float
    sd_log: float
    log_likelihood: float
    n_censored: int


def censored_log_normal(values: ArrayLike, is_censored: ArrayLike) -> CensoredLogNormal:
    """Fit a log-normal distribution to left-censored values.

    Parameters
    ----------
    values : array_like, shape (n_patients,)
        Measured values above zero; for a censored patient the limit, which may differ between
        patients.
    is_censored : array_like, shape (n_patients,)
        True where the value lies below that limit.

    Returns
    -------
    CensoredLogNormal
        With nothing censored, the mean and standard deviation of the logarithms.

    Raises
    ------
    AllCensoredError
        Nothing was measured.
    NoSpreadError
        The measured values are all the same and no limit lies below them: the likelihood grows
        without end as the standard deviation goes to 0.
    AnalysisError
        Lengths differ, a value is not finite or not above zero.

    Notes
    -----
    Source: Cohen 1959, Technometrics 1:217; Olsen 1978, Econometrica 46:1211, in whose
    parameters (1/sd, mean/sd) the log-likelihood is concave, so that Newton's steps end in its
    only maximum. The same as R's ``survreg(Surv(values, !is_censored, type = "left") ~ 1, dist =
    "lognormal")``.

    Examples
    --------
    >>> fit = censored_log_normal([0.7, 0.7, 1.1, 2.5, 4.0], [1, 1, 0, 0, 0])
    >>> round(fit.median, 3), round(fit.sd_log, 3)
    (1.047, 1.075)
    """
    logs, censored = _checked(values, is_censored)
    _refuse_unbounded([("patients", logs, censored)])
    fit = fit_censored_normal(np.ones((logs.size, 1)), logs, censored)
    return CensoredLogNormal(
        mean_log=float(fit.means[0]),
        sd_log=fit.sd,
        mean_log_se=float(fit.errors[0]),
        log_sd_log_se=float(fit.errors[-1]),
        log_likelihood=fit.log_likelihood - float(logs[~censored].sum()),
        n=logs.size,
        n_censored=int(censored.sum()),
    )


def censored_difference(
    values: ArrayLike, is_censored: ArrayLike, in_group: ArrayLike, *, level: float = 0.95
) -> CensoredDifference:
    """Compare left-censored log-normal values of two groups.

    Parameters
    ----------
    values : array_like, shape (n_patients,)
        Measured values above zero; for a censored patient the limit.
    is_censored : array_like, shape (n_patients,)
        True where the value lies below that limit.
    in_group : array_like, shape (n_patients,)
        True for one group, False for the others.
    level : float
        Confidence level.

    Returns
    -------
    CensoredDifference

    Raises
    ------
    AllCensoredError
        Nothing was measured in a group, or it is empty: its mean has no finite estimate.
    NoSpreadError
        In both groups the measured values are all the same with no limit below them.
    AnalysisError
        Lengths differ, a value is not finite or not above zero, a level out of range.

    Notes
    -----
    Source: as `censored_log_normal`, with the group as the only term. Limits are normal (Wald).

    Examples
    --------
    >>> values, is_censored = [0.7, 0.7, 1.1, 2.5, 4.0, 3.1], [1, 1, 0, 0, 0, 0]
    >>> print(censored_difference(values, is_censored, [0, 0, 0, 1, 1, 1]).difference)
    1.50 (95% CI 0.99-2.00, censored_log_normal, 3 v 3)
    """
    checked_level(level)
    logs, censored = _checked(values, is_censored)
    group = checked_classes(in_group)
    if group.size != logs.size:
        raise LengthsDifferError({"values": logs.size, "in_group": group.size})
    groups = [("patients of the group", group), ("patients outside the group", ~group)]
    _refuse_unbounded([(name, logs[members], censored[members]) for name, members in groups])
    design = np.column_stack([np.ones(logs.size), group])
    fit = fit_censored_normal(design, logs, censored)
    null = fit_censored_normal(design[:, :1], logs, censored)
    value, error = float(fit.means[1]), float(fit.errors[1])
    half_width = float(ndtri((1 + level) / 2)) * error
    n_group = int(group.sum())
    sizes = n_group, logs.size - n_group
    limits = value - half_width, value + half_width
    gain = max(2 * (fit.log_likelihood - null.log_likelihood), 0.0)
    return CensoredDifference(
        difference=Estimate(value, *limits, level, "censored_log_normal", *sizes),
        standard_error=error,
        p_wald=float(2 * ndtr(-abs(value) / error)),
        p_likelihood_ratio=float(chdtrc(1, gain)),
        mean_log_others=float(fit.means[0]),
        sd_log=fit.sd,
        log_likelihood=fit.log_likelihood - float(logs[~censored].sum()),
        n_censored=int(censored.sum()),
    )


def _checked(values: ArrayLike, is_censored: ArrayLike) -> tuple[Vector, Mask]:
    vector = checked_vector("values", values)
    given = np.asarray(is_censored)
    if given.dtype.kind not in "biuf" or given.ndim != 1 or not np.isin(given, (0, 1)).all():
        raise OutOfRangeError("is_censored", "one true or false for each patient")
    if given.size != vector.size:
        raise LengthsDifferError({"values": vector.size, "is_censored": given.size})
    if (vector <= 0).any():
        raise OutOfRangeError("values", "above zero to have a logarithm")
    return np.log(vector), given.astype(np.bool_)


def _refuse_unbounded(groups: list[tuple[str, Vector, Mask]]) -> None:
    """Refuse data whose likelihood has no maximum: a mean without end, or a deviation of zero."""
    bounded = False
    for name, logs, censored in groups:
        measured, limits = logs[~censored], logs[censored]
        if measured.size == 0:
            raise AllCensoredError(name, logs.size)
        spread = bool(np.ptp(measured) > _SAME_LOG)
        bounded = bounded or spread or bool((limits < measured.min() - _SAME_LOG).any())
    if not bounded:
        raise NoSpreadError("measured values")
