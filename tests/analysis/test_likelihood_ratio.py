import numpy as np
import pytest

from analysis.likelihood_ratio import likelihood_ratio
from analysis.mixed_errors import NotNestedError
from analysis.mixed_model import MixedFit, fit_mixed_model

PATIENT = np.repeat(np.arange(10), 6)
COLUMNS = np.column_stack([np.ones(60), np.tile(np.arange(6.0), 10), PATIENT % 2])


def fitted(n_fixed: int, *, reml: bool = False, n_random: int = 1, n_rows: int = 60) -> MixedFit:
    rng = np.random.default_rng(1)
    values = 2 * rng.normal(size=10)[PATIENT] + rng.normal(size=60)
    kept = COLUMNS[:n_rows]
    return fit_mixed_model(
        values[:n_rows], kept[:, :n_fixed], kept[:, :n_random], PATIENT[:n_rows], reml=reml
    )


def test_statistic_is_twice_the_difference_of_log_likelihoods() -> None:
    full, reduced = fitted(3), fitted(1)
    found = likelihood_ratio(full, reduced)
    assert found.df == 2
    assert found.chi_square == pytest.approx(2 * (full.log_likelihood - reduced.log_likelihood))
    assert found.p == pytest.approx(np.exp(-found.chi_square / 2))


@pytest.mark.parametrize(
    ("full", "reduced"),
    [
        (fitted(3, reml=True), fitted(2, reml=True)),
        (fitted(3), fitted(2, reml=True)),
        (fitted(2), fitted(3)),
        (fitted(2), fitted(2)),
        (fitted(3), fitted(2, n_random=2)),
        (fitted(3), fitted(2, n_rows=54)),
    ],
)
def test_models_that_cannot_be_compared_are_refused(full: MixedFit, reduced: MixedFit) -> None:
    with pytest.raises(NotNestedError):
        likelihood_ratio(full, reduced)
