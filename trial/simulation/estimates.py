"""One trial through the report's own tests: what each estimates, with its limits."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from analysis.ancova import ancova
from analysis.mean_difference import MeanDifference, two_sample_t
from analysis.mixed_contrasts import mixed_contrasts
from analysis.mixed_model import MixedFit, fit_mixed_model
from analysis.piecewise_slopes import (
    RANDOM_STRUCTURES,
    RandomStructure,
    fixed_columns,
    random_columns,
)
from data.simulation.alsfrs import MONTHS
from trial import study
from trial.not_computed import NotComputed, computed
from trial.simulation.contrasts import CONTRASTS, Bools, Contrast, Floats

_N_TWO_SLOPES: Final = 3  # random columns: the intercept's, and those of the slopes
Found = dict[Contrast, tuple[float, float, float]]


@dataclass(frozen=True, slots=True, eq=False)
class TrialEstimates:
    """What the tests find in one trial.

    Attributes
    ----------
    contrasts
        Shape (n_contrasts, 3): estimate and limits in the order of `CONTRASTS`; NaN where a test
        refused.
    is_singular
        1 where the mixed model's intercepts and two slopes vary in fewer than three directions,
        else 0; NaN where they cannot be fitted.
    """

    contrasts: Floats
    is_singular: float


def estimate_contrasts(alsfrs_r: Floats, is_msc: Bools, *, level: float) -> TrialEstimates:
    """Put one trial through every test.

    Parameters
    ----------
    alsfrs_r
        Shape (n_patients, n_visits) totals, higher is better; NaN where not seen; visits at the
        simulator's months.
    is_msc
        Shape (n_patients,).
    level
        Of the intervals.

    Examples
    --------
    >>> from data.simulate import simulate_trial
    >>> trial = simulate_trial("published", 64, np.random.default_rng(1))
    >>> estimate_contrasts(trial.alsfrs_r, trial.is_msc, level=0.95).contrasts.shape
    (10, 3)
    """
    found: Found = {}
    for month in study.MONTHS:
        found |= _at_month(alsfrs_r, is_msc, month, level)
    fit, is_singular = _headline_fit(alsfrs_r, is_msc), np.nan
    if fit is not None:
        found |= _of_fit(fit, level)
        if fit.moments.n_random == _N_TWO_SLOPES:
            is_singular = float(fit.is_singular)
    nothing = (np.nan, np.nan, np.nan)
    return TrialEstimates(
        contrasts=np.array([found.get(contrast, nothing) for contrast in CONTRASTS]),
        is_singular=is_singular,
    )


def _at_month(alsfrs_r: Floats, is_msc: Bools, month: float, level: float) -> Found:
    """Differences in the change from baseline, of those seen at that month."""
    before = alsfrs_r[:, MONTHS.index(0)]
    change = alsfrs_r[:, MONTHS.index(month)] - before
    arms = [~np.isnan(change) & arm for arm in (is_msc, ~is_msc)]
    (first, second), baselines = ([of[arm] for arm in arms] for of in (change, before))
    tests: dict[Contrast, Callable[[], MeanDifference]] = {
        Contrast("welch", "change", month): lambda: two_sample_t(first, second, level=level),
        Contrast("student", "change", month): lambda: two_sample_t(
            first, second, variances="equal", level=level
        ),
        Contrast("ancova", "adjusted_change", month): lambda: (
            ancova(first, second, *baselines, level=level).comparison
        ),
    }
    found: Found = {}
    for contrast, test in tests.items():
        tested = computed(test)
        if not isinstance(tested, NotComputed):
            estimate = tested.difference
            found[contrast] = estimate.value, estimate.lower, estimate.upper
    return found


def _headline_fit(alsfrs_r: Floats, is_msc: Bools) -> MixedFit | None:
    """The fit that the report puts first: two slopes, or fewer where those are refused."""
    for structure in RANDOM_STRUCTURES:
        fit = computed(lambda of=structure: _fit_lines(alsfrs_r, is_msc, of))  # type: ignore[misc]
        if isinstance(fit, MixedFit):
            return fit
    return None


def _fit_lines(alsfrs_r: Floats, is_msc: Bools, structure: RandomStructure) -> MixedFit:
    """Fit lines before and after month 0 for each arm, and for each patient around them.

    Parameters
    ----------
    alsfrs_r, is_msc
        As `estimate_contrasts`.
    structure
        What patients differ in.

    Raises
    ------
    AnalysisError
        The totals cannot tell the lines or the variances apart.
    """
    patient, visit = np.nonzero(~np.isnan(alsfrs_r))
    month = np.array(MONTHS)[visit]
    return fit_mixed_model(
        alsfrs_r[patient, visit],
        fixed_columns(month, is_msc[patient]),
        random_columns(month, structure),
        patient,
    )


def _of_fit(fit: MixedFit, level: float) -> Found:
    """Differences at months and in slopes, with Satterthwaite's intervals."""
    before, start, after = map(_between_arms, (-1.0, 0.0, 1.0))
    asked = {
        Contrast("mixed_model", "ls_mean", month): _between_arms(month) for month in study.MONTHS
    }
    asked[Contrast("mixed_model", "follow_up_slope", None)] = after - start
    asked[Contrast("mixed_model", "slope_change", None)] = after - start - (start - before)
    tested = mixed_contrasts(fit, list(asked.values()), level=level)
    limits = zip(tested.value.tolist(), tested.lower.tolist(), tested.upper.tolist(), strict=True)
    return dict(zip(asked, limits, strict=True))


def _between_arms(month: float) -> Floats:
    """The row that multiplies the coefficients to the arms' difference at a month."""
    msc, control = fixed_columns([month, month], [True, False])
    difference: Floats = msc - control
    return difference
