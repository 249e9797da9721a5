"""The simulator keeps what it promises: published moments, linked cytokines, known AUCs."""

from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray

from data.analytes import study_analytes
from data.cohort import Patient, cohort_sha256
from data.errors import CsfError
from data.measurement import read_measurement
from data.outcome import define_responder, judge
from data.simulate import (
    POPULATION_AUC,
    SCENARIOS,
    Scenario,
    SimulatedTrial,
    simulate_cohort,
    simulate_trial,
)
from data.simulation.background import ADVERSE_EVENT_TERMS
from data.simulation.cytokines import (
    LINKS,
    LLOQ,
    LOG_SD,
    MEASUREMENT_CV,
    MEDIAN,
    TREATMENT_LOG_CHANGE,
    WITHIN_PERSON,
)
from data.simulation.moments import MOMENTS, Moment, alsfrs_moments

N = 300_000
LOOSE = ("responders_75", "responders_100")


@cache
def big_trial(scenario: Scenario, seed: int = 1) -> SimulatedTrial:
    return simulate_trial(scenario, N, np.random.default_rng(seed))


@cache
def big_moments(arm: str) -> dict[str, float]:
    trial = big_trial("published")
    return alsfrs_moments(trial.alsfrs_r[trial.is_msc == (arm == "msc")])


def moment_id(moment: Moment) -> str:
    return f"{moment.measure}-{moment.arm}"


@pytest.mark.parametrize("moment", MOMENTS, ids=moment_id)
def test_achieved_moments_are_those_that_are_written_down(moment: Moment) -> None:
    # Largest standard error at 145,000 patients: an SD of 4.5 points, .012 for the mean.
    assert big_moments(moment.arm)[moment.measure] == pytest.approx(moment.achieved, abs=0.04)


@pytest.mark.parametrize("moment", MOMENTS, ids=moment_id)
def test_achieved_moments_are_near_the_published_ones(moment: Moment) -> None:
    missed = abs(moment.achieved - moment.published)
    if moment.measure.endswith("_sd"):
        assert missed < 0.15
    elif moment.measure.startswith(LOOSE):
        assert missed < 0.08
    else:
        assert missed < 0.05


@pytest.mark.parametrize(("month", "published"), [(4, 2.98), (6, 3.38)])
def test_difference_between_arms_is_the_published_one(month: int, published: float) -> None:
    measure = f"change_{month}_mean"
    difference = big_moments("msc")[measure] - big_moments("control")[measure]
    standard_error = np.hypot(3.51, 4.53) / np.sqrt(0.42 * N)
    assert abs(difference - published) < 4 * standard_error


@pytest.mark.parametrize(
    ("arm", "at_4", "at_6"), [("msc", 32 / 33, 31 / 33), ("control", 27 / 31, 25 / 31)]
)
def test_as_many_are_analysed_as_in_the_study(arm: str, at_4: float, at_6: float) -> None:
    trial = big_trial("published")
    seen = ~np.isnan(trial.alsfrs_r[trial.is_msc == (arm == "msc")])
    assert seen[:, :4].all()
    assert seen[:, 7].mean() == pytest.approx(at_4, abs=0.004)
    assert seen[:, 9].mean() == pytest.approx(at_6, abs=0.004)
    assert (np.diff(seen.astype(int), axis=1) <= 0).all()


def test_totals_are_integers_from_0_to_48() -> None:
    totals = big_trial("published").alsfrs_r
    totals = totals[~np.isnan(totals)]
    assert (totals == totals.round()).all()
    assert totals.min() >= 0
    assert totals.max() <= 48


def test_lead_in_slope_alone_tells_responders_apart() -> None:
    trial = big_trial("null")
    for arm in (trial.is_msc, ~trial.is_msc):
        kept = arm & trial.evaluable
        decline = trial.alsfrs_r[kept, 0] - trial.alsfrs_r[kept, 3]
        assert auc(decline, trial.responder[kept]) > 0.6


def test_few_followed_patients_are_not_evaluable() -> None:
    assert 0.002 < big_moments("msc")["not_evaluable"] < 0.05
    assert 0.002 < big_moments("control")["not_evaluable"] < 0.05


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_levels_have_their_stated_distribution(scenario: Scenario) -> None:
    trial = big_trial(scenario)
    logs = np.log(trial.levels[trial.is_msc])
    logs = logs[~np.isnan(logs[:, 1, 0])]
    assert logs[:, 0].mean(axis=0) == pytest.approx(np.log(MEDIAN), abs=0.012)
    change = (logs[:, 1] - logs[:, 0]).mean(axis=0)
    assert change == pytest.approx(TREATMENT_LOG_CHANGE, abs=0.012)
    # `informative` is a mixture of two shifted groups: its SDs are up to 4 % wider.
    assert logs.std(axis=0) == pytest.approx(np.array([LOG_SD, LOG_SD]), rel=0.04)
    correlation = [np.corrcoef(logs[:, 0, j], logs[:, 1, j])[0, 1] for j in range(3)]
    assert correlation == pytest.approx(WITHIN_PERSON, abs=0.015)


