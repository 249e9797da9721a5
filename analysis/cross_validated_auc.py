"""Intervals from fold-by-fold numbers of repeated cross-validation.

Folds share training patients, so the plain variance over folds is too small; Nadeau and Bengio's
correction widens it.
"""

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import stdtrit

from analysis.auc_limits import limits_at_boundary
from analysis.checks import Vector, checked_level, checked_vector, class_sizes
from analysis.errors import NotFiniteError, OutOfRangeError, ShapeError, TooFewError
from analysis.estimate import Estimate


def nadeau_bengio(
    fold_aucs: ArrayLike,
    *,
    n_train: float,
    n_test: float,
    n_cases: int,
    n_controls: int,
    level: float = 0.95,
) -> Estimate:
    """Estimate the mean AUC over folds with the corrected resampled t interval.

    Parameters
    ----------
    fold_aucs : array_like, shape (n_folds,)
        One AUC for each test fold, all repeats together.
    n_train, n_test : float
        Patients in a training and in a test fold; means where the folds differ in size.
    n_cases, n_controls : int
        Patients of the cohort; not patients times repeats.
    level : float
        Confidence level.

    Returns
    -------
    Estimate
        Limits cut at 0 and 1; method ``corrected_resampled_t``. If every fold has the same AUC
        the spread says nothing: at 0 or 1 the method is ``boundary_as_if_fixed_scores`` with the
        smaller class as number of pairs (the folds are different models, so it is not exact),
        elsewhere ``no_spread_between_folds`` with limits 0 and 1.

    Raises
    ------
    TooFewError
        Fewer than two folds.
    OneClassError
        No case or no control.
    AnalysisError
        An AUC that is not finite or outside 0 and 1; a size that is not positive.

    Notes
    -----
    Source: Nadeau and Bengio 2003, Mach Learn 52:239, section 5; Student's t with n_folds - 1
    degrees of freedom.

    Examples
    --------
    >>> folds = [0.6, 0.8, 0.7, 0.75]
    >>> print(nadeau_bengio(folds, n_train=24, n_test=8, n_cases=20, n_controls=12))
    0.71 (95% CI 0.50-0.92, corrected_resampled_t, 20 v 12)
    """
    values = checked_vector("fold_aucs", fold_aucs)
    if ((values < 0) | (values > 1)).any():
        raise OutOfRangeError("fold_aucs", "between 0 and 1")
    class_sizes(np.arange(n_cases + n_controls) < n_cases)
    checked_level(level)
    standard_error = float(corrected_standard_error(values, n_train=n_train, n_test=n_test))
    value = float(values.mean())
    if values.min() < values.max():
        method = "corrected_resampled_t"
        half_width = float(stdtrit(values.size - 1, (1 + level) / 2)) * standard_error
        limits = max(value - half_width, 0.0), min(value + half_width, 1.0)
    elif value in (0.0, 1.0):
        method = "boundary_as_if_fixed_scores"
        limits = limits_at_boundary(value, min(n_cases, n_controls), level=level)
    else:
        method, limits = "no_spread_between_folds", (0.0, 1.0)
    return Estimate(value, *limits, level, method, n_cases, n_controls)


def corrected_standard_error(values: ArrayLike, *, n_train: float, n_test: float) -> Vector:
    """Return the standard error of a mean over folds that share training patients.

    Parameters
    ----------
    values : array_like, shape (..., n_folds)
        One number for each fold, for example the paired difference in log-loss of two models;
        leading axes are computed at once.
    n_train, n_test : float
        Patients in a training and in a test fold; means where the folds differ in size.

    Returns
    -------
    Vector, shape (...)
        In the unit of the values: the square root of
        ``variance * (1 / n_folds + n_test / n_train)``.

    Raises
    ------
    ShapeError
        A single number.
    TooFewError
        Fewer than two folds.
    NotFiniteError
        NaN or infinity anywhere.
    OutOfRangeError
        A size that is not positive.

    Notes
    -----
    Source: Nadeau and Bengio 2003, Mach Learn 52:239, section 5.

    Examples
    --------
    >>> round(float(corrected_standard_error([0.6, 0.8, 0.7, 0.75], n_train=24, n_test=8)), 4)
    0.0652
    """
    table = np.asarray(values, dtype=np.float64)
    if table.ndim == 0:
        raise ShapeError("values", table.shape, "(..., n_folds)")
    if table.shape[-1] < 2:
        raise TooFewError("folds", table.shape[-1], 2)
    n_finite = int(np.isfinite(table).sum())
    if n_finite < table.size:
        raise NotFiniteError("values", table.size - n_finite, table.size)
    if not (0 < n_train < np.inf and 0 < n_test < np.inf):
        raise OutOfRangeError("n_train and n_test", "positive and finite")
    variance = table.var(axis=-1, ddof=1) * (1 / table.shape[-1] + n_test / n_train)
    return np.asarray(np.sqrt(variance), dtype=np.float64)
