"""Tests of one analyte's change within patients, on one scale."""

import math
from dataclasses import dataclass
from typing import Literal

from analysis.estimate import Estimate
from analysis.normality import shapiro_wilk
from analysis.paired import PairedChange, StandardisedChange, paired_t, standardised_change
from analysis.signed_rank import SignedRank, signed_rank
from trial.analyte_pairs import Numbers
from trial.not_computed import NotComputed, computed

Scale = Literal["log", "raw"]


@dataclass(frozen=True, slots=True)
class Normality:
    """Shapiro and Wilk's W of the changes and its p; a large p does not prove normality."""

    w: float
    p: float


@dataclass(frozen=True, slots=True)
class PairedTests:
    """After minus before, with levels beyond a limit at `Level.substituted`.

    Attributes
    ----------
    scale
        ``log``: natural logarithms. ``raw``: the analyte's unit, as the study did.
    ratio
        Geometric mean after over before, on the log scale; None on the raw one.
    wilcoxon
        Signed ranks; patients who did not change are left out of them and counted.
    effect
        d_z: mean change in standard deviations of the change.
    """

    scale: Scale
    t_test: PairedChange | NotComputed
    ratio: Estimate | None
    wilcoxon: SignedRank | NotComputed
    effect: StandardisedChange | NotComputed
    normality: Normality | NotComputed


def paired_tests(before: Numbers, after: Numbers, scale: Scale, *, level: float) -> PairedTests:
    """Test the change of patients with both levels.

    Parameters
    ----------
    before, after
        Shape (n_pairs,), on the scale named.

    Examples
    --------
    >>> import numpy as np
    >>> before, after = np.log([60, 71, 48, 90]), np.log([66, 70, 59, 95])
    >>> print(paired_tests(before, after, "log", level=0.95).ratio)
    1.09 (95% CI 0.94-1.26, paired_t_of_logarithms, 4 v 4)
    """
    t_test = computed(lambda: paired_t(before, after, level=level))
    ratio = None
    if scale == "log" and not isinstance(t_test, NotComputed):
        ratio = ratio_of(t_test.change, "paired_t_of_logarithms")
    return PairedTests(
        scale,
        t_test,
        ratio,
        computed(lambda: signed_rank(before, after)),
        computed(lambda: standardised_change(before, after, level=level)),
        computed(lambda: Normality(*shapiro_wilk(after - before))),
    )


def ratio_of(log_ratio: Estimate, method: str) -> Estimate:
    """A difference of logarithms as a ratio, with its limits.

    Examples
    --------
    >>> print(ratio_of(Estimate(0.0, -0.1, 0.1, 0.95, "welch", 5, 5), "welch_of_logarithms"))
    1.00 (95% CI 0.90-1.11, welch_of_logarithms, 5 v 5)
    """
    value, lower, upper = map(math.exp, (log_ratio.value, log_ratio.lower, log_ratio.upper))
    sizes = log_ratio.n_cases, log_ratio.n_controls
    return Estimate(value, lower, upper, log_ratio.level, method, *sizes)
