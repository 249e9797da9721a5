"""Two bundles against each other: on new patients that both answer, or over the same folds.

Differences are first minus second: a positive AUC difference speaks for the first, a positive
difference in Brier score or log-loss against it.
"""

import math
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr, stdtrit

from analysis.auc_difference import AucDifference, fold_auc_difference, paired_auc_difference
from analysis.errors import TooFewError
from analysis.estimate import Estimate
from data.cohort import Cohort, cohort_sha256
from models.answered import Answered, answer_cohort, check_both_classes
from models.bundle import Bundle
from models.classifier import Classifier
from models.errors import EvaluationError
from models.scorer import LEVEL, Floats

COMPARISON_FORMAT: Final = 1
_JUDGED: Final = ("name", "percent", "points", "horizon_months")


def compare_on_patients(first: Classifier, second: Classifier, cohort: Cohort) -> dict[str, Any]:
    """Let two classifiers answer the same patients, whom neither has seen.

    Only patients whom both answer count. Tasks may differ; the definition of a responder may not.

    Raises
    ------
    EvaluationError
        The definitions differ, the cohort trained one of the two, or fewer than two responders
        or non-responders are answered by both.
    """
    _check_definitions(first.bundle, second.bundle)
    a, b = answer_cohort(first, cohort), answer_cohort(second, cohort)
    rows_a, rows_b = _shared_rows(a, b)
    y = a.is_responder[rows_a]
    only = {
        "answered_by_first_only": len(a.pairs) - len(y),
        "answered_by_second_only": len(b.pairs) - len(y),
    }
    check_both_classes(y, only)
    score_a, score_b = a.score[rows_a], b.score[rows_b]
    try:
        auc = paired_auc_difference(score_a, score_b, y, direction="higher_is_case", level=LEVEL)
    except TooFewError as error:
        raise EvaluationError(
            f"{int(y.sum())} responders and {int((~y).sum())} non-responders are answered by both; "
            "at least two of each are needed"
        ) from error
    probability_a, probability_b = a.probability[rows_a], b.probability[rows_b]
    called_a, called_b = a.predictions.responder[rows_a], b.predictions.responder[rows_b]
    return {
        **_heading(first.bundle, second.bundle, "same_patients"),
        "simulated": cohort.provenance.simulated
        or first.manifest.simulated
        or second.manifest.simulated,
        "cohort": {
            "sha256": cohort_sha256(cohort),
            "description": cohort.provenance.description,
            "n_patients": len(cohort.patients),
        },
        "n_patients": len(y),
        "n_responders": int(y.sum()),
        **only,
        "auc": _auc(auc),
        "brier": _paired_mean((probability_a - y) ** 2, (probability_b - y) ** 2, y),
        "log_loss": _paired_mean(_log_loss(score_a, y), _log_loss(score_b, y), y),
        "decisions": _agreement(called_a, called_b),
    }


def compare_folds(first: Bundle, second: Bundle) -> dict[str, Any]:
    """Compare the cross-validated AUCs of two bundles, fold by fold.

    Raises
    ------
    EvaluationError
        The definitions differ, or the two were not evaluated on the same patients in the same
        folds.
    """
    _check_definitions(first, second)
    a, b = first.evaluation.get("folds"), second.evaluation.get("folds")
    if a is None or b is None or a["sha256"] != b["sha256"]:
        raise EvaluationError(
            f"bundles {first.bundle_id} and {second.bundle_id} were not evaluated on the same "
            "patients in the same folds: a folder of patients that neither has seen is needed"
        )
    n, k = first.evaluation["n_patients"], first.evaluation["n_responders"]
    auc = fold_auc_difference(
        a["aucs"]["procedure"],
        b["aucs"]["procedure"],
        n_train=a["n_train"],
        n_test=a["n_test"],
        n_cases=k,
        n_controls=n - k,
        level=LEVEL,
    )
    return {
        **_heading(first, second, "same_folds"),
        "simulated": first.manifest.simulated,
        "n_patients": n,
        "n_responders": k,
        "n_folds": len(a["aucs"]["procedure"]),
        "auc": _auc(auc),
    }


def _check_definitions(first: Bundle, second: Bundle) -> None:
    one, other = first.manifest.definition, second.manifest.definition
    if any(getattr(one, name) != getattr(other, name) for name in _JUDGED):
        raise EvaluationError(
            f"bundles {first.bundle_id} and {second.bundle_id} define a responder differently; "
            "only classifiers of one definition can be compared"
        )


def _heading(first: Bundle, second: Bundle, on: str) -> dict[str, Any]:
    both = [
        {"bundle_id": bundle.bundle_id, "task": bundle.manifest.task.name}
        for bundle in (first, second)
    ]
    return {
        "format": COMPARISON_FORMAT,
        "compared_on": on,
        "first": both[0],
        "second": both[1],
        "same_task": both[0]["task"] == both[1]["task"],
        "definition": first.evaluation["definition"],
    }


def _shared_rows(a: Answered, b: Answered) -> tuple[list[int], list[int]]:
    """Rows of the same patients in both, in the cohort's order."""
    row_in_b = {pair.patient_id: row for row, pair in enumerate(b.pairs)}
    shared = [
        (row, row_in_b[pair.patient_id])
        for row, pair in enumerate(a.pairs)
        if pair.patient_id in row_in_b
    ]
    return [row for row, _ in shared], [row for _, row in shared]


def _auc(found: AucDifference) -> dict[str, Any]:
    return {
        "first": found.first,
        "second": found.second,
        "difference": found.difference.as_dict(),
        "z": found.z,
        "degrees_of_freedom": found.degrees_of_freedom,
        "p": found.p,
    }


def _paired_mean(first: Floats, second: Floats, is_responder: NDArray[np.bool_]) -> dict[str, Any]:
    """Mean losses and their mean difference within patients, with Student's interval and p."""
    difference = first - second
    n, k = len(difference), int(is_responder.sum())
    value, error = float(difference.mean()), float(difference.std(ddof=1)) / math.sqrt(n)
    reach = float(stdtrit(n - 1, (1 + LEVEL) / 2)) * error
    p = float(2 * stdtr(n - 1, -abs(value) / error)) if error else None
    estimate = Estimate(value, value - reach, value + reach, LEVEL, "paired_t", k, n - k)
    return {
        "first": float(first.mean()),
        "second": float(second.mean()),
        "difference": estimate.as_dict(),
        "p": 1.0 if value == 0 else p,
    }


def _log_loss(score: Floats, is_responder: NDArray[np.bool_]) -> Floats:
    """Of each patient, from the score: finite for any of them."""
    return np.asarray(np.logaddexp(0.0, np.where(is_responder, -score, score)))


def _agreement(first: NDArray[np.bool_], second: NDArray[np.bool_]) -> dict[str, Any]:
    """Two by two: who is called a responder by both, by one, by neither."""
    return {
        "both": int((first & second).sum()),
        "first_only": int((first & ~second).sum()),
        "second_only": int((~first & second).sum()),
        "neither": int((~first & ~second).sum()),
        "agreement": float((first == second).mean()),
    }
