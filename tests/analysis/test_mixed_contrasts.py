import numpy as np
import pytest
from scipy.stats import ttest_ind

from analysis.errors import OutOfRangeError
from analysis.mixed_contrasts import mixed_contrasts
from analysis.mixed_model import MixedFit, fit_mixed_model


@pytest.fixture(scope="module")
def groups() -> tuple[MixedFit, np.ndarray]:
    rng = np.random.default_rng(1)
    values = rng.normal(size=(14, 6)) + 2 * rng.normal(size=(14, 1))
    patient = np.repeat(np.arange(14), 6)
    fixed = np.column_stack([np.ones(84), patient % 2])
    return fit_mixed_model(values.ravel(), fixed, fixed[:, :1], patient), values.mean(axis=1)


def test_groups_of_complete_patients_are_compared_as_their_means_by_student(
    groups: tuple[MixedFit, np.ndarray],
) -> None:
    fit, means = groups
    found = mixed_contrasts(fit, [[0, 1]])
    wanted = ttest_ind(means[1::2], means[::2])
    limits = wanted.confidence_interval()
    assert (found.t[0], found.df[0]) == pytest.approx((wanted.statistic, 12))
    assert found.p[0] == pytest.approx(wanted.pvalue)
    assert (found.lower[0], found.upper[0]) == pytest.approx((limits.low, limits.high))


def test_a_higher_level_widens_the_interval(groups: tuple[MixedFit, np.ndarray]) -> None:
    narrow, wide = (mixed_contrasts(groups[0], np.eye(2), level=level) for level in (0.9, 0.99))
    assert (wide.lower < narrow.lower).all()
    assert (wide.upper > narrow.upper).all()


def test_a_level_in_percent_is_refused(groups: tuple[MixedFit, np.ndarray]) -> None:
    with pytest.raises(OutOfRangeError):
        mixed_contrasts(groups[0], [[0, 1]], level=95)
