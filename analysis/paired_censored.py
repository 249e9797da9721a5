"""The mean change of log-normal values of which some, before or after, lie beyond a limit.

Nothing is filled in for a censored value: a pair enters with the probability of all that is known
of it. The likelihood itself is in `analysis.censored_pairs`; one sample, or two groups of
different patients, in `analysis.censored`.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import brentq
from scipy.special import chdtrc, chdtri

from analysis.censored_pairs import CHANGE, CensoredPairs, maximise
from analysis.checks import Vector, checked_level, checked_pairs, checked_spread
from analysis.errors import (
    AllCensoredError,
    LengthsDifferError,
    NotConvergedError,
    OutOfRangeError,
    TooFewError,
)
from analysis.estimate import Estimate

_FEWEST_MEASURED = 5  # as many as parameters
_MOST_DOUBLINGS = 40
_EXACT = 1e-12  # of a limit, in units of the values' spread
_LEAST_CORRELATION = 0.9  # the search begins no nearer to a straight line


@dataclass(frozen=True, slots=True)
class CensoredChange:
    """A bivariate log-normal distribution fitted to pairs, and its mean change.

    Parameters
    ----------
    change : Estimate
        Mean log after less mean log before: the log of the ratio of geometric means; method
        ``profile_likelihood``; `n_cases` and `n_controls` are both the number of patients.
    p_likelihood_ratio : float
        Two-sided, against no change: twice the log-likelihood lost, as chi-square with one
        degree of freedom.
    mean_log_before, sd_log_before, sd_log_after, correlation : float
        Of the natural logarithms, by maximum likelihood (divisor n).
    log_likelihood : float
        Of the values themselves, not of their logarithms.
    n_censored_before, n_censored_after, n_both_censored : int
        Patients with a value beyond its limit; the third are among the first and the second.
    """

    change: Estimate
    p_likelihood_ratio: float
    mean_log_before: float
    sd_log_before: float
    sd_log_after: float
    correlation: float
    log_likelihood: float
    n_censored_before: int
    n_censored_after: int
    n_both_censored: int


def censored_change(
    before: ArrayLike,
    after: ArrayLike,
    *,
    before_below: ArrayLike,
    after_below: ArrayLike,
    before_above: ArrayLike | None = None,
    after_above: ArrayLike | None = None,
    level: float = 0.95,
) -> CensoredChange:
    """Estimate the mean log change of pairs of which either value may be censored.

    Parameters
    ----------
    before, after : array_like, shape (n_patients,)
        Measured values above zero, in one unit; for a censored value its limit, which may differ
        between patients and times.
    before_below, after_below : array_like, shape (n_patients,)
        True where the value lies below that limit.
    before_above, after_above : array_like, shape (n_patients,), optional
        True where it lies above that limit; nowhere if not given.
    level : float
        Confidence level.

    Returns
    -------
    CensoredChange
        With nothing censored `change` is the mean difference of logarithms, and its interval the
        paired t test's with chi-square in the place of F.

    Raises
    ------
    AllCensoredError
        Nothing was measured before, or nothing after: the change has no finite estimate.
    TooFewError
        Fewer than five patients with a measured value both times, for there are five parameters
        (our choice; three would do for a maximum).
    NoSpreadError
        Those patients' values lie on one line: the likelihood may grow without end.
    NotConvergedError
        The maximum, or an end of the interval, was not found.
    AnalysisError
        Lengths differ, a value is not finite or not above zero, a value both below and above,
        a level out of range.

    Notes
    -----
    Source: Lyles, Williams and Chuachoowong 2001, Biometrics 57:1238 (the bivariate likelihood with
    either value below its limit); Venzon and Moolgavkar 1988, Appl Stat 37:87 (the interval). It
    assumes that log values are bivariate normal beyond the limits, too.

    Examples
    --------
    >>> before, after = [0.7, 1.9, 1.2, 3.0, 2.2, 0.9, 1.5], [0.7, 1.1, 0.7, 2.1, 1.9, 0.8, 1.2]
    >>> found = censored_change(
    ...     before, after, before_below=[1, 0, 0, 0, 0, 0, 0], after_below=[1, 0, 1, 0, 0, 0, 0]
    ... )
    >>> print(found.change, round(found.p_likelihood_ratio, 3))
    -0.34 (95% CI -0.59 to -0.13, profile_likelihood, 7 v 7) 0.008
    """
    checked_level(level)
    first, second = _checked_values(before, after)
    n = first.size
    before_side = _side("before", before_below, before_above, n)
    after_side = _side("after", after_below, after_above, n)
    _refuse_unbounded(first, second, before_side, after_side)
    shift, unit = float(np.r_[first, second].mean()), float(np.r_[first, second].std())
    pairs = CensoredPairs((first - shift) / unit, (second - shift) / unit, before_side, after_side)
    best = maximise(pairs, _start(pairs))
    most, _ = pairs.log_likelihood(best)
    reach = chdtri(1, 1 - level)

    def lost(change: float) -> float:
        # Far out there may be two maxima: one keeps the mean before, one the mean after.
        keeping_after = best.copy()
        keeping_after[0] += best[CHANGE] - change
        held = (maximise(pairs, start, change=change) for start in (best, keeping_after))
        return 2 * (most - max(pairs.log_likelihood(at)[0] for at in held))

    value = float(best[CHANGE])
    lower, upper = (_limit(lost, value, side * _width(best, n), reach) for side in (-1, 1))
    measured = first[before_side == 0].sum() + second[after_side == 0].sum()
    n_measured = int((before_side == 0).sum() + (after_side == 0).sum())
    return CensoredChange(
        change=Estimate(
            unit * value, unit * lower, unit * upper, level, "profile_likelihood", n, n
        ),
        p_likelihood_ratio=float(chdtrc(1, max(lost(0.0), 0.0))),
        mean_log_before=unit * float(best[0]) + shift,
        sd_log_before=unit * math.exp(best[2]),
        sd_log_after=unit * math.exp(best[3]),
        correlation=math.tanh(best[4]),
        log_likelihood=most - n_measured * math.log(unit) - float(measured),
        n_censored_before=int((before_side != 0).sum()),
        n_censored_after=int((after_side != 0).sum()),
        n_both_censored=int(((before_side != 0) & (after_side != 0)).sum()),
    )


def likelihood_ratio_p(t: float, n: int) -> float:
    """Return the p of a paired t test's likelihood ratio, as chi-square.

    Parameters
    ----------
    t : float
        Student's statistic of the differences.
    n : int
        Patients, at least 2.

    Returns
    -------
    float
        What `censored_change` gives where nothing is censored: a little below the t test's own
        p, and to be compared with that of the same patients' values beyond their limits.

    Examples
    --------
    >>> round(likelihood_ratio_p(2.0, 20), 4)
    0.0506
    """
    return float(chdtrc(1, n * math.log1p(t * t / (n - 1))))


def _checked_values(before: ArrayLike, after: ArrayLike) -> tuple[Vector, Vector]:
    pair = checked_pairs(before, after, at_least=_FEWEST_MEASURED)
    for name, values in zip(("before", "after"), pair, strict=True):
        if (values <= 0).any():
            raise OutOfRangeError(name, "above zero to have a logarithm")
    return np.log(pair[0]), np.log(pair[1])


def _side(name: str, below: ArrayLike, above: ArrayLike | None, n: int) -> Vector:
    """Return 1 where a value lies below its limit, -1 where above, 0 where it was measured."""
    sides = []
    for word, flags in (("below", below), ("above", np.zeros(n) if above is None else above)):
        given = np.asarray(flags)
        if given.dtype.kind not in "biuf" or given.ndim != 1 or not np.isin(given, (0, 1)).all():
            raise OutOfRangeError(f"{name}_{word}", "one true or false for each patient")
        if given.size != n:
            raise LengthsDifferError({name: n, f"{name}_{word}": given.size})
        sides.append(given.astype(np.float64))
    if (sides[0] * sides[1]).any():
        raise OutOfRangeError(f"{name}_below and {name}_above", "not both true")
    return np.asarray(sides[0] - sides[1])


def _refuse_unbounded(
    before: Vector, after: Vector, before_side: Vector, after_side: Vector
) -> None:
    """Refuse pairs whose likelihood may have no maximum."""
    for name, side in (("values before", before_side), ("values after", after_side)):
        if (side != 0).all():
            raise AllCensoredError(name, side.size)
    both = (before_side == 0) & (after_side == 0)
    if both.sum() < _FEWEST_MEASURED:
        raise TooFewError("patients measured both times", int(both.sum()), _FEWEST_MEASURED)
    x = checked_spread("values measured before", before[both])
    y = checked_spread("values measured after", after[both])
    x, y = x - x.mean(), y - y.mean()
    rest = y - x * (x @ y) / (x @ x)
    checked_spread(
        "the distances of pairs from one line", rest, magnitude=float(np.abs(y).max()) * 1e6
    )


def _start(pairs: CensoredPairs) -> Vector:
    """Return where to begin: limits in the place of values."""
    both = (pairs.before_side == 0) & (pairs.after_side == 0)
    r = float(np.corrcoef(pairs.before[both], pairs.after[both])[0, 1])
    r = max(-_LEAST_CORRELATION, min(_LEAST_CORRELATION, r))
    spreads = [math.log(max(float(values.std()), 0.1)) for values in (pairs.before, pairs.after)]
    mean = float(pairs.before.mean())
    return np.array([mean, float(pairs.after.mean()) - mean, *spreads, math.atanh(r)])


def _width(best: Vector, n: int) -> float:
    """Return the change's standard error were nothing censored."""
    before, after = math.exp(best[2]), math.exp(best[3])
    across = before**2 + after**2 - 2 * math.tanh(best[4]) * before * after
    return math.sqrt(max(across, _EXACT) / n)


def _limit(lost: Callable[[float], float], value: float, width: float, reach: float) -> float:
    """Return the change, to the side of `width`, at which the likelihood lost is `reach`."""
    inner, outer = value, value + 2 * width
    for _ in range(_MOST_DOUBLINGS):
        if lost(outer) > reach:
            root = brentq(lambda change: lost(change) - reach, inner, outer, xtol=_EXACT)
            return float(root)
        inner, outer = outer, value + 2 * (outer - value)
    raise NotConvergedError("an end of the profile-likelihood interval")
