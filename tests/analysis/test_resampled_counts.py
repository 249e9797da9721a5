import numpy as np
import pytest

from analysis.errors import OneClassError
from analysis.resampled_counts import resampled_counts
from analysis.resampling import bootstrap_indices


def test_each_class_keeps_its_size_in_drawn_resamples() -> None:
    counts, resamples = resampled_counts(
        [1, 2, 2, 3, 5],
        [0, 0, 1, 1, 1],
        direction="higher_is_case",
        rng=np.random.default_rng(1),
        n_resamples=50,
    )
    drawn = np.concatenate(list(resamples))
    assert drawn.shape == (50, 2, counts.thresholds.size - 1)
    assert drawn.sum(axis=2).tolist() == [[2, 3]] * 50
    assert (drawn[:, :, np.diff(counts.false_positives) == 0][:, 0] == 0).all()


def test_resamples_come_a_few_at_a_time_and_all_of_them() -> None:
    rng = np.random.default_rng(1)
    is_case = np.arange(5000) % 3 == 0
    counts, resamples = resampled_counts(
        rng.normal(size=5000), is_case, direction="lower_is_case", rng=rng, n_resamples=20
    )
    sizes = [len(some) for some in resamples]
    assert sum(sizes) == 20
    assert max(sizes) * counts.thresholds.size < 40000


def test_saved_resamples_are_counted_score_by_score() -> None:
    rng = np.random.default_rng(2)
    scores, is_case = rng.integers(0, 9, size=700), rng.random(700) < 0.4
    rows = bootstrap_indices(700, n_resamples=120, rng=rng)
    counts, resamples = resampled_counts(scores, is_case, direction="higher_is_case", indices=rows)
    found = np.concatenate(list(resamples))
    for row, (controls, cases) in zip(rows, found, strict=True):
        for place, score in enumerate(counts.thresholds[1:]):
            assert cases[place] == ((scores[row] == score) & is_case[row]).sum()
            assert controls[place] == ((scores[row] == score) & ~is_case[row]).sum()


def test_a_saved_resample_of_one_class_is_refused_with_its_counts() -> None:
    _, resamples = resampled_counts(
        [1, 2, 3], [0, 1, 1], direction="higher_is_case", indices=[[0, 1, 2], [1, 1, 2]]
    )
    with pytest.raises(OneClassError) as refused:
        list(resamples)
    assert (refused.value.n_cases, refused.value.n_controls) == (3, 0)
