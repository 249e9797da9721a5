"""The classifier that is served: the procedure on all patients, and its bootstrap refits.

The fit that is served is scikit-learn's (or XGBoost's); the refits come from the batched
solver, which tests hold equal to it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import joblib
import numpy as np
import xgboost
from numpy.typing import NDArray
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from models.estimator import BoostedEstimator, LinearEstimator
from models.linear_refits import LinearRefits
from models.trees import TreeEnsembles
from training.choice import Platt, inner_weights
from training.config import EvaluationConfig
from training.errors import TrainingError
from training.estimators import BOOSTED_DEPTHS, BoostedTrees, Family, PenalisedLogistic
from training.procedure import (
    Bools,
    Floats,
    Folds,
    assign_inner_folds,
    check_both_classes,
    run_procedures,
)
from training.training_set import TrainingSet
from training.workers import run_in_workers

CHUNK: Final = 10
"""Bootstrap resamples solved together in one task."""


@dataclass(frozen=True, slots=True)
class Choice:
    """The family and setting that the procedure chose on a training set."""

    family: Family
    setting: int
    platt: Platt

    @property
    def selects(self) -> bool:
        """Whether the family leaves features out, by a penalty that sets coefficients to 0."""
        return bool(self.family.settings[self.setting].get("l1_ratio"))

    @property
    def described(self) -> dict[str, Any]:
        """For people and for `evaluation.json`."""
        return {"family": self.family.name, **self.family.settings[self.setting]}


def choose_on_all(
    training_set: TrainingSet,
    candidates: Sequence[Family],
    config: EvaluationConfig,
    seed: np.random.SeedSequence,
) -> Choice:
    """Repeat the choice on all patients."""
    weight, rng = np.ones(training_set.n_patients), np.random.default_rng(seed)
    y, groups = training_set.is_responder, training_set.groups(config.group_by)
    folds = assign_inner_folds(y, groups, weight, config.inner_folds, rng)
    (result,) = run_procedures(candidates, training_set.features, y, weight[np.newaxis], [folds])
    inner = result.inner[result.chosen]
    return Choice(candidates[result.chosen], inner.setting, inner.platt)


@dataclass(frozen=True, slots=True)
class Refit:
    """One bootstrap refit: linear numbers on the features' own scale, or a booster."""

    intercept: float
    slope: float
    coefficients: Floats | None = None
    medians: Floats | None = None
    booster: bytes | None = None


def resample(
    is_responder: Bools,
    groups: NDArray[np.intp] | None,
    n_folds: int,
    rng: np.random.Generator,
    *,
    max_tries: int = 1000,
) -> tuple[Floats, Folds, int]:
    """One bootstrap resample of patients, with inner folds that it can be cross-validated in.

    Returns
    -------
    How often each patient is drawn (n_patients,), their inner folds (n_patients,), and how many
    resamples before had to be given up: fewer than two different patients of a class (or two
    sites), or a fold whose training set has one class.
    """
    n = len(is_responder)
    for tries in range(max_tries):
        counts = np.bincount(rng.integers(n, size=n), minlength=n).astype(np.float64)
        try:
            folds = assign_inner_folds(is_responder, groups, counts, n_folds, rng)
            check_both_classes(inner_weights(folds, counts, int(folds.max()) + 1) > 0, is_responder)
        except TrainingError:
            continue
        return counts, folds, tries
    raise TrainingError("no bootstrap resample has both classes in every fold")


def run_refits(
    training_set: TrainingSet,
    family: Family,
    config: EvaluationConfig,
    seeds: Sequence[np.random.SeedSequence],
    *,
    jobs: int,
) -> Iterator[tuple[list[Refit], int]]:
    """Refit on bootstrap resamples, the setting chosen anew in each.

    One item per chunk of seeds: its refits, and how many resamples had to be redrawn.
    """
    chunks = [seeds[start : start + CHUNK] for start in range(0, len(seeds), CHUNK)]
    tasks = (joblib.delayed(_refit_chunk)(training_set, family, config, chunk) for chunk in chunks)
    return run_in_workers(tasks, jobs=jobs)


def _refit_chunk(
    training_set: TrainingSet,
    family: Family,
    config: EvaluationConfig,
    seeds: Sequence[np.random.SeedSequence],
) -> tuple[list[Refit], int]:
    features, y = training_set.features, training_set.is_responder
    groups = training_set.groups(config.group_by)
    weights, folds, redrawn = [], [], 0
    for seed in seeds:
        rng = np.random.default_rng(seed)
        counts, inner, tries = resample(y, groups, config.inner_folds, rng)
        redrawn += tries
        weights.append(counts)
        folds.append(inner)
    stacked = np.array(weights)
    results = run_procedures([family], features, y, stacked, folds)
    chosen = [Choice(family, r.inner[0].setting, r.inner[0].platt) for r in results]
    if isinstance(family, PenalisedLogistic):
        return _linear_refits(family, features, y, stacked, chosen), redrawn
    if isinstance(family, BoostedTrees):
        return _boosted_refits(family, features, y, stacked, chosen), redrawn
    raise TypeError(f"no refits for {type(family).__name__}")


