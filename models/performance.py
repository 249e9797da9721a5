"""How a fixed classifier does on patients it has not seen: AUC, calibration, decisions.

The patients are independent of the fit, so the intervals are those of fixed scores; for
cross-validated ones see `training.evaluate`.
"""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from analysis.auc_interval import auc_interval
from analysis.calibration import Recalibration, brier_score, recalibrate
from analysis.errors import SeparatedError
from analysis.estimate import Estimate
from analysis.proportions import wilson
from analysis.roc import roc_curve
from analysis.round_thresholds import round_thresholds
from models.answered import Answered
from models.manifest import OperatingPoint
from models.scorer import LEVEL, Floats, sigmoid

_LARGEST_LOG_ODDS: Final = 30.0
"""Beyond it a probability is 0 or 1 to thirteen digits; recalibration needs it in between."""


def new_auc(answered: Answered) -> Estimate:
    """AUC of the score in new patients; its direction was fixed when the classifier was made."""
    return auc_interval(answered.score, answered.is_responder, direction="higher_is_case")


def roc(probability: Floats, is_responder: NDArray[np.bool_], auc: Estimate) -> dict[str, Any]:
    """The ROC object of the classifier in new patients; thresholds are no patient's probability."""
    curve = roc_curve(probability, is_responder, direction="higher_is_case")
    return {
        "family": "responder_vs_nonresponder",
        "score": "model",
        "unit": "probability",
        "direction": curve.direction,
        "case": "responder",
        "n_patients": len(is_responder),
        "auc": auc.as_dict(),
        "points": round_thresholds(curve).points(),
    }


def lead_in_auc(answered: Answered) -> dict[str, Any] | None:
    """AUC of the lead-in slope alone, steeper decline speaking for a responder.

    What regression to the mean gives without any cytokine; None where a slope is missing.
    """
    slopes = np.array(answered.lead_in_slopes, dtype=np.float64)
    if np.isnan(slopes).any():
        return None
    return auc_interval(slopes, answered.is_responder, direction="lower_is_case").as_dict()


def calibration(probability: Floats, is_responder: NDArray[np.bool_]) -> dict[str, Any]:
    """How well probabilities agree with outcomes.

    Parameters
    ----------
    probability
        Shape (n_patients,).
    is_responder
        Shape (n_patients,), both classes present.

    Returns
    -------
    `slope`, `intercept` and `in_the_large` with Wald intervals, None where `without_slope` says
    why; Brier score beside that of these patients' own prevalence; responders `observed`,
    `expected` and their ratio, whose interval takes the expected number as fixed.
    """
    fitted, reason = _recalibrated(probability, is_responder)
    k, n = int(is_responder.sum()), len(is_responder)
    sizes, expected = (k, n - k), float(probability.sum())
    names = ("slope", "intercept", "in_the_large")
    wald = {
        name: _wald(getattr(fitted, name, None), getattr(fitted, f"{name}_se", None), sizes)
        for name in names
    }
    lower, upper = (n * limit / expected for limit in wilson(k, n, level=LEVEL))
    ratio = Estimate(k / expected, lower, upper, LEVEL, "wilson_over_expected", *sizes)
    return {
        **wald,
        "without_slope": reason,
        "brier": brier_score(probability, is_responder),
        "brier_of_prevalence": k / n * (1 - k / n),
        "observed": k,
        "expected": expected,
        "observed_over_expected": ratio.as_dict(),
    }


def _recalibrated(
    probability: Floats, is_responder: NDArray[np.bool_]
) -> tuple[Recalibration | None, str | None]:
    """The recalibration model, and why there is no slope in it."""
    ends = sigmoid(np.array([-_LARGEST_LOG_ODDS, _LARGEST_LOG_ODDS]))
    try:
        fitted = recalibrate(np.clip(probability, *ends), is_responder)
    except SeparatedError:
        return None, "classes_separated"
    return fitted, "probabilities_constant" if fitted.slope is None else None


def _wald(
    value: float | None, error: float | None, sizes: tuple[int, int]
) -> dict[str, Any] | None:
    if value is None or error is None:
        return None
    reach = float(ndtri((1 + LEVEL) / 2)) * error
    return Estimate(value, value - reach, value + reach, LEVEL, "wald", *sizes).as_dict()


def decisions(
    called: NDArray[np.bool_], is_responder: NDArray[np.bool_], stored: OperatingPoint
) -> dict[str, Any]:
    """What the stored threshold decides about new patients, beside what was claimed for it.

    Parameters
    ----------
    called
        Shape (n_patients,): probability at or above the threshold.
    is_responder
        Shape (n_patients,), both classes present.

    Returns
    -------
    Counts; sensitivity, specificity and predictive values with Wilson intervals. A predictive
    value is None where nobody was called that way; it holds for a prevalence like this one.
    """
    tp, fp = int((called & is_responder).sum()), int((called & ~is_responder).sum())
    fn, tn = int((~called & is_responder).sum()), int((~called & ~is_responder).sum())
    sizes = (tp + fn, fp + tn)
    return {
        "threshold": stored.threshold,
        "rule": stored.rule,
        "counts": {"tp": tp, "fp": fp, "tn": tn, "fn": fn},
        "sensitivity": _proportion(tp, tp + fn, sizes),
        "specificity": _proportion(tn, fp + tn, sizes),
        "ppv": _proportion(tp, tp + fp, (tp, fp)),
        "npv": _proportion(tn, fn + tn, (fn, tn)),
        "claimed": {
            "sensitivity": stored.sensitivity.model_dump(),
            "specificity": stored.specificity.model_dump(),
        },
    }


def _proportion(k: int, n: int, sizes: tuple[int, int]) -> dict[str, Any] | None:
    if not n:
        return None
    return Estimate(k / n, *wilson(k, n, level=LEVEL), LEVEL, "wilson", *sizes).as_dict()
