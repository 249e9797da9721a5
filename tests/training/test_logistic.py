import json
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from numpy.typing import NDArray
from scipy.special import expit, log_expit
from sklearn.linear_model import LogisticRegression

import training.logistic
import training.standardise
from training.logistic import LinearFits, OneClassError, predict_scores, solve
from training.standardise import Standardised, standardise

REFERENCE = Path(__file__).parents[1] / "reference"
PATH = np.geomspace(0.5, 0.005, 8)

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


def cohort(seed: int, n_patients: int = 60, n_features: int = 6) -> tuple[Floats, Bools]:
    """Feature 2 is the difference of the first two, as a log-ratio is; some are missing."""
    rng = np.random.default_rng(seed)
    features = rng.normal(size=(n_patients, n_features)) + np.arange(n_features)
    if n_features > 2:
        features[:, 2] = features[:, 0] - features[:, 1]
    is_responder = rng.random(n_patients) < expit(features[:, 0] - 0.5)
    features[rng.random(features.shape) < 0.05] = np.nan
    return features, is_responder


def folds(seed: int, is_responder: Bools, n_problems: int = 50) -> NDArray[np.bool_]:
    kept = np.random.default_rng(seed).random((n_problems, len(is_responder))) < 0.7
    kept[:, [np.argmax(is_responder), np.argmin(is_responder)]] = True
    return kept


def fit(
    features: Floats, is_responder: Any, weights: Any, strengths: Any = PATH, l1_ratio: float = 0.5
) -> tuple[LinearFits, Standardised]:
    learnt = standardise(features, weights)
    fits = solve(
        features, learnt, is_responder, weights, strengths=np.array(strengths), l1_ratio=l1_ratio
    )
    return fits, learnt


def optimality_gap(
    values: Floats, is_responder: Bools, weights: Floats, fits: LinearFits, position: int
) -> float:
    """Largest violation of the KKT conditions of problem 0, written out for this test."""
    strength, beta = fits.strengths[position], fits.coefficients[0, position]
    error = expit(fits.intercepts[0, position] + values @ beta) - is_responder
    share = weights / weights.sum()
    slope = values.T @ (share * error) + strength * (1 - fits.l1_ratio) * beta
    lasso = strength * fits.l1_ratio
    gaps = np.where(beta == 0, np.maximum(abs(slope) - lasso, 0), slope + lasso * np.sign(beta))
    return float(max(abs(share @ error), abs(gaps).max()))


def test_equals_glmnet() -> None:
    reference = json.loads((REFERENCE / "expected" / "07_optimism.json").read_text())["enet60"]
    table = np.loadtxt(REFERENCE / "data" / "enet60.csv", delimiter=",", skiprows=1)
    features, is_responder = table[:, 1:], table[:, 0] == 1
    weights = np.ones((1, len(table)))
    for expected in reference.values():
        fits, learnt = fit(
            features, is_responder, weights, [expected["lambda"]], l1_ratio=expected["alpha"]
        )
        intercepts, coefficients = fits.on_raw_scale(learnt)
        assert intercepts[0, 0] == pytest.approx(expected["intercept"], abs=1e-6)
        assert_allclose(coefficients[0, 0], expected["coef"], rtol=0, atol=1e-6)


@pytest.mark.parametrize(
    ("l1_ratio", "solver"), [(0.0, "newton-cholesky"), (0.5, "saga"), (1.0, "saga")]
)
def test_equals_scikit_learn(l1_ratio: float, solver: str) -> None:
    features, is_responder = cohort(1, n_features=5)
    kept = folds(1, is_responder, n_problems=3)
    fits, learnt = fit(features, is_responder, kept, [0.1, 0.02], l1_ratio)
    for b, values in enumerate(learnt.values(features)):
        for k, strength in enumerate(fits.strengths):
            model = LogisticRegression(
                C=1 / (strength * kept[b].sum()),
                l1_ratio=l1_ratio,
                solver=solver,
                tol=1e-12,
                max_iter=100_000,
                random_state=0,
            ).fit(values[kept[b]], is_responder[kept[b]])
            assert fits.intercepts[b, k] == pytest.approx(model.intercept_[0], abs=1e-8)
            assert_allclose(fits.coefficients[b, k], model.coef_[0], rtol=0, atol=1e-8)


