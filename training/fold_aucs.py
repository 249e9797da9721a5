"""AUCs within the folds of repeated cross-validation, their mean, and paired differences.

Means are over folds, then repeats; never of pooled scores, which come from different fits.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from analysis.auc_difference import fold_auc_difference
from analysis.cross_validated_auc import nadeau_bengio
from analysis.ensemble_auc import ensemble_auc
from analysis.estimate import Estimate
from analysis.influence_curve_auc import influence_curve_auc
from analysis.roc import auc
from models.canonical import canonical_json, sha256
from models.scorer import sigmoid
from training.nested_cv import PROCEDURE, Repeat
from training.training_set import TrainingSet

LEVEL: Final = 0.95


def class_sizes_of(training_set: TrainingSet) -> dict[str, int]:
    """Responders and others, as estimates carry them."""
    n_cases = training_set.n_responders
    return {"n_cases": n_cases, "n_controls": training_set.n_patients - n_cases}


def cross_validated_auc(
    name: str, training_set: TrainingSet, repeats: Sequence[Repeat]
) -> Estimate:
    """Mean AUC within folds, over folds and repeats; never of pooled scores."""
    aucs = fold_aucs(name, training_set, repeats)
    n_train, n_test = fold_sizes(training_set, repeats)
    return nadeau_bengio(aucs, n_train=n_train, n_test=n_test, **class_sizes_of(training_set))


def mean_auc(name: str, training_set: TrainingSet, repeats: Sequence[Repeat]) -> float:
    """Mean AUC within folds."""
    return float(np.mean(fold_aucs(name, training_set, repeats)))


def fold_aucs(name: str, training_set: TrainingSet, repeats: Sequence[Repeat]) -> list[float]:
    """AUC within each fold that held out both classes, in order."""
    y = training_set.is_responder
    return [
        auc(repeat.scores[name][at], y[at], direction="higher_is_case")
        for repeat in repeats
        for fold in repeat.judged_folds(y)
        for at in [repeat.folds == fold]
    ]


def fold_sizes(training_set: TrainingSet, repeats: Sequence[Repeat]) -> tuple[float, float]:
    """Mean numbers of patients in training and test folds."""
    y = training_set.is_responder
    sizes = [(r.folds == fold).sum() for r in repeats for fold in r.judged_folds(y)]
    n_test = float(np.mean(sizes))
    return training_set.n_patients - n_test, n_test


def folds_of(training_set: TrainingSet, repeats: Sequence[Repeat]) -> dict[str, Any]:
    """AUCs fold by fold, and a digest that is equal only for the same patients in the same folds.

    The digest stands for ids, outcomes and folds, none of which is kept.
    """
    of_whom = {
        "patient_ids": [pair.patient_id for pair in training_set.pairs],
        "is_responder": training_set.is_responder.tolist(),
        "folds": [repeat.folds.tolist() for repeat in repeats],
    }
    n_train, n_test = fold_sizes(training_set, repeats)
    return {
        "sha256": sha256(canonical_json(of_whom)),
        "n_train": n_train,
        "n_test": n_test,
        "aucs": {name: fold_aucs(name, training_set, repeats) for name in repeats[0].scores},
    }


def constant_auc(training_set: TrainingSet) -> Estimate:
    """The prevalence gives everybody the same probability: its AUC is one half by definition."""
    return Estimate(0.5, 0.5, 0.5, LEVEL, "by_definition", **class_sizes_of(training_set))


def compare_with(
    others: Sequence[str], training_set: TrainingSet, repeats: Sequence[Repeat]
) -> dict[str, dict[str, Any]]:
    """The procedure less each other model (or ``prevalence``), fold by fold on the same patients.

    Corrected resampled t, as for the AUC itself; positive speaks for the procedure.
    """
    n_train, n_test = fold_sizes(training_set, repeats)
    of_procedure = fold_aucs(PROCEDURE, training_set, repeats)
    compared = {}
    for name in others:
        other = (
            [0.5] * len(of_procedure)
            if name == "prevalence"
            else fold_aucs(name, training_set, repeats)
        )
        found = fold_auc_difference(
            of_procedure, other, n_train=n_train, n_test=n_test, **class_sizes_of(training_set)
        )
        compared[name] = {"difference": found.difference.as_dict(), "p": found.p}
    return compared


def other_aucs(training_set: TrainingSet, repeats: Sequence[Repeat]) -> Mapping[str, Any]:
    """What others would have called the AUC, for comparison; the headline is the mean of folds.

    ``influence_curve``: the same value with LeDell's interval, too short in folds this small;
    None where whole sites were held out and a fold has one class.
    ``ensemble``: of each patient's mean probability over repeats, which judges an average of
    many models and not the one that is served, and pools folds; None of one repeat.
    """
    y = training_set.is_responder
    scores = np.array([repeat.scores[PROCEDURE] for repeat in repeats])
    folds = np.array([repeat.folds for repeat in repeats])
    curve = ensemble = None
    if all(len(repeat.judged_folds(y)) == repeat.folds.max() + 1 for repeat in repeats):
        found = influence_curve_auc(scores, y, folds, direction="higher_is_case")
        curve = found.as_dict()
    if len(repeats) > 1:
        ensemble = ensemble_auc(sigmoid(scores), y, direction="higher_is_case").as_dict()
    return {"influence_curve": curve, "ensemble": ensemble}
