import pytest

from data.panel import TASK_NAMES, TaskName
from training.coverage import coverage_near, coverage_sentence, coverage_table


@pytest.mark.parametrize("task", TASK_NAMES)
def test_the_nearest_cohorts_are_those_in_which_as_many_train(task: TaskName) -> None:
    for row in coverage_table():
        found = {near.cohort_size for near in coverage_near(round(row.mean_n_train), task)}
        assert found == {row.cohort_size}
    assert {near.scenario for near in coverage_near(10**6, task)} == {"null", "informative"}


def test_the_standard_error_is_that_of_the_share_of_cohorts() -> None:
    for row in coverage_table():
        expected = (row.coverage * (1 - row.coverage) / row.n_cohorts) ** 0.5
        assert row.standard_error == pytest.approx(expected, abs=0.0006)


def test_the_sentence_has_both_sizes_and_says_simulated() -> None:
    (null, _) = coverage_near(33, "pretreatment")
    sentence = coverage_sentence(33, "pretreatment")
    assert f"simulated cohorts of {null.cohort_size} patients" in sentence
    assert f"{null.coverage:.0%} (standard error" in sentence