def _linear_refits(
    family: PenalisedLogistic,
    features: Floats,
    is_responder: Bools,
    weights: Floats,
    chosen: Sequence[Choice],
) -> list[Refit]:
    standardised, fits = family.fit(features, is_responder, weights)
    intercepts, coefficients = fits.on_raw_scale(standardised)
    return [
        Refit(
            intercept=float(intercepts[row, choice.setting]),
            slope=1.0,
            coefficients=coefficients[row, choice.setting],
            medians=without_patients_values(standardised.medians[row]),
        )
        for row, choice in enumerate(chosen)
    ]


def _boosted_refits(
    family: BoostedTrees,
    features: Floats,
    is_responder: Bools,
    weights: Floats,
    chosen: Sequence[Choice],
) -> list[Refit]:
    refits = []
    for weight, choice in zip(weights, chosen, strict=True):
        setting = family.settings[choice.setting]
        booster = family.fit(features, is_responder, weight, setting["depth"], setting["rounds"])
        trees = bytes(booster.save_raw("ubj"))
        refits.append(Refit(choice.platt.intercept, choice.platt.slope, booster=trees))
    return refits


def without_patients_values(medians: Floats) -> Floats:
    """Medians rounded to three digits: with an odd number of patients they are one's own value."""
    return np.array([float(f"{median:.3g}") for median in medians])


def fit_linear(
    training_set: TrainingSet, choice: Choice, refits: Sequence[Refit]
) -> LinearEstimator:
    """The served logistic regression, fitted by scikit-learn on all patients."""
    setting = choice.family.settings[choice.setting]
    pipeline = fit_pipeline(training_set.features, training_set.is_responder, setting)
    imputer, scaler, logistic = (step for _, step in pipeline.steps)
    return LinearEstimator(
        intercept=float(logistic.intercept_[0]),
        coefficients=logistic.coef_[0],
        medians=without_patients_values(imputer.statistics_),
        means=scaler.mean_,
        scales=scaler.scale_,
        refits=LinearRefits(
            intercepts=np.array([refit.intercept for refit in refits]),
            coefficients=np.array([refit.coefficients for refit in refits]),
            medians=np.array([refit.medians for refit in refits]),
        ),
    )


def fit_pipeline(features: Floats, is_responder: Bools, setting: Mapping[str, float]) -> Pipeline:
    """Median imputation, scaling and penalised logistic regression as scikit-learn fits them."""
    l1_ratio = setting["l1_ratio"]
    logistic = LogisticRegression(
        C=1 / (setting["strength"] * len(features)),
        l1_ratio=l1_ratio,
        solver="saga" if l1_ratio else "newton-cholesky",
        tol=1e-10,
        max_iter=1_000_000,
        random_state=0,
    )
    imputer = SimpleImputer(strategy="median", keep_empty_features=True)
    imputed = imputer.fit_transform(features)
    scaler = StandardScaler().fit(imputed)
    # The mean of equal numbers can be off by rounding, which is then all that a fit would see.
    constant = (imputed == imputed[0]).all(axis=0)
    scaler.mean_[constant] = imputed[0, constant]
    logistic.fit(scaler.transform(imputed), is_responder)
    if not logistic.coef_.any():
        # saga stops by the change of the coefficients, so with all of them 0 it leaves the
        # intercept where it started; its optimum is then the log-odds of the prevalence.
        prevalence = is_responder.mean()
        logistic.intercept_[:] = np.log(prevalence / (1 - prevalence))
    return make_pipeline(imputer, scaler, logistic)


def fit_boosted(
    training_set: TrainingSet, choice: Choice, refits: Sequence[Refit]
) -> BoostedEstimator:
    """The served boosted trees, fitted by XGBoost on all patients."""
    family = choice.family
    if not isinstance(family, BoostedTrees):
        raise TypeError(f"{family.name} is not a boosted family")
    setting = family.settings[choice.setting]
    boosters = []
    for refit in refits:
        booster = xgboost.Booster()
        booster.load_model(bytearray(refit.booster or b""))
        boosters.append(booster)
    booster = family.fit(
        training_set.features,
        training_set.is_responder,
        np.ones(training_set.n_patients),
        setting["depth"],
        setting["rounds"],
    )
    return BoostedEstimator(
        ubj=bytes(booster.save_raw("ubj")),
        booster=booster,
        slope=choice.platt.slope,
        intercept=choice.platt.intercept,
        refits=TreeEnsembles.of_boosters(boosters, depth=max(BOOSTED_DEPTHS)),
        refit_slopes=np.array([refit.slope for refit in refits]),
        refit_intercepts=np.array([refit.intercept for refit in refits]),
    )
