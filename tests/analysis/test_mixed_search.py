import numpy as np
import pytest

from analysis.mixed_deviance import mixed_deviance
from analysis.mixed_errors import PerfectFitError
from analysis.mixed_moments import MixedMoments, mixed_moments
from analysis.mixed_search import lowest_deviance
from analysis.piecewise_slopes import random_columns


def simulated(sds: list[float], seed: int, n: int = 12) -> MixedMoments:
    rng = np.random.default_rng(seed)
    month, patient = np.tile(np.arange(-3.0, 7.0), n), np.repeat(np.arange(n), 10)
    seen = rng.random(month.size) < 0.6
    month, patient = month[seen], patient[seen]
    random = random_columns(month, "two_slopes")
    own = (rng.normal(size=(n, 3)) * sds)[patient]
    return mixed_moments(
        (random * own).sum(axis=1) + rng.normal(size=month.size), random, random, patient
    )


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("sds", [[2, 0.5, 0.5], [0, 0, 0.5], [3, 0, 0], [0, 0, 0]])
def test_no_covariance_near_the_minimum_has_a_lower_deviance(sds: list[float], seed: int) -> None:
    moments = simulated(sds, seed)
    found = lowest_deviance(moments, reml=True)
    factor, rng = found.deviance.regression.factor, np.random.default_rng(seed)
    for size in (1e-3, 1e-2, 0.1, 1):
        moved = factor + size * np.tril(rng.normal(size=(3, 3)))
        assert mixed_deviance(found.moments, moved, reml=True).value > found.deviance.value - 1e-9
    assert found.scaled_gradient < 1e-6


def test_a_singular_fit_is_searched_for_from_three_starts() -> None:
    inside, boundary = (
        lowest_deviance(simulated(s, 1, 40), reml=True) for s in ([2, 1, 1], [0, 0, 0])
    )
    assert (inside.rank, inside.n_starts) == (3, 1)
    assert (boundary.rank < 3, boundary.n_starts) == (True, 3)


def test_the_factor_is_diagonal_with_the_largest_first() -> None:
    factor = lowest_deviance(simulated([2, 1, 1], 1, 40), reml=False).deviance.regression.factor
    assert factor == pytest.approx(np.diag(np.sort(np.diag(factor))[::-1]))


def test_residuals_that_go_to_zero_are_refused() -> None:
    # Five patients of one to five rows with lines close to all of their values.
    patient = np.repeat([0, 2, 3, 4, 5], [2, 4, 3, 0, 5])
    month = np.array([-3, -1, -1, -3, 5, 6, 0, 2, 4, -2, -1, 0, 1, 5.0])
    random = random_columns(month, "two_slopes")
    own = np.random.default_rng(1).normal(size=(6, 3))[patient]
    with pytest.raises(PerfectFitError):
        lowest_deviance(
            mixed_moments((random * own).sum(axis=1), random[:, :1], random, patient), reml=True
        )
