"""The way to the maximum of Cox's partial likelihood, and the proof that there is one."""

from dataclasses import replace

import numpy as np

from analysis.checks import Vector
from analysis.cox_likelihood import Events, partial_likelihood
from analysis.errors import NotConvergedError, RankDeficientError
from analysis.survival_errors import MonotoneLikelihoodError, NoComparisonError

_MOST_STEPS = 200
_CONVERGED = 1e-11  # change of any patient's log hazard in the last step
_NEARLY = 1e-7  # below this a change that no longer shrinks is rounding
_FAR = 25.0  # spread of log hazards from which on the likelihood may be rising for ever
_FARTHEST = 600.0  # beyond this spread hazards are no numbers any more
_LONGEST_STEP = 50.0  # change of any patient's log hazard in one step
_EXTREME = 1e-6  # beside the spread of a direction: this near to the most extreme is it
_MOVES = 1e-4  # beside the largest change: a coefficient that changes by less stands still
_DEPENDENT = 1e-10  # singular value of unit columns below which they repeat each other
_ROUNDING = 1e-10  # a fall of the log-likelihood that is not worth halving a step for


def orthogonal(table: Vector) -> tuple[Vector, Vector]:
    """Return centred orthogonal columns of mean square 1, and the way back to coefficients.

    The fit does not depend on how the same columns are combined, but rounding does.

    Parameters
    ----------
    table : Vector, shape (n_patients, n_covariates)

    Returns
    -------
    tuple of Vector, shapes (n_patients, n_covariates) and (n_covariates, n_covariates)
        The columns, and the matrix that turns their coefficients into those of `table`.

    Raises
    ------
    RankDeficientError
        A column is constant, or others add up to it.

    Examples
    --------
    >>> columns, to_raw = orthogonal(np.array([[1.0], [3.0]]))
    >>> np.abs(columns).round(3).tolist(), np.abs(to_raw).round(3).tolist()
    ([[1.0], [1.0]], [[1.0]])
    """
    n, n_columns = table.shape
    unit = np.maximum(np.abs(table).max(axis=0), 1e-300)
    centred = table / unit - (table / unit).mean(axis=0)
    length = np.sqrt((centred**2).sum(axis=0))
    is_constant = length <= 1e-13 * np.sqrt(n)
    scaled = centred / np.where(is_constant, 1.0, length)
    singular = np.linalg.svd(scaled[:, ~is_constant], compute_uv=False)
    rank = int(np.count_nonzero(singular > _DEPENDENT))
    if rank < n_columns:
        raise RankDeficientError(1 + rank, 1 + n_columns)
    q, r = np.linalg.qr(centred)
    return np.sqrt(n) * q, np.linalg.inv(r) * np.sqrt(n) / unit[:, None]


def check_comparison(events: Events, design: Vector) -> None:
    """Refuse events that compare nobody: all at risk were alike, or all had the event at once.

    By the variance of the exact permutation of those at risk, which is that of the log-rank test;
    Efron's and Breslow's approximations see information even where all have the event at once.

    Parameters
    ----------
    events : Events
    design : Vector, shape (n_patients, n_covariates)
        As `orthogonal` makes it.

    Raises
    ------
    NoComparisonError
        There is no information on some direction of the covariates.

    Examples
    --------
    >>> from analysis.cox_likelihood import events_in_order
    >>> from analysis.survival_times import survival_times
    >>> events = events_in_order(survival_times([1, 2], [1, 1]), "efron")
    >>> check_comparison(events, np.array([[1.0], [-1.0]]))
    """
    whole = replace(events, passed=np.zeros_like(events.passed))
    variances = partial_likelihood(whole, design, np.zeros(design.shape[1])).variances
    at_risk, n_tied = events.n_at_risk, np.bincount(events.tied)[events.tied]
    weight = (at_risk - n_tied) / np.maximum(at_risk - 1, 1)
    information = (weight[:, None, None] * variances).sum(axis=0)
    if np.linalg.eigvalsh(information)[0] <= _DEPENDENT:
        raise NoComparisonError


def climb(
    events: Events, design: Vector, to_raw: Vector, names: tuple[str, ...]
) -> tuple[Vector, int]:
    """Maximise the partial likelihood by Newton's steps, halved while they overshoot.

    Parameters
    ----------
    events : Events
    design, to_raw : Vector
        As `orthogonal` makes them.
    names : tuple of str
        Of the covariates, for an error.

    Returns
    -------
    tuple of Vector, shape (n_covariates,), and int
        Coefficients of the columns of `design`, and the number of steps.

    Raises
    ------
    MonotoneLikelihoodError
        There is no maximum: a direction in which the likelihood rises for ever was found.
    NotConvergedError
        The maximum was not reached.

    Notes
    -----
    That the likelihood rises for ever is not guessed from large coefficients but shown: in some
    direction, at every event the patient is at the extreme of those at risk. Source: Jacobsen
    1989, Scand J Stat 16:335.

    Examples
    --------
    >>> from analysis.cox_likelihood import events_in_order
    >>> from analysis.survival_times import survival_times
    >>> events = events_in_order(survival_times([1, 2, 3], [1, 1, 1]), "efron")
    >>> columns, to_raw = orthogonal(np.array([[1.0], [0.0], [2.0]]))
    >>> at, steps = climb(events, columns, to_raw, ("dose",))
    >>> (to_raw @ at).round(3).tolist(), steps
    ([-0.669], 5)
    """
    at, previous = np.zeros(design.shape[1]), np.inf
    here = partial_likelihood(events, design, at)
    for n_steps in range(1, _MOST_STEPS + 1):
        step = np.linalg.lstsq(here.information, here.score, rcond=None)[0]
        change = float(np.abs(design @ step).max())
        step *= min(1.0, _LONGEST_STEP / max(change, _CONVERGED))
        there = partial_likelihood(events, design, at + step)
        while not there.log_likelihood >= here.log_likelihood - _ROUNDING:
            step /= 2
            there = partial_likelihood(events, design, at + step)
        at, here = at + step, there
        if change < _CONVERGED or previous <= change < _NEARLY:
            return at, n_steps
        previous, spread = change, float(np.ptp(design @ at))
        if spread > _FAR and _rises_for_ever(events, design @ step):
            raise MonotoneLikelihoodError(_moving(names, to_raw @ step, to_raw))
        if spread > _FARTHEST:
            break
    raise NotConvergedError("the partial likelihood's maximum")


def _rises_for_ever(events: Events, direction: Vector) -> bool:
    """Whether at every event the patient is at the extreme, in this direction, of those at risk."""
    highest = np.maximum.accumulate(direction[events.order])[events.n_at_risk - 1]
    return bool((direction[events.patient] >= highest - _EXTREME * np.ptp(direction)).all())


def _moving(names: tuple[str, ...], step: Vector, to_raw: Vector) -> list[str]:
    """Name the covariates whose coefficients the step changes, each in its own unit."""
    size = np.abs(step) / np.abs(to_raw).max(axis=1)
    return [name for name, moved in zip(names, size, strict=True) if moved > _MOVES * size.max()]
