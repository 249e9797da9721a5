"""Imputation and scaling, learnt for many training sets at once.

One row of weights is one training set ("problem"): a fold, a bootstrap resample, or both.
Medians, means and scales come from the weighted patients alone, so a held-out patient
(weight 0) is transformed by numbers that have never seen it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Numbers = NDArray[np.bool_] | NDArray[np.integer[Any]] | NDArray[np.floating[Any]]

NUMBERS_PER_BLOCK = 400_000
"""Of the largest working array: 3 MB, near a core's cache (200 to 500 thousand: equal speed)."""


@dataclass(frozen=True)
class Standardised:
    """What standardising learnt, one row for each problem.

    Attributes
    ----------
    medians : (n_problems, n_features)
        Stand in for missing values.
    means, scales : (n_problems, n_features)
        Of the imputed values; the scale is the population standard deviation, 1 if constant.
    """

    medians: Floats
    means: Floats
    scales: Floats

    @property
    def n_problems(self) -> int:
        """How many training sets these were learnt from."""
        return len(self.medians)

    def values(self, features: Floats, problems: slice = slice(None)) -> Floats:
        """Impute and scale every patient, held-out ones too.

        Parameters
        ----------
        features : (n_patients, n_features)
            NaN where missing; the patients learnt from, or new ones.
        problems
            Which problems to return; all take ``n_problems`` copies of the features.

        Returns
        -------
        (n_problems, n_patients, n_features)
            A view on memory that is laid out feature by feature.
        """
        by_feature = features.T
        medians, means, scales = (
            learnt[problems, :, None] for learnt in (self.medians, self.means, self.scales)
        )
        imputed = np.where(np.isnan(by_feature), medians, by_feature)
        imputed -= means
        imputed /= scales
        return imputed.transpose(0, 2, 1)


def standardise(features: Floats, weights: Numbers) -> Standardised:
    """Learn medians, means and scales from the weighted patients of each problem.

    Equal to scikit-learn's ``SimpleImputer(strategy="median")`` and ``StandardScaler`` on the
    patients repeated as often as their weight says. A feature that is constant in a problem
    gets scale 1 and its own value as mean; one that is missing in all its patients counts
    as constant 0. Both are exactly 0 for every training patient, and so is their coefficient.

    Parameters
    ----------
    features : (n_patients, n_features)
        NaN where missing.
    weights : (n_problems, n_patients)
        Whole numbers: 0 held out, 1 in the training set, more for copies in a bootstrap.

    Raises
    ------
    ValueError
        If shapes do not fit, a feature is infinite, a weight is negative or no whole number,
        or a problem has no patient.

    Examples
    --------
    >>> import numpy as np
    >>> features = np.array([[1.0], [3.0], [np.nan], [99.0]])
    >>> standardise(features, np.array([[1, 1, 1, 0]])).medians
    array([[2.]])
    """
    _check(features, weights)
    n_problems, n_features = len(weights), features.shape[1]
    medians, means, scales = (np.empty((n_problems, n_features)) for _ in range(3))
    for block in blocks(n_problems, weights.shape[1]):
        copies = weights[block].astype(np.float64)
        for j in range(n_features):
            column = features[:, j]
            medians[block, j] = _weighted_median(column, copies)
            means[block, j], scales[block, j] = _mean_and_scale(column, copies, medians[block, j])
    return Standardised(medians, means, scales)


def blocks(n_problems: int, numbers_each: int) -> Iterator[slice]:
    """Cut the problems into runs whose working arrays hold about `NUMBERS_PER_BLOCK`."""
    size = max(1, NUMBERS_PER_BLOCK // numbers_each)
    for start in range(0, n_problems, size):
        yield slice(start, min(start + size, n_problems))


def _check(features: Floats, weights: Numbers) -> None:
    if features.ndim != 2 or weights.ndim != 2 or weights.shape[1] != len(features):
        raise ValueError(
            "features must be (n_patients, n_features) and weights (n_problems, n_patients), "
            f"not {features.shape} and {weights.shape}"
        )
    if np.isinf(features).any():
        columns = np.flatnonzero(np.isinf(features).any(axis=0)).tolist()
        raise ValueError(f"features must be finite or NaN; infinite in columns {columns}")
    if not np.all((weights >= 0) & (weights == np.floor(weights))):
        raise ValueError("weights must be whole numbers, 0 or more")
    if not weights.any(axis=1).all():
        empty = np.flatnonzero(~weights.any(axis=1)).tolist()
        raise ValueError(f"every problem needs a patient; none in problems {empty}")


def _weighted_median(column: Floats, copies: Floats) -> Floats:
    """Median of the observed values, each repeated `copies` times; 0 where there are none."""
    order = np.argsort(column)[: np.count_nonzero(~np.isnan(column))]
    if order.size == 0:
        return np.zeros(len(copies))
    ranks = copies[:, order].cumsum(axis=1)
    observed = ranks[:, -1]
    lower, upper = (
        column[order[np.argmax(ranks > middle[:, None], axis=1)]]
        for middle in (np.floor((observed - 1) / 2), np.floor(observed / 2))
    )
    return np.where(observed > 0, (lower + upper) / 2, 0.0)


def _mean_and_scale(column: Floats, copies: Floats, medians: Floats) -> tuple[Floats, Floats]:
    imputed = np.where(np.isnan(column), medians[:, None], column)
    n = copies.sum(axis=1)
    means = (copies * imputed).sum(axis=1) / n
    variances = (copies * (imputed - means[:, None]) ** 2).sum(axis=1) / n
    # Rounding alone leaves this much variance: scikit-learn 1.9, _is_constant_feature.
    eps = np.finfo(np.float64).eps
    constant = variances <= n * eps * variances + (n * means * eps) ** 2
    return np.where(constant, medians, means), np.where(constant, 1.0, np.sqrt(variances))
