import json
from collections.abc import Callable

import numpy as np
import pytest
import xgboost
from numpy.testing import assert_allclose, assert_array_equal
from numpy.typing import NDArray
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from models.classifier import Classifier
from models.estimator import BoostedEstimator, LinearEstimator, load_estimator
from models.linear_refits import LinearRefits
from models.scorer import score
from models.tree_tables import TreeTables
from models.trees import TreeEnsembles

Floats = NDArray[np.float64]


def made_up(n: int, seed: int = 1) -> tuple[Floats, NDArray[np.bool_]]:
    """Features far from 0 with a tenth missing, and an outcome that depends on them."""
    rng = np.random.default_rng(seed)
    features = rng.normal(size=(n, 4)) * [1, 20, 0.05, 3] + [0, 500, 2, -7]
    is_responder = features[:, 1] + 30 * rng.normal(size=n) > 500
    features[rng.random(features.shape) < 0.1] = np.nan
    return features, is_responder


def linear_from(pipeline) -> LinearEstimator:
    imputer, scaler, logistic = (step for _, step in pipeline.steps)
    refits = LinearRefits(
        intercepts=logistic.intercept_,
        coefficients=logistic.coef_ / scaler.scale_,
        medians=imputer.statistics_[np.newaxis],
    )
    return LinearEstimator(
        float(logistic.intercept_[0]),
        logistic.coef_[0],
        imputer.statistics_,
        scaler.mean_,
        scaler.scale_,
        refits,
    )


def test_linear_gives_the_probabilities_of_the_scikit_learn_pipeline() -> None:
    features, is_responder = made_up(200)
    pipeline = make_pipeline(
        SimpleImputer(strategy="median"), StandardScaler(), LogisticRegression(tol=1e-10)
    )
    pipeline.fit(features, is_responder)
    unseen = np.vstack([made_up(500, seed=2)[0], np.full(4, np.nan)])
    ours = score(linear_from(pipeline), unseen).probability
    assert_allclose(ours, pipeline.predict_proba(unseen)[:, 1], rtol=0, atol=1e-12)


def test_linear_refit_imputes_with_its_own_medians() -> None:
    refits = LinearRefits(
        intercepts=np.array([1.0, 2.0]),
        coefficients=np.array([[2.0, 0.5], [4.0, 0.25]]),
        medians=np.array([[10.0, 0.0], [20.0, 0.0]]),
    )
    estimator = LinearEstimator(0.0, np.zeros(2), np.zeros(2), np.zeros(2), np.ones(2), refits)
    scores = estimator.refit_scores(np.array([[3.0, 8.0], [np.nan, 8.0]]))
    assert scores.tolist() == [[1 + 6 + 4, 2 + 12 + 2], [1 + 20 + 4, 2 + 80 + 2]]


def test_json_reads_back_with_the_same_bits(
    champion: Classifier, made_up_features: Callable[[int], Floats]
) -> None:
    estimator = champion.estimator
    ubj = estimator.ubj if isinstance(estimator, BoostedEstimator) else None
    read_back = load_estimator(json.loads(json.dumps(estimator.as_json())), ubj)
    assert read_back.as_json() == estimator.as_json()
    features = made_up_features(50)
    for before, after in zip(estimator.terms(features), read_back.terms(features), strict=True):
        assert_array_equal(before, after)
    assert_array_equal(estimator.refit_scores(features), read_back.refit_scores(features))


def test_nothing_is_asked_of_xgboost(boosted: BoostedEstimator) -> None:
    without = load_estimator(boosted.as_json(), boosted.ubj, with_booster=False)
    features = made_up(50, seed=4)[0]
    assert isinstance(without, BoostedEstimator)
    assert without.booster is None
    assert_array_equal(score(without, features).lower, score(boosted, features).lower)
    assert_array_equal(score(without, features).terms, score(boosted, features).terms)


@pytest.mark.parametrize("wrong", [{"format": 2}, {"kind": "pickle"}])
def test_estimator_of_another_format_or_kind_is_refused(
    boosted: BoostedEstimator, wrong: dict[str, object]
) -> None:
    with pytest.raises(ValueError, match="estimator"):
        load_estimator(boosted.as_json() | wrong, None)


