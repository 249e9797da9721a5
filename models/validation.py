"""`validation.json`: a bundle evaluated on patients it has not seen, nothing refitted.

A pure function of a classifier and a cohort; no patient's row is in what it gives. Where it is
kept is in `validation_store.py`.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final, Literal

from analysis.estimate import Estimate
from data.cohort import Cohort, cohort_sha256
from data.evaluable import controls_responding
from models.answered import Answered, answer_cohort, check_both_classes
from models.case_mix import side_by_side
from models.classifier import Classifier
from models.performance import calibration, decisions, lead_in_auc, new_auc, roc
from models.validation_store import TIME, VALIDATION_FORMAT

LEAST_OF_EACH: Final = 100
"""Responders and non-responders that an external validation needs (Collins 2016, Stat Med
35:214; Vergouwe 2005, J Clin Epidemiol 58:475)."""

Verdict = Literal["confirmed", "inconclusive", "failed"]


def validate(classifier: Classifier, cohort: Cohort, *, now: datetime) -> dict[str, Any]:
    """Evaluate a classifier on a cohort that it was not trained on.

    Parameters
    ----------
    now
        Time of the validation, aware of its zone.

    Returns
    -------
    Plain JSON in the shape that `docs/validation.md` documents.

    Raises
    ------
    EvaluationError
        The cohort trained the classifier, has another kind of outcome, or has nobody of a class
        that can be judged and answered.
    """
    answered = answer_cohort(classifier, cohort)
    check_both_classes(answered.is_responder, {**answered.not_evaluable, **answered.not_answered})
    bundle, is_responder = classifier.bundle, answered.is_responder
    auc, claimed = new_auc(answered), bundle.evaluation["auc"]
    verdict, verdict_reason = judge(auc, claimed["value"])
    exploratory_reason = _exploratory_reason(classifier, cohort, auc)
    k, n = controls_responding(cohort, classifier.definition)
    lead_in = lead_in_auc(answered)
    return {
        "format": VALIDATION_FORMAT,
        "simulated": cohort.provenance.simulated or classifier.manifest.simulated,
        "bundle_id": bundle.bundle_id,
        "content_sha256": bundle.content_sha256,
        "validated_at": now.astimezone(UTC).strftime(TIME),
        "cohort": {
            "sha256": cohort_sha256(cohort),
            "simulated": cohort.provenance.simulated,
            "description": cohort.provenance.description,
            "n_patients": len(cohort.patients),
        },
        "task": classifier.task.name,
        "definition": bundle.evaluation["definition"],
        "n_patients": len(is_responder),
        "n_responders": int(is_responder.sum()),
        "not_evaluable": dict(answered.not_evaluable),
        "not_answered": dict(answered.not_answered),
        "control_responders": {"k": k, "n": n},
        "auc": auc.as_dict(),
        "claimed_auc": claimed,
        "references": {} if lead_in is None else {"lead_in_slope": {"auc": lead_in}},
        "roc": [roc(answered.probability, is_responder, auc)],
        "calibration": calibration(answered.probability, is_responder),
        "operating_point": decisions(
            answered.predictions.responder, is_responder, classifier.manifest.operating_point
        ),
        "case_mix": _case_mix(classifier, answered),
        "flags": answered.flagged(classifier),
        "verdict": verdict,
        "verdict_reason": verdict_reason,
        "exploratory": exploratory_reason is not None,
        "exploratory_reason": exploratory_reason,
    }


def judge(auc: Estimate, claimed: float) -> tuple[Verdict, str]:
    """What an AUC in new patients says about the one that was claimed, in one sentence.

    Failed: at most one half, or even its upper limit below the claim. Confirmed: its lower limit
    above one half, and not failed. Otherwise there were too few patients to tell.

    Examples
    --------
    >>> judge(Estimate(0.72, 0.61, 0.81, 0.95, "logit_delong", 60, 50), 0.75)[0]
    'confirmed'
    >>> judge(Estimate(0.72, 0.61, 0.81, 0.95, "logit_delong", 60, 50), 0.85)[0]
    'failed'
    """
    found = (
        f"the AUC in {auc.n_cases} responders and {auc.n_controls} non-responders is "
        f"{auc.value:.2f} ({100 * auc.level:g} % interval {auc.lower:.2f} to {auc.upper:.2f})"
    )
    if auc.value <= 0.5:
        return "failed", f"{found}, no better than chance; {claimed:.2f} was claimed"
    if auc.upper < claimed:
        return "failed", f"{found}, and all of the interval is below the claimed {claimed:.2f}"
    if auc.lower > 0.5:
        return (
            "confirmed",
            f"{found}: above one half, and compatible with the claimed {claimed:.2f}",
        )
    return (
        "inconclusive",
        f"{found}: too few patients to tell the claimed {claimed:.2f} from one half",
    )


def _case_mix(classifier: Classifier, answered: Answered) -> dict[str, Any]:
    """New patients beside those who trained; old bundles know only their prevalence."""
    evaluation = classifier.bundle.evaluation
    n, k = evaluation["n_patients"], evaluation["n_responders"]
    known: Mapping[str, Any] = {"prevalence": {"n": n, "n_responders": k, "value": k / n}}
    return side_by_side(answered.case_mix(classifier), evaluation.get("case_mix", known))


def _exploratory_reason(classifier: Classifier, cohort: Cohort, auc: Estimate) -> str | None:
    """Why a validation settles nothing yet; None where nothing says so."""
    reasons = []
    if min(auc.n_cases, auc.n_controls) < LEAST_OF_EACH:
        reasons.append(
            f"{auc.n_cases} responders and {auc.n_controls} non-responders where {LEAST_OF_EACH} "
            "of each are needed (Collins 2016)"
        )
    if cohort.provenance.simulated:
        reasons.append("the cohort is simulated")
    if classifier.manifest.simulated:
        reasons.append("the classifier was trained on simulated patients")
    return "; ".join(reasons) or None
