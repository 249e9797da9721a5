"""`evaluation.json`: every number about a classifier, computed once from out-of-fold scores.

Card, API and pages read it from there. No patient's row is in it.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

from analysis.sample_size import SampleSize, required_sample_size
from data.cohort import Cohort
from data.evaluable import controls_responding
from models.case_mix import case_mix
from training.config import EvaluationConfig
from training.fold_aucs import compare_with, constant_auc, cross_validated_auc, folds_of, other_aucs
from training.nested_cv import LEAD_IN, PROCEDURE, Repeat
from training.out_of_fold import calibration, net_benefit, operating_point
from training.rocs import rocs
from training.subgroups import subgroups
from training.training_set import TrainingSet

EVALUATION_FORMAT: Final = 1


def evaluate(
    cohort: Cohort,
    training_set: TrainingSet,
    repeats: Sequence[Repeat],
    config: EvaluationConfig,
    *,
    chosen: Mapping[str, Any],
) -> dict[str, Any]:
    """Everything that out-of-fold scores say about how much to believe a classifier.

    What needs more fits (permutations, optimism, stability, controls) is added by `run.py`.

    Returns
    -------
    Plain JSON in the shape that `docs/api.md` documents.
    """
    aucs = {name: cross_validated_auc(name, training_set, repeats) for name in repeats[0].scores}
    references = {"prevalence": constant_auc(training_set)}
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
        "auc_otherwise": dict(other_aucs(training_set, repeats)),
        "candidates": {name: {"auc": found.as_dict()} for name, found in aucs.items()},
        "references": {name: {"auc": found.as_dict()} for name, found in references.items()},
        "procedure_less": compare_with([*aucs, *references], training_set, repeats),
        "roc": rocs(cohort, training_set, repeats, procedure),
        "calibration": calibration(training_set, repeats),
        "operating_point": operating_point(training_set, repeats),
        "decision_curve": net_benefit(training_set, repeats),
        "subgroups": subgroups(training_set, repeats),
        "case_mix": case_mix(
            training_set.recipe,
            training_set.columns,
            training_set.features,
            training_set.is_responder,
            [repeat.scores[PROCEDURE] for repeat in repeats],
        ),
        "folds": folds_of(training_set, repeats),
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


def _chosen_in_folds(repeats: Sequence[Repeat]) -> dict[str, int]:
    """How often each family was chosen over all outer folds."""
    return dict(sorted(Counter(name for r in repeats for name, _ in r.chosen).items()))


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
