"""What is printed of a sample: its size, mean, standard deviation and quartiles."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from analysis.checks import Vector, checked_vector
from analysis.errors import OutOfRangeError, TooFewError


@dataclass(frozen=True, slots=True)
class Summary:
    """Size, mean and standard deviation, as papers print them.

    Parameters
    ----------
    n : int
        Patients, at least 2.
    mean, sd : float
        In the quantity's unit; `sd` with n - 1 in its divisor.

    Raises
    ------
    OutOfRangeError
        Fewer than two patients, a number that is not finite or an `sd` below zero.

    Examples
    --------
    >>> Summary(n=32, mean=-1.69, sd=2.51).standard_error.__round__(3)
    0.444
    """

    n: int
    mean: float
    sd: float

    def __post_init__(self) -> None:
        """Refuse what no sample can have."""
        if self.n < 2:
            raise OutOfRangeError("n", "at least 2")
        if not np.isfinite(self.mean):
            raise OutOfRangeError("mean", "finite")
        if not 0 <= self.sd < np.inf:
            raise OutOfRangeError("sd", "finite and at least 0")

    @property
    def standard_error(self) -> float:
        """Standard error of the mean."""
        return float(self.sd / np.sqrt(self.n))


def summarise(values: ArrayLike) -> Summary:
    """Summarise a sample.

    Parameters
    ----------
    values : array_like, shape (n_patients,)
        Any finite numbers.

    Returns
    -------
    Summary

    Raises
    ------
    TooFewError
        Fewer than two patients.
    AnalysisError
        A value is not finite.

    Examples
    --------
    >>> found = summarise([1, 2, 3, 6])
    >>> found.n, found.mean, round(found.sd, 6)
    (4, 3.0, 2.160247)
    """
    vector = checked_vector("values", values)
    if vector.size < 2:
        raise TooFewError("patients", vector.size, 2)
    return Summary(vector.size, float(vector.mean()), standard_deviation(vector))


def standard_deviation(values: Vector) -> float:
    """Return the standard deviation with n - 1 in its divisor, whatever the unit.

    Parameters
    ----------
    values : Vector, shape (n_patients,)
        At least two finite numbers; also so large or small that their squares are not numbers.

    Returns
    -------
    float

    Examples
    --------
    >>> round(standard_deviation(np.array([1e200, 3e200])) / 1e200, 6)
    1.414214
    """
    centred = values - values.mean()
    largest = float(np.abs(centred).max())
    if largest == 0:
        return 0.0
    return largest * float(np.sqrt(((centred / largest) ** 2).sum() / (values.size - 1)))


def quartiles(values: ArrayLike) -> tuple[float, float, float]:
    """Return the lower quartile, the median and the upper quartile.

    Parameters
    ----------
    values : array_like, shape (n_patients,)
        Any finite numbers.

    Returns
    -------
    tuple of float
        Interpolated between order statistics (type 7, as R and NumPy do unasked).

    Raises
    ------
    TooFewError
        No patient.
    AnalysisError
        A value is not finite.

    Notes
    -----
    Source: Hyndman and Fan 1996, Am Stat 50:361, definition 7.

    Examples
    --------
    >>> quartiles([1, 2, 3, 6])
    (1.75, 2.5, 3.75)
    """
    vector = checked_vector("values", values)
    if vector.size < 1:
        raise TooFewError("patients", vector.size, 1)
    lower, median, upper = np.quantile(vector, [0.25, 0.5, 0.75]).tolist()
    return lower, median, upper
