"""Intervals of one proportion."""

from scipy.special import betaincinv, ndtri

from analysis.checks import checked_level
from analysis.errors import OutOfRangeError


def wilson(successes: float, n: int, *, level: float = 0.95) -> tuple[float, float]:
    """Return Wilson's score interval.

    Parameters
    ----------
    successes : float
        From 0 to `n`; may be a mean over repeats of cross-validation, so need not be whole.
    n : int
        Patients; never patients times repeats.
    level : float
        Confidence level.

    Returns
    -------
    tuple of float
        Lower and upper limit, within 0 and 1, containing ``successes / n``.

    Raises
    ------
    OutOfRangeError
        No patients, or successes or level out of range.

    Notes
    -----
    Source: Wilson 1927, J Am Stat Assoc 22:209; without continuity correction.

    Examples
    --------
    >>> low, high = wilson(29, 33)
    >>> round(low, 3), round(high, 3)
    (0.727, 0.952)
    """
    proportion = _checked_proportion(successes, n)
    z = float(ndtri((1 + checked_level(level)) / 2))
    middle = (proportion + z**2 / (2 * n)) / (1 + z**2 / n)
    spread = proportion * (1 - proportion) / n + z**2 / (4 * n**2)
    half_width = z * spread**0.5 / (1 + z**2 / n)
    # At 0 and n the limit is the proportion itself; rounding must not move it past.
    lower = 0.0 if successes == 0 else max(middle - half_width, 0.0)
    upper = 1.0 if successes == n else min(middle + half_width, 1.0)
    return min(lower, proportion), max(upper, proportion)


def clopper_pearson(successes: float, n: int, *, level: float = 0.95) -> tuple[float, float]:
    """Return Clopper and Pearson's exact interval.

    Parameters
    ----------
    successes : float
        From 0 to `n`; between whole numbers the beta quantiles interpolate, and the interval is
        then no longer exact.
    n : int
        Patients.
    level : float
        Confidence level; the coverage is at least this.

    Returns
    -------
    tuple of float
        Lower and upper limit, within 0 and 1, containing ``successes / n``.

    Raises
    ------
    OutOfRangeError
        No patients, or successes or level out of range.

    Notes
    -----
    Source: Clopper and Pearson 1934, Biometrika 26:404.

    Examples
    --------
    >>> low, high = clopper_pearson(0, 33)
    >>> low, round(high, 3)
    (0.0, 0.106)
    """
    proportion = _checked_proportion(successes, n)
    tail = (1 - checked_level(level)) / 2
    failures = n - successes
    lower = 0.0 if successes == 0 else float(betaincinv(successes, failures + 1, tail))
    upper = 1.0 if failures == 0 else float(betaincinv(successes + 1, failures, 1 - tail))
    return min(lower, proportion), max(upper, proportion)


def _checked_proportion(successes: float, n: int) -> float:
    if n < 1:
        raise OutOfRangeError("n", "at least 1")
    if not 0 <= successes <= n:
        raise OutOfRangeError("successes", "between 0 and n")
    return successes / n
