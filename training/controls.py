"""The served classifier among the controls, who had no cells.

Discrimination there as good as among the treated means prognosis, not response to treatment.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import numpy as np

from analysis.auc_interval import auc_interval
from data.cohort import Cohort
from data.evaluable import choose_evaluable
from data.panel import PanelPair
from models.columns import columns_of_pairs
from models.estimator import BoostedEstimator, LinearEstimator
from models.features import compute
from models.scorer import score
from training.training_set import TrainingSet

LEAST_OF_EACH: Final = 5
"""Responders and non-responders below which no AUC is shown."""


def auc_in_controls(
    cohort: Cohort, training_set: TrainingSet, estimator: LinearEstimator | BoostedEstimator
) -> dict[str, Any]:
    """AUC of the served fit in controls who have the task's panels and an outcome.

    They trained nothing, so DeLong's interval applies. Controls on a platform that training has
    not seen are left out, for levels differ between platforms. ``auc`` is None, with the reason,
    where fewer than `LEAST_OF_EACH` of a class can be scored.
    """
    controls = tuple(replace(patient, arm="msc") for patient in cohort.of_arm("control"))
    task, definition = training_set.task, training_set.definition
    found = choose_evaluable(replace(cohort, patients=controls), task, definition)
    seen = training_set.platforms
    at = [index for index, pair in enumerate(found.pairs) if _on_platforms(pair, seen)]
    is_responder, pairs = found.is_responder[at], [found.pairs[index] for index in at]
    left_out = dict(found.left_out)
    if len(at) < len(found.pairs):
        left_out["unknown_platform"] = len(found.pairs) - len(at)
    n, k = len(at), int(np.count_nonzero(is_responder))
    facts = {"n_patients": n, "n_responders": k, "left_out": left_out}
    if min(k, n - k) < LEAST_OF_EACH:
        reason = f"fewer than {LEAST_OF_EACH} controls of a class have the panels and an outcome"
        return {**facts, "auc": None, "reason": reason if controls else "there are no controls"}
    columns = columns_of_pairs(pairs, training_set.analytes)
    scores = score(estimator, compute(training_set.recipe, columns)).score
    area = auc_interval(scores, is_responder, direction="higher_is_case")
    return {**facts, "auc": area.as_dict(), "reason": None}


def _on_platforms(pair: PanelPair, seen: Mapping[str, tuple[str, ...]]) -> bool:
    """Whether all that a classifier reads was measured on platforms that it knows."""
    measured = [*pair.baseline.measurements, *(pair.follow_up or pair.baseline).measurements]
    return all((m.platform or "") in seen[m.analyte] for m in measured if m.analyte in seen)