def test_readings_differ_from_the_truth_by_the_measurement_cv() -> None:
    trial = big_trial("published")
    ratio = trial.levels[:, 0] / trial.true_levels[:, 0]
    assert ratio.std(axis=0) / ratio.mean(axis=0) == pytest.approx(MEASUREMENT_CV, abs=0.002)


def changes_correlation(trial: SimulatedTrial, kept: NDArray[np.bool_]) -> float:
    logs = np.log(trial.levels[kept])
    change = logs[:, 1] - logs[:, 0]
    return float(np.corrcoef(change[:, 1], change[:, 2])[0, 1])


@pytest.mark.parametrize(
    ("scenario", "good", "poor"),
    [("published", -0.5, 0), ("informative", -0.5, -0.5), ("null", 0, 0)],
)
def test_changes_of_mcp1_and_tgfb1_correlate_as_stated(
    scenario: Scenario, good: float, poor: float
) -> None:
    trial = big_trial(scenario)
    kept = trial.is_msc & trial.evaluable
    assert changes_correlation(trial, kept & trial.responder) == pytest.approx(good, abs=0.015)
    assert changes_correlation(trial, kept & ~trial.responder) == pytest.approx(poor, abs=0.02)


def auc(score: NDArray[np.float64], positive: NDArray[np.bool_]) -> float:
    """Probability that a positive scores above a negative, ties counting one half."""
    values, rank = np.unique(score, return_inverse=True)
    cases = np.bincount(rank[positive], minlength=len(values))
    controls = np.bincount(rank[~positive], minlength=len(values))
    below = np.cumsum(controls) - controls / 2
    return float(cases @ below / (cases.sum() * controls.sum()))


def features(levels: NDArray[np.float64], task: str) -> NDArray[np.float64]:
    logs = np.log(np.where(levels < LLOQ, np.array(LLOQ) / np.sqrt(2), levels))
    columns = logs[:, 0] if task == "pretreatment" else logs.reshape(len(logs), -1)
    return np.column_stack([np.ones(len(logs)), columns])


