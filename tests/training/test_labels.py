from dataclasses import replace

import numpy as np

from data.cohort import Cohort
from data.outcome import Visit, define_responder
from training.labels import labels
from training.training_set import TrainingSet


def test_at_the_rules_own_bar_there_are_the_responders(
    cohort: Cohort, training_set: TrainingSet
) -> None:
    found = labels(cohort, training_set)
    assert found is not None
    counts = {one["least"]: one["n_responders"] for one in found["responders_at"]}
    assert counts[50.0] == training_set.n_responders
    assert sorted(counts.values(), reverse=True) == list(counts.values())
    assert 0 < found["n_one_point_away"] < training_set.n_patients


def test_a_label_far_from_its_bar_is_not_one_point_away(
    cohort: Cohort, training_set: TrainingSet
) -> None:
    steep = tuple(Visit(month, 40 + 3.0 * month) for month in (1, 2, 3, 4))
    lead_in = tuple(Visit(month, 40 - 1.0 * month) for month in (-2, -1, 0))
    same = tuple(replace(p, visits=lead_in + steep) for p in cohort.patients)
    found = labels(replace(cohort, patients=same), training_set)
    assert found is not None
    assert found["n_one_point_away"] == 0
    assert len({one["n_responders"] for one in found["responders_at"]}) == 1


def test_a_definition_in_points_has_bars_in_points(
    cohort: Cohort, training_set: TrainingSet
) -> None:
    found = labels(cohort, replace(training_set, definition=define_responder("berry2019")))
    assert found is not None
    bars = [one["least"] for one in found["responders_at"]]
    assert np.allclose(bars, [0.75, 1.125, 1.5, 1.875, 2.25])


def test_a_stated_outcome_has_none(cohort: Cohort, training_set: TrainingSet) -> None:
    stated = tuple(replace(p, responder=True) for p in cohort.patients)
    assert labels(replace(cohort, patients=stated), training_set) is None
