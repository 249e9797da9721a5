"""What every function of ``analysis`` accepts, and refuses, at its door.

Each function turns an argument into a float64 or boolean array, or raises an ``AnalysisError``.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.errors import (
    LengthsDifferError,
    NoSpreadError,
    NotFiniteError,
    OneClassError,
    OutOfRangeError,
    ShapeError,
    TooFewError,
)

Vector = NDArray[np.float64]
Mask = NDArray[np.bool_]

_ROUNDINGS = 16


def checked_vector(name: str, values: ArrayLike) -> Vector:
    """Return finite values as a float64 vector.

    Parameters
    ----------
    name : str
        What the error calls the argument.
    values : array_like, shape (n,)
        Numbers in any unit.

    Returns
    -------
    Vector, shape (n,)

    Raises
    ------
    ShapeError
        More or fewer than one dimension.
    NotFiniteError
        NaN or infinity anywhere.

    Examples
    --------
    >>> checked_vector("scores", [1, 2]).tolist()
    [1.0, 2.0]
    """
    vector = np.asarray(values, dtype=np.float64)
    if vector.ndim != 1:
        raise ShapeError(name, vector.shape, "one-dimensional")
    n_finite = int(np.count_nonzero(np.isfinite(vector)))
    if n_finite < vector.size:
        raise NotFiniteError(name, vector.size - n_finite, vector.size)
    return vector


def checked_classes(is_case: ArrayLike) -> Mask:
    """Return who is a case as a boolean vector.

    Parameters
    ----------
    is_case : array_like, shape (n_patients,)
        True or 1 for a case, False or 0 for a control.

    Returns
    -------
    Mask, shape (n_patients,)

    Raises
    ------
    ShapeError
        More or fewer than one dimension.
    OutOfRangeError
        Anything but true, false, 1 and 0: there is no guess at which label is the case.

    Examples
    --------
    >>> checked_classes([1, 0, 0]).tolist()
    [True, False, False]
    """
    given = np.asarray(is_case)
    if given.ndim != 1:
        raise ShapeError("is_case", given.shape, "one-dimensional")
    if given.dtype == np.bool_:
        return given
    if given.dtype.kind not in "iuf" or not ((given == 0) | (given == 1)).all():
        raise OutOfRangeError("is_case", "true or 1 for a case and false or 0 for a control")
    return given.astype(np.bool_)


def checked_scores(
    scores: ArrayLike, is_case: ArrayLike, *, name: str = "scores"
) -> tuple[Vector, Mask]:
    """Return scores and classes of the same patients.

    Parameters
    ----------
    scores : array_like, shape (n_patients,)
        Any finite numbers.
    is_case : array_like, shape (n_patients,)
        True for a case.
    name : str
        What an error calls the scores.

    Returns
    -------
    tuple of Vector and Mask, both of shape (n_patients,)

    Raises
    ------
    LengthsDifferError
        Not one score for each patient.
    AnalysisError
        As `checked_vector` and `checked_classes`.

    Examples
    --------
    >>> checked_scores([0.2, 0.7], [0, 1])[1].tolist()
    [False, True]
    """
    vector, mask = checked_vector(name, scores), checked_classes(is_case)
    if vector.size != mask.size:
        raise LengthsDifferError({name: vector.size, "is_case": mask.size})
    return vector, mask


def checked_pairs(
    first: ArrayLike,
    second: ArrayLike,
    *,
    names: tuple[str, str] = ("before", "after"),
    at_least: int = 2,
) -> tuple[Vector, Vector]:
    """Return two values of the same patients.

    Parameters
    ----------
    first, second : array_like, shape (n_patients,)
        One complete pair for each patient; any finite numbers.
    names : tuple of str
        What an error calls them.
    at_least : int
        Fewest pairs that the method is defined for.

    Returns
    -------
    tuple of Vector, both of shape (n_patients,)

    Raises
    ------
    LengthsDifferError
        Not one of each for each patient.
    TooFewError
        Fewer pairs than needed.
    AnalysisError
        As `checked_vector`.

    Examples
    --------
    >>> checked_pairs([1, 2], [3, 4])[1].tolist()
    [3.0, 4.0]
    """
    one, other = checked_vector(names[0], first), checked_vector(names[1], second)
    if one.size != other.size:
        raise LengthsDifferError({names[0]: one.size, names[1]: other.size})
    if one.size < at_least:
        raise TooFewError("complete pairs", one.size, at_least)
    return one, other


def checked_spread(name: str, values: Vector, *, magnitude: float | None = None) -> Vector:
    """Return values that differ by more than rounding.

    Parameters
    ----------
    name : str
        What the error calls them.
    values : Vector, shape (n,)
        At least one finite number.
    magnitude : float, optional
        Largest absolute number that they were calculated from; their own largest if not given.

    Returns
    -------
    Vector, shape (n,)

    Raises
    ------
    NoSpreadError
        They lie within 16 roundings of `magnitude`.

    Examples
    --------
    >>> checked_spread("values", np.array([0.3, 0.4])).tolist()
    [0.3, 0.4]
    """
    largest = float(np.abs(values).max()) if magnitude is None else magnitude
    if np.ptp(values) <= _ROUNDINGS * np.finfo(np.float64).eps * largest:
        raise NoSpreadError(name)
    return values


def checked_magnitude(name: str, values: Vector) -> Vector:
    """Return values whose squares are numbers that float64 can hold.

    Parameters
    ----------
    name : str
        What the error calls them.
    values : Vector, shape (n,)
        Finite numbers.

    Returns
    -------
    Vector, shape (n,)

    Raises
    ------
    OutOfRangeError
        The largest is beyond 1e100, or all are below 1e-100 but not zero.

    Examples
    --------
    >>> checked_magnitude("values", np.array([0.0, -3e7])).tolist()
    [0.0, -30000000.0]
    """
    largest = float(np.abs(values).max(initial=0.0))
    if largest != 0 and not 1e-100 < largest < 1e100:
        raise OutOfRangeError(name, "in a unit in which the largest is between 1e-100 and 1e100")
    return values


def checked_probabilities(probabilities: ArrayLike, is_case: ArrayLike) -> tuple[Vector, Mask]:
    """Return probabilities and classes of the same patients, both classes present.

    Parameters
    ----------
    probabilities : array_like, shape (n_patients,)
        Probability of being a case, from 0 to 1.
    is_case : array_like, shape (n_patients,)
        True for a case.

    Returns
    -------
    tuple of Vector and Mask, both of shape (n_patients,)

    Raises
    ------
    OutOfRangeError
        A probability below 0 or above 1.
    OneClassError
        No case or no control.
    AnalysisError
        As `checked_scores`.

    Examples
    --------
    >>> checked_probabilities([0, 1], [0, 1])[0].tolist()
    [0.0, 1.0]
    """
    vector, mask = checked_scores(probabilities, is_case, name="probabilities")
    if ((vector < 0) | (vector > 1)).any():
        raise OutOfRangeError("probabilities", "between 0 and 1")
    class_sizes(mask)
    return vector, mask


def class_sizes(is_case: Mask) -> tuple[int, int]:
    """Count cases and controls.

    Parameters
    ----------
    is_case : Mask, shape (n_patients,)
        True for a case.

    Returns
    -------
    tuple of int
        Cases, controls.

    Raises
    ------
    OneClassError
        No case or no control.

    Examples
    --------
    >>> class_sizes(np.array([True, False, False]))
    (1, 2)
    """
    n_cases = int(np.count_nonzero(is_case))
    n_controls = is_case.size - n_cases
    if n_cases == 0 or n_controls == 0:
        raise OneClassError(n_cases, n_controls)
    return n_cases, n_controls


def check_two_of_each(n_cases: int, n_controls: int) -> None:
    """Refuse a single case or control, from whom no spread can be told.

    Parameters
    ----------
    n_cases, n_controls : int
        How many there are.

    Raises
    ------
    TooFewError
        Fewer than two of either.

    Examples
    --------
    >>> check_two_of_each(2, 2)
    """
    for what, n in (("cases", n_cases), ("controls", n_controls)):
        if n < 2:
            raise TooFewError(what, n, 2)


def checked_level(level: float) -> float:
    """Return a confidence level, strictly between 0 and 1.

    Parameters
    ----------
    level : float
        For example .95; not 95.

    Returns
    -------
    float

    Raises
    ------
    OutOfRangeError
        Anything else.

    Examples
    --------
    >>> checked_level(0.95)
    0.95
    """
    if not 0.0 < level < 1.0:
        raise OutOfRangeError("level", "strictly between 0 and 1, as 0.95")
    return float(level)
