"""Whether hazard ratios stay the same over time: the check of a Cox model's assumption."""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import chdtrc

from analysis.checks import Vector
from analysis.cox import ChiSquareTest, Cox
from analysis.cox_likelihood import events_in_order, partial_likelihood
from analysis.errors import LengthsDifferError, OutOfRangeError, TooFewError, UnknownChoiceError
from analysis.kaplan_meier import kaplan_meier
from analysis.ranks import midranks
from analysis.survival_times import SurvivalTimes

Transform = Literal["km", "identity", "rank", "log"]

_NOTHING_LEFT = 1e-10  # share of the information that the trends do not share with the fit


@dataclass(frozen=True, slots=True, eq=False)
class ProportionalHazards:
    """Score tests of a trend of each coefficient with time, and what the trend is seen from.

    Parameters
    ----------
    names : tuple of str
        Of the covariates.
    transform : Transform
        Of time; ``km`` is 1 less the survival of all patients just before it.
    tests : tuple of ChiSquareTest
        For each covariate.
    overall : ChiSquareTest
        For all together.
    times, transformed : Vector, shape (n_events,)
        Of the events, ascending; raw, and as `transform` has it.
    residuals : Vector, shape (n_events, n_covariates)
        Scaled Schoenfeld residuals plus the coefficient: their smooth over time is about how the
        coefficient goes with time.
    """

    names: tuple[str, ...]
    transform: Transform
    tests: tuple[ChiSquareTest, ...]
    overall: ChiSquareTest
    times: Vector
    transformed: Vector
    residuals: Vector


def proportional_hazards(
    followed: SurvivalTimes, covariates: ArrayLike, fit: Cox, *, transform: Transform = "km"
) -> ProportionalHazards:
    """Test whether the coefficients of a Cox model change with time.

    Parameters
    ----------
    followed : SurvivalTimes
        The patients of the fit.
    covariates : array_like, shape (n_patients, n_covariates)
        Those of the fit.
    fit : Cox
    transform : Transform
        Scale of time on which a change would be linear: ``km`` (default), ``identity``, ``rank``
        or ``log``.

    Returns
    -------
    ProportionalHazards

    Raises
    ------
    TooFewError
        Patients at risk differed at too few event times for a trend.
    UnknownChoiceError
        Another transform.
    OutOfRangeError
        A time of 0 on the scale ``log``.
    LengthsDifferError
        Other patients or covariates than those of the fit.

    Notes
    -----
    Source: Grambsch and Therneau 1994, Biometrika 81:515, as the score test of Therneau's
    survival 3 (``cox.zph``; its versions before 3.0 approximate).

    Examples
    --------
    >>> from analysis.cox import cox_regression
    >>> from analysis.survival_times import survival_times
    >>> followed = survival_times([1, 2, 3, 4, 5, 6], [1, 1, 1, 1, 0, 1])
    >>> groups = [[1], [1], [0], [1], [0], [0]]
    >>> check = proportional_hazards(followed, groups, cox_regression(followed, groups))
    >>> round(check.overall.p, 3)
    0.774
    """
    table = np.asarray(covariates, dtype=np.float64)
    if table.shape != (fit.n_patients, fit.coefficients.size):
        raise LengthsDifferError({"covariates": len(table), "the fit": fit.n_patients})
    events = events_in_order(followed, fit.ties)
    scale = _transformed(followed, transform)[events.patient]
    trend = scale - scale.mean()
    centred = table - table.mean(axis=0)
    at = partial_likelihood(events, centred, fit.coefficients)
    score = (trend[:, None] * (centred[events.patient] - at.means)).sum(axis=0)
    own, shared = (
        (weight[:, None, None] * at.variances).sum(axis=0) for weight in (trend**2, trend)
    )
    left = own - shared @ np.linalg.solve(at.information, shared)
    size = np.ptp(scale) * np.sqrt(np.diag(at.information))
    if np.ptp(scale) == 0 or np.linalg.eigvalsh(left / np.outer(size, size))[0] <= _NOTHING_LEFT:
        n_times = np.unique(events.time[at.variances.any(axis=(1, 2))]).size
        raise TooFewError("event times at which those at risk differ", n_times, 1 + score.size)
    return ProportionalHazards(
        names=fit.names,
        transform=transform,
        tests=tuple(_test(score[[j]], left[np.ix_([j], [j])]) for j in range(score.size)),
        overall=_test(score, left),
        times=events.time,
        transformed=scale,
        residuals=_scaled(centred[events.patient], at.means, events.tied, fit),
    )


def _transformed(followed: SurvivalTimes, transform: Transform) -> Vector:
    times = followed.times
    if transform == "identity":
        return times
    if transform == "rank":
        return midranks(times)
    if transform == "log":
        if (times == 0).any():
            raise OutOfRangeError("times", "above 0 where the scale is log")
        return np.log(times)
    if transform != "km":
        raise UnknownChoiceError("transform", get_args(Transform))
    curve = kaplan_meier(followed)
    before = np.concatenate(([1.0], curve.survival))
    return 1 - before[np.searchsorted(curve.times, times, side="left")]


def _test(score: Vector, variance: Vector) -> ChiSquareTest:
    statistic = float(score @ np.linalg.solve(variance, score))
    return ChiSquareTest(statistic, score.size, float(chdtrc(score.size, statistic)))


def _scaled(observed: Vector, means: Vector, tied: NDArray[np.intp], fit: Cox) -> Vector:
    """Scaled Schoenfeld residuals; those of one time are all against the mean of its means."""
    n_tied = np.bincount(tied)
    mean = np.zeros((n_tied.size, means.shape[1]))
    np.add.at(mean, tied, means)
    residuals = observed - (mean / n_tied[:, None])[tied]
    return np.asarray(fit.coefficients + fit.n_events * residuals @ fit.covariance)
