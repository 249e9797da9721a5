"""Multiple imputation of repeated outcomes by Bayesian normal regression, missing at random.

Each visit is regressed on the complete predictors and on other visits; parameters are drawn
before values, so that the imputations carry the uncertainty of the regression, too. Pooling is
in `analysis.rubin`.
"""

from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.checks import Mask, Vector
from analysis.errors import (
    LengthsDifferError,
    NotFiniteError,
    OutOfRangeError,
    RankDeficientError,
    ShapeError,
    TooFewError,
)

Matrix = NDArray[np.float64]

LEAST_RESIDUAL_DF: Final = 3
"""With fewer residual degrees of freedom, drawn values have no variance."""
CYCLES: Final = 20
"""Rounds of chained equations where gaps are not monotone (van Buuren 2018 uses 5 to 20)."""

_SINGULAR: Final = 1e-9  # of a column's length: what is left of it beyond the other columns


def impute(
    outcomes: ArrayLike,
    predictors: ArrayLike,
    *,
    n_imputations: int,
    rng: np.random.Generator,
    cycles: int = CYCLES,
) -> Matrix:
    """Complete a table of visits several times.

    Parameters
    ----------
    outcomes : array_like, shape (n_patients, n_visits)
        In order of time; NaN where missing.
    predictors : array_like, shape (n_patients, n_predictors)
        Complete, without intercept.
    n_imputations : int
        At least 1.
    rng : numpy.random.Generator
        The only source of randomness.
    cycles : int
        Rounds of chained equations, used only if a patient has a value after a gap.

    Returns
    -------
    Matrix, shape (n_imputations, n_patients, n_visits)
        What was seen is unchanged. Values are not held within the range of a scale: that would
        bias means.

    Raises
    ------
    TooFewError
        A visit with gaps that too few patients have: at least `LEAST_RESIDUAL_DF` more than the
        regression has coefficients.
    RankDeficientError
        Predictors and visits repeat each other.
    AnalysisError
        Shapes or lengths that do not fit, an infinite outcome, a predictor that is not finite.

    Notes
    -----
    Where gaps are monotone (nobody returns), each visit is regressed on all earlier ones once:
    exact draws from the posterior (Rubin 1987, section 5.4). Otherwise each visit with gaps is
    regressed on all others in turn, starting from a sequential pass: chained equations, which
    for normal regressions have the same joint model (van Buuren 2018, Flexible Imputation of
    Missing Data, section 4.5; Hughes 2014, BMC Med Res Methodol 14:28). Prior of each
    regression: 1/variance.

    Examples
    --------
    >>> seen = [[1.0, 2.1], [2.0, 2.9], [3.0, 4.2], [4.0, 4.8], [5.0, 6.1], [6.0, np.nan]]
    >>> completed = impute(seen, np.empty((6, 0)), n_imputations=200, rng=np.random.default_rng(1))
    >>> completed.shape, 6.7 < float(completed[:, 5, 1].mean()) < 7.3
    ((200, 6, 2), True)
    """
    table, fixed = _checked(outcomes, predictors)
    if n_imputations < 1:
        raise TooFewError("imputations", n_imputations, 1)
    missing = np.isnan(table)
    completed = np.repeat(np.where(missing, 0.0, table)[None], n_imputations, axis=0)
    gaps = [int(visit) for visit in np.flatnonzero(missing.any(axis=0))]
    for visit in gaps:
        others = list(range(visit))
        _redraw(completed, fixed, visit, others, missing[:, visit], rng)
    if not is_monotone(missing):
        for _ in range(cycles):
            for visit in gaps:
                others = [other for other in range(table.shape[1]) if other != visit]
                _redraw(completed, fixed, visit, others, missing[:, visit], rng)
    return completed


def is_monotone(missing: Mask) -> bool:
    """Whether nobody has a value after a gap.

    Parameters
    ----------
    missing : Mask, shape (n_patients, n_visits)
        In order of time.

    Returns
    -------
    bool

    Examples
    --------
    >>> is_monotone(np.array([[False, True], [False, False]]))
    True
    >>> is_monotone(np.array([[True, False]]))
    False
    """
    return bool((missing[:, :-1] <= missing[:, 1:]).all())


def _checked(outcomes: ArrayLike, predictors: ArrayLike) -> tuple[Matrix, Matrix]:
    """The outcomes, and the predictors standardised with an intercept before them."""
    table = np.asarray(outcomes, dtype=np.float64)
    fixed = np.asarray(predictors, dtype=np.float64)
    for name, array in (("outcomes", table), ("predictors", fixed)):
        if array.ndim != 2:
            raise ShapeError(name, array.shape, "two-dimensional")
    if len(table) != len(fixed):
        raise LengthsDifferError({"outcomes": len(table), "predictors": len(fixed)})
    if np.isinf(table).any():
        raise OutOfRangeError("outcomes", "finite, or NaN where missing")
    n_finite = int(np.isfinite(fixed).sum())
    if n_finite < fixed.size:
        raise NotFiniteError("predictors", fixed.size - n_finite, fixed.size)
    return table, np.column_stack([np.ones(len(fixed)), fixed])


def _redraw(
    completed: Matrix,
    fixed: Matrix,
    visit: int,
    others: list[int],
    missing: Mask,
    rng: np.random.Generator,
) -> None:
    """Draw the missing values of one visit given others, in every imputation at once."""
    m = len(completed)
    design = np.concatenate(
        [np.broadcast_to(fixed, (m, *fixed.shape)), completed[:, :, others]], axis=2
    )
    n_seen, n_coefficients = int((~missing).sum()), design.shape[2]
    if n_seen < n_coefficients + LEAST_RESIDUAL_DF:
        needed = n_coefficients + LEAST_RESIDUAL_DF
        raise TooFewError("patients seen at each visit with gaps", n_seen, needed)
    coefficients, variance = _draw_regression(
        design[:, ~missing], completed[:, ~missing, visit], rng
    )
    expected = np.einsum("mnq,mq->mn", design[:, missing], coefficients)
    noise = rng.standard_normal(expected.shape)
    completed[:, missing, visit] = expected + np.sqrt(variance)[:, None] * noise


def _draw_regression(
    design: Matrix, outcome: Matrix, rng: np.random.Generator
) -> tuple[Matrix, Vector]:
    """Coefficients and error variance from their posterior, one draw for each imputation.

    Parameters
    ----------
    design, outcome
        Shape (n_imputations, n_seen, n_coefficients) and (n_imputations, n_seen).
    """
    m, n_seen, n_coefficients = design.shape
    length = np.sqrt((design**2).sum(axis=1))
    q, r = np.linalg.qr(design / np.where(length > 0, length, 1.0)[:, None])
    left = np.abs(np.diagonal(r, axis1=1, axis2=2))
    if left.min() < _SINGULAR:
        rank = int((left >= _SINGULAR).sum(axis=1).min())
        raise RankDeficientError(rank, n_coefficients)
    projected = np.einsum("mnq,mn->mq", q, outcome)
    residual = outcome - np.einsum("mnq,mq->mn", q, projected)
    df = n_seen - n_coefficients
    variance = (residual**2).sum(axis=1) / rng.chisquare(df, m)
    drawn = projected + np.sqrt(variance)[:, None] * rng.standard_normal(projected.shape)
    return np.linalg.solve(r, drawn[:, :, None])[:, :, 0] / length, variance
