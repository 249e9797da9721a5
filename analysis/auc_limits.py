"""From an AUC to two limits, also where its variance says nothing.

The limits at an AUC of 0 or 1, with all scores tied and with a single case or control are our
choice; each rests on one line of argument, given beside it.
"""

from scipy.special import expit, logit, ndtri

Limits = tuple[float, float]


def limits_from_variance(auc: float, variance: float, *, level: float, logit_scale: bool) -> Limits:
    """Return the normal interval, on the logit or on the AUC's own scale.

    Parameters
    ----------
    auc : float
        Strictly between 0 and 1 when `logit_scale`.
    variance : float
        Variance of the AUC, above zero.
    level : float
        Confidence level.
    logit_scale : bool
        True: delta method on the logit, so the limits lie within (0, 1). False: symmetric, cut
        at 0 and 1 as pROC does.

    Returns
    -------
    tuple of float
        Lower and upper limit; they contain the AUC.

    Notes
    -----
    Source of the logit: Pepe 2003, The Statistical Evaluation of Medical Tests, section 5.2.

    Examples
    --------
    >>> low, high = limits_from_variance(0.8, 0.01, level=0.95, logit_scale=True)
    >>> round(low, 3), round(high, 3)
    (0.54, 0.932)
    """
    half_width = _normal_quantile(level) * variance**0.5
    if not logit_scale:
        return max(auc - half_width, 0.0), min(auc + half_width, 1.0)
    half_width /= auc * (1 - auc)
    middle = float(logit(auc))
    lower, upper = float(expit(middle - half_width)), float(expit(middle + half_width))
    return min(lower, auc), max(upper, auc)


def limits_without_spread(
    auc: float, n_cases: int, n_controls: int, *, all_tied: bool, level: float
) -> tuple[str, Limits] | None:
    """Return what stands in where neither a variance nor a resample can say anything.

    Parameters
    ----------
    auc : float
        From 0 to 1.
    n_cases, n_controls : int
        Patients it rests on, one score each.
    all_tied : bool
        Every score is the same.
    level : float
        Confidence level.

    Returns
    -------
    tuple of str and Limits, or None
        ``exact_at_boundary`` at an AUC of 0 or 1 (`limits_at_boundary`), ``markov_bound`` with one
        case or one control (`limits_from_one`), ``exact_all_tied`` when every score is the same
        (`limits_when_all_tied`). Otherwise None: with two of each class there is no fourth place.

    Examples
    --------
    >>> limits_without_spread(1.0, 2, 1, all_tied=False, level=0.9)[0]
    'exact_at_boundary'
    >>> limits_without_spread(0.5, 2, 2, all_tied=False, level=0.9) is None
    True
    """
    n_pairs = min(n_cases, n_controls)
    if auc in (0.0, 1.0):
        return "exact_at_boundary", limits_at_boundary(auc, n_pairs, level=level)
    if n_pairs == 1:
        return "markov_bound", limits_from_one(auc, level=level)
    if all_tied:
        return "exact_all_tied", limits_when_all_tied(n_pairs, level=level)
    return None


def limits_at_boundary(auc: float, n_pairs: int, *, level: float) -> Limits:
    """Return the exact interval at an AUC of 1, mirrored at 0.

    The patients can be set apart into `n_pairs` pairs of a case and a control that share nobody.
    If the true AUC is A, all these pairs are in the right order with probability A**n_pairs; the
    lower limit is the A at which this is half of ``1 - level``.

    Parameters
    ----------
    auc : float
        0 or 1.
    n_pairs : int
        The smaller of the numbers of cases and of controls.
    level : float
        Confidence level.

    Returns
    -------
    tuple of float
        Lower and upper limit, one of them the AUC itself.

    Examples
    --------
    >>> low, high = limits_at_boundary(1.0, 14, level=0.95)
    >>> round(low, 3), high
    (0.768, 1.0)
    """
    far_limit = float(((1 - level) / 2) ** (1 / n_pairs))
    return (far_limit, 1.0) if auc == 1.0 else (0.0, 1 - far_limit)


def limits_when_all_tied(n_pairs: int, *, level: float) -> Limits:
    """Return the exact interval around one half when every score is the same value.

    With a true probability q that a case and a control tie, `n_pairs` separate pairs all tie with
    probability q**n_pairs, so q is at least ``(1 - level)**(1 / n_pairs)`` with confidence
    `level`. The AUC lies within q/2 and 1 - q/2 whatever the untied pairs do. (A score that is
    constant by construction has an AUC of one half and needs no interval; a measured one that is
    always below its detection limit does.)

    Parameters
    ----------
    n_pairs : int
        The smaller of the numbers of cases and of controls.
    level : float
        Confidence level.

    Returns
    -------
    tuple of float
        Lower and upper limit, symmetric about one half.

    Examples
    --------
    >>> low, high = limits_when_all_tied(14, level=0.95)
    >>> round(low, 3), round(high, 3)
    (0.404, 0.596)
    """
    least_tied = float((1 - level) ** (1 / n_pairs))
    return least_tied / 2, 1 - least_tied / 2


def limits_from_one(auc: float, *, level: float) -> Limits:
    """Return a guaranteed interval when there is a single case or a single control.

    The observed AUC is an unbiased number between 0 and 1, so by Markov's inequality it exceeds
    its mean A by a factor of 2 / (1 - level) with probability at most (1 - level) / 2; the same
    holds for 1 - AUC. The interval is nearly all of [0, 1], which is what one patient is worth;
    at 0 and 1 it meets `limits_at_boundary` for one pair.

    Parameters
    ----------
    auc : float
        From 0 to 1.
    level : float
        Confidence level.

    Returns
    -------
    tuple of float
        Lower and upper limit.

    Examples
    --------
    >>> low, high = limits_from_one(0.8, level=0.95)
    >>> round(low, 3), round(high, 3)
    (0.02, 0.995)
    """
    tail = (1 - level) / 2
    return tail * auc, 1 - tail * (1 - auc)


def _normal_quantile(level: float) -> float:
    return float(ndtri((1 + level) / 2))
