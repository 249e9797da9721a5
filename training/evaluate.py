"""`evaluation.json`: every number about a classifier, computed once from out-of-fold scores.

Card, API and pages read it from there. No patient's row is in it.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from analysis.calibration import brier_score, recalibrate
from analysis.cross_validated_auc import nadeau_bengio
from analysis.errors import SeparatedError
from analysis.estimate import Estimate
from analysis.operating_point import choose_youden
from analysis.proportions import wilson
from analysis.roc import auc
from analysis.sample_size import SampleSize, required_sample_size
from data.cohort import Cohort
from data.evaluable import controls_responding
from models.canonical import canonical_json, sha256
from models.case_mix import case_mix
from models.scorer import sigmoid
from training.config import EvaluationConfig
from training.nested_cv import LEAD_IN, PROCEDURE, Repeat
from training.procedure import Floats
from training.rocs import rocs
from training.training_set import TrainingSet

EVALUATION_FORMAT: Final = 1
LEVEL: Final = 0.95
NORMAL_QUANTILE: Final = 1.959963984540054
OPERATING_RULE: Final = "youden"
LEAST_SPREAD: Final = 0.1
"""Spread of scores within folds (SD) [log-odds] below which no slope is judged (our choice)."""
_LARGEST_LOG_ODDS: Final = 30.0
"""Beyond it a probability is 0 or 1 to thirteen digits; recalibration needs it in between."""


def evaluate(
    cohort: Cohort,
    training_set: TrainingSet,
    repeats: Sequence[Repeat],
    config: EvaluationConfig,
    *,
    chosen: Mapping[str, Any],
) -> dict[str, Any]:
    """Everything that is said about how much to believe a classifier.

    Returns
    -------
    Plain JSON in the shape that `docs/api.md` documents.
    """
    aucs = {name: cross_validated_auc(name, training_set, repeats) for name in repeats[0].scores}
    references = {"prevalence": _constant(training_set)}
    if LEAD_IN in aucs:
        references[LEAD_IN] = aucs.pop(LEAD_IN)
    procedure = aucs.pop(PROCEDURE)
    needed = required_sample_size(
        n_parameters=len(training_set.recipe),
        prevalence=training_set.n_responders / training_set.n_patients,
        anticipated_auc=config.anticipated_auc,
    )
    reason = _exploratory_reason(cohort, training_set, needed)
    definition = training_set.definition
    k, n = controls_responding(cohort, definition)
    return {
        "format": EVALUATION_FORMAT,
        "simulated": cohort.provenance.simulated,
        "task": training_set.task.name,
        "definition": {
            "name": definition.name,
            "percent": definition.percent,
            "points": definition.points,
            "horizon_months": definition.horizon_months,
        },
        "n_patients": training_set.n_patients,
        "n_responders": training_set.n_responders,
        "not_evaluable": dict(training_set.not_evaluable),
        "control_responders": {"k": k, "n": n},
        "warnings": list(training_set.warnings),
        "chosen": dict(chosen),
        "chosen_in_folds": _chosen_in_folds(repeats),
        "auc": procedure.as_dict(),
        "candidates": {name: {"auc": found.as_dict()} for name, found in aucs.items()},
        "references": {name: {"auc": found.as_dict()} for name, found in references.items()},
        "roc": rocs(cohort, training_set, repeats, procedure),
        "calibration": _calibration(training_set, repeats),
        "operating_point": _operating_point(training_set, repeats),
        "case_mix": case_mix(
            training_set.recipe,
            training_set.columns,
            training_set.features,
            training_set.is_responder,
            [repeat.scores[PROCEDURE] for repeat in repeats],
        ),
        "folds": _folds(training_set, repeats),
        "sample_size": {
            "required": needed.required,
            "actual": training_set.n_patients,
            "criteria": dict(needed.criteria),
            "n_parameters": needed.n_parameters,
            "anticipated_auc": needed.anticipated_auc,
            "prevalence": needed.prevalence,
        },
        "exploratory": reason is not None,
        "exploratory_reason": reason,
    }


def _classes(training_set: TrainingSet) -> dict[str, int]:
    n_cases = training_set.n_responders
    return {"n_cases": n_cases, "n_controls": training_set.n_patients - n_cases}


def cross_validated_auc(
    name: str, training_set: TrainingSet, repeats: Sequence[Repeat]
) -> Estimate:
    """Mean AUC within folds, over folds and repeats; never of pooled scores."""
    aucs = _fold_aucs(name, training_set, repeats)
    n_train, n_test = _fold_sizes(training_set, repeats)
    return nadeau_bengio(aucs, n_train=n_train, n_test=n_test, **_classes(training_set))


def _fold_aucs(name: str, training_set: TrainingSet, repeats: Sequence[Repeat]) -> list[float]:
    """AUC within each fold that held out both classes, in order."""
    y = training_set.is_responder
    return [
        auc(repeat.scores[name][at], y[at], direction="higher_is_case")
        for repeat in repeats
        for fold in repeat.judged_folds(y)
        for at in [repeat.folds == fold]
    ]


def _fold_sizes(training_set: TrainingSet, repeats: Sequence[Repeat]) -> tuple[float, float]:
    """Mean numbers of patients in training and test folds."""
    y = training_set.is_responder
    sizes = [(r.folds == fold).sum() for r in repeats for fold in r.judged_folds(y)]
    n_test = float(np.mean(sizes))
    return training_set.n_patients - n_test, n_test


def _folds(training_set: TrainingSet, repeats: Sequence[Repeat]) -> dict[str, Any]:
    """AUCs fold by fold, and a digest that is equal only for the same patients in the same folds.

    The digest stands for ids, outcomes and folds, none of which is kept.
    """
    of_whom = {
        "patient_ids": [pair.patient_id for pair in training_set.pairs],
        "is_responder": training_set.is_responder.tolist(),
        "folds": [repeat.folds.tolist() for repeat in repeats],
    }
    n_train, n_test = _fold_sizes(training_set, repeats)
    return {
        "sha256": sha256(canonical_json(of_whom)),
        "n_train": n_train,
        "n_test": n_test,
        "aucs": {name: _fold_aucs(name, training_set, repeats) for name in repeats[0].scores},
    }


def _constant(training_set: TrainingSet) -> Estimate:
    """The prevalence gives everybody the same probability: its AUC is one half by definition."""
    return Estimate(0.5, 0.5, 0.5, LEVEL, "by_definition", **_classes(training_set))


def _chosen_in_folds(repeats: Sequence[Repeat]) -> dict[str, int]:
    """How often each family was chosen over all outer folds."""
    return dict(sorted(Counter(name for r in repeats for name, _ in r.chosen).items()))


def _calibration(training_set: TrainingSet, repeats: Sequence[Repeat]) -> dict[str, Any]:
    """Calibration of out-of-fold probabilities, judged per repeat and averaged.

    Slope and intercept only where the scores vary within folds: below `LEAST_SPREAD`, what is
    left is the difference in prevalence between folds, and its slope means nothing.
    """
    y = training_set.is_responder
    judged, overall, briers = [], [], []
    reasons: Counter[str] = Counter()
    for repeat in repeats:
        log_odds = np.clip(repeat.scores[PROCEDURE], -_LARGEST_LOG_ODDS, _LARGEST_LOG_ODDS)
        probabilities = sigmoid(log_odds)
        briers.append(brier_score(probabilities, y))
        try:
            found = recalibrate(probabilities, y)
        except SeparatedError:
            reasons["classes_separated"] += 1
            continue
        overall.append((found.in_the_large, found.in_the_large_se))
        if found.slope is None or _spread_within_folds(log_odds, repeat) < LEAST_SPREAD:
            reasons["probabilities_nearly_constant"] += 1
        else:
            judged.append(found)
    prevalence = training_set.n_responders / training_set.n_patients
    return {
        "slope": _mean_wald(training_set, [(r.slope, r.slope_se) for r in judged]),
        "intercept": _mean_wald(training_set, [(r.intercept, r.intercept_se) for r in judged]),
        "in_the_large": _mean_wald(training_set, overall),
        "brier": float(np.mean(briers)),
        "brier_of_prevalence": prevalence * (1 - prevalence),
        "n_repeats": len(repeats),
        "repeats_without_slope": dict(sorted(reasons.items())),
    }


def _spread_within_folds(log_odds: Floats, repeat: Repeat) -> float:
    """Standard deviation of the scores around their fold's mean [log-odds]."""
    sizes = np.bincount(repeat.folds)
    means = np.bincount(repeat.folds, weights=log_odds) / sizes
    return float(np.sqrt(np.mean((log_odds - means[repeat.folds]) ** 2)))


