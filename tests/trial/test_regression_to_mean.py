from dataclasses import replace

import numpy as np
import pytest

from analysis.estimate import Estimate
from data.cohort import Arm, Cohort, Patient, Provenance
from data.errors import CsfError
from data.outcome import Visit, define_responder
from data.simulate import simulate_cohort
from trial.expected_responders import SCENARIOS, ArmAsked, Scenario, expect
from trial.measured_slopes import lead_in_error, measure_slopes
from trial.not_computed import NotComputed
from trial.regression_to_mean import ArmRegression, RegressionToMean, analyse_regression_to_mean
from trial.responder_rate import ResponderRate
from trial.study import Study

OH2018 = define_responder()
MONTHS = np.arange(-3.0, 7.0)


def cohort(true_slopes: np.ndarray, noise: float, rng: np.random.Generator) -> Cohort:
    """Patients of both arms whose true slope does not change; normal errors."""
    patients = []
    for index, slope in enumerate(true_slopes):
        totals = 30 + slope * MONTHS + noise * rng.standard_normal(MONTHS.size)
        visits = tuple(map(Visit, MONTHS.tolist(), totals.tolist()))
        arm: Arm = "msc" if index % 2 else "control"
        patients.append(Patient(f"P-{index}", arm, visits=visits))
    return Cohort(tuple(patients), Provenance(simulated=True))


@pytest.fixture(scope="module")
def found() -> RegressionToMean:
    return analyse_regression_to_mean(Study(simulate_cohort("published", 64, 1)), OH2018)


def of_arm(found: RegressionToMean, arm: Arm) -> ArmRegression:
    regression = found.arms[arm]
    assert isinstance(regression, ArmRegression)
    return regression


def rate(regression: ArmRegression, name: str) -> float:
    scenario = regression.scenarios[name]  # type: ignore[index]
    assert isinstance(scenario, Scenario)
    assert scenario.simulated is not None
    return scenario.simulated.rate


def test_where_nothing_changes_the_expected_rate_is_the_one_observed() -> None:
    rng = np.random.default_rng(1)
    many = Study(cohort(rng.normal(-1, 0.5, 400), 0.8, rng))
    found = analyse_regression_to_mean(many, OH2018)
    observed = found.observed["msc"]
    assert isinstance(observed, ResponderRate)
    half_width = (observed.rate.upper - observed.rate.lower) / 2
    for name in ("unchanged", "unchanged_normal"):
        expected = rate(of_arm(found, "msc"), name)
        assert expected == pytest.approx(observed.rate.value, abs=half_width)
    assert observed.rate.value > 0.1  # chance alone makes that many


def test_the_error_of_a_total_and_the_true_slopes_are_recovered() -> None:
    rng = np.random.default_rng(2)
    many = cohort(rng.normal(-1, 0.5, 1000), 0.8, rng)
    error = lead_in_error(many.patients)
    assert error.variance == pytest.approx(0.64, rel=0.1)
    slopes = measure_slopes("msc", many.of_arm("msc"), OH2018, error.variance)
    before, after = slopes.true_slopes()
    assert [before.sd, after.sd] == pytest.approx([0.5, 0.5], abs=0.05)
    assert slopes.true_correlation() == pytest.approx(1, abs=0.07)
    measured = np.corrcoef(slopes.before, slopes.after)[0, 1]
    assert slopes.correlation_if_unchanged() == pytest.approx(measured, abs=0.06)


def test_the_true_correlation_behind_a_measured_one_leads_back_to_it() -> None:
    study = Study(simulate_cohort("published", 64, 1))
    error = lead_in_error(study.cohort.patients)
    slopes = measure_slopes("control", study.cohort.of_arm("control"), OH2018, error.variance)
    unchanged = slopes.correlation_if_unchanged()
    assert unchanged is not None
    assert slopes.correlation_behind(unchanged) == pytest.approx(1)
    assert 0.15 < slopes.correlation_behind(0.19) < 0.3


def test_a_correlation_that_errors_alone_undercut_is_not_computed() -> None:
    """Nothing stands in for it: a true correlation of 1 would only repeat "no change"."""
    rng = np.random.default_rng(3)
    noisy = Study(cohort(rng.normal(-1, 0.6, 100), 3.0, rng))
    regression = of_arm(analyse_regression_to_mean(noisy, OH2018), "msc")
    unchanged = regression.unchanged_correlation
    assert regression.lead_in.sd > 0
    assert unchanged is not None
    assert unchanged < 0.19
    for name in ("correlated", "correlated_normal"):
        found = regression.scenarios[name]
        assert isinstance(found, NotComputed)
        assert f"a correlation of {unchanged:.2f}" in found.not_computed
    assert isinstance(regression.scenarios["unchanged"], Scenario)


