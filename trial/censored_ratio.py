"""A change with nothing filled in for levels beyond a limit, and whether that matters."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from analysis.estimate import Estimate
from analysis.paired_censored import CensoredChange, censored_change, likelihood_ratio_p
from trial.analyte_pairs import AnalytePair, AnalytePairs
from trial.not_computed import NotComputed, computed
from trial.paired_tests import PairedTests, ratio_of

MATTERS: Final = 1.1
"""Two ratios further apart than this factor differ by more than an assay's error (our choice)."""


@dataclass(frozen=True, slots=True)
class CensoredRatio:
    """Geometric mean after over before by maximum likelihood, bivariate log-normal.

    Attributes
    ----------
    ratio
        With its profile-likelihood interval.
    """

    ratio: Estimate
    fit: CensoredChange


@dataclass(frozen=True, slots=True)
class CensoringVerdict:
    """Whether a result depends on what is filled in for levels beyond a limit.

    Attributes
    ----------
    matters
        Whether the two ratios differ by more than the factor `MATTERS`, or their likelihood-ratio
        tests fall on different sides of 1 less the level of intervals; None where they cannot be
        compared.
    factor
        The larger ratio over the smaller; None where they cannot be compared.
    p_substituted, p_likelihood
        p of both likelihood-ratio tests, so that like is compared with like.
    sentence
        The same in words.
    """

    matters: bool | None
    factor: float | None
    p_substituted: float | None
    p_likelihood: float | None
    sentence: str


def censored_ratio(pairs: Sequence[AnalytePair], *, level: float) -> CensoredRatio | NotComputed:
    """Fit the pairs of one analyte of concentrations."""
    before = [pair.before for pair in pairs]
    after = [pair.after for pair in pairs]

    def fitted() -> CensoredRatio:
        fit = censored_change(
            [level.value for level in before],
            [level.value for level in after],
            before_below=[level.bound == "<" for level in before],
            after_below=[level.bound == "<" for level in after],
            before_above=[level.bound == ">" for level in before],
            after_above=[level.bound == ">" for level in after],
            level=level,
        )
        return CensoredRatio(ratio_of(fit.change, "profile_likelihood"), fit)

    return computed(fitted)


def censoring_verdict(
    pairs: AnalytePairs,
    substituted: PairedTests | NotComputed,
    likelihood: CensoredRatio | NotComputed,
    *,
    level: float,
) -> CensoringVerdict:
    """Compare the ratio with numbers filled in to the one without."""
    n = len(pairs.pairs)
    if pairs.n_censored == 0:
        return CensoringVerdict(False, None, None, None, "No level lies beyond a limit.")
    share = f"{pairs.n_censored} of {n} pairs have a level beyond its limit"
    if (
        isinstance(substituted, NotComputed)
        or isinstance(substituted.t_test, NotComputed)
        or isinstance(likelihood, NotComputed)
    ):
        unknown = "whether that matters cannot be judged, for a ratio could not be computed"
        return CensoringVerdict(None, None, None, None, f"{share}; {unknown}.")
    gap = abs(substituted.t_test.change.value - likelihood.fit.change.value)
    factor = math.exp(gap)
    p = likelihood_ratio_p(substituted.t_test.t, n), likelihood.fit.p_likelihood_ratio
    differ = (p[0] < 1 - level) != (p[1] < 1 - level)
    matters = factor > MATTERS or differ
    tests = "disagree" if differ else "agree"
    verdict = "it matters how such levels are handled"
    if not matters:
        verdict = "it hardly matters to this ratio"
    sentence = (
        f"{share}; the ratios differ by a factor of {factor:.2f} and the tests {tests} at the"
        f" {100 * (1 - level):.3g} % level: {verdict}."
    )
    return CensoringVerdict(matters, factor, *p, sentence)
