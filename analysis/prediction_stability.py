"""How much one patient's probability depends on the patients the model happened to be fitted to.

Stability over refits says nothing of whether the probabilities are right.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from analysis.checks import Vector, checked_level, checked_vector
from analysis.errors import LengthsDifferError, NotFiniteError, OutOfRangeError, ShapeError

_NUMBERS_AT_ONCE = 1_000_000


@dataclass(frozen=True, slots=True, eq=False)
class PredictionStability:
    """Each patient's probability over refits.

    Parameters
    ----------
    mean_absolute_difference : Vector, shape (n_patients,)
        Mean distance of a refit's probability from the model's.
    lower, upper : Vector, shape (n_patients,)
        Percentiles of the refits' probabilities; a range of stability, without coverage.
    share_flipped : Vector, shape (n_patients,)
        Share of refits that decide otherwise than the model at the threshold.
    level : float
        Share of refits between the percentiles.
    threshold : float
        The rule is ``probability >= threshold``.
    n_refits : int
        Refits.
    """

    mean_absolute_difference: Vector
    lower: Vector
    upper: Vector
    share_flipped: Vector
    level: float
    threshold: float
    n_refits: int

    @property
    def average_difference(self) -> float:
        """Mean of the patients' mean absolute differences (MAPE in the source)."""
        return float(self.mean_absolute_difference.mean())

    @property
    def average_flipped(self) -> float:
        """Share of decisions that flip, over patients and refits."""
        return float(self.share_flipped.mean())


def prediction_stability(
    probabilities: ArrayLike, refits: ArrayLike, *, threshold: float, level: float = 0.95
) -> PredictionStability:
    """Compare the model's probabilities with those of refits to bootstrap resamples.

    Parameters
    ----------
    probabilities : array_like, shape (n_patients,)
        The model's, from 0 to 1.
    refits : array_like, shape (n_refits, n_patients)
        The probability that each refit gives the same patients; the whole procedure refitted.
    threshold : float
        From 0 to 1.
    level : float
        Share of refits between the two percentiles (type 7).

    Returns
    -------
    PredictionStability

    Raises
    ------
    ShapeError
        Refits that are not a table with at least one refit and one patient.
    LengthsDifferError
        Not one column for each patient.
    NotFiniteError
        NaN or infinity; refits that failed are left out beforehand, and counted.
    OutOfRangeError
        A probability or the threshold is not from 0 to 1.

    Notes
    -----
    Source: Riley and Collins 2023, Biom J 65:2200302 (prediction instability, mean absolute
    prediction error, classification instability).

    Examples
    --------
    >>> found = prediction_stability([0.2, 0.6], [[0.1, 0.7], [0.4, 0.4]], threshold=0.5)
    >>> found.mean_absolute_difference.round(3).tolist(), found.share_flipped.tolist()
    ([0.15, 0.15], [0.0, 0.5])
    """
    model, table = checked_vector("probabilities", probabilities), np.asarray(refits, np.float64)
    if table.ndim != 2 or table.size == 0:
        raise ShapeError("refits", table.shape, "(n_refits, n_patients), neither of them 0")
    if table.shape[1] != model.size:
        raise LengthsDifferError({"probabilities": model.size, "refits": table.shape[1]})
    n_finite = int(np.count_nonzero(np.isfinite(table)))
    if n_finite < table.size:
        raise NotFiniteError("refits", table.size - n_finite, table.size)
    if not 0 <= threshold <= 1:
        raise OutOfRangeError("threshold", "between 0 and 1")
    for name, values in (("probabilities", model), ("refits", table)):
        if values.min() < 0 or values.max() > 1:
            raise OutOfRangeError(name, "between 0 and 1")
    tail = (1 - checked_level(level)) / 2
    n_chunks = -(-table.size // _NUMBERS_AT_ONCE)
    parts = [
        _of_patients(model[chunk], table[:, chunk], threshold, tail)
        for chunk in np.array_split(np.arange(model.size), min(n_chunks, model.size))
    ]
    difference, lower, upper, flipped = np.concatenate(parts, axis=1)
    return PredictionStability(difference, lower, upper, flipped, level, threshold, len(table))


def _of_patients(model: Vector, refits: Vector, threshold: float, tail: float) -> Vector:
    return np.stack(
        [
            np.abs(refits - model).mean(axis=0),
            *np.quantile(refits, [tail, 1 - tail], axis=0),
            ((refits >= threshold) != (model >= threshold)).mean(axis=0),
        ]
    )
