"""Linear mixed models: one line per patient around the line of the group.

Values y = X b + Z u + e, with u normal between patients, of any covariance, and e independent
normal. Fitted by restricted maximum likelihood or maximum likelihood; any columns X and Z. Tests
of the fitted coefficients are in `analysis.mixed_contrasts` and `analysis.likelihood_ratio`.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from analysis.checks import Mask, Vector
from analysis.mixed_deviance import factor_entries
from analysis.mixed_moments import MixedMoments, mixed_moments
from analysis.mixed_search import MixedMinimum, lowest_deviance

_ZERO = 1e-4  # random over residual SD that is zero, as lme4's isSingular has it
_PERFECT = 1e-6  # 1 - |correlation| that is zero


@dataclass(frozen=True, slots=True, eq=False)
class Convergence:
    """The proof that a fit is at a minimum of the deviance.

    Parameters
    ----------
    max_gradient : float
        Largest derivative of the deviance in an entry of `MixedFit.theta`, without sign.
    scaled_gradient : float
        Length of the gradient once the Hessian is made the unit matrix: how far the minimum may
        still be away, in standard errors of the covariance's entries. It has no unit.
    least_curvature : float
        Smallest eigenvalue of the Hessian over its largest: not below zero at a minimum.
    n_steps, n_starts : int
        Newton steps to this minimum, and searches made.
    """

    max_gradient: float
    scaled_gradient: float
    least_curvature: float
    n_steps: int
    n_starts: int


@dataclass(frozen=True, slots=True, eq=False)
class MixedFit:
    """A fitted model, in the units of the values and of the caller's columns.

    Parameters
    ----------
    coefficients : Vector, shape (p,)
        Of the fixed columns.
    covariance : Vector, shape (p, p)
        Of `coefficients`, with the variances taken as known.
    random_covariance : Vector, shape (q, q)
        Of the patients' own coefficients, between patients.
    residual_sd : float
        Within patients.
    theta : Vector, shape (q (q + 1) / 2,)
        Cholesky factor of `random_covariance` over the residual variance, as lme4 lists it.
    deviance : float
        -2 log-likelihood; restricted likelihood with REML.
    convergence : Convergence
        The proof.
    reml : bool
        Restricted maximum likelihood.
    minimum : MixedMinimum
        The data and the deviance around the fit, which tests of the coefficients go back to.
    """

    coefficients: Vector
    covariance: Vector
    random_covariance: Vector
    residual_sd: float
    theta: Vector
    deviance: float
    convergence: Convergence
    reml: bool
    minimum: MixedMinimum

    @property
    def standard_errors(self) -> Vector:
        """Of `coefficients`."""
        errors: Vector = np.sqrt(np.diag(self.covariance))
        return errors

    @property
    def log_likelihood(self) -> float:
        """Restricted log-likelihood with REML."""
        return -self.deviance / 2

    @property
    def moments(self) -> MixedMoments:
        """The data's cross-products."""
        return self.minimum.moments

    @property
    def n_rows(self) -> int:
        """Values."""
        return self.moments.n_rows

    @property
    def n_patients(self) -> int:
        """Patients with at least one value."""
        return self.moments.n_patients

    @property
    def random_sds(self) -> Vector:
        """Standard deviations of the patients' own coefficients, shape (q,)."""
        sds: Vector = np.sqrt(np.diag(self.random_covariance))
        return sds

    @property
    def random_correlations(self) -> Vector:
        """Correlations of the patients' own coefficients, shape (q, q); NaN where an SD is 0."""
        sds = np.where(self._is_constant, np.nan, self.random_sds)
        correlations: Vector = np.clip(self.random_covariance / np.outer(sds, sds), -1.0, 1.0)
        return correlations

    @property
    def is_singular(self) -> bool:
        """Whether the random effects vary in fewer directions than there are columns."""
        return self.minimum.rank < self.moments.n_random

    @property
    def zero_variances(self) -> tuple[int, ...]:
        """Random columns in which patients do not differ."""
        return tuple(int(column) for column in np.flatnonzero(self._is_constant))

    @property
    def perfect_correlations(self) -> tuple[tuple[int, int], ...]:
        """Pairs of random columns of which each is a multiple of the other."""
        size = np.nan_to_num(np.abs(self.random_correlations))
        first, second = np.nonzero(np.triu(size > 1 - _PERFECT, k=1))
        return tuple((int(one), int(other)) for one, other in zip(first, second, strict=True))

    @property
    def _is_constant(self) -> Mask:
        # A column's share of a value is its root mean square times its coefficient.
        share = np.linalg.norm(np.linalg.inv(self.moments.to_random), axis=0)
        constant: Mask = self.random_sds * share < _ZERO * self.residual_sd
        return constant


