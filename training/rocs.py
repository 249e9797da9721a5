"""The ROC curves of an evaluation, both families: responders, and before versus after.

`responder_vs_nonresponder`: the whole procedure out of fold, and each analyte alone.
`pre_vs_post`: each analyte before and after treatment in the same patients, clustered by
patient; it says nothing about who responds (Oh 2018, Figure 3A). Thresholds lie between the
observed values, so that no patient's value is published.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final, Literal

import numpy as np

from analysis.auc_interval import auc_interval
from analysis.average_roc import average_roc
from analysis.clustered_roc import clustered_auc_interval
from analysis.estimate import Estimate
from analysis.fold_band import fold_band
from analysis.roc import RocCurve, roc_curve
from analysis.round_thresholds import round_thresholds
from data.cohort import Cohort
from data.panel import Task, choose_pair
from models.columns import BASELINE, FOLLOW_UP, columns_of_pairs
from models.features import levels
from models.scorer import sigmoid
from training.fold_aucs import fold_sizes
from training.nested_cv import PROCEDURE, Repeat
from training.training_set import TrainingSet

LEAST_PAIRS: Final = 3
"""Complete pairs below which no ROC of before versus after is drawn (our choice)."""

BAND_AT: Final = tuple(round(0.05 * step, 2) for step in range(21))
"""Specificities at which the band around the procedure's curve is told."""

_ALONE: Final = {
    "pretreatment": ("log_concentration", "value"),
    "on_treatment": ("log_ratio", "change"),
}
"""Feature functions of one analyte alone, by task."""


def rocs(
    cohort: Cohort, training_set: TrainingSet, repeats: Sequence[Repeat], auc: Estimate
) -> list[dict[str, Any]]:
    """All ROC objects of an evaluation, the procedure's first.

    Parameters
    ----------
    auc
        The cross-validated AUC of the procedure, computed elsewhere once.
    """
    return [
        _procedure(training_set, repeats, auc),
        *_analytes_alone(training_set),
        *_before_after(cohort, training_set),
    ]


def _roc(
    family: Literal["responder_vs_nonresponder", "pre_vs_post"],
    score: str,
    curve: RocCurve,
    auc: Estimate,
    *,
    case: str,
    n_patients: int,
    unit: str,
) -> dict[str, Any]:
    return {
        "family": family,
        "score": score,
        "unit": unit,
        "direction": curve.direction,
        "case": case,
        "n_patients": n_patients,
        "auc": auc.as_dict(),
        "points": curve.points(),
    }


def _procedure(
    training_set: TrainingSet, repeats: Sequence[Repeat], auc: Estimate
) -> dict[str, Any]:
    """The vertical average of the fold curves; its area is the mean of the fold AUCs."""
    curves = []
    for repeat in repeats:
        probabilities = sigmoid(repeat.scores[PROCEDURE])
        for fold in repeat.judged_folds(training_set.is_responder):
            at = repeat.folds == fold
            curves.append(
                roc_curve(
                    probabilities[at], training_set.is_responder[at], direction="higher_is_case"
                )
            )
    n_cases = training_set.n_responders
    curve = average_roc(curves, n_cases=n_cases, n_controls=training_set.n_patients - n_cases)
    drawn = _roc(
        "responder_vs_nonresponder",
        "model",
        curve,
        auc,
        case="responder",
        n_patients=training_set.n_patients,
        unit="probability",
    )
    return drawn | {"band": _band(curves, *fold_sizes(training_set, repeats))}


def _band(curves: Sequence[RocCurve], n_train: float, n_test: float) -> dict[str, Any]:
    """Limits of the mean sensitivity at each specificity alone, by the AUC's own method."""
    found = fold_band(curves, BAND_AT, n_train=n_train, n_test=n_test)
    names = ("specificity", "sensitivity", "lower", "upper")
    columns = (getattr(found, name).tolist() for name in names)
    return {
        "level": found.level,
        "method": "corrected_resampled_t_pointwise",
        "points": [dict(zip(names, point, strict=True)) for point in zip(*columns, strict=True)],
    }


def _analytes_alone(training_set: TrainingSet) -> Iterator[dict[str, Any]]:
    for index, feature in enumerate(training_set.recipe):
        if feature.function not in _ALONE[training_set.task.name]:
            continue
        known = ~np.isnan(training_set.features[:, index])
        scores, cases = training_set.features[known, index], training_set.is_responder[known]
        if cases.all() or not cases.any():
            continue
        yield _roc(
            "responder_vs_nonresponder",
            feature.name,
            round_thresholds(roc_curve(scores, cases, direction=feature.direction)),
            auc_interval(scores, cases, direction=feature.direction),
            case="responder",
            n_patients=int(known.sum()),
            unit=feature.unit,
        )


def _before_after(cohort: Cohort, training_set: TrainingSet) -> Iterator[dict[str, Any]]:
    """Every treated patient with both panels counts, evaluable or not."""
    task = Task("on_treatment", training_set.task.follow_up_month, training_set.task.window_months)
    pairs = [
        choose_pair(patient.patient_id, patient.panels, task, horizon_months=None)
        for patient in cohort.of_arm("msc")
    ]
    complete = [pair for pair in pairs if pair is not None]
    if len(complete) < LEAST_PAIRS:
        return
    measured = levels(columns_of_pairs(complete, training_set.analytes)).plain
    for index, analyte in enumerate(training_set.analytes):
        before, after = measured[:, BASELINE, index], measured[:, FOLLOW_UP, index]
        both = ~np.isnan(before) & ~np.isnan(after)
        if both.sum() < LEAST_PAIRS:
            continue
        scores = np.concatenate([before[both], after[both]])
        is_after = np.repeat([False, True], both.sum())
        yield _roc(
            "pre_vs_post",
            analyte.name,
            round_thresholds(roc_curve(scores, is_after, direction=analyte.direction)),
            clustered_auc_interval(before[both], after[both], direction=analyte.direction),
            case="after treatment",
            n_patients=int(both.sum()),
            unit=analyte.unit,
        )
