import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from numpy.typing import NDArray
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import training.standardise
from training.standardise import standardise

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]


def cohort(rng: np.random.Generator, n_patients: int = 40) -> Floats:
    """Features far from 0, a few missing, one constant."""
    features = rng.normal(size=(n_patients, 5)) * [1, 10, 0.01, 3, 0] + [0, 500, 2, -7, 0.3]
    features[rng.random(features.shape) < 0.15] = np.nan
    features[0] = [1, 500, 2, -7, 0.3]
    return features


def resamples(rng: np.random.Generator, n_patients: int = 40, n_problems: int = 30) -> Counts:
    counts = rng.multinomial(n_patients, np.full(n_patients, 1 / n_patients), size=n_problems)
    counts[:, 0] = 1
    return np.asarray(counts, dtype=np.int64)


def test_equals_scikit_learn_on_the_expanded_patients() -> None:
    rng = np.random.default_rng(1)
    features, weights = cohort(rng), resamples(rng)
    values = standardise(features, weights).values(features)
    for count, ours in zip(weights, values, strict=True):
        pipeline = make_pipeline(SimpleImputer(strategy="median"), StandardScaler())
        pipeline.fit(np.repeat(features, count, axis=0))
        assert_allclose(ours, pipeline.transform(features), rtol=0, atol=1e-10)


def test_folds_equal_scikit_learn_on_the_subset() -> None:
    rng = np.random.default_rng(2)
    features, kept = cohort(rng), rng.random((10, 40)) < 0.6
    kept[:, 0] = True
    values = standardise(features, kept).values(features)
    for training_set, ours in zip(kept, values, strict=True):
        pipeline = make_pipeline(SimpleImputer(strategy="median"), StandardScaler())
        pipeline.fit(features[training_set])
        assert_allclose(ours, pipeline.transform(features), rtol=0, atol=1e-10)


@settings(deadline=None)
@given(st.lists(st.tuples(st.none() | st.integers(-3, 3), st.integers(0, 4)), min_size=1))
def test_median_is_that_of_the_repeated_observed_values(patients: list[tuple[int | None, int]]):
    column = np.array([np.nan if value is None else float(value) for value, _ in patients])
    counts = np.array([count for _, count in patients])
    if not counts.any():
        return
    observed = np.repeat(column, counts)[~np.isnan(np.repeat(column, counts))]
    expected = np.median(observed) if observed.size else 0.0
    assert standardise(column[:, None], counts[None]).medians[0, 0] == expected


def test_held_out_patients_change_nothing() -> None:
    rng = np.random.default_rng(3)
    features, weights = cohort(rng), resamples(rng, n_problems=1)
    changed = features.copy()
    changed[weights[0] == 0] = 1e6
    before, after = standardise(features, weights), standardise(changed, weights)
    assert_array_equal(before.medians, after.medians)
    assert_array_equal(before.means, after.means)
    assert_array_equal(before.scales, after.scales)


def test_constant_feature_is_exactly_zero_where_trained() -> None:
    features = np.array([[0.1], [0.1], [0.1], [0.7]])
    learnt = standardise(features, np.array([[1, 1, 1, 0]]))
    assert learnt.scales[0, 0] == 1
    assert_array_equal(learnt.values(features)[0, :3], 0)
    assert learnt.values(features)[0, 3] == pytest.approx(0.6)


def test_feature_missing_in_all_training_patients_counts_as_constant_zero() -> None:
    features = np.array([[np.nan, 1.0], [np.nan, 2.0], [5.0, 3.0]])
    learnt = standardise(features, np.array([[1, 1, 0], [1, 1, 1]]))
    assert (learnt.medians[0, 0], learnt.means[0, 0], learnt.scales[0, 0]) == (0, 0, 1)
    assert_array_equal(learnt.values(features)[0, :2, 0], 0)
    assert learnt.medians[1, 0] == 5


def test_new_patients_take_the_numbers_learnt() -> None:
    learnt = standardise(np.array([[1.0], [2.0], [6.0]]), np.ones((1, 3)))
    scale = np.sqrt(14 / 3)
    new = learnt.values(np.array([[np.nan], [3.0 + scale]]))
    assert_allclose(new[0, :, 0], [-1 / scale, 1.0])


@pytest.mark.parametrize("numbers_per_block", [1, 200, 10**9])
def test_problem_has_the_same_bits_alone_and_in_any_batch(
    monkeypatch: pytest.MonkeyPatch, numbers_per_block: int
) -> None:
    rng = np.random.default_rng(4)
    features, weights = cohort(rng), resamples(rng)
    together = standardise(features, weights)
    monkeypatch.setattr(training.standardise, "NUMBERS_PER_BLOCK", numbers_per_block)
    for problems in (slice(7, 8), slice(5, 25), slice(None, None, -1)):
        part = standardise(features, weights[problems])
        assert_array_equal(part.medians, together.medians[problems])
        assert_array_equal(part.means, together.means[problems])
        assert_array_equal(part.scales, together.scales[problems])
        assert_array_equal(part.values(features), together.values(features)[problems])


@pytest.mark.parametrize(
    ("features", "weights", "sentence"),
    [
        ([[1.0], [2.0]], [[1, 1, 1]], "weights"),
        ([[1.0, 2.0], [2.0, np.inf]], [[1, 1]], r"columns \[1\]"),
        ([[1.0], [2.0]], [[1.5, 1]], "whole numbers"),
        ([[1.0], [2.0]], [[-1, 1]], "whole numbers"),
        ([[1.0], [2.0]], [[np.nan, 1]], "whole numbers"),
        ([[1.0], [2.0]], [[1, 1], [0, 0]], r"none in problems \[1\]"),
    ],
)
def test_refuses(features: list[list[float]], weights: list[list[float]], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        standardise(np.array(features), np.array(weights))
