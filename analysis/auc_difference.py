"""Whether two AUCs differ: on the same patients, on two groups, or over the same folds."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr, ndtri, stdtr, stdtrit

from analysis.checks import checked_level, checked_vector
from analysis.cross_validated_auc import corrected_standard_error
from analysis.delong import Placements, placements
from analysis.errors import LengthsDifferError, TooFewError
from analysis.estimate import Estimate
from analysis.roc import Direction

_ROUNDING = 1e-24
"""Variances below this are zero up to rounding: a placement moves by at least 1 / (2 n)."""
_WITHOUT_SPREAD = {
    "paired_delong": "no_spread_between_patients",
    "unpaired_delong": "no_spread_between_patients",
    "corrected_resampled_t": "no_spread_between_folds",
}
_IDENTICAL = {"paired_delong": "same_placements", "corrected_resampled_t": "same_in_every_fold"}
"""What a method is called where its variance is zero; two groups are never identical."""


@dataclass(frozen=True, slots=True)
class AucDifference:
    """One test of two AUCs.

    Parameters
    ----------
    first, second : float
        The two AUCs.
    difference : Estimate
        First minus second, with its interval cut at -1 and 1.
    z : float or None
        Difference over its standard error; None where there is no spread to compare it with.
    degrees_of_freedom : float or None
        Of Student's t that `z` is compared with; None for the normal distribution.
    p : float or None
        Two-sided; None with `z`.
    n_patients : int
        All patients of the comparison, each counted once.
    """

    first: float
    second: float
    difference: Estimate
    z: float | None
    degrees_of_freedom: float | None
    p: float | None
    n_patients: int


def paired_auc_difference(
    first: ArrayLike,
    second: ArrayLike,
    is_case: ArrayLike,
    *,
    direction: Direction,
    level: float = 0.95,
) -> AucDifference:
    """Compare two scores of the same patients.

    Parameters
    ----------
    first, second : array_like, shape (n_patients,)
        Scores fixed before these patients were seen, each in its own units.
    is_case : array_like, shape (n_patients,)
        True for a case.
    direction : Direction
        Which end of both scores speaks for a case.
    level : float
        Confidence level.

    Returns
    -------
    AucDifference
        Method ``paired_delong``. Where both scores place every patient alike there is nothing to
        compare: ``same_placements``, difference and limits 0, p 1. Where the difference is the
        same for every patient but not 0, its spread says nothing: ``no_spread_between_patients``,
        limits -1 and 1, no p.

    Raises
    ------
    TooFewError
        Fewer than two cases or two controls.
    AnalysisError
        Lengths differ, a score is not finite, one class only.

    Notes
    -----
    Source: DeLong, DeLong and Clarke-Pearson 1988, Biometrics 44:837. The variance is that of the
    differences in placement, equal to the sum of the covariance matrix's parts without their
    cancellation. The places without spread are our choice (pROC divides by zero).

    Examples
    --------
    >>> found = paired_auc_difference(
    ...     [1, 4, 2, 3, 5, 6], [2, 1, 3, 4, 5, 3], [0, 0, 0, 1, 1, 1], direction="higher_is_case"
    ... )
    >>> print(found.difference, round(found.p, 2))
    -0.06 (95% CI -0.46 to 0.35, paired_delong, 3 v 3) 0.79
    """
    checked_level(level)
    a = placements(first, is_case, direction=direction)
    b = placements(second, is_case, direction=direction)
    apart = Placements(a.cases - b.cases, a.controls - b.controls)
    return _compared(
        (float(a.cases.mean()), float(b.cases.mean())),
        _variance(apart),
        "paired_delong",
        (apart.cases.size, apart.controls.size),
        degrees_of_freedom=None,
        level=level,
    )


def unpaired_auc_difference(
    first: ArrayLike,
    first_is_case: ArrayLike,
    second: ArrayLike,
    second_is_case: ArrayLike,
    *,
    direction: Direction,
    level: float = 0.95,
) -> AucDifference:
    """Compare the AUCs of two groups that share no patient.

    Parameters
    ----------
    first, second : array_like, shape (n_first,) and (n_second,)
        Scores fixed before these patients were seen, each in its own units.
    first_is_case, second_is_case : array_like, of the same shapes
        True for a case.
    direction : Direction
        Which end of both scores speaks for a case.
    level : float
        Confidence level.

    Returns
    -------
    AucDifference
        Method ``unpaired_delong``: Student's t with Satterthwaite's degrees of freedom. Where
        neither AUC has a variance (each is 0 or 1, or all its scores are tied):
        ``no_spread_between_patients``, limits -1 and 1, no p.

    Raises
    ------
    TooFewError
        Fewer than two cases or two controls in a group.
    AnalysisError
        Lengths differ, a score is not finite, one class only.

    Notes
    -----
    Source: DeLong, DeLong and Clarke-Pearson 1988, Biometrics 44:837; degrees of freedom as in
    pROC's ``roc.test(paired = FALSE)``.

    Examples
    --------
    >>> found = unpaired_auc_difference(
    ...     [1, 4, 2, 3, 5, 6], [0, 0, 0, 1, 1, 1], [1, 2, 3, 4, 5], [0, 1, 0, 1, 0],
    ...     direction="higher_is_case",
    ... )
    >>> print(found.difference, round(found.p, 2))
    0.39 (95% CI -0.52 to 1.00, unpaired_delong, 5 v 6) 0.33
    """
    checked_level(level)
    a = placements(first, first_is_case, direction=direction)
    b = placements(second, second_is_case, direction=direction)
    variances = np.array([_variance(a), _variance(b)])
    n = np.array([a.cases.size + a.controls.size, b.cases.size + b.controls.size])
    total = float(variances.sum())
    freedom = None
    if total > _ROUNDING:
        freedom = total**2 / float((variances**2 / (n - 1)).sum())
    return _compared(
        (float(a.cases.mean()), float(b.cases.mean())),
        total,
        "unpaired_delong",
        (a.cases.size + b.cases.size, a.controls.size + b.controls.size),
        degrees_of_freedom=freedom,
        level=level,
    )


def fold_auc_difference(
    first: ArrayLike,
    second: ArrayLike,
    *,
    n_train: float,
    n_test: float,
    n_cases: int,
    n_controls: int,
    level: float = 0.95,
) -> AucDifference:
    """Compare two procedures that were cross-validated on the same folds.

    Parameters
    ----------
    first, second : array_like, shape (n_folds,)
        AUC of each procedure in each test fold, all repeats together, in the same order.
    n_train, n_test : float
        Patients in a training and in a test fold; means where the folds differ in size.
    n_cases, n_controls : int
        Patients of the cohort; not patients times repeats.
    level : float
        Confidence level.

    Returns
    -------
    AucDifference
        Method ``corrected_resampled_t`` with n_folds - 1 degrees of freedom. Where both agree in
        every fold: ``same_in_every_fold``, difference and limits 0, p 1. Where they differ by the
        same in every fold: ``no_spread_between_folds``, limits -1 and 1, no p.

    Raises
    ------
    LengthsDifferError
        Not one AUC of each procedure for every fold.
    AnalysisError
        Fewer than two folds, a number that is not finite, a size that is not positive.

    Notes
    -----
    Source: Nadeau and Bengio 2003, Mach Learn 52:239, section 5, on paired differences.

    Examples
    --------
    >>> found = fold_auc_difference(
    ...     [0.6, 0.8, 0.7, 0.75], [0.5, 0.7, 0.7, 0.6],
    ...     n_train=24, n_test=8, n_cases=20, n_controls=12,
    ... )
    >>> print(found.difference, round(found.p, 2))
    0.09 (95% CI -0.07 to 0.24, corrected_resampled_t, 20 v 12) 0.17
    """
    checked_level(level)
    a, b = checked_vector("first", first), checked_vector("second", second)
    if a.size != b.size:
        raise LengthsDifferError({"first": a.size, "second": b.size})
    error = float(corrected_standard_error(a - b, n_train=n_train, n_test=n_test))
    return _compared(
        (float(a.mean()), float(b.mean())),
        error**2,
        "corrected_resampled_t",
        (n_cases, n_controls),
        degrees_of_freedom=a.size - 1,
        level=level,
    )


def _variance(placed: Placements) -> float:
    """Variance of a mean placement (DeLong 1988), or of a mean difference in placement."""
    for what, n in (("cases", placed.cases.size), ("controls", placed.controls.size)):
        if n < 2:
            raise TooFewError(what, n, 2)
    cases, controls = placed.cases, placed.controls
    return float(cases.var(ddof=1) / cases.size + controls.var(ddof=1) / controls.size)


def _compared(
    aucs: tuple[float, float],
    variance: float,
    method: str,
    sizes: tuple[int, int],
    *,
    degrees_of_freedom: float | None,
    level: float,
) -> AucDifference:
    value, z, p = aucs[0] - aucs[1], None, None
    lower, upper = -1.0, 1.0
    if variance > _ROUNDING:
        error, share = math.sqrt(variance), (1 + level) / 2
        z = value / error
        if degrees_of_freedom is None:
            quantile, tail = ndtri(share), ndtr(-abs(z))
        else:
            quantile, tail = stdtrit(degrees_of_freedom, share), stdtr(degrees_of_freedom, -abs(z))
        p = float(2 * tail)
        lower, upper = max(value - quantile * error, -1.0), min(value + quantile * error, 1.0)
    elif value == 0 and method in _IDENTICAL:
        method, lower, upper, z, p = _IDENTICAL[method], 0.0, 0.0, 0.0, 1.0
    else:
        method = _WITHOUT_SPREAD[method]
    difference = Estimate(value, float(lower), float(upper), level, method, *sizes)
    return AucDifference(*aucs, difference, z, degrees_of_freedom, p, sum(sizes))
