"""What a report of performance says of a classifier, measure by measure; more is better in each."""

from collections.abc import Mapping
from typing import Any


def measures(estimates: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Of each measure its live value beside training's, their difference, and the finding.

    Parameters
    ----------
    estimates
        Of one bundle, as the report has them.
    """
    point = estimates["operating_point"]
    return {
        "AUC": estimates["auc"],
        "sensitivity": point["sensitivity"],
        "specificity": point["specificity"],
        "scaled Brier score": estimates["calibration"]["scaled_brier"],
    }