def fit_mixed_model(
    values: ArrayLike,
    fixed: ArrayLike,
    random: ArrayLike,
    patient: ArrayLike,
    *,
    reml: bool = True,
) -> MixedFit:
    """Fit a linear mixed model with one group of random effects and any covariance of theirs.

    Parameters
    ----------
    values : array_like, shape (n_rows,)
        The outcome; rows in any order. A value that is missing has no row: the fit holds where
        values are missing at random.
    fixed : array_like, shape (n_rows, p)
        Columns with a coefficient for everybody; the column of ones is the caller's to give.
    random : array_like, shape (n_rows, q)
        Columns with a coefficient for each patient, usually some of the fixed ones.
    patient : array_like, shape (n_rows,)
        Whose row it is: ids of any kind.
    reml : bool
        Restricted maximum likelihood; likelihood-ratio tests of coefficients need False.

    Returns
    -------
    MixedFit

    Raises
    ------
    RankDeficientError
        Fixed, or random, columns repeat each other.
    NotIdentifiedError
        The rows cannot tell the variances apart, as with one row per patient.
    PerfectFitError
        No residual is left.
    TooFewError
        No more rows than fixed columns.
    NotConvergedError
        No minimum was found; not seen.
    AnalysisError
        A shape is wrong, lengths differ, a number is not finite.

    Notes
    -----
    Variances at zero and correlations at 1 are found as such (`is_singular` and what follows it);
    they are estimates like others and are not moved away from the boundary.

    Source: Laird and Ware 1982, Biometrics 38:963; Bates et al. 2015, J Stat Softw 67(1).

    Examples
    --------
    >>> month = np.array([0.0, 1, 2, 0, 1, 2, 0, 1, 2])
    >>> fixed = np.column_stack([np.ones(9), month])
    >>> patient = np.repeat(["a", "b", "c"], 3)
    >>> values = [40, 39, 37, 44, 44, 43, 36, 34, 33]
    >>> fit = fit_mixed_model(values, fixed, fixed[:, :1], patient)
    >>> fit.coefficients.round(3).tolist(), round(fit.residual_sd, 3), fit.is_singular
    ([40.056, -1.167], 0.606, False)
    """
    minimum = lowest_deviance(mixed_moments(values, fixed, random, patient), reml=reml)
    moments = minimum.moments
    at, regression = minimum.deviance, minimum.deviance.regression
    variance = at.residual_variance
    factor = _lower(moments.to_random @ regression.factor)
    entries = factor_entries(moments.n_random)
    turn = np.linalg.inv(moments.to_random)
    gradient = 2 * (turn.T @ at.covariance_gradient @ turn @ factor)[entries]
    return MixedFit(
        coefficients=moments.least_squares + moments.to_fixed @ regression.shift,
        covariance=variance * moments.to_fixed @ regression.inverse @ moments.to_fixed.T,
        random_covariance=variance * factor @ factor.T,
        residual_sd=float(np.sqrt(variance)),
        theta=factor[entries],
        deviance=at.value,
        convergence=Convergence(
            max_gradient=float(np.abs(gradient).max()),
            scaled_gradient=minimum.scaled_gradient,
            least_curvature=minimum.least_curvature,
            n_steps=minimum.n_steps,
            n_starts=minimum.n_starts,
        ),
        reml=reml,
        minimum=minimum,
    )


def _lower(factor: Vector) -> Vector:
    """Return the lower triangle that gives the same covariance, its diagonal not below zero."""
    lower: Vector = np.linalg.qr(factor.T)[1].T
    return lower * np.where(np.diag(lower) < 0, -1.0, 1.0)