def test_slopes_without_true_spread_have_no_true_correlation() -> None:
    rng = np.random.default_rng(3)
    alike = Study(cohort(np.full(60, -1.0), 3.0, rng))
    regression = of_arm(analyse_regression_to_mean(alike, OH2018), "msc")
    assert regression.lead_in.sd == 0
    found = regression.scenarios["correlated"]
    assert isinstance(found, NotComputed)
    assert "no spread of true slopes" in found.not_computed


def test_true_slopes_that_would_have_to_correlate_below_zero_are_not_drawn() -> None:
    study = Study(simulate_cohort("published", 64, 1))
    error = lead_in_error(study.cohort.patients)
    slopes = measure_slopes("control", study.cohort.of_arm("control"), OH2018, error.variance)
    shared = tuple(replace(one, shared=5 * one.before) for one in slopes.errors)
    below = replace(slopes, errors=shared)
    assert below.correlation_behind(0.19) < 0
    with pytest.raises(CsfError, match="below 0"):
        expect(ArmAsked(study, OH2018, below, None), "correlated", slopes)


def test_weaker_correlation_makes_more_responders_by_chance(found: RegressionToMean) -> None:
    for arm in found.arms:
        regression = of_arm(found, arm)
        assert rate(regression, "correlated") > rate(regression, "unchanged")
        assert rate(regression, "correlated_normal") > rate(regression, "unchanged_normal")


def test_every_scenario_is_there_with_its_monte_carlo_error(found: RegressionToMean) -> None:
    for arm in found.arms:
        scenarios = of_arm(found, arm).scenarios
        assert tuple(scenarios) == SCENARIOS
        for name, scenario in scenarios.items():
            assert isinstance(scenario, Scenario)
            if name == "as_controls":
                assert scenario.simulated is None
            else:
                assert scenario.simulated is not None
                assert 0 < scenario.simulated.standard_error < 0.002
                assert scenario.simulated.n_trials == 20_000


def test_controls_who_go_on_as_controls_respond_about_as_observed(found: RegressionToMean) -> None:
    scenario, observed = (
        of_arm(found, "control").scenarios["as_controls"],
        found.observed["control"],
    )
    assert isinstance(scenario, Scenario)
    assert isinstance(observed, ResponderRate)
    assert isinstance(observed.rate, Estimate)
    assert not isinstance(scenario.given_lead_in, NotComputed)
    assert scenario.given_lead_in is not None
    assert scenario.given_lead_in.rate == pytest.approx(observed.rate.value, abs=0.1)


def test_the_same_seed_gives_the_same_rates_whatever_the_other_arm_is() -> None:
    cohort = simulate_cohort("published", 64, 1)
    alone = replace(cohort, patients=cohort.of_arm("msc"))
    error = analyse_regression_to_mean(Study(cohort), OH2018)
    again = analyse_regression_to_mean(Study(cohort), OH2018)
    assert of_arm(error, "msc") == of_arm(again, "msc")
    without = analyse_regression_to_mean(Study(alone), OH2018)
    assert isinstance(without.arms["control"], NotComputed)
    assert isinstance(of_arm(without, "msc").scenarios["as_controls"], NotComputed)
    assert 0 < rate(of_arm(without, "msc"), "unchanged") < 1


def test_rules_in_points_per_month_are_simulated_too() -> None:
    study = Study(simulate_cohort("published", 64, 1), definition=define_responder("berry2019"))
    found = analyse_regression_to_mean(study, study.definition)
    assert 0 < rate(of_arm(found, "msc"), "unchanged") < rate(of_arm(found, "msc"), "correlated")


def test_without_three_lead_in_visits_nothing_is_expected_but_observed_rates_stand() -> None:
    cohort = simulate_cohort("published", 64, 1)
    short = tuple(
        replace(p, visits=tuple(v for v in p.visits if v.month >= -1)) for p in cohort.patients
    )
    found = analyse_regression_to_mean(Study(replace(cohort, patients=short)), OH2018)
    assert isinstance(found.error, NotComputed)
    assert "three visits" in found.error.not_computed
    assert isinstance(found.observed["control"], ResponderRate)
