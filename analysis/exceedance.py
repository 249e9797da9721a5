"""How many new values fall outside the range of a sample: exact, for any distribution."""

import numpy as np
from scipy.special import betaln, gammaln

from analysis.errors import OutOfRangeError


def exceedance_p(n_outside: int, n_new: int, n_sample: int) -> float:
    """Probability that so many new values lie outside a sample's range, or more.

    Parameters
    ----------
    n_outside : int
        New values below the smallest or above the largest of the sample.
    n_new : int
        New values.
    n_sample : int
        Values of the sample, at least 2.

    Returns
    -------
    float
        One-sided p under one continuous distribution for both, whatever it is. Ties, and a range
        that was rounded outwards, make the true probability smaller.

    Raises
    ------
    OutOfRangeError
        A sample of fewer than two, or more values outside than there are.

    Notes
    -----
    Ranked together, each new value is equally likely to fall into any of the ``n_sample + 1`` gaps
    of the sample, so the number in the two outer ones is beta-binomial with parameters 2 and
    ``n_sample - 1``. Source: Gumbel and von Schelling 1950, Ann Math Stat 21:247.

    Examples
    --------
    >>> exceedance_p(1, 1, 39), exceedance_p(0, 20, 32)
    (0.05, 1.0)
    """
    if n_sample < 2:
        raise OutOfRangeError("n_sample", "at least 2")
    if not 0 <= n_outside <= n_new:
        raise OutOfRangeError("n_outside", "between 0 and n_new")
    if n_outside == 0:
        return 1.0
    k = np.arange(n_outside, n_new + 1, dtype=np.float64)
    ways = gammaln(n_new + 1) - gammaln(k + 1) - gammaln(n_new - k + 1)
    log_p = ways + betaln(k + 2, n_new - k + n_sample - 1) - betaln(2, n_sample - 1)
    return min(1.0, round(float(np.exp(log_p).sum()), 15))
