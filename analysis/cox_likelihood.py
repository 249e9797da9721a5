"""Cox's partial likelihood: its value, slope and curvature at given coefficients.

Everything is kept event by event, because the check of proportional hazards needs it so.
"""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from analysis.checks import Vector
from analysis.errors import UnknownChoiceError
from analysis.survival_times import SurvivalTimes

Ties = Literal["efron", "breslow"]


@dataclass(frozen=True, slots=True, eq=False)
class Events:
    """The events in order of time, and who was at risk at each.

    Parameters
    ----------
    order : array of int, shape (n_patients,)
        Patients by time, the longest followed first.
    patient : array of int, shape (n_events,)
        Who had each event, in order of time.
    time : Vector, shape (n_events,)
    n_at_risk : array of int, shape (n_events,)
        The first so many of `order` were at risk.
    tied : array of int, shape (n_events,)
        Number of the event's time among the distinct ones.
    passed : Vector, shape (n_events,)
        Share of those who had the event at this time that is taken as gone already: Efron's
        handling of ties; 0 for Breslow's.
    """

    order: NDArray[np.intp]
    patient: NDArray[np.intp]
    time: Vector
    n_at_risk: NDArray[np.intp]
    tied: NDArray[np.intp]
    passed: Vector


@dataclass(frozen=True, slots=True, eq=False)
class PartialLikelihood:
    """The partial likelihood at one vector of coefficients.

    Parameters
    ----------
    log_likelihood : float
    means : Vector, shape (n_events, n_covariates)
        Of the covariates of those at risk, weighted by their hazards.
    variances : Vector, shape (n_events, n_covariates, n_covariates)
        The same way.
    score : Vector, shape (n_covariates,)
        Slope of the log-likelihood.
    information : Vector, shape (n_covariates, n_covariates)
        Its curvature, downwards.
    """

    log_likelihood: float
    means: Vector
    variances: Vector
    score: Vector
    information: Vector


def events_in_order(followed: SurvivalTimes, ties: Ties) -> Events:
    """List the events and who was at risk at each.

    Parameters
    ----------
    followed : SurvivalTimes
    ties : Ties
        ``efron`` or ``breslow``: how events at the same time share those at risk.

    Returns
    -------
    Events

    Raises
    ------
    UnknownChoiceError
        Another way of handling ties.

    Examples
    --------
    >>> from analysis.survival_times import survival_times
    >>> events = events_in_order(survival_times([2, 2, 3, 1], [1, 1, 0, 0]), "efron")
    >>> events.n_at_risk.tolist(), events.passed.tolist()
    ([3, 3], [0.0, 0.5])
    """
    if ties not in get_args(Ties):
        raise UnknownChoiceError("ties", get_args(Ties))
    order = np.argsort(-followed.times, kind="stable")
    patient = np.flatnonzero(followed.is_event)
    patient = patient[np.argsort(followed.times[patient], kind="stable")]
    time = followed.times[patient]
    _, first, tied, n_tied = np.unique(
        time, return_index=True, return_inverse=True, return_counts=True
    )
    nth = np.arange(time.size) - first[tied]
    passed = nth / n_tied[tied] if ties == "efron" else np.zeros(time.size)
    n_at_risk = np.searchsorted(-followed.times[order], -time, side="right")
    return Events(order, patient, time, n_at_risk, tied, passed)


def partial_likelihood(
    events: Events, covariates: Vector, coefficients: Vector
) -> PartialLikelihood:
    """Work out the partial likelihood and its derivatives.

    Parameters
    ----------
    events : Events
    covariates : Vector, shape (n_patients, n_covariates)
        Best with means near 0.
    coefficients : Vector, shape (n_covariates,)
        Log hazard ratios.

    Returns
    -------
    PartialLikelihood

    Notes
    -----
    Source: Cox 1972, J R Stat Soc B 34:187; ties by Efron 1977, J Am Stat Assoc 72:557, or
    Breslow 1974, Biometrics 30:89.

    Examples
    --------
    >>> from analysis.survival_times import survival_times
    >>> events = events_in_order(survival_times([1, 2, 3], [1, 1, 1]), "efron")
    >>> at = partial_likelihood(events, np.array([[1.0], [0.0], [2.0]]), np.zeros(1))
    >>> round(at.log_likelihood, 6), at.means.ravel().tolist()
    (-1.791759, [1.0, 1.0, 2.0])
    """
    # One sum per patient, not BLAS: the same covariates give the same bits.
    linear = (covariates * coefficients).sum(axis=1)
    linear = linear - linear.max()
    hazard = np.exp(linear)
    squares = covariates[:, :, None] * covariates[:, None, :]
    moments = (hazard, hazard[:, None] * covariates, hazard[:, None, None] * squares)
    total, first, second = (_at_risk(events, moment) for moment in moments)
    means = first / total[:, None]
    variances = second / total[:, None, None] - means[:, :, None] * means[:, None, :]
    return PartialLikelihood(
        log_likelihood=float((linear[events.patient] - np.log(total)).sum()),
        means=means,
        variances=variances,
        score=np.asarray((covariates[events.patient] - means).sum(axis=0)),
        information=np.asarray(variances.sum(axis=0)),
    )


def _at_risk(events: Events, values: Vector) -> Vector:
    """Sum values over those at risk at each event, less what has passed of the tied ones."""
    sums = np.cumsum(values[events.order], axis=0)[events.n_at_risk - 1]
    of_tied = np.zeros((events.tied[-1] + 1, *values.shape[1:]))
    np.add.at(of_tied, events.tied, values[events.patient])
    passed = events.passed.reshape(-1, *[1] * (values.ndim - 1))
    return np.asarray(sums - passed * of_tied[events.tied])
