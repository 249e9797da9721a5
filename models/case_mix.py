"""Who a group of patients is, in numbers a classifier's eye would see; never a patient's row.

Kept with a bundle for its training patients and computed anew for others, so that the two
stand side by side: an AUC falls where patients are more alike, without any fault of the model.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from models.columns import BASELINE, Kind, PairColumns
from models.features import Feature, uses_follow_up

Floats = NDArray[np.float64]

LEAST_SHOWN: Final = 5
"""Patients below whom no mean or spread is told: it would tell their values (our choice)."""

_ROUNDING: Final = 1e-9
"""Relative difference of sums that were added in another order, and more."""


def case_mix(
    recipe: Sequence[Feature],
    columns: PairColumns,
    features: Floats,
    is_responder: NDArray[np.bool_],
    scores: Sequence[Floats],
) -> dict[str, Any]:
    """Score, prevalence and features of n patients in summary.

    Parameters
    ----------
    recipe
        The features, in order.
    columns
        The panels that they were computed from.
    features
        Shape (n_patients, n_features); NaN is missing.
    is_responder
        Shape (n_patients,).
    scores
        Each of shape (n_patients,) [log-odds]: one for a fixed classifier, one per repeat for
        out-of-fold scores; summaries of repeats are averaged.

    Returns
    -------
    `score` and each of `features`: `n` known, `mean` and `sd` (None where fewer than
    `LEAST_SHOWN` are known), and for features `missing` (patients) and `censored` (share of the
    known that rest on a censored result); `prevalence`: `n`, `n_responders`, `value`.
    """
    n = len(is_responder)
    return {
        "score": _score(scores),
        "prevalence": {
            "n": n,
            "n_responders": int(is_responder.sum()),
            "value": float(is_responder.mean()),
        },
        "features": {
            feature.name: _feature(features[:, index], _censored(feature, columns))
            for index, feature in enumerate(recipe)
        },
    }


def side_by_side(new: Mapping[str, Any], training: Mapping[str, Any] | None) -> dict[str, Any]:
    """Two summaries item by item; `training` is None for bundles that do not have theirs."""
    before: Mapping[str, Any] = training or {}
    of_features = before.get("features", {})
    both = {
        name: {"new": new[name], "training": before.get(name)} for name in ("score", "prevalence")
    }
    features = {
        name: {"new": found, "training": of_features.get(name)}
        for name, found in new["features"].items()
    }
    return {**both, "features": features}


def same_patients(new: Mapping[str, Any], training: Mapping[str, Any]) -> bool:
    """Whether two summaries agree in every number, as they do for the same patients.

    Order, ids and description of a cohort do not matter to it; the score, which training has out
    of fold, is left aside.
    """
    here, there = _numbers(new), _numbers(training)
    return here.keys() == there.keys() and all(
        a is b if a is None or b is None else math.isclose(a, b, rel_tol=_ROUNDING)
        for a, b in ((here[at], there[at]) for at in here)
    )


def _numbers(mix: Mapping[str, Any]) -> dict[tuple[str, str], float | None]:
    parts = {"": mix["prevalence"], **mix["features"]}
    return {(part, name): value for part, found in parts.items() for name, value in found.items()}


def _score(scores: Sequence[Floats]) -> dict[str, Any]:
    """Mean and spread; over repeats the mean of each, the spread by its square."""
    n = len(scores[0])
    if n < LEAST_SHOWN:
        return {"n": n, "mean": None, "sd": None}
    table = np.array(scores)
    spread = float(np.sqrt(table.var(axis=1, ddof=1).mean()))
    return {"n": n, "mean": float(table.mean()), "sd": spread}


def _feature(values: Floats, censored: NDArray[np.bool_]) -> dict[str, Any]:
    known = ~np.isnan(values)
    n = int(known.sum())
    shown = n >= LEAST_SHOWN
    return {
        "n": n,
        "mean": float(values[known].mean()) if shown else None,
        "sd": float(values[known].std(ddof=1)) if shown else None,
        "missing": len(values) - n,
        "censored": float(censored[known].mean()) if n else None,
    }


def _censored(feature: Feature, columns: PairColumns) -> NDArray[np.bool_]:
    """Patients of whom any result behind a feature is censored, shape (n_patients,)."""
    names = [analyte.name for analyte in columns.analytes]
    at = [names.index(name) for name in feature.analytes]
    panels = slice(None) if uses_follow_up(feature) else slice(BASELINE, BASELINE + 1)
    kinds = columns.kinds[:, panels][:, :, at]
    censored = (kinds == Kind.BELOW_LLOQ) | (kinds == Kind.ABOVE_ULOQ)
    return np.asarray(censored.any(axis=(1, 2)))