def boosters(depth: int, *rounds: int) -> list[xgboost.Booster]:
    fitted = []
    for seed, n_rounds in enumerate(rounds):
        features, is_responder = made_up(150, seed)
        matrix = xgboost.DMatrix(features, is_responder, nthread=1)
        settings = {"objective": "binary:logistic", "max_depth": depth, "nthread": 1}
        settings["base_score"] = 0.2 + 0.1 * seed
        fitted.append(xgboost.train(settings, matrix, num_boost_round=n_rounds))
    return fitted


def margins(trees: TreeEnsembles, features: Floats) -> Floats:
    tables = TreeTables.of_trees([trees], features.shape[1])
    found = [scores for _, scores in tables.scores(features.astype(np.float32))]
    return np.vstack(found) * tables.unit


@pytest.fixture(scope="module")
def boosted() -> BoostedEstimator:
    fitted = boosters(2, 20, 10, 10)
    trees = TreeEnsembles.of_boosters(fitted[1:], depth=2)
    ubj = bytes(fitted[0].save_raw("ubj"))
    refits = np.array([0.9, 1.1]), np.array([0.1, 0.2])
    return BoostedEstimator(ubj, 0.8, -0.1, trees, *refits, booster=fitted[0])


@pytest.mark.parametrize("depth", [1, 2, 4])
def test_tree_tables_give_the_margins_of_xgboost(depth: int) -> None:
    fitted = boosters(depth, 30, 7, 1)
    unseen = np.vstack([made_up(300, seed=9)[0], np.full(4, np.nan)])
    matrix = xgboost.DMatrix(unseen, nthread=1)
    theirs = np.column_stack([b.predict(matrix, output_margin=True) for b in fitted])
    for deeper in (depth, depth + 1, None):
        trees = TreeEnsembles.of_boosters(fitted, depth=deeper)
        assert_allclose(margins(trees, unseen), theirs, rtol=0, atol=1e-5)


def test_tree_tables_agree_with_xgboost_on_the_thresholds_themselves() -> None:
    fitted = boosters(1, 20)
    trees = TreeEnsembles.of_boosters(fitted, depth=1)
    on_thresholds = np.tile(np.float32([0, 500, 2, -7]), (20, 1))
    on_thresholds[np.arange(20), trees.feature[0, :, 0]] = trees.threshold[0, :, 0]
    theirs = fitted[0].predict(xgboost.DMatrix(on_thresholds, nthread=1), output_margin=True)
    assert_allclose(margins(trees, on_thresholds)[:, 0], theirs, rtol=0, atol=1e-5)


def test_boosted_terms_add_up_to_the_calibrated_margin(boosted: BoostedEstimator) -> None:
    unseen = made_up(300, seed=9)[0]
    margin = boosted.booster.predict(xgboost.DMatrix(unseen, nthread=1), output_margin=True)
    total = score(boosted, unseen).score
    assert_allclose(total, 0.8 * margin.astype(np.float64) - 0.1, rtol=0, atol=1e-5)


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_terms_are_the_contributions_of_xgboost(depth: int) -> None:
    (served, refit) = boosters(depth, 40, 3)
    estimator = BoostedEstimator(
        bytes(served.save_raw("ubj")), 0.8, -0.1, TreeEnsembles.of_boosters([refit]),
        np.ones(1), np.zeros(1),
    )  # fmt: skip
    unseen = np.vstack([made_up(400, seed=9)[0], np.full(4, np.nan)])
    theirs = served.predict(xgboost.DMatrix(unseen, nthread=1), pred_contribs=True)
    intercept, terms = estimator.terms(unseen)
    assert_allclose(terms, 0.8 * theirs[:, :-1], rtol=0, atol=3e-6)
    assert_allclose(intercept, 0.8 * theirs[:, -1] - 0.1, rtol=0, atol=1e-5)


def test_trees_read_back_from_json_the_same(boosted: BoostedEstimator) -> None:
    read_back = TreeEnsembles.from_json(json.loads(json.dumps(boosted.refits.as_json())))
    features = made_up(50, seed=3)[0]
    assert_array_equal(margins(read_back, features), margins(boosted.refits, features))
