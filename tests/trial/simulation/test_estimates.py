import numpy as np
import pytest

from analysis.mean_difference import MeanDifference, two_sample_t
from data.cohort import Cohort, Patient, Provenance
from data.outcome import Visit
from data.simulate import SimulatedTrial, cohort_of_trial, simulate_trial
from data.simulation.alsfrs import MONTHS, simulate_alsfrs
from trial.efficacy import analyse_efficacy
from trial.mixed_model import MixedModelResults, analyse_mixed_model
from trial.not_computed import NotComputed
from trial.simulation.contrasts import CONTRASTS, NULL_COURSES, Bools, Contrast, Floats
from trial.simulation.estimates import TrialEstimates, estimate_contrasts
from trial.study import Study


@pytest.fixture(scope="module")
def trial() -> SimulatedTrial:
    return simulate_trial("published", 64, np.random.default_rng(5))


def found_in(trial: SimulatedTrial) -> TrialEstimates:
    return found_at(trial.alsfrs_r, trial.is_msc)


def found_at(totals: Floats, is_msc: Bools) -> TrialEstimates:
    return estimate_contrasts(totals, is_msc, level=0.95)


def cohort_of(totals: Floats, is_msc: Bools) -> Cohort:
    seen = [
        tuple(Visit(m, x) for m, x in zip(MONTHS, row, strict=True) if np.isfinite(x))
        for row in totals
    ]
    patients = (
        Patient(str(n), "msc" if treated else "control", visits=visits)
        for n, (treated, visits) in enumerate(zip(is_msc, seen, strict=True))
    )
    return Cohort(tuple(patients), Provenance(simulated=True))


def of(estimates: TrialEstimates, contrast: Contrast) -> Floats:
    return estimates.contrasts[CONTRASTS.index(contrast)]


def test_differences_are_those_of_the_efficacy_page(trial: SimulatedTrial) -> None:
    found = found_in(trial)
    for at in analyse_efficacy(Study(cohort_of_trial(trial, "simulated"))).changes:
        tests = {
            Contrast("welch", "change", at.month): at.comparison.welch,
            Contrast("student", "change", at.month): at.comparison.student,
        }
        (adjusted,) = at.comparison.adjusted
        tests[Contrast("ancova", "adjusted_change", at.month)] = adjusted.ancova.comparison
        for contrast, test in tests.items():
            assert isinstance(test, MeanDifference)
            page = test.difference
            assert of(found, contrast) == pytest.approx((page.value, page.lower, page.upper))


def test_differences_are_those_of_the_mixed_model_page(trial: SimulatedTrial) -> None:
    results = analyse_mixed_model(Study(cohort_of_trial(trial, "simulated")))
    assert isinstance(results, MixedModelResults)
    assert results.headline == "two_slopes"
    page = results.headline_fit
    for contrast, shown in {
        Contrast("mixed_model", "ls_mean", 6.0): page.found("mean", None, 6.0),
        Contrast("mixed_model", "follow_up_slope", None): page.found("follow_up_slope", None),
        Contrast("mixed_model", "slope_change", None): page.found("slope_change", None),
    }.items():
        one = shown.tested.estimate
        assert of(found_in(trial), contrast) == pytest.approx((one.value, one.lower, one.upper))


@pytest.fixture(scope="module")
def singular() -> tuple[TrialEstimates, MixedModelResults]:
    """The first trial with noisy visits whose fit is singular, and its page's results."""
    is_msc, rng = np.arange(64) % 2 == 0, np.random.default_rng(6)
    course = NULL_COURSES["noisy_visits"]
    made = (simulate_alsfrs(is_msc, rng, course=course) for _ in range(100))
    totals = next(each for each in made if found_at(each, is_msc).is_singular)
    results = analyse_mixed_model(Study(cohort_of(totals, is_msc)))
    assert isinstance(results, MixedModelResults)
    return found_at(totals, is_msc), results


def test_a_singular_fit_is_used_as_on_the_page(
    singular: tuple[TrialEstimates, MixedModelResults],
) -> None:
    found, results = singular
    assert results.headline_fit.singular
    one = results.headline_fit.found("slope_change", None).tested.estimate
    slope_change = of(found, Contrast("mixed_model", "slope_change", None))
    assert slope_change == pytest.approx((one.value, one.lower, one.upper))


def test_passing_over_a_singular_fit_would_narrow_its_intervals(
    singular: tuple[TrialEstimates, MixedModelResults],
) -> None:
    one_slope = singular[1].fits["intercept_slope"]
    assert not isinstance(one_slope, NotComputed)
    assert one_slope.deviance > singular[1].headline_fit.deviance + 5
    narrow, kept = (
        fit.found("slope_change", None).tested.standard_error
        for fit in (one_slope, singular[1].headline_fit)
    )
    assert narrow < 0.95 * kept


def test_the_mixed_model_steps_down_where_two_slopes_cannot_be_fitted(
    trial: SimulatedTrial,
) -> None:
    totals = trial.alsfrs_r.copy()
    totals[:, [month not in (-3.0, 0.0, 6.0) for month in MONTHS]] = np.nan
    found = found_at(totals, trial.is_msc)
    assert np.isnan(found.is_singular)
    page = analyse_mixed_model(Study(cohort_of(totals, trial.is_msc)))
    assert isinstance(page, MixedModelResults)
    assert page.headline == "intercept_slope"
    one = page.headline_fit.found("follow_up_slope", None).tested.estimate
    slope = of(found, Contrast("mixed_model", "follow_up_slope", None))
    assert slope == pytest.approx((one.value, one.lower, one.upper))


def test_exchanged_arms_change_every_sign(trial: SimulatedTrial) -> None:
    straight = found_in(trial).contrasts
    exchanged = estimate_contrasts(trial.alsfrs_r, ~trial.is_msc, level=0.95).contrasts
    assert exchanged == pytest.approx(-straight[:, [0, 2, 1]], rel=1e-6)


def test_a_test_that_refuses_leaves_the_others(trial: SimulatedTrial) -> None:
    totals = trial.alsfrs_r.copy()
    totals[:, MONTHS.index(6.0)] = np.nan
    is_missing = np.isnan(estimate_contrasts(totals, trial.is_msc, level=0.95).contrasts[:, 0])
    missing = [CONTRASTS[number] for number in np.flatnonzero(is_missing)]
    assert {(one.quantity, one.month) for one in missing} == {
        ("change", 6.0),
        ("adjusted_change", 6.0),
    }


def test_patients_seen_once_cannot_be_fitted(trial: SimulatedTrial) -> None:
    totals = trial.alsfrs_r.copy()
    totals[:, 1:] = np.nan
    found = estimate_contrasts(totals, trial.is_msc, level=0.95)
    assert np.isnan(found.contrasts).all()
    assert np.isnan(found.is_singular)


@pytest.mark.parametrize("variances", ["unequal", "equal"])
def test_where_changes_are_normal_a_t_test_errs_as_often_as_it_says(variances: str) -> None:
    rng, n = np.random.default_rng(8), 5000
    first, second = rng.normal(0, 3.3, (n, 32)), rng.normal(0, 3.3, (n, 27))
    p = [two_sample_t(*pair, variances=variances).p for pair in zip(first, second, strict=True)]
    assert np.mean(np.array(p) < 0.05) == pytest.approx(0.05, abs=3 * (0.05 * 0.95 / n) ** 0.5)
