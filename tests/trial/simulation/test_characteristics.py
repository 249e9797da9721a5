import numpy as np
import pytest

from trial.simulation.batches import MEASURES, SimulatedTrials
from trial.simulation.characteristic import Characteristic
from trial.simulation.characteristics import characteristics
from trial.simulation.contrasts import CONTRASTS, COURSES, Floats
from trial.simulation.population import (
    population_values,
    published_difference,
    published_moment,
    simulated_moments,
)


def trials(contrasts: Floats, truth: float = 2.0) -> SimulatedTrials:
    """Trials in which every test of a course found the same (n_trials, n_courses, 3)."""
    n = len(contrasts)
    return SimulatedTrials(
        contrasts=np.repeat(contrasts[:, :, np.newaxis], len(CONTRASTS), axis=2),
        is_singular=np.zeros((n, len(COURSES))),
        responder_rates=np.full((n, 2, 2), 0.5),
        population=np.full((4, len(CONTRASTS)), truth) + np.array([[-0.2], [0.2], [-0.2], [0.2]]),
        moments=np.full((4, 2, len(MEASURES)), -1.69),
    )


def by_name(found: SimulatedTrials) -> dict[str, Characteristic]:
    return {row.name: row for row in characteristics(found, level=0.95)}


@pytest.fixture
def four() -> SimulatedTrials:
    """Intervals of width 2: around 2 as published, one of four far off; around 0 without effect."""
    published = np.array([[2.0, 1, 3], [2.5, 1.5, 3.5], [6.0, 5, 7], [np.nan] * 3])
    null = np.array([[0.0, -1, 1], [2.0, 1, 3], [0.5, -0.5, 1.5], [-2.0, -3, -1]])
    return trials(np.stack([published, null, null, null], axis=1))


def test_coverage_is_the_share_of_intervals_that_hold_the_population_value(
    four: SimulatedTrials,
) -> None:
    row = by_name(four)["coverage_ancova_adjusted_change_4"]
    assert (row.estimate, row.n_trials, row.target) == (pytest.approx(2 / 3), 3, 0.95)


def test_type_one_error_is_the_share_of_intervals_without_zero(four: SimulatedTrials) -> None:
    row = by_name(four)["type_one_error_welch_change_6_both_control"]
    assert (row.estimate, row.n_trials, row.target) == (0.5, 4, 0.05)


def test_an_end_at_the_truth_holds_it() -> None:
    touching = np.array([[[1.0, 0.0, 2.0]] * len(COURSES), [[3.0, 2.0, 4.0]] * len(COURSES)])
    assert by_name(trials(touching))["coverage_welch_change_4"].estimate == 1


def test_the_change_is_held_against_the_study_and_the_rest_against_the_population(
    four: SimulatedTrials,
) -> None:
    rows = by_name(four)
    assert rows["mean_welch_change_4"].target == published_difference(4.0) == 2.98
    assert rows["mean_mixed_model_ls_mean_4"].target == pytest.approx(2.0)
    assert rows["mean_mixed_model_ls_mean_4"].margin > rows["mean_welch_change_4"].margin


def test_failed_fits_are_counted_and_leave_singular_ones_their_own_n(four: SimulatedTrials) -> None:
    four.is_singular[:, 0] = [np.nan, 1, 0, 0]
    rows = by_name(four)
    assert rows["failed_fits_mixed_model_covariance"].estimate == 0.25
    singular = rows["singular_fits_mixed_model_covariance"]
    assert (singular.estimate, singular.n_trials) == (pytest.approx(1 / 3), 3)


def test_errors_in_singular_fits_are_of_those_trials_only(four: SimulatedTrials) -> None:
    four.is_singular[:, COURSES.index("noisy_visits")] = [0, 1, 1, np.nan]
    row = by_name(four)["type_one_error_if_singular_mixed_model_slope_change_noisy_visits"]
    assert (row.estimate, row.n_trials, row.target) == (0.5, 2, 0.05)
    everywhere = by_name(four)["type_one_error_mixed_model_slope_change_noisy_visits"]
    assert (everywhere.estimate, everywhere.n_trials) == (0.5, 4)


def test_population_values_come_with_their_error(four: SimulatedTrials) -> None:
    values = population_values(four)
    assert {one.method for one in values} == {"welch", "ancova", "mixed_model"}
    assert values[0].value == pytest.approx(2.0)
    assert values[0].standard_error == pytest.approx(0.2 * (4 / 3) ** 0.5 / 2)


def test_a_moment_is_compatible_to_what_is_printed(four: SimulatedTrials) -> None:
    found = simulated_moments(four)
    same = [(one.measure, one.arm) for one in found if one.verdict == "compatible"]
    assert same == [("change_4_mean", "msc")]
    assert {one.margin for one in found} == {0.005}


def test_a_moment_is_told_from_the_published_only_beyond_three_errors() -> None:
    found = trials(np.zeros((2, len(COURSES), 3)))
    found.moments[:] = np.array([-1.0, 1.0, -1.0, 1.0])[:, np.newaxis, np.newaxis]
    moment = simulated_moments(found)[0]
    assert moment.margin == pytest.approx(3 * moment.standard_error)
    assert (abs(moment.published) < moment.margin) == (moment.verdict == "compatible")
    assert published_moment("responders_50_6", "control") == 6 / 27
