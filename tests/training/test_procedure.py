import numpy as np
import pytest

from training.config import CandidatesConfig
from training.errors import TrainingError
from training.estimators import families
from training.procedure import assign_folds, assign_inner_folds, run_procedures

LABELS = np.arange(40) % 5 < 3


def test_folds_are_stratified_and_hold_everybody_out_once() -> None:
    folds = assign_folds(LABELS, None, 5, np.random.default_rng(0))
    assert sorted(np.bincount(folds)) == [8] * 5
    assert all(4 <= LABELS[folds == fold].sum() <= 5 for fold in range(5))


def test_patients_of_one_site_share_a_fold() -> None:
    sites = np.arange(40) % 7
    folds = assign_folds(LABELS, sites, 5, np.random.default_rng(0))
    assert all(len(set(folds[sites == site])) == 1 for site in range(7))


def test_grouping_needs_as_many_groups_as_folds() -> None:
    with pytest.raises(TrainingError, match="at least 5 groups"):
        assign_folds(LABELS, np.arange(40) % 3, 5, np.random.default_rng(0))


def test_inner_folds_leave_out_who_is_held_out_and_shrink_with_the_smaller_class() -> None:
    weight = np.ones(40)
    weight[~LABELS] = 0
    weight[np.flatnonzero(~LABELS)[:3]] = 2
    folds = assign_inner_folds(LABELS, None, weight, 5, np.random.default_rng(0))
    assert (folds[weight == 0] == -1).all()
    assert set(folds[weight > 0]) == {0, 1, 2}


def test_a_class_of_one_cannot_be_cross_validated_inside() -> None:
    weight = LABELS.astype(float)
    weight[np.flatnonzero(~LABELS)[0]] = 1
    with pytest.raises(TrainingError, match="fewer than two"):
        assign_inner_folds(LABELS, None, weight, 5, np.random.default_rng(0))


def test_training_sets_solved_together_equal_those_solved_alone() -> None:
    rng = np.random.default_rng(2)
    features = rng.normal(size=(40, 3)) + LABELS[:, np.newaxis] * 0.5
    weights = np.ones((3, 40))
    weights[0, :8], weights[1, 8:16] = 0, 0
    folds = [assign_inner_folds(LABELS, None, weight, 5, rng) for weight in weights]
    candidates = families(CandidatesConfig(families=("ridge", "elastic_net")), ())
    together = run_procedures(candidates, features, LABELS, weights, folds)
    for row, found in enumerate(together):
        (alone,) = run_procedures(
            candidates, features, LABELS, weights[row : row + 1], folds[row : row + 1]
        )
        np.testing.assert_array_equal(found.scores, alone.scores)
        assert found.chosen == alone.chosen