def _mean_wald(
    training_set: TrainingSet, found: Sequence[tuple[float | None, float | None]]
) -> dict[str, Any] | None:
    """Mean over repeats with the mean Wald interval; None where no repeat could be judged.

    Repeats share their patients, so that averaging them does not narrow the interval.
    """
    if not found:
        return None
    values, errors = np.array(found, dtype=np.float64).T
    value, error = float(values.mean()), float(np.sqrt((errors**2).mean()))
    reach = NORMAL_QUANTILE * error
    method = "wald_mean_over_repeats"
    estimate = Estimate(
        value, value - reach, value + reach, LEVEL, method, **_classes(training_set)
    )
    return estimate.as_dict()


def _operating_point(training_set: TrainingSet, repeats: Sequence[Repeat]) -> dict[str, Any]:
    """The served threshold, with sensitivity and specificity of choosing it in inner folds."""
    y = training_set.is_responder
    thresholds = [choose_youden(sigmoid(repeat.scores[PROCEDURE]), y) for repeat in repeats]
    called = np.mean([repeat.called for repeat in repeats], axis=0)
    return {
        "threshold": float(np.median(thresholds)),
        "rule": OPERATING_RULE,
        "sensitivity": _proportion(training_set, float(called[y].sum()), int(y.sum())),
        "specificity": _proportion(training_set, float((1 - called[~y]).sum()), int((~y).sum())),
    }


def _proportion(training_set: TrainingSet, k: float, n: int) -> dict[str, Any]:
    """A mean over repeats with Wilson's interval; n is patients, never patients x repeats."""
    lower, upper = wilson(min(k, float(n)), n, level=LEVEL)
    return Estimate(k / n, lower, upper, LEVEL, "wilson", **_classes(training_set)).as_dict()


def _exploratory_reason(
    cohort: Cohort, training_set: TrainingSet, needed: SampleSize
) -> str | None:
    """Why a classifier is exploratory; None where nothing says so."""
    reasons = []
    if training_set.n_patients < needed.required:
        reasons.append(
            f"{training_set.n_patients} patients trained it where {needed.required} are needed "
            f"for {needed.n_parameters} candidate features at an anticipated AUC of "
            f"{needed.anticipated_auc:g} (Riley 2020)"
        )
    if cohort.provenance.simulated:
        reasons.append("its cohort is simulated")
    return "; ".join(reasons) or None
