"""One trial through the report's own tests: what each estimates, with its limits."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from analysis.ancova import ancova
from analysis.mean_difference import MeanDifference, two_sample_t
from analysis.mixed_contrasts import mixed_contrasts
from analysis.mixed_model import MixedFit, fit_mixed_model
from analysis.piecewise_slopes import fixed_columns, random_columns
from data.simulation.alsfrs import MONTHS
from trial import study
from trial.not_computed import NotComputed, computed
from trial.simulation.contrasts import CONTRASTS, Bools, Contrast, Floats

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
        1 where the mixed model's random effects vary in fewer than three directions, else 0; NaN
        without a fit.
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
    (9, 3)
    """
    found: Found = {}
    for month in study.MONTHS:
        found |= _at_month(alsfrs_r, is_msc, month, level)
    fit = computed(lambda: fit_two_slopes(alsfrs_r, is_msc))
    is_singular = np.nan
    if not isinstance(fit, NotComputed):
        found |= _of_fit(fit, level)
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


def fit_two_slopes(alsfrs_r: Floats, is_msc: Bools) -> MixedFit:
    """Fit lines before and after month 0 for each arm, and for each patient around them.

    The fit that the report prefers: `analysis.piecewise_slopes`, random effects ``two_slopes``.

    Parameters
    ----------
    alsfrs_r, is_msc
        As `estimate_contrasts`.

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
        random_columns(month, "two_slopes"),
        patient,
    )


def _of_fit(fit: MixedFit, level: float) -> Found:
    """Differences at months and in the slope after month 0, with Satterthwaite's intervals."""
    asked = {
        Contrast("mixed_model", "ls_mean", month): _between_arms(month) for month in study.MONTHS
    }
    asked[Contrast("mixed_model", "follow_up_slope", None)] = _between_arms(1.0) - _between_arms(
        0.0
    )
    tested = mixed_contrasts(fit, list(asked.values()), level=level)
    limits = zip(tested.value.tolist(), tested.lower.tolist(), tested.upper.tolist(), strict=True)
    return dict(zip(asked, limits, strict=True))


def _between_arms(month: float) -> Floats:
    """The row that multiplies the coefficients to the arms' difference at a month."""
    msc, control = fixed_columns([month, month], [True, False])
    difference: Floats = msc - control
    return difference