@settings(deadline=None, max_examples=60)
@given(
    seed=st.integers(0, 2**32 - 1),
    n_patients=st.integers(4, 40),
    n_features=st.integers(1, 8),
    l1_ratio=st.sampled_from([0.0, 0.1, 0.5, 0.9, 1.0]),
    smallest=st.sampled_from([1e-1, 1e-3, 1e-5]),
)
def test_solutions_are_optimal(
    seed: int, n_patients: int, n_features: int, l1_ratio: float, smallest: float
) -> None:
    rng = np.random.default_rng(seed)
    features, is_responder = cohort(seed, n_patients, n_features)
    is_responder[:2] = True, False
    weights = rng.integers(0, 4, size=(1, n_patients))
    weights[:, :2] = 1
    fits, learnt = fit(features, is_responder, weights, np.geomspace(1, smallest, 4), l1_ratio)
    values = learnt.values(features)[0]
    assert fits.converged.all()
    for k in range(4):
        assert optimality_gap(values, is_responder, weights[0], fits, k) < 1e-10


@pytest.mark.parametrize("l1_ratio", [0.0, 0.5])
def test_no_neighbour_has_a_lower_objective(l1_ratio: float) -> None:
    features, is_responder = cohort(3)
    fits, learnt = fit(features, is_responder, np.ones((1, 60)), [0.05], l1_ratio)
    values, side = learnt.values(features)[0], np.where(is_responder, 1, -1)

    def objective(solution: Floats) -> float:
        beta = solution[1:]
        loss = -log_expit(side * (solution[0] + values @ beta)).mean()
        penalty = (1 - l1_ratio) / 2 * beta @ beta + l1_ratio * abs(beta).sum()
        return float(loss + 0.05 * penalty)

    solution = np.append(fits.intercepts[0], fits.coefficients[0, 0])
    moves = np.random.default_rng(3).normal(size=(300, 7)) * 1e-3
    assert min(objective(solution + move) for move in moves) > objective(solution)


@pytest.mark.parametrize("l1_ratio", [0.0, 0.5])
def test_bootstrap_counts_equal_a_fit_on_the_copies(l1_ratio: float) -> None:
    features, is_responder = cohort(4)
    counts = np.random.default_rng(4).multinomial(60, np.full(60, 1 / 60), size=5)
    fits, _ = fit(features, is_responder, counts, l1_ratio=l1_ratio)
    for b, count in enumerate(counts):
        copies = np.repeat(np.arange(60), count)
        alone, _ = fit(features[copies], is_responder[copies], np.ones((1, 60)), l1_ratio=l1_ratio)
        assert_allclose(fits.coefficients[b], alone.coefficients[0], rtol=0, atol=1e-9)
        assert_allclose(fits.intercepts[b], alone.intercepts[0], rtol=0, atol=1e-9)


@pytest.mark.parametrize("l1_ratio", [0.0, 0.5])
def test_a_fold_equals_a_fit_on_the_subset(l1_ratio: float) -> None:
    features, is_responder = cohort(5)
    kept = folds(5, is_responder, n_problems=5)
    fits, _ = fit(features, is_responder, kept, l1_ratio=l1_ratio)
    for b, rows in enumerate(kept):
        alone, _ = fit(
            features[rows], is_responder[rows], np.ones((1, rows.sum())), l1_ratio=l1_ratio
        )
        assert_allclose(fits.coefficients[b], alone.coefficients[0], rtol=0, atol=1e-9)


def test_held_out_patients_change_nothing() -> None:
    features, is_responder = cohort(6)
    kept = folds(6, is_responder, n_problems=1)
    fits, _ = fit(features, is_responder, kept)
    out = ~kept[0]
    changed, flipped = np.where(out[:, None], 1e3, features), is_responder ^ out
    again, _ = fit(changed, flipped, kept)
    assert_array_equal(fits.coefficients, again.coefficients)
    assert_array_equal(fits.intercepts, again.intercepts)


