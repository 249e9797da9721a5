"""The search for the covariance of random effects at which the deviance is lowest.

Newton's method inside a trust region, on the relative Cholesky factor: there a variance of zero
is an ordinary minimum, because only the square of the last entry matters.
"""

from dataclasses import dataclass, replace

import numpy as np

from analysis.checks import Vector
from analysis.errors import NotConvergedError
from analysis.mixed_deviance import MixedDeviance, factor_entries, mixed_deviance
from analysis.mixed_errors import PerfectFitError
from analysis.mixed_moments import MixedMoments
from analysis.mixed_start import starting_factor

_STARTS = (1.0, 0.1, 10.0)  # random over residual SD around which the searches begin
_MOST_STEPS = 200
_CONVERGED = 1e-6  # scaled gradient of a minimum
_ROUNDING = 1e-11  # scaled gradient beyond which there is nothing to gain
_NEAR = 1e-4  # scaled gradient below which deviances differ by rounding, so gradients decide
_FLAT = 1e-9  # curvature, beside the largest, of a direction in which nothing changes
_ASIDE = 0.1  # step off a saddle
_SINGULAR = 1e-4  # random over residual SD that is zero, as lme4's isSingular has it
_NOTHING = 1e-12  # residuals of least squares beside the values
_UNBOUNDED = 1e4  # random over residual SD at which the residual is zero


@dataclass(frozen=True, slots=True, eq=False)
class MixedMinimum:
    """The lowest point found, and the proof that it is one.

    Parameters
    ----------
    moments : MixedMoments
        The data, with the random columns turned so that the factor there is diagonal.
    deviance : MixedDeviance
        There.
    scaled_gradient : float
        Length of the gradient once the Hessian is made the unit matrix: how far the minimum may
        still be away, in standard errors of the covariance's entries. It has no unit.
    least_curvature : float
        Smallest eigenvalue of the Hessian over its largest; not below zero at a minimum.
    rank : int
        Of the random effects' covariance; less than their number where the fit is singular.
    n_steps, n_starts : int
        Newton steps to this minimum, and searches made.
    """

    moments: MixedMoments
    deviance: MixedDeviance
    scaled_gradient: float
    least_curvature: float
    rank: int
    n_steps: int
    n_starts: int


def lowest_deviance(moments: MixedMoments, *, reml: bool) -> MixedMinimum:
    """Find the minimum, and search again from elsewhere where it lies on the boundary.

    Parameters
    ----------
    moments : MixedMoments
        The data; its variances can be told apart.
    reml : bool
        Restricted likelihood, else the likelihood.

    Returns
    -------
    MixedMinimum

    Raises
    ------
    PerfectFitError
        The residual variance goes to zero.
    NotConvergedError
        No search ended at a minimum.

    Examples
    --------
    >>> from analysis.mixed_moments import mixed_moments
    >>> ones = [[1], [1], [1], [1]]
    >>> data = mixed_moments([1, 2, 6, 9], ones, ones, ["a", "a", "b", "b"])
    >>> found = lowest_deviance(data, reml=True)
    >>> round(found.deviance.residual_variance, 6), found.rank, found.n_starts
    (2.5, 1, 1)
    """
    if moments.total[-1, -1] <= (_NOTHING * moments.length) ** 2:
        raise PerfectFitError(moments.n_rows, moments.n_patients)
    found: list[MixedMinimum] = []
    for n_starts, around in enumerate(_STARTS, start=1):
        start = _Place.at(moments, starting_factor(moments, around=around), reml=reml)
        place, n_steps = _descend(start)
        if place.scaled_gradient > _CONVERGED or place.is_saddle:
            continue
        found.append(place.minimum(n_steps, n_starts))
        if found[-1].rank == moments.n_random:
            break
    if not found:
        raise NotConvergedError("the covariance of the random effects")
    best = min(found, key=lambda minimum: minimum.deviance.value)
    return replace(best, n_starts=n_starts)


def _descend(here: "_Place") -> tuple["_Place", int]:
    """Walk downhill until the gradient is rounding."""
    radius = float(np.abs(here.factor).max())
    for n_steps in range(_MOST_STEPS):
        if here.scaled_gradient < _ROUNDING and not here.is_saddle:
            return here, n_steps
        step = here.step(radius)
        there = here.moved(step)
        if here.scaled_gradient < _NEAR and not here.is_saddle:
            if there.scaled_gradient >= here.scaled_gradient:
                return here, n_steps
            here = there
            continue
        length = float(np.linalg.norm(step))
        gained = (here.deviance.value - there.deviance.value) / here.promised(step)
        if gained > 0:
            here = there
        radius = max(radius, 2 * length) if gained > 0.75 else length / (1 if gained > 0.25 else 4)
    return here, _MOST_STEPS


@dataclass(frozen=True, slots=True, eq=False)
class _Place:
    """A point of the search with the axes of the Hessian there.

    The random columns are turned so that the factor is diagonal with the largest first. A factor
    that loses a rank then does so in its last entries; elsewhere the deviance would have a
    curved valley without a floor.
    """

    moments: MixedMoments
    deviance: MixedDeviance
    curvature: Vector
    axes: Vector
    along: Vector
    scaled_gradient: float

    @classmethod
    def at(cls, moments: MixedMoments, factor: Vector, *, reml: bool) -> "_Place":
        turn, spread, _ = np.linalg.svd(factor)
        if spread[0] > _UNBOUNDED:
            raise PerfectFitError(moments.n_rows, moments.n_patients)
        moments = moments.turned(turn)
        deviance = mixed_deviance(moments, np.diag(spread), reml=reml)
        curvature, axes = np.linalg.eigh(deviance.hessian)
        along = axes.T @ deviance.gradient
        scaled = float(np.linalg.norm(along / np.sqrt(_stiffness(curvature))))
        return cls(moments, deviance, curvature, axes, along, scaled)

    @property
    def factor(self) -> Vector:
        return self.deviance.regression.factor

    @property
    def is_saddle(self) -> bool:
        """Whether the gradient is nothing, but the deviance falls along an axis."""
        falls = self.curvature[0] < -_FLAT * abs(self.curvature[-1])
        return bool(falls) and self.scaled_gradient < _NEAR

    def step(self, radius: float) -> Vector:
        if self.is_saddle:
            aside: Vector = min(radius, _ASIDE) * self.axes[:, 0]
            return aside
        step: Vector = -self.axes @ (self.along / _stiffness(self.curvature))
        length = float(np.linalg.norm(step))
        return step * min(1.0, radius / length)

    def promised(self, step: Vector) -> float:
        """How much lower a parabola with this gradient and Hessian would be after a step."""
        gradient, hessian = self.deviance.gradient, self.deviance.hessian
        return abs(float(gradient @ step + step @ hessian @ step / 2))

    def moved(self, step: Vector) -> "_Place":
        factor = self.factor.copy()
        factor[factor_entries(factor.shape[0])] += step
        return _Place.at(self.moments, factor, reml=self.deviance.reml)

    def minimum(self, n_steps: int, n_starts: int) -> MixedMinimum:
        return MixedMinimum(
            moments=self.moments,
            deviance=self.deviance,
            scaled_gradient=self.scaled_gradient,
            least_curvature=float(self.curvature[0] / self.curvature[-1]),
            rank=int((np.diag(self.factor) > _SINGULAR).sum()),
            n_steps=n_steps,
            n_starts=n_starts,
        )


def _stiffness(curvature: Vector) -> Vector:
    """Return curvatures as positive numbers that can be divided by."""
    size = np.abs(curvature)
    stiffness: Vector = np.maximum(size, _FLAT * size.max())
    return stiffness