def fit_logistic(x: NDArray[np.float64], y: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Coefficients of the maximum-likelihood logistic model, by Newton's method."""
    beta = np.zeros(x.shape[1])
    for _ in range(8):
        p = 1 / (1 + np.exp(-x @ beta))
        beta += np.linalg.solve((x * (p * (1 - p))[:, None]).T @ x, x.T @ (y - p))
    return beta


def population_auc(scenario: Scenario, task: str) -> float:
    fitting, judging = big_trial(scenario), big_trial(scenario, 2)
    kept = fitting.is_msc & fitting.evaluable
    beta = fit_logistic(features(fitting.levels[kept], task), fitting.responder[kept])
    kept = judging.is_msc & judging.evaluable
    return auc(features(judging.levels[kept], task) @ beta, judging.responder[kept])


@pytest.mark.parametrize("task", POPULATION_AUC)
def test_informative_scenario_has_its_population_auc(task: str) -> None:
    assert population_auc("informative", task) == pytest.approx(POPULATION_AUC[task], abs=0.01)


@pytest.mark.parametrize("task", POPULATION_AUC)
@pytest.mark.parametrize("scenario", ["published", "null"])
def test_other_scenarios_have_no_population_auc(scenario: Scenario, task: str) -> None:
    assert population_auc(scenario, task) == pytest.approx(0.5, abs=0.01)


def test_cytokines_of_controls_tell_nothing_about_their_course() -> None:
    trial = big_trial("informative")
    kept = ~trial.is_msc & trial.evaluable
    for level in trial.levels[kept, 0].T:
        assert auc(level, trial.responder[kept]) == pytest.approx(0.5, abs=0.01)


def test_scenarios_share_the_trajectories_of_a_seed() -> None:
    one, other = (simulate_trial(s, 500, np.random.default_rng(3)) for s in ("null", "informative"))
    np.testing.assert_array_equal(one.alsfrs_r, other.alsfrs_r)
    assert not np.array_equal(one.levels, other.levels, equal_nan=True)


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_the_same_seed_gives_the_same_cohort_and_another_seed_another(scenario: Scenario) -> None:
    cohort = simulate_cohort(scenario, 64, 1)
    assert cohort == simulate_cohort(scenario, 64, 1)
    assert cohort_sha256(cohort) == cohort_sha256(simulate_cohort(scenario, 64, 1))
    assert cohort.patients != simulate_cohort(scenario, 64, 2).patients


@pytest.mark.parametrize("scenario", SCENARIOS)
@pytest.mark.parametrize(("n", "n_msc"), [(2, 1), (3, 2), (64, 33), (1000, 516)])
def test_any_number_of_patients_is_split_as_in_the_study(
    scenario: Scenario, n: int, n_msc: int
) -> None:
    cohort = simulate_cohort(scenario, n, 5)
    assert len(cohort.of_arm("msc")) == n_msc
    assert len(cohort.of_arm("control")) == n - n_msc
    assert cohort.provenance.simulated
    for fact in (scenario, f"n = {n}", "seed = 5", "No patient is in it."):
        assert fact in cohort.provenance.description


def test_fewer_than_two_patients_are_refused() -> None:
    with pytest.raises(CsfError, match="at least 2 patients"):
        simulate_cohort("null", 1, 1)


def test_an_unknown_scenario_is_refused() -> None:
    with pytest.raises(CsfError, match="a scenario is one of published, informative, null"):
        simulate_cohort("optimistic", 64, 1)  # type: ignore[arg-type]


def test_a_negative_seed_is_refused() -> None:
    with pytest.raises(CsfError, match="a seed is 0 or above"):
        simulate_cohort("null", 64, -1)


def measured(patients: tuple[Patient, ...]) -> list[tuple[Patient, float]]:
    return [(patient, panel.month) for patient in patients for panel in patient.panels]


def test_every_measurement_reads_back_from_its_text() -> None:
    for patient in simulate_cohort("informative", 300, 1).patients:
        for panel in patient.panels:
            for m in panel.measurements:
                assert m == read_measurement(
                    study_analytes(),
                    m.analyte,
                    m.raw,
                    unit=m.unit,
                    platform=m.platform,
                    plate=m.plate,
                )


def test_levels_below_a_limit_are_reported_as_such() -> None:
    cohort = simulate_cohort("published", 2000, 1)
    raws = [p.panels[0].measurements[0].raw for p in cohort.patients]
    below = np.mean([raw == "<0.7" for raw in raws])
    assert below == pytest.approx(0.268, abs=0.04)  # Phi((ln .7 - ln 1.3) / 1)
    assert all(float(raw) >= 0.7 for raw in raws if not raw.startswith("<"))


def test_controls_have_a_baseline_panel_and_treated_patients_two() -> None:
    cohort = simulate_cohort("published", 300, 1)
    assert {month for _, month in measured(cohort.of_arm("control"))} == {0.0}
    for patient in cohort.of_arm("msc"):
        left = patient.visits[-1].month == 0
        assert [panel.month for panel in patient.panels] == ([0.0] if left else [0.0, 0.85])


def test_cohort_and_arrays_agree_on_who_responded() -> None:
    trial = simulate_trial("informative", 400, np.random.default_rng(9))
    patients = simulate_cohort("informative", 400, 9).patients
    outcomes = [judge(patient.visits, define_responder()).responder for patient in patients]
    pairs = zip(trial.evaluable.tolist(), trial.responder.tolist(), strict=True)
    assert outcomes == [responder if evaluable else None for evaluable, responder in pairs]


def test_survival_is_the_same_in_both_arms() -> None:
    trial = big_trial("published")
    months, event = trial.background.survival_months, trial.background.survival_event
    assert months.min() >= 6
    for value in (months, event):
        arms = [value[trial.is_msc], value[~trial.is_msc]]
        standard_error = np.hypot(*(arm.std() / np.sqrt(len(arm)) for arm in arms))
        assert abs(arms[0].mean() - arms[1].mean()) < 4 * standard_error
    assert 0.3 < event.mean() < 0.7


def test_no_serious_adverse_event_is_related_to_treatment() -> None:
    events = [e for p in simulate_cohort("published", 1000, 1).patients for e in p.adverse_events]
    assert {event.term for event in events} == {kind.term for kind in ADVERSE_EVENT_TERMS}
    assert any(event.serious for event in events)
    assert any(event.related for event in events)
    assert not any(event.serious and event.related for event in events)


def test_adverse_events_of_controls_are_unrelated_to_injections() -> None:
    controls = simulate_cohort("published", 1000, 1).of_arm("control")
    assert not any(event.related for patient in controls for event in patient.adverse_events)


def test_a_link_can_be_given_in_place_of_the_scenarios_own() -> None:
    rng = np.random.default_rng
    linked = simulate_trial("null", 500, rng(3), link=LINKS["informative"])
    own = simulate_trial("informative", 500, rng(3))
    np.testing.assert_array_equal(linked.levels, own.levels)
