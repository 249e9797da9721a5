import numpy as np
import pytest

from analysis.errors import NotFiniteError, ShapeError
from analysis.mixed_model import MixedFit, fit_mixed_model
from analysis.piecewise_slopes import fixed_columns, random_columns
from analysis.satterthwaite import satterthwaite_df


@pytest.fixture(scope="module")
def fit() -> MixedFit:
    rng = np.random.default_rng(1)
    month, patient = np.tile(np.arange(-3.0, 7.0), 20), np.repeat(np.arange(20), 10)
    random = random_columns(month, "two_slopes")
    own = (rng.normal(size=(20, 3)) * [3, 1, 1])[patient]
    values = (random * own).sum(axis=1) + rng.normal(size=month.size)
    return fit_mixed_model(values, fixed_columns(month, patient % 2), random, patient)


def test_complete_visits_compare_slopes_as_a_t_test_of_patients_does(fit: MixedFit) -> None:
    assert satterthwaite_df(fit, np.eye(6)) == pytest.approx([18] * 6)


def test_the_size_of_a_contrast_does_not_matter(fit: MixedFit) -> None:
    row = np.array([[1.0, 1, 0, 4, 0, 4]])
    assert satterthwaite_df(fit, -1000 * row) == pytest.approx(satterthwaite_df(fit, row))


def test_a_contrast_of_nothing_has_no_limit_of_degrees(fit: MixedFit) -> None:
    assert satterthwaite_df(fit, np.zeros((1, 6))).tolist() == [np.inf]


@pytest.mark.parametrize(
    ("contrasts", "error"),
    [([1, 0], ShapeError), ([[1, 0]], ShapeError), ([[np.nan] * 6], NotFiniteError)],
)
def test_contrasts_that_do_not_fit_are_refused(
    fit: MixedFit, contrasts: object, error: type[Exception]
) -> None:
    with pytest.raises(error):
        satterthwaite_df(fit, contrasts)  # type: ignore[arg-type]
