import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from training.choice import InnerResult, Platt, choose_family, fit_platt, log_loss


def result(losses: list[float]) -> InnerResult:
    return InnerResult(0, np.array(losses), np.empty(0), Platt())


def test_the_first_family_wins_when_the_best_is_better_by_less_than_its_error() -> None:
    simple, best = result([0.60, 0.64, 0.58, 0.66, 0.62]), result([0.62, 0.55, 0.66, 0.58, 0.64])
    assert np.mean(best.fold_losses) < np.mean(simple.fold_losses)
    assert choose_family([simple, best], n_train=40, n_test=10) == 0


def test_a_later_family_wins_when_it_is_clearly_better() -> None:
    simple, best = result([0.70, 0.71, 0.69, 0.70, 0.72]), result([0.50, 0.52, 0.49, 0.51, 0.50])
    assert choose_family([simple, best], n_train=40, n_test=10) == 1


def test_log_loss_is_finite_for_any_finite_score() -> None:
    losses = log_loss(np.array([1e6, -1e6]), np.array([False, False]))
    assert losses.tolist() == [1e6, 0.0]


def test_platt_equals_a_logistic_regression_on_smoothed_targets() -> None:
    rng = np.random.default_rng(0)
    margins = rng.normal(size=80)
    y = rng.random(80) < 1 / (1 + np.exp(-2 * margins))
    found = fit_platt(margins, y, np.ones(80))
    n1, n0 = y.sum(), (~y).sum()
    target = np.where(y, (n1 + 1) / (n1 + 2), 1 / (n0 + 2))
    both = np.concatenate([np.ones(80), np.zeros(80)])
    reference = LogisticRegression(C=np.inf, tol=1e-12, solver="newton-cholesky").fit(
        np.tile(margins, 2)[:, np.newaxis], both, np.concatenate([target, 1 - target])
    )
    assert found.slope == pytest.approx(reference.coef_[0, 0], rel=1e-6)
    assert found.intercept == pytest.approx(reference.intercept_[0], rel=1e-6, abs=1e-8)


def test_platt_stays_finite_when_the_margins_separate_the_classes() -> None:
    margins = np.array([-2.0, -1.0, 1.0, 2.0])
    found = fit_platt(margins, margins > 0, np.ones(4))
    assert 0 < found.slope < 10


def test_platt_gives_the_smoothed_prevalence_for_constant_margins() -> None:
    found = fit_platt(np.zeros(10), np.arange(10) < 4, np.ones(10))
    assert found.slope == 0
    assert 1 / (1 + np.exp(-found.intercept)) == pytest.approx(0.4 * 5 / 6 + 0.6 / 8)


def test_platt_does_not_turn_a_model_upside_down() -> None:
    margins = np.linspace(-1, 1, 20)
    found = fit_platt(margins, margins < 0.1, np.ones(20))
    assert found.slope == 0


def test_platt_counts_copies_as_the_expanded_sample_does() -> None:
    rng = np.random.default_rng(1)
    margins, counts = rng.normal(size=30), rng.integers(1, 4, size=30)
    y = rng.random(30) < 1 / (1 + np.exp(-2 * margins))
    weighted = fit_platt(margins, y, counts.astype(float))
    expanded = fit_platt(margins.repeat(counts), y.repeat(counts), np.ones(counts.sum()))
    assert weighted.slope == pytest.approx(expanded.slope)
    assert weighted.intercept == pytest.approx(expanded.intercept)
