"""Likelihood ratios of a yes/no decision, and its predictive values at a stated prevalence.

The prevalence among the patients counted is never used: cases and controls are mostly not drawn
in the proportion in which they occur.
"""

import math

from scipy.special import ndtri

from analysis.checks import checked_level
from analysis.decision_counts import DecisionCounts
from analysis.errors import OutOfRangeError, TooFewError
from analysis.estimate import Estimate


def likelihood_ratio_positive(counts: DecisionCounts, *, level: float = 0.95) -> Estimate:
    """Sensitivity / (1 - specificity): how much a positive result raises the odds of a case.

    Parameters
    ----------
    counts : DecisionCounts
        Of patients other than those the threshold was chosen on.
    level : float
        Confidence level.

    Returns
    -------
    Estimate
        ``simel_log``; ``simel_log_half_added`` where that is infinite, zero or without width:
        then half a patient is added to each of the four counts, also for the value.

    Raises
    ------
    TooFewError
        Nobody is called a case: the ratio is 0/0.
    OutOfRangeError
        A level out of range.

    Notes
    -----
    Source: Simel, Samsa and Matchar 1991, J Clin Epidemiol 44:763; half a patient: Haldane 1956.

    Examples
    --------
    >>> print(likelihood_ratio_positive(DecisionCounts(15, 4, 10, 4)))
    2.76 (95% CI 1.17-6.53, simel_log, 19 v 14)
    """
    called = counts.true_positives, counts.false_positives
    return _ratio(counts, called, "patients called a case", level)


def likelihood_ratio_negative(counts: DecisionCounts, *, level: float = 0.95) -> Estimate:
    """(1 - sensitivity) / specificity: how much a negative result leaves of the odds of a case.

    Parameters
    ----------
    counts, level
        As `likelihood_ratio_positive`.

    Returns
    -------
    Estimate
        As `likelihood_ratio_positive`.

    Raises
    ------
    TooFewError
        Everybody is called a case: the ratio is 0/0.
    OutOfRangeError
        A level out of range.

    Notes
    -----
    Source: as `likelihood_ratio_positive`.

    Examples
    --------
    >>> print(likelihood_ratio_negative(DecisionCounts(15, 4, 10, 4)))
    0.29 (95% CI 0.12-0.75, simel_log, 19 v 14)
    """
    not_called = counts.false_negatives, counts.true_negatives
    return _ratio(counts, not_called, "patients not called a case", level)


def positive_predictive_value(
    counts: DecisionCounts, *, prevalence: float, level: float = 0.95
) -> Estimate:
    """Probability of being a case, of who is called one.

    Parameters
    ----------
    counts : DecisionCounts
        Of patients other than those the threshold was chosen on.
    prevalence : float
        Proportion of cases where the rule will be used, strictly between 0 and 1; taken as known.
    level : float
        Confidence level.

    Returns
    -------
    Estimate
        ``logit`` or ``logit_half_added``: Bayes' rule on `likelihood_ratio_positive` and its
        limits. At a ratio of 0 or infinity value and near limit are 0 or 1 themselves.

    Raises
    ------
    TooFewError
        Nobody is called a case.
    OutOfRangeError
        Prevalence or level out of range.

    Notes
    -----
    Source: Mercaldo, Lau and Zhou 2007, Stat Med 26:2170, the standard logit interval; it is
    Simel's moved by the prior log-odds.

    Examples
    --------
    >>> print(positive_predictive_value(DecisionCounts(15, 4, 10, 4), prevalence=0.2))
    0.41 (95% CI 0.23-0.62, logit, 19 v 14)
    """
    ratio = likelihood_ratio_positive(counts, level=level)
    odds = _checked_prevalence(prevalence) / (1 - prevalence)
    certain = _certain_share(counts.true_positives, counts.false_positives)
    return _by_bayes(ratio, odds, certain)


def negative_predictive_value(
    counts: DecisionCounts, *, prevalence: float, level: float = 0.95
) -> Estimate:
    """Probability of being a control, of who is not called a case.

    Parameters
    ----------
    counts, prevalence, level
        As `positive_predictive_value`.

    Returns
    -------
    Estimate
        As `positive_predictive_value`, on `likelihood_ratio_negative`.

    Raises
    ------
    TooFewError
        Everybody is called a case.
    OutOfRangeError
        Prevalence or level out of range.

    Examples
    --------
    >>> print(negative_predictive_value(DecisionCounts(15, 4, 10, 4), prevalence=0.2))
    0.93 (95% CI 0.84-0.97, logit, 19 v 14)
    """
    ratio = likelihood_ratio_negative(counts, level=level)
    odds = _checked_prevalence(prevalence) / (1 - prevalence)
    certain = _certain_share(counts.false_negatives, counts.true_negatives)
    of_case = _by_bayes(ratio, odds, certain)
    return Estimate(
        1 - of_case.value,
        1 - of_case.upper,
        1 - of_case.lower,
        of_case.level,
        of_case.method,
        of_case.n_cases,
        of_case.n_controls,
    )


def _ratio(counts: DecisionCounts, called: tuple[int, int], what: str, level: float) -> Estimate:
    """Ratio of the proportions of cases and of controls with one result, on the log scale."""
    z = float(ndtri((1 + checked_level(level)) / 2))
    cases, controls = called
    n_cases, n_controls = counts.n_cases, counts.n_controls
    if cases + controls == 0:
        raise TooFewError(what, 0, 1)
    half = 0.5 if cases == 0 or controls == 0 or called == (n_cases, n_controls) else 0.0
    used = "simel_log_half_added" if half else "simel_log"
    case_share = (cases + half) / (n_cases + 2 * half)
    control_share = (controls + half) / (n_controls + 2 * half)
    variance = (1 - case_share) / (cases + half) + (1 - control_share) / (controls + half)
    ratio, factor = case_share / control_share, math.exp(z * math.sqrt(variance))
    return Estimate(ratio, ratio / factor, ratio * factor, level, used, n_cases, n_controls)


def _by_bayes(ratio: Estimate, odds: float, certain: float | None) -> Estimate:
    value, lower, upper = (
        odds * each / (1 + odds * each) for each in (ratio.value, ratio.lower, ratio.upper)
    )
    if certain is not None:
        value, lower, upper = certain, min(lower, certain), max(upper, certain)
    used = ratio.method.replace("simel_log", "logit")
    return Estimate(value, lower, upper, ratio.level, used, ratio.n_cases, ratio.n_controls)


def _certain_share(cases: int, controls: int) -> float | None:
    """1 where all with this result are cases, 0 where all are controls, else None."""
    return 1.0 if controls == 0 else 0.0 if cases == 0 else None


def _checked_prevalence(prevalence: float) -> float:
    if not 0.0 < prevalence < 1.0:
        raise OutOfRangeError("prevalence", "strictly between 0 and 1")
    return prevalence
