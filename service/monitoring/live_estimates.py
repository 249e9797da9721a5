"""AUC, calibration and decisions in judged patients, each beside what training claimed.

Numbers are those of `models.performance`, as `csf-responder validate` gives them for a cohort.
"""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from analysis.auc_interval import auc_interval
from analysis.brier_interval import brier_interval, scaled_brier_interval
from models.bundle import Bundle
from models.performance import calibration, decisions, roc
from service.monitoring.hiding import LEAST_SHOWN
from service.monitoring.judging import beside, beside_ideal

MOST_POINTS: Final = 201
"""Of one ROC curve; more cannot be seen apart."""
LEAST_FOR_LEVEL: Final = 10
LEAST_FOR_SLOPE: Final = 20
"""Of each class: ten for each number that is estimated (Peduzzi 1996, J Clin Epidemiol 49:1373)."""

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


def live_estimates(
    bundle: Bundle, score: Floats, probability: Floats, is_responder: Bools
) -> dict[str, Any]:
    """What outcomes say of a bundle.

    Parameters
    ----------
    bundle
        Whose predictions they are.
    score, probability, is_responder
        Shape (n_patients,), each patient once.

    Returns
    -------
    `auc`, `roc`, `calibration`, `operating_point`. Below five of either class nothing is told but
    what training claimed.
    """
    trained = bundle.evaluation
    n_cases = int(is_responder.sum())
    least = min(n_cases, len(is_responder) - n_cases)
    auc = curve = None
    if least >= LEAST_SHOWN:
        found = auc_interval(score, is_responder, direction="higher_is_case")
        auc, curve = found.as_dict(), _thinned(roc(probability, is_responder, found))
    return {
        "auc": beside(auc, trained["auc"], what="AUC"),
        "roc": curve,
        "calibration": _calibration(trained["calibration"], probability, is_responder, least),
        "operating_point": _decisions(bundle, probability, is_responder, least),
    }


def _thinned(curve: dict[str, Any]) -> dict[str, Any]:
    points = curve["points"]
    at = np.linspace(0, len(points) - 1, min(len(points), MOST_POINTS)).round().astype(int)
    return {**curve, "points": [points[index] for index in at.tolist()]}


def _calibration(
    trained: Mapping[str, Any], probability: Floats, is_responder: Bools, least: int
) -> dict[str, Any]:
    found: Mapping[str, Any] = {}
    brier = scaled = None
    if least >= LEAST_SHOWN:
        found = calibration(probability, is_responder)
        brier = brier_interval(probability, is_responder).as_dict()
        scaled = scaled_brier_interval(probability, is_responder).as_dict()
    level = found.get("in_the_large") if least >= LEAST_FOR_LEVEL else None
    slope = found.get("slope") if least >= LEAST_FOR_SLOPE else None
    reason = "too_few" if least < LEAST_FOR_SLOPE else found.get("without_slope")
    return {
        "in_the_large": beside_ideal(level, trained["in_the_large"], 0.0),
        "slope": beside_ideal(slope, trained["slope"], 1.0),
        "without_slope": reason,
        "observed_over_expected": found.get("observed_over_expected"),
        "brier": {"live": brier, "training": trained["brier"]},
        "brier_of_prevalence": {
            "live": found.get("brier_of_prevalence"),
            "training": trained["brier_of_prevalence"],
        },
        "scaled_brier": beside(scaled, trained.get("scaled_brier"), what="scaled Brier score"),
    }


def _decisions(
    bundle: Bundle, probability: Floats, is_responder: Bools, least: int
) -> dict[str, Any]:
    stored = bundle.manifest.operating_point
    found: Mapping[str, Any] = {}
    if least >= LEAST_SHOWN:
        found = decisions(probability >= stored.threshold, is_responder, stored)
    both = {
        name: beside(found.get(name), getattr(stored, name).model_dump(), what=name)
        for name in ("sensitivity", "specificity")
    }
    return {"threshold": stored.threshold, "rule": stored.rule, **both}