def test_each_problem_can_have_labels_of_its_own() -> None:
    features, is_responder = cohort(7)
    rng = np.random.default_rng(7)
    permuted = np.stack([rng.permutation(is_responder) for _ in range(4)])
    fits, _ = fit(features, permuted, np.ones((4, 60)))
    for b, labels in enumerate(permuted):
        alone, _ = fit(features, labels, np.ones((1, 60)))
        assert_array_equal(fits.coefficients[b], alone.coefficients[0])


def test_the_path_taken_does_not_matter() -> None:
    features, is_responder = cohort(8)
    path, _ = fit(features, is_responder, np.ones((1, 60)))
    for k, strength in enumerate(PATH):
        alone, _ = fit(features, is_responder, np.ones((1, 60)), [strength])
        assert_allclose(path.coefficients[0, k], alone.coefficients[0, 0], rtol=0, atol=1e-9)


@pytest.mark.parametrize("l1_ratio", [0.0, 0.5, 0.95, 1.0])
@pytest.mark.parametrize("n_patients", [20, 60])
def test_exactly_collinear_features_converge(l1_ratio: float, n_patients: int) -> None:
    rng = np.random.default_rng(9)
    features = rng.normal(size=(n_patients, 25))
    features[:, 2] = features[:, 0] - features[:, 1]
    features[:, 3] = features[:, 4]
    is_responder = rng.random(n_patients) < expit(features[:, 2])
    counts = rng.multinomial(n_patients, np.full(n_patients, 1 / n_patients), size=20)
    fits, learnt = fit(features, is_responder, counts, [1e-4], l1_ratio)
    assert fits.converged.all()
    assert fits.n_iterations.max() < 25
    values = learnt.values(features)[0]
    assert optimality_gap(values, is_responder, counts[0], fits, 0) < 1e-10


@pytest.mark.parametrize("l1_ratio", [0.0, 0.5, 1.0])
@pytest.mark.parametrize(("seed", "degrees", "every"), [(1, 2, 5), (201, 1, 2)])
def test_outliers_with_more_features_than_patients_converge(
    seed: int, degrees: int, every: int, l1_ratio: float
) -> None:
    """The first data set needs steps halved, the second `COLLINEAR`."""
    rng = np.random.default_rng(seed)
    features = rng.standard_t(degrees, size=(20, 25))
    features[:, 2] = features[:, 0] - features[:, 1]
    counts = rng.multinomial(20, np.full(20, 1 / 20), size=20)
    counts[:, :2] = 1
    fits, _ = fit(features, np.arange(20) % every == 0, counts, [0.01], l1_ratio)
    assert fits.converged.all()


@pytest.mark.parametrize("l1_ratio", [0.0, 0.5, 1.0])
def test_separated_classes_converge_to_finite_coefficients(l1_ratio: float) -> None:
    features = np.linspace(-1, 1, 20)[:, None] * [1, 30]
    is_responder = features[:, 0] > 0
    for strengths in ([1e-6], np.geomspace(1, 1e-6, 7)):
        fits, learnt = fit(features, is_responder, np.ones((1, 20)), strengths, l1_ratio)
        last = len(strengths) - 1
        gap = optimality_gap(learnt.values(features)[0], is_responder, np.ones(20), fits, last)
        assert fits.converged.all()
        assert gap < 1e-10
        assert 10 < fits.coefficients[0, last].sum() < 1000


@pytest.mark.parametrize("l1_ratio", [0.0, 0.5, 1.0])
def test_constant_and_missing_features_get_coefficient_zero(l1_ratio: float) -> None:
    features, is_responder = cohort(10)
    kept = folds(10, is_responder, n_problems=3)
    features[:, 3] = 0.1
    features[kept[0], 4] = np.nan
    fits, learnt = fit(features, is_responder, kept, l1_ratio=l1_ratio)
    assert fits.converged.all()
    assert_array_equal(fits.coefficients[:, :, 3], 0)
    assert_array_equal(fits.coefficients[0, :, 4], 0)
    assert np.isfinite(predict_scores(features, learnt, fits)).all()


