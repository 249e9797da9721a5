import io
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.errors import LengthsDifferError, OutOfRangeError, ShapeError, TooFewError
from analysis.resampling import bootstrap_indices, checked_indices, rows_of_clusters

LABELS = st.lists(st.integers(0, 3), min_size=1, max_size=30)


def rng(seed: int = 1) -> np.random.Generator:
    return np.random.default_rng(seed)


@given(LABELS, st.integers(1, 20))
def test_strata_keep_their_places(labels: list[int], n_resamples: int) -> None:
    strata = np.array(labels)
    indices = bootstrap_indices(strata.size, n_resamples=n_resamples, rng=rng(), strata=strata)
    assert indices.shape == (n_resamples, strata.size)
    assert (strata[indices] == strata).all()


def test_every_patient_is_drawn_equally_often() -> None:
    counts = np.bincount(bootstrap_indices(10, n_resamples=20_000, rng=rng()).ravel())
    assert counts == pytest.approx(20_000, abs=700)  # five standard errors
    strata = [0, 0, 0, 0, 1, 1, 1, 1, 1, 1]
    stratified = bootstrap_indices(10, n_resamples=20_000, rng=rng(), strata=strata)
    assert np.bincount(stratified.ravel()) == pytest.approx(20_000, abs=700)


def test_one_seed_gives_one_table() -> None:
    first, again = (bootstrap_indices(9, n_resamples=5, rng=rng(7)) for _ in range(2))
    other = bootstrap_indices(9, n_resamples=5, rng=rng(8))
    assert (first == again).all()
    assert (first != other).any()


@pytest.mark.parametrize("shape", [(1, 1), (1, 4), (3, 1), (5, 12)])
def test_saved_indices_replay(shape: tuple[int, int]) -> None:
    indices = bootstrap_indices(shape[1], n_resamples=shape[0], rng=rng())
    as_text, as_bytes = io.StringIO(), io.BytesIO()
    np.savetxt(as_text, indices, "%d", ",")
    np.savez_compressed(as_bytes, indices=indices)
    as_text.seek(0)
    as_bytes.seek(0)
    read = np.loadtxt(as_text, int, delimiter=",", ndmin=2)
    assert (checked_indices(read, shape[1]) == indices).all()
    assert (checked_indices(np.load(as_bytes)["indices"], shape[1]) == indices).all()


@given(LABELS)
def test_whole_clusters_are_drawn(labels: list[int]) -> None:
    clusters = np.array(labels)
    names, sizes = np.unique(clusters, return_counts=True)
    (drawn,) = bootstrap_indices(names.size, n_resamples=1, rng=rng())
    rows = rows_of_clusters(drawn, clusters)
    times = np.bincount(rows, minlength=clusters.size)
    for number, name in enumerate(names):
        assert (times[clusters == name] == np.count_nonzero(drawn == number)).all()
    assert rows.size == sizes[drawn].sum()


def test_each_cluster_drawn_once_is_everybody() -> None:
    assert sorted(rows_of_clusters([0, 1], ["b", "a", "b"])) == [0, 1, 2]


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"n": 0}, TooFewError),
        ({"n_resamples": 0}, TooFewError),
        ({"strata": [0, 1]}, LengthsDifferError),
        ({"strata": [[0, 1, 1]]}, ShapeError),
    ],
)
def test_nothing_to_draw_is_refused(change: dict[str, Any], error: type[Exception]) -> None:
    arguments: dict[str, Any] = {"n": 3, "n_resamples": 2}
    with pytest.raises(error):
        bootstrap_indices(**(arguments | change), rng=rng())


@pytest.mark.parametrize(
    ("indices", "error"),
    [
        ([0, 1, 2], ShapeError),
        ([[]], ShapeError),
        (np.zeros((0, 3), int), ShapeError),
        ([[1, 2, 3]], OutOfRangeError),
        ([[-1, 0, 1]], OutOfRangeError),
        ([[0.0, 1.0, 2.0]], OutOfRangeError),
        ([[True, False, True]], OutOfRangeError),
    ],
)
def test_what_are_no_rows_is_refused(indices: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        checked_indices(indices, 3)
