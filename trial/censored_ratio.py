"""A change with nothing filled in for levels beyond a limit, and whether that matters."""

from dataclasses import dataclass
from typing import Final

from analysis.estimate import Estimate
from analysis.paired_censored import CensoredChange, censored_change
from trial.analyte_pairs import AnalytePairs
from trial.not_computed import NotComputed, computed
from trial.paired_tests import ratio_of

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
        Whether the two ratios differ by more than the factor `MATTERS`, or only one of their
        intervals leaves out 1; None where they cannot be compared.
    factor
        The larger ratio over the smaller; None where they cannot be compared.
    only_one_excludes_no_change
        Whether just one of the two intervals leaves out 1.
    sentence
        The same in words.
    """

    matters: bool | None
    factor: float | None
    only_one_excludes_no_change: bool | None
    sentence: str


def censored_ratio(pairs: AnalytePairs, *, level: float) -> CensoredRatio | NotComputed:
    """Fit the pairs of one analyte of concentrations."""
    before = [pair.before for pair in pairs.pairs]
    after = [pair.after for pair in pairs.pairs]

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
    pairs: AnalytePairs, substituted: Estimate | None, likelihood: CensoredRatio | NotComputed
) -> CensoringVerdict:
    """Compare the ratio with numbers filled in to the one without."""
    if pairs.n_censored == 0:
        return CensoringVerdict(False, 1.0, False, "No level lies beyond a limit.")
    share = f"{pairs.n_censored} of {len(pairs.pairs)} pairs have a level beyond its limit"
    if substituted is None or isinstance(likelihood, NotComputed):
        return CensoringVerdict(
            None,
            None,
            None,
            f"{share}; whether that matters cannot be judged, for one of the two ratios"
            " could not be computed.",
        )
    ratios = sorted([substituted.value, likelihood.ratio.value])
    factor = ratios[1] / ratios[0]
    one_excludes = _excludes_one(substituted) != _excludes_one(likelihood.ratio)
    matters = factor > MATTERS or one_excludes
    found = f"the ratios differ by a factor of {factor:.2f}"
    intervals = "only one interval leaves out 1" if one_excludes else "both intervals agree about 1"
    verdict = "it matters how they are handled" if matters else "it hardly matters"
    return CensoringVerdict(
        matters, factor, one_excludes, f"{share}; {found} and {intervals}: {verdict}."
    )


def _excludes_one(ratio: Estimate) -> bool:
    return not ratio.lower <= 1 <= ratio.upper
