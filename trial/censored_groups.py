"""What levels beyond a limit do to the difference of two groups' changes.

A pair beyond the same side of its limits enters as no change. Where one group has more of such
pairs than the other, that alone makes their changes differ.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analysis.estimate import Estimate
from analysis.mean_difference import two_sample_t
from analysis.mover import difference_of_estimates
from trial.analyte_pairs import AnalytePair, Numbers
from trial.censored_ratio import censored_ratio
from trial.not_computed import NotComputed, computed
from trial.paired_tests import ratio_of


@dataclass(frozen=True, slots=True)
class PairCounts:
    """Pairs of one group.

    Attributes
    ----------
    n_censored
        With a level beyond a limit, before or after.
    n_unseen
        With both beyond the same side: no change is seen, whatever it was.
    """

    n: int
    n_censored: int
    n_unseen: int


@dataclass(frozen=True, slots=True)
class CensoredGroups:
    """Two groups' after over before, first over second, in two ways that fill in less.

    Attributes
    ----------
    likelihood
        Nothing filled in: each group's own bivariate log-normal likelihood, the difference of
        their mean log changes with an interval from both profile-likelihood intervals.
    measured_baseline
        Welch's t of pairs with a measured baseline; a follow-up beyond its limit is still filled
        in.
    """

    first: PairCounts
    second: PairCounts
    likelihood: Estimate | NotComputed
    measured_baseline: Estimate | NotComputed


def censored_groups(
    first: Sequence[AnalytePair], second: Sequence[AnalytePair], *, level: float
) -> CensoredGroups | None:
    """Compare the changes of concentrations; None where no level lies beyond a limit."""
    if not any(pair.is_censored for pair in (*first, *second)):
        return None
    return CensoredGroups(
        _counts(first),
        _counts(second),
        _likelihood(first, second, level),
        computed(lambda: _measured_baseline(first, second, level)),
    )


def _counts(pairs: Sequence[AnalytePair]) -> PairCounts:
    return PairCounts(
        len(pairs), sum(one.is_censored for one in pairs), sum(one.is_unseen for one in pairs)
    )


def _likelihood(
    first: Sequence[AnalytePair], second: Sequence[AnalytePair], level: float
) -> Estimate | NotComputed:
    found = []
    for pairs in (first, second):
        fitted = censored_ratio(pairs, level=level)
        if isinstance(fitted, NotComputed):
            return fitted
        found.append(fitted.fit.change)
    return ratio_of(difference_of_estimates(*found), "profile_likelihood_mover")


def _measured_baseline(
    first: Sequence[AnalytePair], second: Sequence[AnalytePair], level: float
) -> Estimate:
    found = two_sample_t(_log_changes(first), _log_changes(second), level=level)
    return ratio_of(found.difference, "welch_of_logarithms")


def _log_changes(pairs: Sequence[AnalytePair]) -> Numbers:
    measured = [pair.substituted for pair in pairs if pair.before.bound == "none"]
    before, after = np.array(measured, dtype=np.float64).reshape(-1, 2).T
    return np.log(after / before)
