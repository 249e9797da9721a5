"""The p value of a permutation test, and how well its number of permutations settles it."""

from analysis.auc_limits import Limits
from analysis.errors import OutOfRangeError
from analysis.proportions import clopper_pearson


def p_of_permutations(n_as_extreme: int, n_permutations: int) -> float:
    """Return the p value of a test with randomly drawn permutations.

    Parameters
    ----------
    n_as_extreme : int
        Permutations whose statistic is at least as extreme as the observed one, ties included.
    n_permutations : int
        Permutations drawn, the observed arrangement not among them.

    Returns
    -------
    float
        ``(n_as_extreme + 1) / (n_permutations + 1)``: the observed arrangement is one of those
        that could have been drawn, so p is never 0 and the test never rejects too often.

    Raises
    ------
    OutOfRangeError
        No permutation, or a count that is not from 0 to their number.

    Notes
    -----
    Source: Phipson and Smyth 2010, Stat Appl Genet Mol Biol 9:39.

    Examples
    --------
    >>> p_of_permutations(4, 999)
    0.005
    """
    if n_permutations < 1:
        raise OutOfRangeError("n_permutations", "at least 1")
    if not 0 <= n_as_extreme <= n_permutations:
        raise OutOfRangeError("n_as_extreme", "from 0 to n_permutations")
    return (n_as_extreme + 1) / (n_permutations + 1)


def interval_of_permutation_p(
    n_as_extreme: int, n_permutations: int, *, level: float = 0.95
) -> Limits:
    """Return where the p value of all permutations lies, were they all enumerated.

    It says whether enough permutations were drawn, and nothing about the patients.

    Parameters
    ----------
    n_as_extreme, n_permutations : int
        As `p_of_permutations`.
    level : float
        Confidence level.

    Returns
    -------
    tuple of float
        Lower and upper limit: Clopper and Pearson's, widened to `p_of_permutations` where that
        lies outside (at levels far below the usual ones).

    Raises
    ------
    OutOfRangeError
        As `p_of_permutations`; a level out of range.

    Examples
    --------
    >>> low, high = interval_of_permutation_p(4, 999)
    >>> round(low, 4), round(high, 4)
    (0.0011, 0.0102)
    """
    value = p_of_permutations(n_as_extreme, n_permutations)
    lower, upper = clopper_pearson(n_as_extreme, n_permutations, level=level)
    return min(lower, value), max(upper, value)
