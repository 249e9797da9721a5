"""What out-of-fold probabilities are worth: calibration, the operating point, net benefit.

Judged per repeat and averaged; patients are counted once.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from analysis.brier_interval import scaled_brier_interval
from analysis.calibration import brier_score, recalibrate
from analysis.decision_curve import decision_curve
from analysis.errors import SeparatedError
from analysis.estimate import Estimate
from analysis.operating_point import choose_youden
from analysis.proportions import wilson
from analysis.smooth_calibration import SHOWN_FROM, smooth_calibration
from models.scorer import sigmoid
from training.calibration_curve import calibration_curve
from training.fold_aucs import LEVEL, class_sizes_of
from training.nested_cv import PROCEDURE, Repeat
from training.procedure import Floats
from training.training_set import TrainingSet

NORMAL_QUANTILE: Final = 1.959963984540054
OPERATING_RULE: Final = "youden"
LEAST_SPREAD: Final = 0.1
"""Spread of scores within folds (SD) [log-odds] below which no slope is judged (our choice)."""
_LARGEST_LOG_ODDS: Final = 30.0
"""Beyond it a probability is 0 or 1 to thirteen digits; recalibration needs it in between."""
NET_BENEFIT_THRESHOLDS: Final = tuple(round(0.05 * step, 2) for step in range(1, 20))


def calibration(training_set: TrainingSet, repeats: Sequence[Repeat]) -> dict[str, Any]:
    """Calibration of out-of-fold probabilities, judged per repeat and averaged.

    Slope and intercept only where the scores vary within folds: below `LEAST_SPREAD`, what is
    left is the difference in prevalence between folds, and its slope means nothing.
    """
    y = training_set.is_responder
    judged, drawn, overall, briers, scaled, smooth = [], [], [], [], [], []
    reasons: Counter[str] = Counter()
    for repeat in repeats:
        log_odds = np.clip(repeat.scores[PROCEDURE], -_LARGEST_LOG_ODDS, _LARGEST_LOG_ODDS)
        probabilities = sigmoid(log_odds)
        briers.append(brier_score(probabilities, y))
        scaled.append(scaled_brier_interval(probabilities, y))
        if training_set.n_patients >= SHOWN_FROM:
            smooth.append(smooth_calibration(probabilities, y))
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
            drawn.append(probabilities)
    prevalence = training_set.n_responders / training_set.n_patients
    return {
        "slope": _mean_wald(training_set, [(r.slope, r.slope_se) for r in judged]),
        "intercept": _mean_wald(training_set, [(r.intercept, r.intercept_se) for r in judged]),
        "in_the_large": _mean_wald(training_set, overall),
        "brier": float(np.mean(briers)),
        "brier_of_prevalence": prevalence * (1 - prevalence),
        "scaled_brier": _mean_estimate(scaled),
        "ici": float(np.mean([found.ici for found in smooth])) if smooth else None,
        "e50": float(np.mean([found.e50 for found in smooth])) if smooth else None,
        "emax": float(np.mean([found.emax for found in smooth])) if smooth else None,
        "curve": calibration_curve(drawn, y),
        "n_repeats": len(repeats),
        "repeats_without_slope": dict(sorted(reasons.items())),
    }


def _mean_estimate(found: Sequence[Estimate]) -> dict[str, Any]:
    """Mean of the repeats' values and of their limits: they share their patients."""
    value, lower, upper = np.mean([(e.value, e.lower, e.upper) for e in found], axis=0).tolist()
    how = "_or_".join(sorted({e.method for e in found}))
    sizes = found[0].n_cases, found[0].n_controls
    return Estimate(value, lower, upper, LEVEL, f"mean_over_repeats_{how}", *sizes).as_dict()


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
        value, value - reach, value + reach, LEVEL, method, **class_sizes_of(training_set)
    )
    return estimate.as_dict()


def operating_point(training_set: TrainingSet, repeats: Sequence[Repeat]) -> dict[str, Any]:
    """The served threshold, with sensitivity and specificity of choosing it in inner folds."""
    y = training_set.is_responder
    thresholds = [choose_youden(sigmoid(repeat.scores[PROCEDURE]), y) for repeat in repeats]
    called = np.mean([repeat.called for repeat in repeats], axis=0)
    sizes = class_sizes_of(training_set)
    return {
        "threshold": float(np.median(thresholds)),
        "rule": OPERATING_RULE,
        "sensitivity": proportion(float(called[y].sum()), int(y.sum()), **sizes),
        "specificity": proportion(float((1 - called[~y]).sum()), int((~y).sum()), **sizes),
    }


def proportion(k: float, n: int, *, n_cases: int, n_controls: int) -> dict[str, Any]:
    """A mean over repeats with Wilson's interval; n is patients, never patients x repeats.

    `k` of the `n` patients were judged rightly, on average over repeats.
    """
    rightly = min(k, float(n))  # a sum of means can end a rounding above n
    lower, upper = wilson(rightly, n, level=LEVEL)
    return Estimate(rightly / n, lower, upper, LEVEL, "wilson", n_cases, n_controls).as_dict()


def net_benefit(training_set: TrainingSet, repeats: Sequence[Repeat]) -> dict[str, Any]:
    """The decision curve of out-of-fold probabilities, averaged over repeats."""
    probabilities = np.array([sigmoid(repeat.scores[PROCEDURE]) for repeat in repeats])
    curve = decision_curve(probabilities, training_set.is_responder, NET_BENEFIT_THRESHOLDS)
    return {
        "n_repeats": curve.n_repeats,
        "points": [
            {
                "threshold": threshold,
                "model": model.as_dict(),
                "treat_all": everybody.as_dict(),
                "over_treat_all": over.as_dict(),
            }
            for threshold, model, everybody, over in zip(
                NET_BENEFIT_THRESHOLDS,
                curve.model,
                curve.treat_all,
                curve.over_treat_all,
                strict=True,
            )
        ],
    }
