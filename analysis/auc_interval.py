"""The AUC of a fixed score, with its interval.

Not for a cross-validated AUC, whose folds share training patients: see
`analysis.cross_validated_auc`. Not for a patient's values before and after treatment: see
`analysis.clustered_roc`.
"""

from typing import Literal, get_args

from numpy.typing import ArrayLike

from analysis.auc_limits import limits_from_variance, limits_without_spread
from analysis.checks import checked_level
from analysis.delong import variance_of
from analysis.errors import UnknownChoiceError
from analysis.estimate import Estimate
from analysis.roc import Direction, area_of, checked_counts

AucMethod = Literal["logit_delong", "delong"]


def auc_interval(
    scores: ArrayLike,
    is_case: ArrayLike,
    *,
    direction: Direction,
    level: float = 0.95,
    method: AucMethod = "logit_delong",
) -> Estimate:
    """Estimate an AUC from independent patients, one score each.

    Parameters
    ----------
    scores : array_like, shape (n_patients,)
        Scores that were fixed before these patients were seen, in their own units.
    is_case : array_like, shape (n_patients,)
        True for a case.
    direction : Direction
        Which end of the score speaks for a case; never guessed.
    level : float
        Confidence level.
    method : AucMethod
        ``logit_delong`` (default; covers better than plain DeLong in samples of this size) or
        ``delong``, cut at 0 and 1, for comparison with pROC.

    Returns
    -------
    Estimate
        Its `method` says what was done. Where DeLong's variance is zero or undefined the method
        asked for gives way: ``exact_at_boundary`` at an AUC of 0 or 1 (`limits_at_boundary`),
        ``markov_bound`` with one case or one control (`limits_from_one`), ``exact_all_tied`` when
        every score is the same (`limits_when_all_tied`). There is no fourth such place: with two
        of each class the variance is zero only when the classes are separated or all are tied.

    Raises
    ------
    OneClassError
        No case or no control.
    AnalysisError
        Lengths differ, a score is not finite, an unknown direction, method or level.

    Notes
    -----
    Source: DeLong, DeLong and Clarke-Pearson 1988, Biometrics 44:837; the places where it does
    not apply are our choice (`analysis.auc_limits`). pROC gives [1, 1] and [.5, .5] there.

    Examples
    --------
    >>> print(auc_interval([1, 4, 2, 3, 5, 6], [0, 0, 0, 1, 1, 1], direction="higher_is_case"))
    0.89 (95% CI 0.26-0.99, logit_delong, 3 v 3)
    >>> print(auc_interval([1, 2, 3, 4], [0, 0, 1, 1], direction="higher_is_case"))
    1.00 (95% CI 0.16-1.00, exact_at_boundary, 2 v 2)
    """
    if method not in get_args(AucMethod):
        raise UnknownChoiceError("method", get_args(AucMethod))
    checked_level(level)
    counts = checked_counts(scores, is_case, direction)
    value, n_cases, n_controls = area_of(counts), counts.n_cases, counts.n_controls
    stand_in = limits_without_spread(
        value, n_cases, n_controls, all_tied=counts.thresholds.size == 2, level=level
    )
    if stand_in is not None:
        used, limits = stand_in
        return Estimate(value, *limits, level, used, n_cases, n_controls)
    limits = limits_from_variance(
        value, variance_of(counts), level=level, logit_scale=method == "logit_delong"
    )
    return Estimate(value, *limits, level, method, n_cases, n_controls)
