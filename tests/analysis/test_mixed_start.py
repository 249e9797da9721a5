import numpy as np
import pytest

from analysis.mixed_errors import NotIdentifiedError
from analysis.mixed_moments import mixed_moments
from analysis.mixed_search import lowest_deviance
from analysis.mixed_start import starting_factor
from analysis.piecewise_slopes import fixed_columns, random_columns


def test_balanced_variances_are_found_without_iteration() -> None:
    rng = np.random.default_rng(1)
    values, ones = rng.normal(size=(15, 4)) + 2 * rng.normal(size=(15, 1)), np.ones((60, 1))
    moments = mixed_moments(values.ravel(), ones, ones, np.repeat(np.arange(15), 4))
    end = lowest_deviance(moments, reml=True).deviance.regression.factor
    assert starting_factor(moments) == pytest.approx(end)
    assert starting_factor(moments, around=10) == pytest.approx(end)


@pytest.mark.parametrize("around", [0.1, 1.0, 10.0])
def test_many_patients_have_nearly_their_own_variances(around: float) -> None:
    rng = np.random.default_rng(2)
    month, patient = np.tile(np.arange(-3.0, 7.0), 2000), np.repeat(np.arange(2000), 10)
    seen = rng.random(20_000) < 0.8
    month, patient = month[seen], patient[seen]
    random = random_columns(month, "two_slopes")
    own = rng.normal(size=(2000, 3)) * [3, 0.5, 0.4]
    values = (random * own[patient]).sum(axis=1) + rng.normal(size=month.size)
    moments = mixed_moments(values, random, random, patient)
    factor = moments.to_random @ starting_factor(moments, around=around)
    assert np.sqrt(np.diag(factor @ factor.T)) == pytest.approx([3, 0.5, 0.4], rel=0.12)


@pytest.mark.parametrize(
    ("months", "n_patients", "told"),
    [
        ([0, 6], 20, "3 of 4"),
        ([-3, 0, 6], 20, "6 of 7"),
        ([0], 20, "1 of 2"),
        ([-1, 0, 1, 2], 1, "1"),
    ],
)
def test_confounded_variances_are_refused(months: list[int], n_patients: int, told: str) -> None:
    month, patient = np.tile(months, n_patients), np.repeat(np.arange(n_patients), len(months))
    structure = ("intercept", "intercept_slope", "two_slopes", "intercept")[len(months) - 1]
    random = random_columns(month, structure)  # type: ignore[arg-type]
    values = np.random.default_rng(3).normal(size=month.size)
    with pytest.raises(NotIdentifiedError, match=f"tell only {told}"):
        starting_factor(mixed_moments(values, np.ones((month.size, 1)), random, patient))


@pytest.mark.parametrize("seed", range(20))
def test_fixed_columns_that_tell_every_patient_apart_leave_no_variance_between(seed: int) -> None:
    month, patient = np.tile(np.arange(-3.0, 7.0), 2), np.repeat([0, 1], 10)
    fixed = fixed_columns(month, patient == 1)
    values = np.random.default_rng(seed).normal(size=20)
    with pytest.raises(NotIdentifiedError, match="tell only 1 of 2"):
        starting_factor(mixed_moments(values, fixed, np.ones((20, 1)), patient))