@pytest.mark.parametrize("l1_ratio", [0.0, 0.5, 1.0])
@pytest.mark.parametrize(
    ("n_patients", "n_features", "strengths"),
    [(60, 12, [0.1, 0.02]), (33, 1, [0.1, 0.02]), (61, 7, [0.02]), (130, 16, [0.02])],
)
def test_problem_has_the_same_bits_alone_and_in_any_batch(
    monkeypatch: pytest.MonkeyPatch,
    n_patients: int,
    n_features: int,
    strengths: list[float],
    l1_ratio: float,
) -> None:
    features, is_responder = cohort(11, n_patients, n_features)
    kept = folds(11, is_responder)

    def numbers(problems: slice) -> list[NDArray[Any]]:
        fits, learnt = fit(features, is_responder, kept[problems], strengths, l1_ratio)
        scores = predict_scores(features, learnt, fits)
        solution = [fits.intercepts, fits.coefficients, fits.n_iterations]
        return [*solution, *fits.on_raw_scale(learnt), scores]

    together = numbers(slice(None))
    for numbers_per_block in (1, 3 * n_patients * (n_features + 1), 10**9):
        monkeypatch.setattr(training.standardise, "NUMBERS_PER_BLOCK", numbers_per_block)
        for problems in (slice(7, 8), slice(7, 9), slice(5, 25), slice(None, None, -1)):
            for part, whole in zip(numbers(problems), together, strict=True):
                assert_array_equal(part, whole[problems])


def test_scores_are_the_same_on_both_scales() -> None:
    features, is_responder = cohort(12)
    kept = folds(12, is_responder, n_problems=4)
    fits, learnt = fit(features, is_responder, kept)
    intercepts, coefficients = fits.on_raw_scale(learnt)
    imputed = np.where(np.isnan(features), learnt.medians[:, None], features)
    by_hand = intercepts[:, :, None] + np.einsum("blj,bnj->bln", coefficients, imputed)
    assert_allclose(predict_scores(features, learnt, fits), by_hand, rtol=0, atol=1e-12)


def test_memory_stays_small_for_many_problems() -> None:
    features, is_responder = cohort(13, n_features=12)
    kept = folds(13, is_responder, n_problems=20_000)
    learnt = standardise(features, kept)
    tracemalloc.start()
    solve(features, learnt, is_responder, kept, strengths=np.array([0.5]), l1_ratio=0.0)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 60e6


def test_running_out_of_steps_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training.logistic, "MAX_ITERATIONS", 1)
    features, is_responder = cohort(14)
    fits, _ = fit(features, is_responder, np.ones((1, 60)), [0.01])
    assert not fits.converged.any()
    assert fits.n_iterations[0, 0] == 1


def test_refuses_training_sets_of_one_class() -> None:
    features, is_responder = cohort(15)
    weights = np.stack([np.ones(60), is_responder, ~is_responder])
    with pytest.raises(OneClassError, match="2 of them have one class only") as refusal:
        fit(features, is_responder, weights)
    assert refusal.value.problems == [1, 2]


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"weights": np.ones((2, 60))}, "weights must be"),
        ({"features": np.ones((60, 5))}, "6 features"),
        ({"is_responder": np.ones(59)}, "is_responder must be"),
        ({"is_responder": np.full(60, np.nan)}, "true or false"),
        ({"strengths": np.array([0.1, 0.2])}, "falling"),
        ({"strengths": np.array([0.1, 0.0])}, "positive"),
        ({"strengths": np.array([np.inf, 0.1])}, "positive"),
        ({"strengths": np.array([])}, "positive"),
        ({"l1_ratio": 1.1}, "l1_ratio"),
    ],
)
def test_refuses(changed: dict[str, Any], sentence: str) -> None:
    features, is_responder = cohort(16)
    weights = np.ones((1, 60))
    arguments: dict[str, Any] = {
        "features": features,
        "standardised": standardise(features, weights),
        "is_responder": is_responder,
        "weights": weights,
        "strengths": PATH,
        "l1_ratio": 0.5,
    }
    with pytest.raises(ValueError, match=sentence):
        solve(**(arguments | changed))
