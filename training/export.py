"""A classifier as a plain scikit-learn object, for whoever works with those.

Nothing is fitted: the bundle's own constants go into the estimators. No class of this project is
in the file, so that it loads wherever scikit-learn (and XGBoost, for its bundles) does.
"""

import io
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import joblib
import numpy as np
import xgboost
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from models.classifier import Classifier, library_version
from models.estimator import BoostedEstimator, LinearEstimator
from models.scorer import sigmoid
from models.trees import base_margin
from training.errors import TrainingError

LIBRARIES: Final = ("numpy", "scikit-learn", "xgboost")
"""Versions that wrote the file; pickles of another scikit-learn may not load."""
CLASSES: Final = ("nonresponder", "responder")
NOTE: Final = (
    "predict_proba(X)[:, 1] is the probability of a responder; a responder is called from "
    "`threshold` on. X has one row per patient and the columns of `features`, in their order, "
    "NaN where missing. Loading this file runs code: load only files that you trust. Intervals, "
    "flags and refusals of the bundle are not in it. Not a medical device."
)


def export(classifier: Classifier) -> dict[str, Any]:
    """Everything the file holds: the estimator, and what its columns and answers mean.

    Parameters
    ----------
    classifier
        Of a verified bundle.

    Returns
    -------
    Plain Python objects beside a scikit-learn (or XGBoost) `estimator` whose ``predict_proba``
    of features of shape (n_patients, n_features) equals the classifier's probability.
    """
    bundle, manifest = classifier.bundle, classifier.manifest
    estimator = classifier.estimator
    return {
        "estimator": _linear(estimator)
        if isinstance(estimator, LinearEstimator)
        else _boosted(estimator),
        "features": [
            asdict(feature) | {"analytes": list(feature.analytes)}
            for feature in classifier.features
        ],
        "classes": list(CLASSES),
        "threshold": classifier.threshold,
        "task": classifier.task.name,
        "definition": asdict(classifier.definition),
        "bundle_id": bundle.bundle_id,
        "content_sha256": bundle.content_sha256,
        "simulated": manifest.simulated,
        "exploratory_reason": manifest.exploratory_reason,
        "libraries": {name: library_version(name) for name in LIBRARIES},
        "note": NOTE,
    }


def write_joblib(exported: dict[str, Any], path: Path) -> None:
    """Write an export in one go.

    Raises
    ------
    TrainingError
        The file is there already; it is never overwritten.
    """
    content = io.BytesIO()
    joblib.dump(exported, content)
    try:
        with path.open("xb") as file:
            file.write(content.getvalue())
    except FileExistsError as error:
        raise TrainingError(f"{path} is there already and is not overwritten") from error


def _linear(estimator: LinearEstimator) -> Pipeline:
    """Imputer, scaler and logistic regression with the bundle's constants.

    Each is fitted to two made-up rows, so that what scikit-learn keeps for itself is its own;
    then the constants that it documents are replaced.
    """
    rows, labels = np.array([estimator.medians, estimator.medians]), np.array([0, 1])
    imputer = SimpleImputer(strategy="median", keep_empty_features=True).fit(rows)
    scaler = StandardScaler().fit(rows)
    scaler.mean_, scaler.scale_ = estimator.means, estimator.scales
    scaler.var_ = estimator.scales**2
    logistic = LogisticRegression().fit(rows, labels)
    logistic.coef_ = estimator.coefficients[np.newaxis]
    logistic.intercept_ = np.array([estimator.intercept])
    return Pipeline([("impute", imputer), ("scale", scaler), ("classify", logistic)])


def _boosted(estimator: BoostedEstimator) -> xgboost.XGBClassifier:
    """XGBoost's own classifier; Platt's calibration goes into its leaves and its base score.

    ``slope * (base + leaves) + intercept`` is a sum of scaled leaves over another base, so no
    calibrator is needed around the trees.
    """
    model = json.loads(estimator.booster.save_raw("json"))
    learner = model["learner"]
    base = estimator.slope * base_margin(learner) + estimator.intercept
    probability = float(sigmoid(np.array([base]))[0])
    stored = learner["learner_model_param"]["base_score"]
    written = f"{probability:.9E}"
    learner["learner_model_param"]["base_score"] = f"[{written}]" if "[" in stored else written
    for tree in learner["gradient_booster"]["model"]["trees"]:
        for node, left in enumerate(tree["left_children"]):
            if left == -1:
                tree["split_conditions"][node] *= estimator.slope
                tree["base_weights"][node] *= estimator.slope
    classifier = xgboost.XGBClassifier(n_jobs=1)
    classifier.load_model(bytearray(json.dumps(model).encode()))
    return classifier
