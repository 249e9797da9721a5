"""Firth's logistic regression: finite coefficients also where predictors separate the classes.

The likelihood is penalised by Jeffreys's prior, which also takes the first-order bias away; how
it is maximised is in `analysis.jeffreys`.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import brentq
from scipy.special import chdtrc, chdtri

from analysis.checks import (
    Mask,
    Vector,
    checked_classes,
    checked_level,
    checked_magnitude,
    class_sizes,
)
from analysis.errors import (
    LengthsDifferError,
    NotConvergedError,
    NotFiniteError,
    RankDeficientError,
    ShapeError,
)
from analysis.jeffreys import Point, climb, covariance, point

_DEEPEST = 10.0  # how much log-likelihood a pace along a profile may lose before climbing again
_FAR = 2.0**40  # standard errors within which a limit is looked for
_SAME = 1e-13  # a spread, beside the largest value, that is rounding
_DEPENDENT = 1e-10  # singular value of unit columns below which they repeat each other


@dataclass(frozen=True, slots=True, eq=False)
class Firth:
    """A fitted model; the first of each array is the intercept's.

    Parameters
    ----------
    coefficients : Vector, shape (n_features + 1,)
        Log-odds per unit of each feature.
    standard_errors : Vector, shape (n_features + 1,)
        From the information matrix of the likelihood itself, as R's brglm2 gives.
    augmented_standard_errors : Vector, shape (n_features + 1,)
        From the information of the data set with Firth's added half observations: smaller, as
        some versions of R's logistf give.
    lower, upper : Vector, shape (n_features + 1,)
        Profile penalised likelihood limits; prefer them to any standard error.
    p : Vector, shape (n_features + 1,)
        Two-sided, by the penalised likelihood ratio with this coefficient fixed at zero.
    level : float
        Confidence level of the limits.
    log_likelihood, penalised_log_likelihood : float
        Without and with half the log determinant of the information.
    fitted : Vector, shape (n_patients,)
        Probability of being a case.
    n_cases, n_controls : int
        Patients.
    """

    coefficients: Vector
    standard_errors: Vector
    augmented_standard_errors: Vector
    lower: Vector
    upper: Vector
    p: Vector
    level: float
    log_likelihood: float
    penalised_log_likelihood: float
    fitted: Vector
    n_cases: int
    n_controls: int


def firth(features: ArrayLike, is_case: ArrayLike, *, level: float = 0.95) -> Firth:
    """Fit a logistic regression by penalised maximum likelihood.

    Parameters
    ----------
    features : array_like, shape (n_patients, n_features)
        Without a column for the intercept, which is always there; may have no column.
    is_case : array_like, shape (n_patients,)
        True for a case.
    level : float
        Confidence level.

    Returns
    -------
    Firth

    Raises
    ------
    RankDeficientError
        Features repeat each other or the intercept, or are more than the patients.
    OneClassError
        No case or no control.
    NotConvergedError
        The search did not end; not seen except at extreme scales.
    AnalysisError
        A shape is wrong, lengths differ, a feature is not finite, a level out of range.

    Notes
    -----
    Source: Firth 1993, Biometrika 80:27; Heinze and Schemper 2002, Stat Med 21:2409 (profiles and
    tests: the determinant is always that of the whole model).

    Examples
    --------
    >>> fit = firth([[1], [2], [3], [4]], [0, 0, 1, 1])
    >>> fit.coefficients.round(3).tolist(), fit.p.round(3).tolist()
    ([-3.275, 1.31], [0.174, 0.138])
    """
    checked_level(level)
    model = _Model.of(*_checked(features, is_case))
    best = climb(model.design, model.is_case, np.zeros(model.design.shape[1]))
    augmented = covariance(model.design, best.weight * (1 + best.leverage))
    profiles = [_Profile(model, best, row) for row in model.to_raw]
    limits = np.array([profile.limits(level) for profile in profiles])
    return Firth(
        coefficients=model.to_raw @ best.at,
        standard_errors=np.array([profile.error for profile in profiles]),
        augmented_standard_errors=np.sqrt(np.diag(model.to_raw @ augmented @ model.to_raw.T)),
        lower=limits[:, 0],
        upper=limits[:, 1],
        p=np.array([profile.p_of_zero() for profile in profiles]),
        level=level,
        log_likelihood=best.log_likelihood,
        penalised_log_likelihood=best.penalised - model.log_determinant,
        fitted=best.fitted,
        n_cases=int(model.is_case.sum()),
        n_controls=int((~model.is_case).sum()),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Model:
    """The regression on orthogonal columns, and the way back to the features' own units.

    Neither the fit nor the penalty depends on how the same columns are combined, but rounding
    does: features with a large mean, or correlated ones, would lose digits.
    """

    design: Vector
    is_case: Mask
    to_raw: Vector
    log_determinant: float

    @classmethod
    def of(cls, table: Vector, is_case: Mask) -> "_Model":
        n, n_features = table.shape
        largest = np.abs(table).max(axis=0)
        unit = np.where(largest > 0, largest, 1.0)
        mean = (table / unit).mean(axis=0)
        centred = table / unit - mean
        rank = 1 + _rank(centred)
        if rank <= n_features:
            raise RankDeficientError(rank, n_features + 1)
        q, r = np.linalg.qr(centred)
        to_raw = np.eye(n_features + 1)
        to_raw[1:, 1:] = np.linalg.inv(r) * math.sqrt(n)
        to_raw[0, 1:] = -mean @ to_raw[1:, 1:]
        to_raw[1:] /= unit[:, None]
        log_determinant = float(np.log(np.abs(np.diag(to_raw))).sum())
        design = np.column_stack([np.ones(n), math.sqrt(n) * q])
        return cls(design, is_case, to_raw, log_determinant)


@dataclass(frozen=True, slots=True, eq=False)
class _Profile:
    """The penalised likelihood along one coefficient, the others at their best.

    `row` adds up the orthogonal coefficients to this one.
    """

    model: _Model
    best: Point
    row: Vector

    @property
    def error(self) -> float:
        """Standard error of the coefficient."""
        return float(np.sqrt(self.row @ covariance(self.model.design, self.best.weight) @ self.row))

    def p_of_zero(self) -> float:
        gain = 2 * (self.best.penalised - self._walk(self.best, 0.0).penalised)
        return float(chdtrc(1, max(gain, 0.0)))

    def limits(self, level: float) -> tuple[float, float]:
        target = self.best.penalised - float(chdtri(1, 1 - level)) / 2
        return self._crossing(target, -self.error), self._crossing(target, self.error)

    def _crossing(self, target: float, unit: float) -> float:
        middle, here = float(self.row @ self.best.at), self.best

        def excess(distance: float) -> float:
            nonlocal here
            here = self._walk(here, middle + distance * unit)
            return here.penalised - target

        return middle + unit * _first_zero(excess)

    def _walk(self, here: Point, value: float) -> Point:
        """Return the highest point with the coefficient at a value, coming from another such.

        The others first follow along the ridge, in paces that do not fall deep: far from the
        ridge there is no slope to climb by.
        """
        design, is_case = self.model.design, self.model.is_case
        while True:
            along = covariance(design, here.weight) @ self.row
            move = (value - self.row @ here.at) * along / (self.row @ along)
            part, start = 1.0, point(design, is_case, here.at + move)
            while not start.penalised > here.penalised - _DEEPEST:
                part /= 2
                start = point(design, is_case, here.at + part * move)
            here = climb(design, is_case, start.at, fixed=self.row)
            if part == 1.0:
                return here


def _first_zero(falling: Callable[[float], float]) -> float:
    """Return where a function that falls from above zero reaches zero."""
    near, far = 0.0, 1.0
    while falling(far) > 0:
        near, far = far, 2 * far
        if far > _FAR:
            raise NotConvergedError("a profile likelihood's limit")
    return float(brentq(falling, near, far, xtol=1e-12, rtol=1e-13))


def _rank(centred: Vector) -> int:
    """Count columns that are independent of each other and of a constant."""
    length = np.sqrt((centred**2).sum(axis=0))
    spread = length > _SAME * math.sqrt(centred.shape[0])
    scaled = centred[:, spread] / length[spread]
    return int(np.linalg.matrix_rank(scaled, tol=_DEPENDENT)) if scaled.size else 0


def _checked(features: ArrayLike, is_case: ArrayLike) -> tuple[Vector, Mask]:
    table: Vector = np.asarray(features, dtype=np.float64)
    if table.ndim != 2:
        raise ShapeError("features", table.shape, "(n_patients, n_features)")
    n_finite = int(np.count_nonzero(np.isfinite(table)))
    if n_finite < table.size:
        raise NotFiniteError("features", table.size - n_finite, table.size)
    mask = checked_classes(is_case)
    if table.shape[0] != mask.size:
        raise LengthsDifferError({"features": table.shape[0], "is_case": mask.size})
    class_sizes(mask)
    for column in table.T:
        checked_magnitude("each feature", column)
    return table, mask
