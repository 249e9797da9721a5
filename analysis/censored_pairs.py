"""The likelihood of normal pairs of which either value may only be known to lie beyond a limit.

Five parameters: mean before, mean change, logarithms of both standard deviations, and Fisher's z
of the correlation. What is asked of it is in `analysis.paired_censored`.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_ndtr

from analysis.bivariate_normal import log_bivariate_ndtr
from analysis.checks import Vector
from analysis.errors import NotConvergedError

CHANGE = 1
"""Place of the mean change among the parameters."""

_HALF_LOG_2PI = math.log(2 * math.pi) / 2
_DIFFERENCE = 1e-5  # of a parameter, for the curvature from two gradients
_MOST_STEPS = 200
_LONGEST = 1.0  # change of any parameter in one step
_CONVERGED = 1e-16  # squared Newton decrement: the step after it is 1e-8 standard errors
_STRAIGHT = 17.0  # Fisher's z beyond which a correlation is 1 in binary
_FLATTEST = 1e-12  # of the largest curvature
_ROUNDING = 1e-10  # of the log-likelihood: a fall that is not worth halving a step for

_Parts = tuple[Vector, Vector, Vector, Vector]
"""Logarithms of densities or probabilities; derivatives by both deviates and the correlation."""


@dataclass(frozen=True, slots=True, eq=False)
class CensoredPairs:
    """Pairs of values, in a unit in which their spread is about 1.

    Parameters
    ----------
    before, after : Vector, shape (n_patients,)
        Measured values, or limits.
    before_side, after_side : Vector, shape (n_patients,)
        0 for a measured value, 1 where it lies below the limit, -1 where above.
    """

    before: Vector
    after: Vector
    before_side: Vector
    after_side: Vector

    def log_likelihood(self, at: Vector) -> tuple[float, Vector]:
        """Return the log-likelihood and its gradient.

        Parameters
        ----------
        at : Vector, shape (5,)
            The parameters, in the order named above.

        Returns
        -------
        tuple of float and Vector of shape (5,)
            Minus infinity where the correlation is 1 or -1 up to rounding.

        Examples
        --------
        >>> below = CensoredPairs(*(np.array([x]) for x in (0.0, 0.0, 1.0, 1.0)))
        >>> round(math.exp(below.log_likelihood(np.zeros(5))[0]), 12)
        0.25
        """
        mean, change, log_sd_before, log_sd_after, z = at.tolist()
        if abs(z) > _STRAIGHT:
            return -math.inf, np.zeros(at.size)
        sd_before, sd_after, r = math.exp(log_sd_before), math.exp(log_sd_after), math.tanh(z)
        a, b = (self.before - mean) / sd_before, (self.after - mean - change) / sd_after
        parts = np.zeros((4, a.size))
        for members, found in self._parts(a, b, r):
            parts[:, members] = found
        logs, by_a, by_b, by_r = parts
        n_before, n_after = (int((side == 0).sum()) for side in (self.before_side, self.after_side))
        gradient = [
            -by_a.sum() / sd_before - by_b.sum() / sd_after,
            -by_b.sum() / sd_after,
            -(by_a * a).sum() - n_before,
            -(by_b * b).sum() - n_after,
            by_r.sum() * (1 - r) * (1 + r),
        ]
        total = float(logs.sum()) - n_before * log_sd_before - n_after * log_sd_after
        return total, np.array(gradient)

    def _parts(self, a: Vector, b: Vector, r: float) -> Iterator[tuple[NDArray[np.int64], _Parts]]:
        before, after = self.before_side == 0, self.after_side == 0
        members = np.flatnonzero(before & after)
        yield members, _both_measured(a[members], b[members], r)
        members = np.flatnonzero(before & ~after)
        yield members, _second_censored(a[members], b[members], self.after_side[members], r)
        members = np.flatnonzero(~before & after)
        logs, by_b, by_a, by_r = _second_censored(
            b[members], a[members], self.before_side[members], r
        )
        yield members, (logs, by_a, by_b, by_r)
        for side in (1.0, -1.0):
            for other in (1.0, -1.0):
                members = np.flatnonzero((self.before_side == side) & (self.after_side == other))
                if members.size:
                    yield members, _both_censored(a[members], b[members], side, other, r)


def maximise(pairs: CensoredPairs, start: Vector, *, change: float | None = None) -> Vector:
    """Return the parameters at the maximum of the likelihood.

    Parameters
    ----------
    pairs : CensoredPairs
        Of which some are measured both times, not on one line.
    start : Vector, shape (5,)
        Where the search begins.
    change : float, optional
        A mean change that is held; free if not given.

    Returns
    -------
    Vector, shape (5,)

    Raises
    ------
    NotConvergedError
        The gradient could not be brought to zero.

    Notes
    -----
    Newton's steps, uphill also where the likelihood is not concave: there the curvature's
    negative eigenvalues are taken with their sign changed.

    Examples
    --------
    >>> before, after = np.array([0.0, 1.0, 2.0, 3.0]), np.array([1.0, 2.5, 2.5, 4.0])
    >>> pairs = CensoredPairs(before, after, np.zeros(4), np.zeros(4))
    >>> round(float(maximise(pairs, np.zeros(5))[CHANGE]), 9)
    1.0
    """
    at = start.copy()
    free = np.full(at.size, True)
    if change is not None:
        at[CHANGE], free[CHANGE] = change, False
    here, gradient = pairs.log_likelihood(at)
    for _ in range(_MOST_STEPS):
        step = np.zeros(at.size)
        step[free] = _uphill(_curvature(pairs, at, gradient)[np.ix_(free, free)], gradient[free])
        promised = float(step @ gradient)
        if promised < _CONVERGED:
            return at + step
        part = min(1.0, _LONGEST / float(np.abs(step).max()))
        there, steepness = pairs.log_likelihood(at + part * step)
        while there < here - _ROUNDING * (1 + abs(here)):
            part /= 2
            there, steepness = pairs.log_likelihood(at + part * step)
        at, here, gradient = at + part * step, there, steepness
    raise NotConvergedError("the maximum of the likelihood of censored pairs")


def _curvature(pairs: CensoredPairs, at: Vector, gradient: Vector) -> Vector:
    """Return second derivatives, negated, from differences of the gradient."""
    moves = _DIFFERENCE * np.eye(at.size)
    slopes = [(gradient - pairs.log_likelihood(at + move)[1]) / _DIFFERENCE for move in moves]
    curvature = np.array(slopes)
    return np.asarray((curvature + curvature.T) / 2)


def _uphill(curvature: Vector, gradient: Vector) -> Vector:
    values, vectors = np.linalg.eigh(curvature)
    values = np.maximum(np.abs(values), _FLATTEST * np.abs(values).max())
    return np.asarray(vectors @ ((vectors.T @ gradient) / values))


def _both_measured(a: Vector, b: Vector, r: float) -> _Parts:
    rest = (1 - r) * (1 + r)
    distance = (a**2 - 2 * r * a * b + b**2) / rest
    logs = -2 * _HALF_LOG_2PI - math.log(rest) / 2 - distance / 2
    return logs, (r * b - a) / rest, (r * a - b) / rest, (r + a * b - r * distance) / rest


def _second_censored(a: Vector, b: Vector, side: Vector, r: float) -> _Parts:
    """Density of the first, times the probability of the second beyond its limit given it."""
    rest = (1 - r) * (1 + r)
    root = math.sqrt(rest)
    z = (b - r * a) / root
    below = log_ndtr(side * z)
    # The density over the distribution function, without dividing zero by zero far out.
    by_z = side * np.exp(-(z**2) / 2 - _HALF_LOG_2PI - below)
    logs = -_HALF_LOG_2PI - a**2 / 2 + below
    return logs, -a - by_z * r / root, by_z / root, by_z * (r * b - a) / (rest * root)


def _both_censored(a: Vector, b: Vector, side: float, other: float, r: float) -> _Parts:
    """Probability of both beyond their limits; sides above are mirrored to below."""
    h, k, mirrored = side * a, other * b, side * other * r
    rest = (1 - r) * (1 + r)
    root = math.sqrt(rest)
    logs = log_bivariate_ndtr(h, k, mirrored)
    by_h = np.exp(-(h**2) / 2 - _HALF_LOG_2PI + log_ndtr((k - mirrored * h) / root) - logs)
    by_k = np.exp(-(k**2) / 2 - _HALF_LOG_2PI + log_ndtr((h - mirrored * k) / root) - logs)
    distance = (h**2 - 2 * mirrored * h * k + k**2) / rest
    density = np.exp(-2 * _HALF_LOG_2PI - math.log(rest) / 2 - distance / 2 - logs)
    return logs, side * by_h, other * by_k, side * other * density
